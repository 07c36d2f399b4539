import { markOf, EnvironmentMeasurement } from './measurements';

/** How an environment stands, by the last look at it. `unasked`: it is being deployed, or nothing is there yet. */
export type PageVerdict = 'healthy' | 'pending' | 'firing' | 'inconclusive' | 'unasked';

export function pageVerdict({ checks, firing, pending }: Pick<EnvironmentMeasurement, 'checks' | 'firing' | 'pending'>): PageVerdict {
  if (firing.length > 0) return 'firing';
  const mark = markOf(checks);
  if (mark === undefined) return 'unasked';
  if (mark === 'bad' || pending.length > 0) return 'pending';
  return mark === 'blind' ? 'inconclusive' : 'healthy';
}

/** For a person. */
export const VERDICTS: Record<PageVerdict, string> = {
  healthy: 'healthy',
  pending: 'not well, not long enough to fire',
  firing: 'firing',
  inconclusive: 'inconclusive',
  unasked: 'not asked',
};
