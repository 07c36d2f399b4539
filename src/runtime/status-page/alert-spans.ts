import { AlertSpan, Findings, KEEP_COUNT } from './status-data';
import { nameIn } from '../monitoring/alert-entry';
import { Course, courseOf } from '../monitoring/alert-lifecycle';
import { AlertLog, Episode } from '../monitoring/alert-log';

export interface ReadAlertsOptions {
  readonly alertLog: Pick<AlertLog, 'entries'>;
  /** Of the environment. */
  readonly episodes: readonly Episode[];
  /** The ids of those that need not be read again. */
  readonly known: readonly string[];
  /** The limit of episodes to read, newest first: each takes a request to GitHub. */
  readonly limit: number;
  /** The names of the checks, and `deployment`, by their keys. */
  readonly names: ReadonlyMap<string, string>;
}

/** When alerts fired, newest first; and the ended episodes. Rejects with `EventLogError`. */
export async function readAlerts({ alertLog, episodes, known, limit, names }: ReadAlertsOptions): Promise<Pick<Findings, 'alerts' | 'episodes'>> {
  const newest = [...episodes].sort((a, b) => Number(b.id) - Number(a.id)).slice(0, KEEP_COUNT);
  const wanted = newest.filter(({ id }) => !known.includes(id)).slice(0, limit);
  const read = await Promise.all(wanted.map(async (episode) => ({ episode, course: courseOf(await alertLog.entries(episode), episode.carried) })));
  return {
    alerts: read.flatMap(({ course, episode }) => spansOf(course, episode, names)).sort((a, b) => b.since - a.since),
    episodes: read.filter(({ course }) => course.isClosed || course.continuedBy !== undefined).map(({ episode }) => episode.id),
  };
}

/** Alerts that ended in an episode, or are open at its end. Another episode reports those that it continues. */
function spansOf({ continuedBy, counted, pendingNotifications }: Course, { carried }: Episode, names: ReadonlyMap<string, string>): AlertSpan[] {
  const spans: AlertSpan[] = [...carried?.alerts ?? []].flatMap(([check, { fired, note, since }]) => (
    fired === undefined || since === undefined ? [] : [{ id: fired.id, check: nameOf(check, note, names), since: Date.parse(since) }]
  ));
  for (const { at, check, event, id, note, since } of pendingNotifications.filter((one) => counted.has(one.id))) {
    const open = spans.findIndex((span) => span.until === undefined && span.check === nameOf(check, note, names));
    if (event === 'firing') spans.push({ id, check: nameOf(check, note, names), since: Date.parse(since) });
    if ((event === 'resolved' || event === 'unwatched') && open >= 0) spans[open] = { ...spans[open]!, until: Date.parse(at) };
  }
  return continuedBy === undefined ? spans : spans.filter(({ until }) => until !== undefined);
}

/** The name of a removed check is still at the beginning of its note. */
function nameOf(key: string, note: string, names: ReadonlyMap<string, string>): string {
  return names.get(key) ?? nameIn(note, key);
}
