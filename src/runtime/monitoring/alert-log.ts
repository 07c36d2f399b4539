import { AlertEntry, AlertWord, NewAlertEntry } from './alert-entry';
import { AlertState } from './alert-lifecycle';
import { packCarried, unpackCarried } from './carried-alerts';
import { Event, EventLog, newestFirst, Stream, StreamList, StreamRef } from '../event-log/event-log';
import { newerSchemaError } from '../event-log/schema';
import { isText } from '../json-value';

/**
 * A record of an environment's alerts. It begins with the first bad result and ends when every alert is quiet again and every channel
 * was notified. A long episode takes several records; each carries the state of the one before it.
 */
export interface Episode {
  readonly id: string;
  /** The same wherever the episode is listed, even if its creation returned another id. */
  readonly key: string;
  /** The process that began it. */
  readonly processId: string;
  readonly environment: string;
  /** The id of the episode before it, or empty. Of several with the same value only the first counts. */
  readonly after: string;
  /** The state of the one before it, if this one continues it. @default - every alert is quiet */
  readonly carried?: AlertState;
}

export interface AlertLogOptions {
  readonly eventLog: EventLog;
  /** A commit of the repository: every record names one. */
  readonly sha: string;
  /** This process. */
  readonly processId: string;
}

/** How many episodes are read if they are not listed newest first; otherwise the newest hundred. */
const EPISODE_LIMIT = 1000;

/**
 * The alerts of all environments, in an event log: an episode is a stream, each of its entries an event. The text of an event is for
 * people, its fields are data. Everything rejects with `EventLogError` if the log cannot be read or written.
 */
export class AlertLog {
  private readonly log: EventLog;

  constructor(private readonly options: AlertLogOptions) {
    this.log = options.eventLog;
  }

  /** Those of all environments, in any order: as many as matter, and of each of `environments` the newest at least. */
  public async episodes(environments: readonly string[]): Promise<Episode[]> {
    const { streams, isComplete } = await this.list();
    // an alert may fire for longer than a hundred others took to come and go
    const missing = isComplete ? [] : environments.filter((name) => !streams.some(({ environment }) => environment === name));
    return [...this.episodesIn(streams), ...(await Promise.all(missing.map((name) => this.episodesOf(name)))).flat()];
  }

  /** Those of one environment, or as many as matter, in any order. */
  public async episodesOf(environment: string): Promise<Episode[]> {
    return this.episodesIn((await this.list(environment)).streams);
  }

  /** Those of an episode, oldest first. */
  public async entries(episode: Pick<Episode, 'id' | 'environment'>): Promise<AlertEntry[]> {
    const ref = refOf(episode);
    return (await this.log.read(ref)).map((event) => this.understood(readEntry(event), ref)).filter((entry) => entry !== undefined);
  }

  public async begin(environment: string, after: string, carried?: AlertState): Promise<Episode> {
    const { processId, sha } = this.options;
    const stream = await this.log.create({
      topic: 'alert',
      environment,
      sha,
      record: { after, processId, ...(carried && { carried: packCarried(carried) }) },
      title: 'an alert was raised: the statuses of this record show what happened',
    });
    return { id: stream.id, key: stream.key, environment, after, processId, carried };
  }

  /** The new entry's id. */
  public async write(episode: Pick<Episode, 'id' | 'environment'>, entry: NewAlertEntry): Promise<string> {
    const { id } = await this.log.append(refOf(episode), {
      // GitHub must never show it as a live deployment
      status: 'inactive',
      text: textOf(entry),
      fields: fieldsOf(entry),
      processId: this.options.processId,
    });
    return id;
  }

  private list(environment?: string): Promise<StreamList> {
    return this.log.streams({ topic: 'alert', ...(environment !== undefined && { environment }), isEnough: () => true, limit: EPISODE_LIMIT });
  }

  private episodesIn(streams: readonly Stream[]): Episode[] {
    rejectNewer(streams);
    return streams.filter(({ newerSchema }) => newerSchema === undefined).map((stream) => this.understood(readEpisode(stream), stream))
      .filter((episode) => episode !== undefined);
  }

  private understood<T>(one: T | undefined, ref: StreamRef): T | undefined {
    if (one === undefined) this.log.notUnderstood(ref, `record ${ref.id} is invalid`);
    return one;
  }
}

/** An older episode can be passed over; the newest one of an environment decides. */
function rejectNewer(streams: readonly Stream[]): void {
  for (const stream of streams) {
    const { environment, id, newerSchema, writtenBy } = stream;
    const isNewest = streams.every((other) => other.environment !== environment || other.newerSchema !== undefined || newestFirst(stream, other) < 0);
    if (newerSchema !== undefined && isNewest) throw newerSchemaError(`the newest record of the alerts of ${environment} (${id})`, { schema: newerSchema, writtenBy });
  }
}

function refOf({ environment, id }: Pick<Episode, 'id' | 'environment'>): StreamRef {
  return { topic: 'alert', environment, id };
}

function readEpisode({ environment, id, key, record: { after, carried: packed, processId } }: Stream): Episode | undefined {
  const carried = unpackCarried(packed);
  if (!isText(after) || !isText(processId) || (packed !== undefined && !carried)) return undefined;
  return { id, key, environment, after, processId, carried };
}

function fieldsOf(entry: NewAlertEntry): string[] {
  switch (entry.kind) {
    case 'change': return [entry.word, entry.check, entry.after || '0', String(entry.count)];
    case 'notified': return ['notified', entry.of, entry.channels.join('.')];
    case 'taken': return ['taken', entry.of, entry.takenFrom];
    case 'closed':
    case 'continued': return [entry.kind];
  }
}

function textOf(entry: NewAlertEntry): string {
  switch (entry.kind) {
    case 'change': return `${entry.word}: ${entry.note}`;
    case 'notified': return 'people were notified';
    case 'taken': return 'the notification is sent again: its process is gone, or a channel failed';
    case 'closed': return 'no alert fires any more';
    case 'continued': return 'continued in the next record';
  }
}

const WORDS: readonly string[] = ['pending', 'cleared', 'firing', 'recovering', 'reminder', 'resolved', 'unwatched', 'rollback'] satisfies AlertWord[];

/** Strict: undefined if it is no entry. */
function readEntry({ at, fields, id, processId, text }: Event): AlertEntry | undefined {
  const entry = readFields(fields, text);
  return entry && processId !== undefined ? { ...entry, id, processId, at } : undefined;
}

function readFields([word = '', first = '', second = '', third = '']: readonly string[], text: string): NewAlertEntry | undefined {
  if (WORDS.includes(word)) {
    const note = text.slice(text.indexOf(': ') + 2);
    return { kind: 'change', word: word as AlertWord, check: first, after: second === '0' ? '' : second, count: Number(third) || 0, note };
  }
  if (word === 'notified') return { kind: 'notified', of: first, channels: second.split('.').filter((one) => one !== '') };
  if (word === 'taken') return { kind: 'taken', of: first, takenFrom: second };
  return word === 'closed' || word === 'continued' ? { kind: word } : undefined;
}
