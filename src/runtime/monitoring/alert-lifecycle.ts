/**
 * The life of an alert, pure: entries determine its state, and the results of a run determine the next entry.
 */
import { AlertChange, AlertEntry, AlertWord, Taken, Sent, Transition, TRANSITIONS } from './alert-entry';
import { Outcome } from '../probing/observation';

/** The state of an alert, computed from its entries. */
export interface Alert {
  readonly phase: 'quiet' | 'pending' | 'firing';
  /** The last entry that counted; empty where there is none. */
  readonly last: string;
  /** In a row. */
  readonly bad: number;
  /** In a row, while it fires. */
  readonly healthy: number;
  /** When the first bad result of the row came. */
  readonly since?: string;
  /** When people were last notified that it fires. */
  readonly sentAt?: string;
  /** The entry with which it began to fire, while it does. */
  readonly fired?: { readonly id: string; readonly at: string };
  readonly note: string;
}

export const QUIET: Alert = { phase: 'quiet', last: '', bad: 0, healthy: 0, note: '' };

/** A transition that counts, and who was notified of it. */
export interface PendingNotification {
  /** Of the transition's entry. */
  readonly id: string;
  readonly event: Transition;
  readonly check: string;
  readonly note: string;
  readonly at: string;
  /** When the alert's first bad result came. */
  readonly since: string;
  /** The process that sends it. */
  readonly sender: string;
  /** How often sending began, and when for the last time. */
  readonly tries: number;
  readonly triedAt: string;
  /** Whether the sender has finished. */
  readonly isDone: boolean;
  /** Whether an earlier sender died: channels may have got it without a record of that. @default false */
  readonly mayHaveArrived?: boolean;
  /** A reminder that a later transition replaces: it need not be sent any more. */
  readonly isOutdated: boolean;
  readonly sentTo: ReadonlySet<string>;
}

/** A process claims one attempt to start a rollback. */
export interface RollbackClaim {
  /** The id of the deployment to roll back. */
  readonly target: string;
  readonly processId: string;
  readonly at: string;
}

/** The state that later entries depend on. */
export interface AlertState {
  readonly alerts: ReadonlyMap<string, Alert>;
  /** Oldest first. */
  readonly pendingNotifications: readonly PendingNotification[];
  /** By check: the keys of the channels that were notified of it. */
  readonly notifiedChannels: ReadonlyMap<string, ReadonlySet<string>>;
  /** The claims that count, oldest first. */
  readonly rollbacks: readonly RollbackClaim[];
}

/** The state of an episode, computed from its entries. */
export interface Course extends AlertState {
  /** The ids of the entries that counted. */
  readonly counted: ReadonlySet<string>;
  /** No change counts any more. */
  readonly isClosed: boolean;
  /** The id of the entry after which nothing counts, because another record continues this one. */
  readonly continuedBy?: string;
}

const NOTHING: AlertState = { alerts: new Map(), pendingNotifications: [], notifiedChannels: new Map(), rollbacks: [] };

/** Computes the state of an episode from its entries, oldest first, and the state that it carries. */
export function courseOf(entries: readonly AlertEntry[], carried: AlertState = NOTHING): Course {
  const reckoning = new Reckoning(carried);
  for (const entry of entries) reckoning.add(entry);
  return reckoning.course;
}

class Reckoning {
  private readonly alerts: Map<string, Alert>;
  private readonly pendingNotifications: Map<string, PendingNotification>;
  private readonly notifiedChannels: Map<string, Set<string>>;
  private readonly rollbacks: RollbackClaim[];
  private readonly counted = new Set<string>();
  private isClosed = false;
  private continuedBy?: string;

  constructor({ alerts, notifiedChannels, rollbacks, pendingNotifications }: AlertState) {
    this.alerts = new Map(alerts);
    this.pendingNotifications = new Map(pendingNotifications.map((one) => [one.id, one]));
    this.notifiedChannels = new Map([...notifiedChannels].map(([check, channels]) => [check, new Set(channels)]));
    this.rollbacks = [...rollbacks];
  }

  public get course(): Course {
    const { alerts, continuedBy, counted, notifiedChannels, isClosed, rollbacks } = this;
    return { alerts, pendingNotifications: [...this.pendingNotifications.values()], notifiedChannels, rollbacks, counted, isClosed, continuedBy };
  }

  public add(entry: AlertEntry): void {
    if (this.continuedBy !== undefined) return;
    switch (entry.kind) {
      case 'closed': this.isClosed ||= isQuiet(this.alerts); break;
      case 'continued': if (!this.isClosed) this.continuedBy = entry.id; break;
      case 'change': this.change(entry); break;
      default: this.addNotification(entry);
    }
  }

  private addNotification(entry: AlertEntry & (Sent | Taken)): void {
    const pending = this.pendingNotifications.get(entry.of);
    const next = pending && (entry.kind === 'notified' ? withSent(pending, entry) : withTaken(pending, entry));
    if (!next) return;
    this.pendingNotifications.set(entry.of, next);
    this.counted.add(entry.id);
    this.notifiedChannels.set(next.check, new Set([...this.notifiedChannels.get(next.check) ?? [], ...next.sentTo]));
  }

  private change(entry: AlertEntry & AlertChange): void {
    const { check, id, word } = entry;
    const before = this.alerts.get(check) ?? QUIET;
    if (this.isClosed || entry.after !== before.last || !isLegal(before, entry)) return;
    this.alerts.set(check, changed(before, entry));
    this.counted.add(id);
    if (word === 'rollback') this.rollbacks.push({ target: entry.note, processId: entry.processId, at: entry.at });
    if (!isTransition(word)) return;
    for (const [key, one] of this.pendingNotifications) if (one.check === check && one.event === 'reminder') this.pendingNotifications.set(key, { ...one, isOutdated: true });
    this.pendingNotifications.set(id, newPending(entry, word, before.since ?? entry.at));
  }
}

export function isQuiet(alerts: ReadonlyMap<string, Alert>): boolean {
  return [...alerts.values()].every(({ phase }) => phase === 'quiet');
}

const LEGAL: Record<AlertWord, readonly Alert['phase'][]> = {
  pending: ['quiet', 'pending'],
  cleared: ['pending'],
  firing: ['quiet', 'pending'],
  recovering: ['firing'],
  reminder: ['firing'],
  resolved: ['firing'],
  unwatched: ['firing'],
  rollback: ['firing'],
};

function isLegal({ phase }: Alert, { word }: AlertChange): boolean {
  return LEGAL[word].includes(phase);
}

function changed(before: Alert, { id, at, word, count, note }: AlertEntry & AlertChange): Alert {
  const since = before.since ?? at;
  switch (word) {
    case 'pending': return { ...before, phase: 'pending', last: id, bad: count, since, note };
    case 'firing': return { ...before, phase: 'firing', last: id, bad: count, healthy: 0, since, sentAt: at, fired: { id, at }, note };
    case 'recovering': return { ...before, last: id, healthy: count, note };
    case 'reminder': return { ...before, last: id, healthy: 0, sentAt: at, note };
    case 'rollback': return { ...before, last: id };
    case 'cleared':
    case 'resolved':
    case 'unwatched': return { ...QUIET, last: id, note };
  }
}

function isTransition(word: AlertWord): word is Transition {
  return (TRANSITIONS as readonly string[]).includes(word);
}

function newPending({ id, check, note, at, processId }: AlertEntry & AlertChange, event: Transition, since: string): PendingNotification {
  return { id, event, check, note, at, since, sender: processId, tries: 1, triedAt: at, isDone: false, isOutdated: false, sentTo: new Set() };
}

function withSent(pending: PendingNotification, { channels, processId }: AlertEntry & Sent): PendingNotification {
  return { ...pending, sentTo: new Set([...pending.sentTo, ...channels]), isDone: pending.isDone || processId === pending.sender };
}

function withTaken(pending: PendingNotification, { takenFrom, processId, at }: AlertEntry & Taken): PendingNotification | undefined {
  if (takenFrom !== pending.sender) return undefined;
  const mayHaveArrived = pending.mayHaveArrived === true || !pending.isDone;
  return { ...pending, sender: processId, tries: pending.tries + 1, triedAt: at, isDone: false, ...(mayHaveArrived && { mayHaveArrived }) };
}

/** When a check begins to fire, and when it is resolved. */
export interface AlertRules {
  /** How often a check is probed again within a run. */
  readonly retries: number;
  /** Bad results in a row, over runs. */
  readonly firesAfter: number;
  /** Healthy results in a row, over runs. */
  readonly resolvesAfter: number;
  /** Absent: no reminders. */
  readonly remindEveryMs?: number;
}

/** Results in a row, including those of earlier runs. */
export interface Row {
  readonly probes: number;
  readonly bad: number;
  readonly healthy: number;
  /** The last result that was not blind. */
  readonly last?: 'bad' | 'healthy';
}

export function rowOf({ bad, healthy }: Alert): Row {
  return { probes: 0, bad, healthy };
}

/** A blind result neither ends a row nor extends it. */
export function seen(row: Row, outcome: Outcome): Row {
  const probes = row.probes + 1;
  if (outcome === 'blind') return { ...row, probes };
  if (outcome === 'healthy') return { probes, healthy: row.healthy + 1, bad: 0, last: 'healthy' };
  return { probes, bad: row.bad + 1, healthy: 0, last: 'bad' };
}

/** Whether another probe in this run would not change anything. */
export function isEnough({ probes, bad, healthy, last }: Row, { phase }: Alert, { retries, firesAfter, resolvesAfter }: AlertRules): boolean {
  if (probes > retries) return true;
  // a firing check must be healthy several times; for any other, one healthy result ends the row
  if (phase === 'firing') return last === 'bad' || (last === 'healthy' && healthy >= resolvesAfter);
  return last === 'healthy' || (last === 'bad' && bad >= firesAfter);
}

/** What follows from a run's results. */
export interface Decision {
  readonly word: AlertWord;
  readonly count: number;
}

/** Undefined if nothing has changed: then nothing is written. */
export function decide(alert: Alert, row: Row, rules: AlertRules, now: number): Decision | undefined {
  if (row.last === undefined) return undefined;
  if (alert.phase === 'firing') return whileFiring(alert, row, rules, now);
  if (row.last === 'healthy') return alert.phase === 'pending' ? { word: 'cleared', count: 0 } : undefined;
  return { word: row.bad >= rules.firesAfter ? 'firing' : 'pending', count: row.bad };
}

function whileFiring(alert: Alert, { healthy, last }: Row, { remindEveryMs, resolvesAfter }: AlertRules, now: number): Decision | undefined {
  if (last === 'healthy') return { word: healthy >= resolvesAfter ? 'resolved' : 'recovering', count: healthy };
  if (remindEveryMs !== undefined && now - Date.parse(alert.sentAt ?? '') >= remindEveryMs) return { word: 'reminder', count: 0 };
  return alert.healthy > 0 ? { word: 'recovering', count: 0 } : undefined;
}

/** How long a failing channel is retried; each wait is twice the one before, up to the last. */
const GIVE_UP_AFTER_MS = 24 * 3_600_000;
const FIRST_WAIT_MS = 60_000;
const LAST_WAIT_MS = 3_600_000;

/** Whether the channels that were not notified should be notified again, once the sender is gone. */
export function isDueAgain(pending: PendingNotification, now: number, alert?: Alert): boolean {
  const { isDone, tries, triedAt } = pending;
  if (isGivenUp(pending, now, alert)) return false;
  // it is unknown how far a dead sender came
  return !isDone || now - Date.parse(triedAt) >= Math.min(FIRST_WAIT_MS * 2 ** (tries - 1), LAST_WAIT_MS);
}

/** An alert that still fires is never given up: `alert` is that of its check. */
export function isGivenUp({ at, id }: PendingNotification, now: number, alert?: Alert): boolean {
  return alert?.fired?.id !== id && now - Date.parse(at) > GIVE_UP_AFTER_MS;
}
