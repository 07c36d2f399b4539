import { AlertEntry, NewAlertEntry } from './alert-entry';
import { Alert, AlertState, Course, courseOf, Decision, isDueAgain, isGivenUp, QUIET, RollbackClaim, PendingNotification } from './alert-lifecycle';
import { AlertLog, Episode } from './alert-log';
import { carriedFrom, isCarriable } from './carried-alerts';
import { Clock } from '../clock';
import { compareIds, EventLogError, runOfProcess } from '../event-log/event-log';
import { channelKey } from '../notifications/notification';

export interface EnvironmentAlertsOptions {
  readonly alertLog: Pick<AlertLog, 'begin' | 'entries' | 'episodesOf' | 'write'>;
  readonly environment: string;
  /** All that the alert log holds: read once for all environments. */
  readonly episodes: readonly Episode[];
  /** This process. */
  readonly processId: string;
  readonly clock: Clock;
  /** How long a claimed rollback matters, in milliseconds: until then the episode is not closed. */
  readonly remembersRollbackMs: number;
  /** Whether the environment is not watched any more: only channels that were notified of an alert are notified of its end. @default false */
  readonly isEnding?: boolean;
  /** The names of the channels that get a transition. */
  readonly channelsOf: (pending: PendingNotification) => readonly string[];
  /** Whether a run may still be at work. */
  readonly isAlive: (run: { readonly id: number; readonly attempt: number }) => Promise<boolean>;
}

/** GitHub lists a new entry within this time, by all that is known; usually it does so at once. */
const READ_BACK_MS = 60_000;
/** Often at first, then seldom: each read is a request. */
const READ_AGAIN_MS = 500;
const SELDOM_AFTER_MS = 10_000;
const SELDOM_MS = 4_000;

/** How often a rollback of one deployment is started, if none succeeds. */
export const ROLLBACK_ATTEMPTS = 3;
const CLAIM_PATIENCE_MS = 60_000;

/** After this many entries another record continues: a page of GitHub's has 100, and each run reads the whole record. */
const RECORD_LIMIT = 90;

const NOTHING: Course = courseOf([]);

/**
 * The alerts of one environment. A change names the entry that it follows, and of several that follow the same one only the first
 * counts: that keeps concurrent processes apart. Rejects with `EventLogError`.
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
  /** Notification ids and channels that this process has delivered, recorded or not. */
  private readonly taken = new Set<string>();
  /** Processes that are known to be gone: none comes back. Any other one may be at work. */
  private readonly gone = new Set<string>();

  private constructor(private readonly options: EnvironmentAlertsOptions) {}

  /** By the check's key. A closed episode has no alerts. */
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

  /** Whether a process that may be alive is sending a notification of this check: the next one must not overtake it. */
  public async isBeingNotified(key: string): Promise<boolean> {
    const isOthers = (one: PendingNotification) => one.check === key && !one.isDone && one.sender !== this.options.processId;
    const others = this.course.pendingNotifications.filter((one) => isOthers(one) && this.isUnsent(one));
    for (const { sender } of others) if (await this.mayBeAtWork(sender)) return true;
    return false;
  }

  /**
   * Writes a decision about an alert as it was when it was read. Returns the notification that this process must send; undefined if
   * another process was faster, or the change is no transition.
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

  /** Whether the process of the last attempt to start a rollback from `target` is gone, or had enough time. */
  public async isRollbackOver(target: string): Promise<boolean> {
    const last = this.claims(target).at(-1);
    return !last || !(this.isRecent(last) || await this.mayBeAtWork(last.processId));
  }

  /**
   * Claims attempt `number` to start a rollback from `target`. Only one process gets it, and there are at most `ROLLBACK_ATTEMPTS`. The
   * check's alert must fire.
   */
  public async claimRollback(key: string, target: string, number: number): Promise<boolean> {
    if (number > ROLLBACK_ATTEMPTS || this.rollbackClaims(target) !== number - 1) return false;
    await this.append({ kind: 'change', word: 'rollback', check: key, after: this.of(key).last, count: 0, note: target });
    // another check may have claimed it at the same moment: the first one gets it
    return this.claims(target)[number - 1]?.processId === this.options.processId;
  }

  /** GitHub may not list a run that was just started. */
  private isRecent({ at }: RollbackClaim): boolean {
    return this.options.clock.now() - Date.parse(at) < CLAIM_PATIENCE_MS;
  }

  private claims(target: string): RollbackClaim[] {
    return this.course.rollbacks.filter((claim) => claim.target === target);
  }

  /**
   * Takes over the next unsent notification whose sender is gone.
   * @param hasRoom whether a channel has time for it now
   */
  public async takeUnsent(hasRoom: (channel: string) => boolean): Promise<PendingNotification | undefined> {
    const { clock, processId } = this.options;
    await this.lookForSenders();
    for (const pending of this.course.pendingNotifications.filter((one) => this.receiversOf(one).some(hasRoom))) {
      if (!isDueAgain(pending, clock.now(), this.course.alerts.get(pending.check)) || await this.mayBeAtWork(pending.sender)) continue;
      await this.append({ kind: 'taken', of: pending.id, takenFrom: pending.sender });
      const now = this.course.pendingNotifications.find(({ id }) => id === pending.id);
      if (now?.sender === processId) return now;
    }
    return undefined;
  }

  /** Notes a delivery, so that the next notification may follow before it is recorded. */
  public delivered({ id }: PendingNotification, channel: string): void {
    this.taken.add(`${id} ${channel}`);
  }

  /** Records the channels that were notified; a later run notifies the others. */
  public async recordSent({ id }: PendingNotification, channels: readonly string[]): Promise<void> {
    await this.append({ kind: 'notified', of: id, channels: channels.map(channelKey) });
  }

  /** Ends the episode, if every alert is quiet and every notification is delivered or given up. */
  public async close(): Promise<void> {
    if (!this.episode || this.course.isClosed || this.raised.length > 0) return;
    await this.read();
    await this.follow();
    const now = this.options.clock.now();
    const isUnsent = this.course.pendingNotifications.some((one) => this.isUnsent(one) && !this.isGivenUp(one, now));
    const isRemembered = this.course.rollbacks.some(({ at }) => now - Date.parse(at) <= this.options.remembersRollbackMs);
    if (this.course.isClosed || this.raised.length > 0 || isUnsent || isRemembered) return;
    await this.write({ kind: 'closed' });
  }

  /** The channels to notify now. Notifications are delivered in order: a channel that lacks an earlier one waits for that. */
  public receiversOf(pending: PendingNotification): string[] {
    const waiting = new Set(this.earlierThan(pending).flatMap((one) => [...this.unsentTo(one), ...this.mayStillGet(one)]));
    return this.unsentTo(pending).filter((name) => !waiting.has(name));
  }

  /** The channels that must receive an earlier notification first. */
  public waitingOf(pending: PendingNotification): string[] {
    const now = this.receiversOf(pending);
    return this.unsentTo(pending).filter((name) => !now.includes(name));
  }

  /** Of the same check, oldest first, without those that are given up. */
  private earlierThan({ check, id }: PendingNotification): PendingNotification[] {
    const { pendingNotifications } = this.course;
    const now = this.options.clock.now();
    const before = pendingNotifications.slice(0, pendingNotifications.findIndex((one) => one.id === id));
    return before.filter((one) => one.check === check && !this.isGivenUp(one, now));
  }

  private unsentTo(pending: PendingNotification): string[] {
    if (pending.isOutdated) return [];
    return this.notNotified(pending).filter((name) => this.isConcerned(name, pending));
  }

  /** The channels that its sender may be notifying now. Its sender may not know yet that it is outdated. */
  private mayStillGet(pending: PendingNotification): string[] {
    return pending.isDone || this.gone.has(pending.sender) ? [] : this.notNotified(pending);
  }

  private notNotified(pending: PendingNotification): string[] {
    return this.options.channelsOf(pending).filter((name) => !pending.sentTo.has(channelKey(name)) && !this.taken.has(`${pending.id} ${name}`));
  }

  private isConcerned(name: string, pending: PendingNotification): boolean {
    return !this.options.isEnding || (this.course.notifiedChannels.get(pending.check)?.has(channelKey(name)) ?? false)
      || this.earlierThan(pending).some((one) => this.mayStillGet(one).includes(name))
      || [...this.earlierThan(pending), ...(pending.event === 'firing' ? [pending] : [])].some((one) => this.mayHaveGot(one, name));
  }

  /** A sender that died may have notified a channel before it could record that: the channel gets it again, and then the end. */
  private mayHaveGot(pending: PendingNotification, name: string): boolean {
    const { isDone, mayHaveArrived = !isDone && this.gone.has(pending.sender) } = pending;
    return mayHaveArrived && this.notNotified(pending).includes(name);
  }

  /** Finds out which senders are gone, of notifications that a later one must not overtake although it does not wait for their delivery. */
  private async lookForSenders(): Promise<void> {
    const waiting = this.course.pendingNotifications.filter((one) => this.isUnsent(one));
    const isFree = (one: PendingNotification) => one.isOutdated || this.options.isEnding === true;
    const awaited = waiting.flatMap((one) => this.earlierThan(one)).filter((one) => isFree(one) && this.mayStillGet(one).length > 0);
    for (const sender of new Set(awaited.map((one) => one.sender))) await this.mayBeAtWork(sender);
  }

  private isGivenUp(pending: PendingNotification, now: number): boolean {
    return isGivenUp(pending, now, this.course.alerts.get(pending.check));
  }

  private isUnsent(pending: PendingNotification): boolean {
    return this.unsentTo(pending).length > 0;
  }

  private async mayBeAtWork(processId: string): Promise<boolean> {
    if (processId === this.options.processId) return true;
    if (!this.gone.has(processId) && await this.options.isAlive(runOfProcess(processId))) return true;
    this.gone.add(processId);
    return false;
  }

  /** False if another process began one meanwhile: what this process saw is outdated. */
  private async openEpisode(): Promise<boolean> {
    if (this.episode && !this.course.isClosed) return true;
    const { environment, processId } = this.options;
    const after = this.episode?.id ?? '';
    this.episode = newest(environment, await this.begin(after));
    await this.read();
    return this.episode?.after === after && this.episode.processId === processId;
  }

  /** Begins an episode, and returns all episodes. Rejects with `EventLogError` if it cannot be known which one counts. */
  private async begin(after: string, carried?: AlertState): Promise<Episode[]> {
    const { alertLog, clock, environment } = this.options;
    const begun = await alertLog.begin(environment, after, carried);
    const giveUpAt = clock.now() + READ_BACK_MS;
    for (;;) {
      // this process may have been paused: the last read must come after the deadline
      const isLast = clock.now() >= giveUpAt;
      const episodes = await alertLog.episodesOf(environment);
      if (episodes.some(({ key }) => key === begun.key)) return episodes;
      // another process may have been faster, and entries count only in the first record
      if (isLast) throw new EventLogError(`the record of alerts that was begun for ${environment} is not listed yet. The next watch tries again.`);
      await clock.sleep(untilNextRead(giveUpAt - clock.now()));
    }
  }

  /** Writes an entry and reads it back. If its record was continued before, it is written again to the next one, where it counts. */
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

  /** Moves to the record that continues this one, and begins it if there is none: the process that ended this one may be gone. */
  private async follow(): Promise<void> {
    const { alertLog, environment } = this.options;
    while (this.episode && this.course.continuedBy !== undefined) {
      const { id } = this.episode;
      const link = (episodes: readonly Episode[]) => firstAfter(id, episodes.filter((one) => one.environment === environment));
      this.episode = link(await alertLog.episodesOf(environment)) ?? link(await this.begin(id, this.carried))!;
      await this.read();
    }
  }

  /** The state that the next record carries. */
  private get carried(): AlertState {
    const { continuedBy } = this.course;
    const end = this.entries.find(({ id }) => id === continuedBy)?.at;
    const now = end === undefined ? this.options.clock.now() : Date.parse(end);
    // only recorded deliveries count: later ones are recorded in the next record
    const isUnsent = (pending: PendingNotification) => !pending.isOutdated && !this.isGivenUp(pending, now)
      && this.options.channelsOf(pending).some((name) => !pending.sentTo.has(channelKey(name)));
    const unsent = this.course.pendingNotifications.filter(isUnsent);
    // the next record must not overtake them either
    const awaited = new Set(unsent.flatMap((one) => this.earlierThan(one)).filter((one) => this.mayStillGet(one).length > 0));
    return carriedFrom(this.course, (pending) => isUnsent(pending) || awaited.has(pending));
  }

  private write(entry: NewAlertEntry): Promise<string> {
    return this.options.alertLog.write(this.episode!, entry);
  }

  /** GitHub does not promise to list a new entry at once. */
  private async readBack(id: string): Promise<void> {
    const { clock } = this.options;
    const giveUpAt = clock.now() + READ_BACK_MS;
    for (;;) {
      const isLast = clock.now() >= giveUpAt;
      await this.read();
      if (isLast || this.entries.some((entry) => entry.id === id)) return;
      await clock.sleep(untilNextRead(giveUpAt - clock.now()));
    }
  }

  private async read(): Promise<void> {
    this.entries = this.episode ? await this.options.alertLog.entries(this.episode) : [];
    this.course = courseOf(this.entries, this.episode?.carried);
  }
}

function untilNextRead(leftMs: number): number {
  return READ_BACK_MS - leftMs < SELDOM_AFTER_MS ? READ_AGAIN_MS : SELDOM_MS;
}

/** The first of the episodes that follow another one. */
function firstAfter(after: string, episodes: readonly Episode[]): Episode | undefined {
  return episodes.filter((one) => one.after === after).sort((a, b) => compareIds(a.id, b.id))[0];
}

/** The end of the chain of episodes: of several that follow the same one, only the first belongs to it. */
function newest(environment: string, episodes: readonly Episode[]): Episode | undefined {
  const links = new Map<string, Episode>();
  for (const episode of episodes.filter((one) => one.environment === environment)) {
    const other = links.get(episode.after);
    if (!other || compareIds(episode.id, other.id) < 0) links.set(episode.after, episode);
  }
  const ends = [...links.values()].filter(({ id }) => !links.has(id));
  return ends.sort((a, b) => compareIds(b.id, a.id))[0];
}
