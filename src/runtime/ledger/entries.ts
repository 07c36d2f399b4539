import { LedgerRecord } from './record';
import { Course, Event, EVENTS, IllegalTransition, isFinal, next, State } from '../deployment/state-machine';
import { COURSES } from '../strategies/rollout-strategy';

/** What is written; the ledger adds the time. */
export type NewEntry = Omit<Entry, 'at'>;

/** A step of a deployment. */
export interface Entry {
  readonly state: State;
  readonly note: string;
  /** The process that held the lease was gone: nothing is known of the release's health. */
  readonly abandoned?: boolean;
  /** A command failed or timed out: no health check rejected the release, so its files are not blocked. */
  readonly commandFailed?: boolean;
  /** The release's migration cannot be undone: from here on nothing goes back by itself. */
  readonly irreversible?: boolean;
  /** The process that wrote it. @see newProcessId */
  readonly processId?: string;
  /** This entry takes the lease from that process, which must change nothing more. Of several processes that take it the first one has it. */
  readonly takenFrom?: string;
  /** Its process releases the lease: the next process may take it, though the run is still at work. */
  readonly releasesLease?: boolean;
  /** ISO 8601. */
  readonly at: string;
}

/** A record and where it stands. */
export interface Standing {
  readonly record: LedgerRecord;
  readonly state: State;
  /** What it went through, oldest first; never empty. */
  readonly entries: Entry[];
}

/**
 * What a record really went through, from entries in the order they were written.
 * An entry that the rollout's table cannot reach any more came late (a request that was
 * retried, a process that had been paused) and does not count; nothing counts after a final state.
 *
 * Nor does what a process wrote that did not hold the lease then. Its creator holds it first;
 * an entry that names the holder as the process it takes the lease from takes it. So of several that take
 * it at once only the first one has it: the order of entries stands for a compare-and-swap.
 */
export function countingEntries(entries: readonly Entry[], maker: string): Entry[] {
  const counted: Entry[] = [];
  let holder = maker;
  for (const entry of entries) {
    const last = counted.at(-1);
    if (last && (isFinal(last.state) || !(reachable(last.state).has(entry.state) || isBegunAgain(entry)))) continue;
    if (last && last.state === entry.state && last.note === entry.note && last.processId === entry.processId) continue;
    const { processId = holder, takenFrom } = entry;
    if (processId !== holder && takenFrom !== holder) continue;
    holder = processId;
    counted.push(entry);
  }
  return counted;
}

/** The process that holds the lease of a deployment, by its counted entries. */
export interface LeaseHolder {
  readonly processId: string;
  /** It released the lease: the next process may take the deployment over. */
  readonly isReleased: boolean;
}

export function leaseHolderOf(maker: string, entries: readonly Entry[]): LeaseHolder {
  const last = [...entries].reverse().find(({ processId }) => processId !== undefined);
  return { processId: last?.processId ?? maker, isReleased: last?.releasesLease ?? false };
}

/** A rollback by hand whose process was gone; the first entry of the one that begins it again may be lost, or the first two. */
function isBegunAgain({ state, takenFrom }: Entry): boolean {
  return BEGINNING.includes(state) && takenFrom !== undefined;
}

const BEGINNING: readonly State[] = ['deploying', 'verifying', 'promoting'];

const known = new Map<State, ReadonlySet<State>>();

/** The state itself and all that may come after it; a step whose entry was lost may be missing between. */
function reachable(from: State): ReadonlySet<State> {
  const states = known.get(from) ?? new Set<State>(reach(from));
  known.set(from, states);
  return states;
}

function reach(from: State): State[] {
  const found = [from];
  for (const state of found) found.push(...followers(state).filter((follower) => !found.includes(follower)));
  return found;
}

const ONWARD = COURSES.filter(({ byHand }) => !byHand);

/** What may come right after a state, whatever the course. */
function followers(state: State): State[] {
  return [...new Set(EVENTS.flatMap((event) => ONWARD.flatMap((course) => answer(state, event, course) ?? [])))];
}

function answer(state: State, event: Event, course: Course): State | undefined {
  try {
    return next(state, event, course);
  } catch (error) {
    if (error instanceof IllegalTransition) return undefined;
    throw error;
  }
}
