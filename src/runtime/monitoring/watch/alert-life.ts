/**
 * The life of an alert: pure. What was written makes its state; what a run sees makes the next entry.
 */
import { AlertChange, AlertEntry, AlertWord, Taken, Told, Transition, TRANSITIONS } from './alert-entry';
import { Outcome } from '../../probing/observation';

/** An alert as its entries make it. */
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
  /** When people were last told that it fires. */
  readonly toldAt?: string;
  readonly note: string;
}

export const QUIET: Alert = { phase: 'quiet', last: '', bad: 0, healthy: 0, note: '' };

/** A transition that counted, and how far the telling has come. */
export interface Telling {
  /** Of the transition's entry. */
  readonly id: string;
  readonly event: Transition;
  readonly check: string;
  readonly note: string;
  readonly at: string;
  /** When the alert's first bad result came. */
  readonly since: string;
  /** Who tells. */
  readonly teller: string;
  /** How often it was begun, and when for the last time. */
  readonly tries: number;
  readonly triedAt: string;
  /** Whether the teller has come to its end. */
  readonly isDone: boolean;
  /** A reminder after which more happened: whoever was not told of it need not be. */
  readonly isOutdated: boolean;
  readonly told: ReadonlySet<string>;
}

/** What an episode's entries add up to. */
export interface Course {
  readonly alerts: ReadonlyMap<string, Alert>;
  /** Oldest first. */
  readonly tellings: readonly Telling[];
  /** The ids of the entries that counted. */
  readonly counted: ReadonlySet<string>;
  /** No change counts any more. */
  readonly isClosed: boolean;
}

/** Reckons an episode's entries, oldest first. */
export function courseOf(entries: readonly AlertEntry[]): Course {
  const alerts = new Map<string, Alert>();
  const tellings = new Map<string, Telling>();
  const counted = new Set<string>();
  let isClosed = false;
  for (const entry of entries) {
    if (entry.kind === 'closed') {
      isClosed ||= isQuiet(alerts);
      continue;
    }
    if (entry.kind !== 'change') {
      const told = tellings.get(entry.of);
      const next = told && (entry.kind === 'told' ? withTold(told, entry) : withTaken(told, entry));
      if (!next) continue;
      tellings.set(entry.of, next);
      counted.add(entry.id);
      continue;
    }
    const before = alerts.get(entry.check) ?? QUIET;
    if (isClosed || entry.after !== before.last || !isLegal(before, entry)) continue;
    const after = changed(before, entry);
    alerts.set(entry.check, after);
    counted.add(entry.id);
    if (!isTransition(entry.word)) continue;
    for (const [id, telling] of tellings) if (telling.check === entry.check && telling.event === 'reminder') tellings.set(id, { ...telling, isOutdated: true });
    tellings.set(entry.id, newTelling(entry, entry.word, before.since ?? entry.at));
  }
  return { alerts, tellings: [...tellings.values()], counted, isClosed };
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
    case 'firing': return { ...before, phase: 'firing', last: id, bad: count, healthy: 0, since, toldAt: at, note };
    case 'recovering': return { ...before, last: id, healthy: count, note };
    case 'reminder': return { ...before, last: id, healthy: 0, toldAt: at, note };
    case 'rollback': return { ...before, last: id };
    case 'cleared':
    case 'resolved':
    case 'unwatched': return { ...QUIET, last: id, note };
  }
}

function isTransition(word: AlertWord): word is Transition {
  return (TRANSITIONS as readonly string[]).includes(word);
}

function newTelling({ id, check, note, at, writer }: AlertEntry & AlertChange, event: Transition, since: string): Telling {
  return { id, event, check, note, at, since, teller: writer, tries: 1, triedAt: at, isDone: false, isOutdated: false, told: new Set() };
}

function withTold(telling: Telling, { channels, writer }: AlertEntry & Told): Telling {
  return { ...telling, told: new Set([...telling.told, ...channels]), isDone: telling.isDone || writer === telling.teller };
}

function withTaken(telling: Telling, { takenFrom, writer, at }: AlertEntry & Taken): Telling | undefined {
  if (takenFrom !== telling.teller) return undefined;
  return { ...telling, teller: writer, tries: telling.tries + 1, triedAt: at, isDone: false };
}

/** What is asked of a check before it is called firing, or resolved. */
export interface AlertRules {
  /** How often a check is asked again within a run. */
  readonly retries: number;
  /** Bad results in a row, over runs. */
  readonly firesAfter: number;
  /** Healthy results in a row, over runs. */
  readonly resolvesAfter: number;
  /** Absent: people are told once. */
  readonly remindEveryMs?: number;
}

/** What a run has seen of a check so far, on top of what was there before. */
export interface Row {
  readonly asked: number;
  readonly bad: number;
  readonly healthy: number;
  /** The last result that says something about the service. */
  readonly last?: 'bad' | 'healthy';
}

export function rowOf({ bad, healthy }: Alert): Row {
  return { asked: 0, bad, healthy };
}

/** A blind result neither breaks a row nor makes it longer. */
export function seen(row: Row, outcome: Outcome): Row {
  const asked = row.asked + 1;
  if (outcome === 'blind') return { ...row, asked };
  if (outcome === 'healthy') return { asked, healthy: row.healthy + 1, bad: 0, last: 'healthy' };
  return { asked, bad: row.bad + 1, healthy: 0, last: 'bad' };
}

/** Whether the check need not be asked again in this run. */
export function isEnough({ asked, bad, healthy, last }: Row, { phase }: Alert, { retries, firesAfter, resolvesAfter }: AlertRules): boolean {
  if (asked > retries) return true;
  // a firing check must be healthy several times; for any other one answer does, and breaks the row
  if (phase === 'firing') return last === 'bad' || (last === 'healthy' && healthy >= resolvesAfter);
  return last === 'healthy' || (last === 'bad' && bad >= firesAfter);
}

/** What follows from a run's results. */
export interface Decision {
  readonly word: AlertWord;
  readonly count: number;
}

/** Undefined where nothing has changed: then nothing is written. */
export function decide(alert: Alert, row: Row, rules: AlertRules, now: number): Decision | undefined {
  if (row.last === undefined) return undefined;
  if (alert.phase === 'firing') return whileFiring(alert, row, rules, now);
  if (row.last === 'healthy') return alert.phase === 'pending' ? { word: 'cleared', count: 0 } : undefined;
  return { word: row.bad >= rules.firesAfter ? 'firing' : 'pending', count: row.bad };
}

function whileFiring(alert: Alert, { healthy, last }: Row, { remindEveryMs, resolvesAfter }: AlertRules, now: number): Decision | undefined {
  if (last === 'healthy') return { word: healthy >= resolvesAfter ? 'resolved' : 'recovering', count: healthy };
  if (remindEveryMs !== undefined && now - Date.parse(alert.toldAt ?? '') >= remindEveryMs) return { word: 'reminder', count: 0 };
  return alert.healthy > 0 ? { word: 'recovering', count: 0 } : undefined;
}

/** For so long a channel that takes nothing is tried again; each wait is twice the one before, up to the last. */
const GIVE_UP_AFTER_MS = 24 * 3_600_000;
const FIRST_WAIT_MS = 60_000;
const LAST_WAIT_MS = 3_600_000;

/** Whether somebody should tell again those who were not told, once the teller is gone. */
export function isDueAgain(telling: Telling, now: number): boolean {
  const { isDone, tries, triedAt } = telling;
  if (isGivenUp(telling, now)) return false;
  // of a teller that died nobody knows how far it came
  return !isDone || now - Date.parse(triedAt) >= Math.min(FIRST_WAIT_MS * 2 ** (tries - 1), LAST_WAIT_MS);
}

export function isGivenUp({ at }: Telling, now: number): boolean {
  return now - Date.parse(at) > GIVE_UP_AFTER_MS;
}
