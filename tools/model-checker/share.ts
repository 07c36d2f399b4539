/**
 * A landing takes one part of the cuts or mutants of the longest suites: `SHARE=3/8` is the third of eight. Its commit chooses the part (tools/checks).
 * Without `SHARE`, as at night, all are taken.
 */
export interface Share {
  readonly number: number;
  readonly count: number;
}

export const SHARE = shareOf(process.env.SHARE);

export function shareOf(text = '1/1'): Share {
  const [, number, count] = (/^([1-9]\d*)\/([1-9]\d*)$/.exec(text) ?? []).map(Number);
  if (!(number <= count)) throw new Error(`SHARE is '${text}'; write 3/8 for the third of eight parts, or leave it out for all`);
  return { number, count };
}

/** Takes every eighth, evenly from the whole list. Of a list with fewer entries than parts it takes one. */
export function taken<T>(list: readonly T[], share: Share = SHARE): T[] {
  const step = Math.max(1, Math.min(share.count, list.length));
  return list.filter((_, index) => index % step === (share.number - 1) % step);
}

/** Says how many were taken: `61 of 488, share 3 of 8`. */
export function sayTaken(some: number, all: number, share: Share = SHARE): string {
  return share.count > 1 ? `${some} of ${all}, share ${share.number} of ${share.count}` : `all ${all}`;
}
