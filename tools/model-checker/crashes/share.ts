/**
 * A night has no time for all points of the longest suites. Each night takes another part of them, so that after as many nights as there are parts each
 * point was among them. `POINTS=all` takes all of them, and `SEED` the part of another night.
 */
const { POINTS, SEED } = process.env;
const DAY_MS = 24 * 60 * 60 * 1000;

/** Which part this is. */
export const SHARE_SEED = Number(SEED ?? Math.floor(Date.now() / DAY_MS));

/** How many points of a story are taken; as many as given unless `POINTS` says otherwise. */
export function pointsTaken(usual: number): number {
  return POINTS === undefined ? usual : POINTS === 'all' ? Infinity : Number(POINTS);
}

/** At most so many, evenly from the whole list. */
export function share<T>(list: readonly T[], most: number, seed = SHARE_SEED): T[] {
  const step = partsOf(list, most);
  return list.filter((_, index) => index % step === seed % step);
}

/** How many parts there are. */
export function partsOf(list: readonly unknown[], most: number): number {
  return Math.max(1, Math.ceil(list.length / most));
}

/** Says which part it is, and what takes the same one again. */
export function sayShare(list: readonly unknown[], most: number): string {
  const parts = partsOf(list, most);
  return parts === 1 ? 'all of them' : `one part of ${parts}: SEED=${SHARE_SEED} POINTS=${most}; POINTS=all takes all`;
}
