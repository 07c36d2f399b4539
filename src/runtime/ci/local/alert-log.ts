import { mkdirSync, readFileSync } from 'node:fs';
import { dirname } from 'node:path';
import { Clock } from '../../clock';
import { writeWhole } from '../../files/durable-file';
import { fileFault } from '../../files/file-error';
import { LedgerError } from '../../ledger/ledger';
import { isNumber, isObject } from '../../ledger/record';
import { AlertEntry, NewAlertEntry } from '../../monitoring/alert-entry';
import { AlertState } from '../../monitoring/alert-lifecycle';
import { AlertLog, Episode } from '../../monitoring/alert-log';
import { decodeCarried, encodeCarried } from '../../monitoring/carried-alerts';

export interface FileAlertLogOptions {
  readonly path: string;
  readonly clock: Clock;
  /** This process. */
  readonly processId: string;
}

const SCHEMA = 1;
/** Of the runs of the watch. */
const KEPT_RUNS = 20;
/** What is older is of no use to anybody. */
const KEPT_EPISODES = 200;

interface Content {
  readonly schema: number;
  readonly lastId: number;
  readonly episodes: readonly StoredEpisode[];
  /** When the watch ran, oldest first; ISO 8601. */
  readonly runs: readonly string[];
}

interface StoredEpisode extends Omit<Episode, 'carried'> {
  readonly entries: readonly AlertEntry[];
  /** As `encodeCarried` has it. */
  readonly carried?: unknown;
}

function isContent(content: unknown): content is Content {
  return isObject(content) && content.schema === SCHEMA && isNumber(content.lastId) && [content.episodes, content.runs].every(Array.isArray);
}

/** When the watch ran, newest first, in milliseconds since the epoch; none where nothing is known. */
export function rememberedRuns(path: string): number[] {
  try {
    const { runs } = JSON.parse(readFileSync(path, 'utf8')) as Partial<Content>;
    return (runs ?? []).map((at) => Date.parse(at)).reverse();
  } catch {
    return [];
  }
}

/** The newest, and of each environment its newest, which may still be open. */
function kept(episodes: readonly StoredEpisode[]): StoredEpisode[] {
  const last = new Map(episodes.map((episode) => [episode.environment, episode]));
  return episodes.filter((episode, i) => i >= episodes.length - KEPT_EPISODES || last.get(episode.environment) === episode);
}

/** The alerts of a laptop: a JSON file beside the ledger. Whoever uses it holds the watch's lock. */
export class FileAlertLog implements AlertLog {
  constructor(private readonly options: FileAlertLogOptions) {}

  public async episodes(): Promise<Episode[]> {
    return this.read().episodes.map(({ entries: _, carried, ...episode }) => (
      carried === undefined ? episode : { ...episode, carried: this.carriedOf(carried) }
    ));
  }

  public async episodesOf(environment: string): Promise<Episode[]> {
    return (await this.episodes()).filter((one) => one.environment === environment);
  }

  public async entries({ id }: Episode): Promise<AlertEntry[]> {
    return [...this.find(this.read(), id).entries];
  }

  public async begin(environment: string, after: string, carried?: AlertState): Promise<Episode> {
    const content = this.read();
    const episode = { id: String(content.lastId + 1), environment, after, processId: this.options.processId };
    const stored = { ...episode, entries: [], carried: carried && encodeCarried(carried) };
    this.save({ ...content, lastId: content.lastId + 1, episodes: kept([...content.episodes, stored]) });
    return { ...episode, carried };
  }

  public async write({ id }: Episode, entry: NewAlertEntry): Promise<string> {
    const content = this.read();
    const episode = this.find(content, id);
    const written = { ...entry, id: String(content.lastId + 1), processId: this.options.processId, at: this.now() };
    const longer = { ...episode, entries: [...episode.entries, written] };
    this.save({ ...content, lastId: content.lastId + 1, episodes: content.episodes.map((other) => (other === episode ? longer : other)) });
    return written.id;
  }

  /** When the watch ran before, newest first, in milliseconds since the epoch; this run is added. */
  public rememberRun(): number[] {
    const content = this.read();
    this.save({ ...content, runs: [...content.runs, this.now()].slice(-KEPT_RUNS) });
    return content.runs.map((at) => Date.parse(at)).reverse();
  }

  private carriedOf(spelled: unknown): AlertState {
    return decodeCarried(spelled) ?? this.refuse('it is damaged');
  }

  private now(): string {
    return new Date(this.options.clock.now()).toISOString();
  }

  private find({ episodes }: Content, id: string): StoredEpisode {
    return episodes.find((episode) => episode.id === id) ?? this.refuse(`it has no episode ${id} any more`);
  }

  private read(): Content {
    let text: string;
    try {
      text = readFileSync(this.options.path, 'utf8');
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code === 'ENOENT') return { schema: SCHEMA, lastId: 0, episodes: [], runs: [] };
      throw new LedgerError(`the alerts in ${this.options.path} could not be read (${fileFault(error)}).`, { cause: error });
    }
    try {
      const content: unknown = JSON.parse(text);
      if (isContent(content)) return content;
    } catch {
      // damaged
    }
    return this.refuse('it is damaged');
  }

  private save(content: Content): void {
    try {
      mkdirSync(dirname(this.options.path), { recursive: true });
      writeWhole(this.options.path, `${JSON.stringify(content, null, 2)}\n`);
    } catch (error) {
      const what = `the alerts in ${this.options.path} could not be written, so what fires is notified once more`;
      throw new LedgerError(`${what} (${fileFault(error)}).`, { cause: error });
    }
  }

  private refuse(reason: string): never {
    throw new LedgerError(`the alerts in ${this.options.path} cannot be used: ${reason}. Mend that, or move the file away: what fires is then told once more.`);
  }
}
