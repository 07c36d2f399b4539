/** So many combinations, from seed 1 on. */
export const COUNT = 200;
