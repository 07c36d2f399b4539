/** Makes a value when it is first needed, once. */
export function lazily<T>(make: () => T): () => T {
  let made: { value: T } | undefined;
  return () => (made ??= { value: make() }).value;
}

/** One object with the members of both. Getters stay getters, so that each part is made when it is first needed. */
export function joined<A extends object, B extends object>(one: A, other: B): A & B {
  return Object.defineProperties({}, { ...Object.getOwnPropertyDescriptors(one), ...Object.getOwnPropertyDescriptors(other) }) as A & B;
}
