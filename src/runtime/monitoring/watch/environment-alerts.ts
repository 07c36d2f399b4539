import { AlertBook, AlertEntry, channelKey, Episode, NewAlertEntry } from './alert-entry';
import { Alert, Course, courseOf, Decision, isDueAgain, isGivenUp, QUIET, Telling } from './alert-life';
import { Clock } from '../../clock';
import { compareIds } from '../../ledger/order';

export interface EnvironmentAlertsOptions {
  readonly book: AlertBook;
  readonly environment: string;
  /** All that the book holds: read once for all environments. */
  readonly episodes: readonly Episode[];
  /** This process. */
  readonly writer: string;
  readonly clock: Clock;
  /** For so long it matters that a rollback was asked for, in milliseconds: until then nothing is forgotten. */
  readonly remembersRollbackMs: number;
  /** Whether the environment is not watched any more: only who heard the beginning of an alert hears its end. @default false */
  readonly isEnding?: boolean;
  /** The names of those who are to be told of a transition. */
  readonly channelsOf: (telling: Telling) => readonly string[];
  /** Whether a run may still be at work. */
  readonly isAlive: (run: { readonly id: number; readonly attempt: number }) => Promise<boolean>;
}

/** Within this an entry that was written is read back, by all that is known of GitHub. */
const READ_BACK_MS = 10_000;
const READ_AGAIN_MS = 500;

/** So often a rollback from one deployment is started, where none succeeds. */
export const ROLLBACK_ATTEMPTS = 3;
const CLAIM_PATIENCE_MS = 60_000;

const NOTHING: Course = courseOf([]);

/**
 * The alerts of one environment. A change counts only if no other process was faster: it names the entry that it follows, and of
 * those that follow the same one the first counts. Rejects with `LedgerError`.
 */
export class EnvironmentAlerts {
  public static async open(options: EnvironmentAlertsOptions): Promise<EnvironmentAlerts> {
    const alerts = new EnvironmentAlerts(options);
    alerts.episode = newest(options.environment, options.episodes);
    await alerts.read();
    return alerts;
  }

  private episode?: Episode;
  private course: Course = NOTHING;
  private entries: readonly AlertEntry[] = [];
  /** The ids of tellings and the channels that took them from this process, whether or not it is recorded yet. */
  private readonly taken = new Set<string>();

  private constructor(private readonly options: EnvironmentAlertsOptions) {}

  /** By the check's key. What a closed episode says is over. */
  public of(key: string): Alert {
    return (this.course.isClosed ? undefined : this.course.alerts.get(key)) ?? QUIET;
  }

  /** Whether nothing is left to do here. */
  public get isOver(): boolean {
    return !this.episode || this.course.isClosed;
  }

  /** The keys of checks whose alert is pending or fires. */
  public get raised(): string[] {
    return [...this.course.alerts].filter(([, { phase }]) => phase !== 'quiet').map(([key]) => key);
  }

  /** Whether people are being told of this check by a process that may still be at work: what comes next must not overtake it. */
  public async isBeingTold(key: string): Promise<boolean> {
    const others = this.course.tellings.filter((one) => one.check === key && !one.isDone && one.teller !== this.options.writer && this.isUntold(one));
    for (const { teller } of others) if (await this.mayBeAtWork(teller)) return true;
    return false;
  }

  /**
   * Writes what was decided upon an alert as it was when it was looked at. For a transition, what people are to be told by this
   * process; undefined where another one was faster, or where nobody is told of such a change.
   */
  public async change(key: string, alert: Alert, { word, count }: Decision, note: string): Promise<Telling | undefined> {
    if (!await this.openEpisode()) return undefined;
    await this.readBack(await this.write({ kind: 'change', word, check: key, after: alert.last, count, note }));
    const ours = this.entries.find((entry) => (
      entry.kind === 'change' && entry.writer === this.options.writer && entry.check === key && entry.after === alert.last
    ));
    return ours && this.course.tellings.find(({ id }) => id === ours.id);
  }

  /** When the alert of a check that fires began to, in milliseconds since the epoch. */
  public firedAt(key: string): number | undefined {
    const fired = this.entries.filter((entry) => entry.kind === 'change' && entry.word === 'firing' && entry.check === key && this.course.counted.has(entry.id));
    return fired.length === 0 ? undefined : Date.parse(fired[fired.length - 1]!.at);
  }

  /** How many attempts were made to start a rollback from `target`. */
  public rollbackClaims(target: string): number {
    return this.claims(target).length;
  }

  /** Whether whoever made the last attempt to start a rollback from `target` has had the time for it, or is gone. */
  public async isRollbackOver(target: string): Promise<boolean> {
    const last = this.claims(target).at(-1);
    return !last || !(this.isRecent(last) || await this.mayBeAtWork(last.writer));
  }

  /**
   * Whether attempt `number` to start a rollback from `target` is this process's: of all that want it one is, and `ROLLBACK_ATTEMPTS` are
   * made at most. The check's alert must fire.
   */
  public async claimRollback(key: string, target: string, number: number): Promise<boolean> {
    if (number > ROLLBACK_ATTEMPTS || this.rollbackClaims(target) !== number - 1) return false;
    await this.readBack(await this.write({ kind: 'change', word: 'rollback', check: key, after: this.of(key).last, count: 0, note: target }));
    // another check of the environment may have asked for it at the same moment: the first has it
    return this.claims(target)[number - 1]?.writer === this.options.writer;
  }

  /** What was started a moment ago GitHub may not show yet. */
  private isRecent({ at }: AlertEntry): boolean {
    return this.options.clock.now() - Date.parse(at) < CLAIM_PATIENCE_MS;
  }

  private claims(target: string): AlertEntry[] {
    return this.entries.filter((entry) => isRollback(entry, target) && this.course.counted.has(entry.id));
  }

  /**
   * The next of what somebody was not told of, and nobody tells any more: it is this process that must do so now.
   * @param hasRoom whether a channel could be told now
   */
  public async takeUntold(hasRoom: (channel: string) => boolean): Promise<Telling | undefined> {
    const { clock, writer } = this.options;
    for (const telling of this.course.tellings.filter((one) => this.tellableOf(one).some(hasRoom))) {
      if (!isDueAgain(telling, clock.now()) || await this.mayBeAtWork(telling.teller)) continue;
      await this.readBack(await this.write({ kind: 'taken', of: telling.id, takenFrom: telling.teller }));
      const now = this.course.tellings.find(({ id }) => id === telling.id);
      if (now?.teller === writer) return now;
    }
    return undefined;
  }

  /** That a channel took it: what comes next may follow before it is recorded. */
  public delivered({ id }: Telling, channel: string): void {
    this.taken.add(`${id} ${channel}`);
  }

  /** Records who was told; of the others the next run takes the telling. */
  public async told({ id }: Telling, channels: readonly string[]): Promise<void> {
    await this.readBack(await this.write({ kind: 'told', of: id, channels: channels.map(channelKey) }));
  }

  /** Ends the episode, where everything is quiet and everyone was told, or is told no more. */
  public async close(): Promise<void> {
    if (!this.episode || this.course.isClosed || this.raised.length > 0) return;
    await this.read();
    const now = this.options.clock.now();
    const isUntold = this.course.tellings.some((one) => this.isUntold(one) && !isGivenUp(one, now));
    const isRemembered = this.entries.some((entry) => isRollback(entry) && now - Date.parse(entry.at) <= this.options.remembersRollbackMs);
    if (this.raised.length > 0 || isUntold || isRemembered) return;
    await this.write({ kind: 'closed' });
  }

  /** Who is to be told of it now. Nobody hears of the end before the beginning: who was not told of an earlier one waits for that. */
  public tellableOf(telling: Telling): string[] {
    const { tellings } = this.course;
    const now = this.options.clock.now();
    const before = tellings.slice(0, tellings.findIndex(({ id }) => id === telling.id));
    const earlier = before.filter((one) => one.check === telling.check && !isGivenUp(one, now));
    const waiting = new Set(earlier.flatMap((one) => this.untoldOf(one)));
    return this.untoldOf(telling).filter((name) => !waiting.has(name));
  }

  /** Who is told of it only when he has taken what came before. */
  public waitingOf(telling: Telling): string[] {
    const now = this.tellableOf(telling);
    return this.untoldOf(telling).filter((name) => !now.includes(name));
  }

  private untoldOf(telling: Telling): string[] {
    if (telling.isOutdated) return [];
    const isTold = (name: string) => telling.told.has(channelKey(name)) || this.taken.has(`${telling.id} ${name}`);
    return this.options.channelsOf(telling).filter((name) => !isTold(name) && this.isConcerned(name, telling));
  }

  private isConcerned(name: string, { check }: Telling): boolean {
    return !this.options.isEnding || this.course.tellings.some((one) => one.check === check && one.told.has(channelKey(name)));
  }

  private isUntold(telling: Telling): boolean {
    return this.untoldOf(telling).length > 0;
  }

  private async mayBeAtWork(writer: string): Promise<boolean> {
    if (writer === this.options.writer) return true;
    const [id, attempt] = writer.split('.').map(Number);
    return this.options.isAlive({ id, attempt });
  }

  /** False where another process began one meanwhile: what this one saw is old. */
  private async openEpisode(): Promise<boolean> {
    if (this.episode && !this.course.isClosed) return true;
    const { book, clock, environment, writer } = this.options;
    const after = this.episode?.id ?? '';
    const begun = await book.begin(environment, after);
    const giveUpAt = clock.now() + READ_BACK_MS;
    for (;;) {
      const episodes = await book.episodesOf(environment);
      if (episodes.some(({ id }) => id === begun.id) || clock.now() >= giveUpAt) {
        this.episode = newest(environment, episodes.length > 0 ? episodes : [begun]);
        break;
      }
      await clock.sleep(READ_AGAIN_MS);
    }
    await this.read();
    return this.episode?.after === after && this.episode.writer === writer;
  }

  private write(entry: NewAlertEntry): Promise<string> {
    return this.options.book.write(this.episode!, entry);
  }

  /** Nothing promises that what was written is read at once. */
  private async readBack(id: string): Promise<void> {
    const { clock } = this.options;
    const giveUpAt = clock.now() + READ_BACK_MS;
    for (;;) {
      await this.read();
      if (this.entries.some((entry) => entry.id === id) || clock.now() >= giveUpAt) return;
      await clock.sleep(READ_AGAIN_MS);
    }
  }

  private async read(): Promise<void> {
    this.entries = this.episode ? await this.options.book.entries(this.episode) : [];
    this.course = courseOf(this.entries);
  }
}

function isRollback(entry: AlertEntry, target?: string): boolean {
  return entry.kind === 'change' && entry.word === 'rollback' && (target === undefined || entry.note === target);
}

/** The end of the chain: of several episodes that follow the same one, the first is a link of it. */
function newest(environment: string, episodes: readonly Episode[]): Episode | undefined {
  const links = new Map<string, Episode>();
  for (const episode of episodes.filter((one) => one.environment === environment)) {
    const other = links.get(episode.after);
    if (!other || compareIds(episode.id, other.id) < 0) links.set(episode.after, episode);
  }
  const ends = [...links.values()].filter(({ id }) => !links.has(id));
  return ends.sort((a, b) => compareIds(b.id, a.id))[0];
}
