import { Entry, Standing } from './entries';

const ALL = 100;

/** The share of the traffic that the release got last, in per cent; undefined where none was recorded, because all traffic moves at once. */
export function weightOf(entries: readonly Pick<Entry, 'weight'>[]): number | undefined {
  return [...entries].reverse().find(({ weight }) => weight !== undefined)?.weight;
}

/**
 * The share that a release has while it shares the traffic with Stable, in per cent: during a step, or halted in one. After a rollback that failed it is not
 * known. Undefined where it does not share.
 */
export function sharedWeight({ entries, state }: Pick<Standing, 'entries' | 'state'>): number | undefined {
  const weight = weightOf(entries);
  if (weight === undefined || weight === ALL) return undefined;
  const isHaltedThere = state === 'halted' && entries.every((entry) => entry.state !== 'rollingBack');
  return state === 'promoting' || isHaltedThere ? weight : undefined;
}
