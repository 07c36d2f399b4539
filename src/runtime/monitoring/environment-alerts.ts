import { AlertEntry, channelKey, NewAlertEntry } from './alert-entry';
import { Alert, AlertState, Course, courseOf, Decision, isDueAgain, isGivenUp, QUIET, RollbackClaim, PendingNotification } from './alert-lifecycle';
import { AlertLog, Episode } from './alert-log';
import { carriedFrom, isCarriable } from './carried-alerts';
import { Clock } from '../clock';
import { runOfProcess } from '../event-log/process-id';
import { compareIds, EventLogError } from '../event-log/event-log';

export interface EnvironmentAlertsOptions {
  readonly alertLog: Pick<AlertLog, 'begin' | 'entries' | 'episodesOf' | 'write'>;
  readonly environment: string;
  /** All that the alert log holds: read once for all environments. */
  readonly episodes: readonly Episode[];
  /** This process. */
  readonly processId: string;
  readonly clock: Clock;
  /** For so long it matters that a rollback was asked for, in milliseconds: until then nothing is forgotten. */
  readonly remembersRollbackMs: number;
  /** Whether the environment is not watched any more: only who notifiedChannels the beginning of an alert hears its end. @default false */
  readonly isEnding?: boolean;
  /** The names of those who are to be told of a transition. */
  readonly channelsOf: (pending: PendingNotification) => readonly string[];
  /** Whether a run may still be at work. */
  readonly isAlive: (run: { readonly id: number; readonly attempt: number }) => Promise<boolean>;
}

/** Within this an entry that was written is read back, by all that is known of GitHub. */
const READ_BACK_MS = 10_000;
const READ_AGAIN_MS = 500;

/** So often a rollback from one deployment is started, where none succeeds. */
export const ROLLBACK_ATTEMPTS = 3;
const CLAIM_PATIENCE_MS = 60_000;

/** A record goes on in another one after so many entries: a page of GitHub's has 100, and each run reads the whole record. */
const RECORD_LIMIT = 90;

const NOTHING: Course = courseOf([]);

/**
 * The alerts of one environment. A change counts only if no other process was faster: it names the entry that it follows, and of
 * those that follow the same one the first counts. Rejects with `EventLogError`.
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
  /** The ids of pendingNotifications and the channels that took them from this process, whether or not it is recorded yet. */
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
    const isOthers = (one: PendingNotification) => one.check === key && !one.isDone && one.sender !== this.options.processId;
    const others = this.course.pendingNotifications.filter((one) => isOthers(one) && this.isUnsent(one));
    for (const { sender } of others) if (await this.mayBeAtWork(sender)) return true;
    return false;
  }

  /**
   * Writes what was decided upon an alert as it was when it was looked at. For a transition, what people are to be told by this
   * process; undefined where another one was faster, or where nobody is told of such a change.
   */
  public async change(key: string, alert: Alert, { word, count }: Decision, note: string): Promise<PendingNotification | undefined> {
    if (!await this.openEpisode()) return undefined;
    await this.append({ kind: 'change', word, check: key, after: alert.last, count, note });
    const ours = this.entries.find((entry) => (
      entry.kind === 'change' && entry.processId === this.options.processId && entry.check === key && entry.after === alert.last
    ));
    return ours && this.course.pendingNotifications.find(({ id }) => id === ours.id);
  }

  /** When the alert of a check that fires began to, in milliseconds since the epoch. */
  public firedAt(key: string): number | undefined {
    const { fired } = this.of(key);
    return fired && Date.parse(fired.at);
  }

  /** How many attempts were made to start a rollback from `target`. */
  public rollbackClaims(target: string): number {
    return this.claims(target).length;
  }

  /** Whether whoever made the last attempt to start a rollback from `target` has had the time for it, or is gone. */
  public async isRollbackOver(target: string): Promise<boolean> {
    const last = this.claims(target).at(-1);
    return !last || !(this.isRecent(last) || await this.mayBeAtWork(last.processId));
  }

  /**
   * Whether attempt `number` to start a rollback from `target` is this process's: of all that want it one is, and `ROLLBACK_ATTEMPTS` are
   * made at most. The check's alert must fire.
   */
  public async claimRollback(key: string, target: string, number: number): Promise<boolean> {
    if (number > ROLLBACK_ATTEMPTS || this.rollbackClaims(target) !== number - 1) return false;
    await this.append({ kind: 'change', word: 'rollback', check: key, after: this.of(key).last, count: 0, note: target });
    // another check of the environment may have asked for it at the same moment: the first has it
    return this.claims(target)[number - 1]?.processId === this.options.processId;
  }

  /** What was started a moment ago GitHub may not show yet. */
  private isRecent({ at }: RollbackClaim): boolean {
    return this.options.clock.now() - Date.parse(at) < CLAIM_PATIENCE_MS;
  }

  private claims(target: string): RollbackClaim[] {
    return this.course.rollbacks.filter((claim) => claim.target === target);
  }

  /**
   * The next of what somebody was not told of, and nobody tells any more: it is this process that must do so now.
   * @param hasRoom whether a channel could be told now
   */
  public async takeUnsent(hasRoom: (channel: string) => boolean): Promise<PendingNotification | undefined> {
    const { clock, processId } = this.options;
    for (const pending of this.course.pendingNotifications.filter((one) => this.receiversOf(one).some(hasRoom))) {
      if (!isDueAgain(pending, clock.now()) || await this.mayBeAtWork(pending.sender)) continue;
      await this.append({ kind: 'taken', of: pending.id, takenFrom: pending.sender });
      const now = this.course.pendingNotifications.find(({ id }) => id === pending.id);
      if (now?.sender === processId) return now;
    }
    return undefined;
  }

  /** That a channel took it: what comes next may follow before it is recorded. */
  public delivered({ id }: PendingNotification, channel: string): void {
    this.taken.add(`${id} ${channel}`);
  }

  /** Records who was told; of the others the next run takes the pending. */
  public async recordSent({ id }: PendingNotification, channels: readonly string[]): Promise<void> {
    await this.append({ kind: 'told', of: id, channels: channels.map(channelKey) });
  }

  /** Ends the episode, where everything is quiet and everyone was told, or is told no more. */
  public async close(): Promise<void> {
    if (!this.episode || this.course.isClosed || this.raised.length > 0) return;
    await this.read();
    await this.follow();
    const now = this.options.clock.now();
    const isUnsent = this.course.pendingNotifications.some((one) => this.isUnsent(one) && !isGivenUp(one, now));
    const isRemembered = this.course.rollbacks.some(({ at }) => now - Date.parse(at) <= this.options.remembersRollbackMs);
    if (this.course.isClosed || this.raised.length > 0 || isUnsent || isRemembered) return;
    await this.write({ kind: 'closed' });
  }

  /** Who is to be told of it now. Nobody hears of the end before the beginning: who was not told of an earlier one waits for that. */
  public receiversOf(pending: PendingNotification): string[] {
    const { pendingNotifications } = this.course;
    const now = this.options.clock.now();
    const before = pendingNotifications.slice(0, pendingNotifications.findIndex(({ id }) => id === pending.id));
    const earlier = before.filter((one) => one.check === pending.check && !isGivenUp(one, now));
    const waiting = new Set(earlier.flatMap((one) => this.unsentTo(one)));
    return this.unsentTo(pending).filter((name) => !waiting.has(name));
  }

  /** Who is told of it only when he has taken what came before. */
  public waitingOf(pending: PendingNotification): string[] {
    const now = this.receiversOf(pending);
    return this.unsentTo(pending).filter((name) => !now.includes(name));
  }

  private unsentTo(pending: PendingNotification): string[] {
    if (pending.isOutdated) return [];
    const isTold = (name: string) => pending.sentTo.has(channelKey(name)) || this.taken.has(`${pending.id} ${name}`);
    return this.options.channelsOf(pending).filter((name) => !isTold(name) && this.isConcerned(name, pending));
  }

  private isConcerned(name: string, { check }: PendingNotification): boolean {
    return !this.options.isEnding || (this.course.notifiedChannels.get(check)?.has(channelKey(name)) ?? false);
  }

  private isUnsent(pending: PendingNotification): boolean {
    return this.unsentTo(pending).length > 0;
  }

  private async mayBeAtWork(processId: string): Promise<boolean> {
    if (processId === this.options.processId) return true;
    return this.options.isAlive(runOfProcess(processId));
  }

  /** False where another process began one meanwhile: what this one saw is old. */
  private async openEpisode(): Promise<boolean> {
    if (this.episode && !this.course.isClosed) return true;
    const { environment, processId } = this.options;
    const after = this.episode?.id ?? '';
    this.episode = newest(environment, await this.begin(after));
    await this.read();
    return this.episode?.after === after && this.episode.processId === processId;
  }

  /** Begins an episode, and returns those that there are then. Rejects with `EventLogError` where it cannot be known which one counts. */
  private async begin(after: string, carried?: AlertState): Promise<Episode[]> {
    const { alertLog, clock, environment } = this.options;
    const begun = await alertLog.begin(environment, after, carried);
    const giveUpAt = clock.now() + READ_BACK_MS;
    for (;;) {
      // this process may have been paused since: the last look comes after the time is over
      const isLast = clock.now() >= giveUpAt;
      const episodes = await alertLog.episodesOf(environment);
      if (episodes.some(({ key }) => key === begun.key)) return episodes;
      // another process may have been faster, and nothing counts in a record that is not the first
      if (isLast) throw new EventLogError(`the record of alerts that was begun for ${environment} is not listed yet. The next run of the watch tries again.`);
      await clock.sleep(READ_AGAIN_MS);
    }
  }

  /** Writes an entry, and reads it back. One that came after the end of its record is written again where that goes on: there it counts. */
  private async append(entry: NewAlertEntry): Promise<void> {
    const isOpen = !this.course.isClosed && this.course.continuedBy === undefined;
    if (isOpen && this.entries.length >= RECORD_LIMIT && isCarriable(this.carried)) await this.readBack(await this.write({ kind: 'continued' }));
    for (;;) {
      await this.follow();
      const id = await this.write(entry);
      await this.readBack(id);
      const { continuedBy } = this.course;
      if (continuedBy === undefined || compareIds(id, continuedBy) < 0) return;
    }
  }

  /** Goes on to the record in which this one does. Whoever finds none begins it: who ended this one may be gone. */
  private async follow(): Promise<void> {
    const { alertLog, environment } = this.options;
    while (this.episode && this.course.continuedBy !== undefined) {
      const { id } = this.episode;
      const link = (episodes: readonly Episode[]) => firstAfter(id, episodes.filter((one) => one.environment === environment));
      this.episode = link(await alertLog.episodesOf(environment)) ?? link(await this.begin(id, this.carried))!;
      await this.read();
    }
  }

  /** What another record needs of this one. */
  private get carried(): AlertState {
    const { continuedBy } = this.course;
    const end = this.entries.find(({ id }) => id === continuedBy)?.at;
    const now = end === undefined ? this.options.clock.now() : Date.parse(end);
    // only what is recorded counts: what this process delivered a moment ago is recorded in the other one
    const isUnsent = (pending: PendingNotification) => this.options.channelsOf(pending).some((name) => !pending.sentTo.has(channelKey(name)));
    return carriedFrom(this.course, (pending) => isUnsent(pending) && !pending.isOutdated && !isGivenUp(pending, now));
  }

  private write(entry: NewAlertEntry): Promise<string> {
    return this.options.alertLog.write(this.episode!, entry);
  }

  /** Nothing promises that what was written is read at once. */
  private async readBack(id: string): Promise<void> {
    const { clock } = this.options;
    const giveUpAt = clock.now() + READ_BACK_MS;
    for (;;) {
      const isLast = clock.now() >= giveUpAt;
      await this.read();
      if (isLast || this.entries.some((entry) => entry.id === id)) return;
      await clock.sleep(READ_AGAIN_MS);
    }
  }

  private async read(): Promise<void> {
    this.entries = this.episode ? await this.options.alertLog.entries(this.episode) : [];
    this.course = courseOf(this.entries, this.episode?.carried);
  }
}

/** The episode that follows another one: of several the first. */
function firstAfter(after: string, episodes: readonly Episode[]): Episode | undefined {
  return episodes.filter((one) => one.after === after).sort((a, b) => compareIds(a.id, b.id))[0];
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
