import { LedgerRecord } from './record';
import { DeploymentOutputs } from '../../contract/deployment-outputs';
import { followers, isFinal, State } from '../deployment/state-machine';
import { OutsideFault } from '../outside-fault';
import { COURSES } from '../strategies/rollout-strategy';

/** An entry without its time, which the ledger adds. */
export type NewEntry = Omit<Entry, 'at'>;

/** A step of a deployment. */
export interface Entry {
  readonly state: State;
  readonly note: string;
  /** The release got no verdict: the process that held the lease was gone, another release was requested, or something else is at fault. */
  readonly abandoned?: boolean;
  /** A command failed or timed out: no health check rejected the release, so its files are not blocked. */
  readonly commandFailed?: boolean;
  /** What in the world made it fail. Always `abandoned`, too: a runtime that does not know this one blocks nothing either. */
  readonly fault?: OutsideFault;
  /** The release's migration cannot be undone: there is no automatic rollback from here on. */
  readonly irreversible?: boolean;
  /** The outputs that URLs and variables need, where they are new. */
  readonly outputs?: DeploymentOutputs;
  /** The share of the traffic that the release gets, in per cent. Absent where all traffic moves at once. */
  readonly weight?: number;
  /** The process that wrote it. @see newProcessId */
  readonly processId?: string;
  /** The process that this entry takes the lease from. If several processes take it, the first one has it. */
  readonly takenFrom?: string;
  /** Whether its process releases the lease: the next process may take it while the run continues. */
  readonly releasesLease?: boolean;
  /** ISO 8601. */
  readonly at: string;
}

/** A record and its state. */
export interface Standing {
  readonly record: LedgerRecord;
  readonly state: State;
  /** Its entries, oldest first; never empty. */
  readonly entries: Entry[];
}

/**
 * The entries that count, in the order they were written. An entry that the state machine cannot reach came late (a retried request, a
 * paused process) and does not count; nothing counts after a final state.
 *
 * An entry of a process that did not hold the lease does not count either. The creator holds it first; an entry that names the holder in
 * `takenFrom` takes it. If several processes take it at once, only the first one has it: the order of entries is the compare-and-swap.
 */
export function countingEntries(entries: readonly Entry[], creator: string): Entry[] {
  const counted: Entry[] = [];
  let holder = creator;
  for (const entry of entries) {
    const last = counted.at(-1);
    if (last && (isFinal(last.state) || !(reachable(last.state).has(entry.state) || isBegunAgain(entry)))) continue;
    if (last && isRepeated(entry, last)) continue;
    const { processId = holder, takenFrom } = entry;
    if (processId !== holder && takenFrom !== holder) continue;
    holder = processId;
    counted.push(entry);
  }
  return counted;
}

/** The same was written twice, because the response was lost. */
function isRepeated({ note, processId, state, weight }: Entry, last: Entry): boolean {
  return last.state === state && last.note === note && last.weight === weight && last.processId === processId;
}

const TAKEN_BACK: readonly State[] = ['rollingBack', 'rolledBack', 'halted'];

/**
 * Whether a deployment was taken back, or halted, though its release got no verdict: its process was gone, or another release was wanted. The
 * first entry decides: a process that continues a rollback says nothing of the release.
 */
export function hasNoVerdict(entries: readonly Pick<Entry, 'state' | 'abandoned'>[]): boolean {
  return entries.find(({ state }) => TAKEN_BACK.includes(state))?.abandoned ?? false;
}

/** The process that holds the lease of a deployment, by its counted entries. */
export interface LeaseHolder {
  readonly processId: string;
  /** It released the lease: the next process may take the deployment over. */
  readonly isReleased: boolean;
}

export function leaseHolderOf(creator: string, entries: readonly Entry[]): LeaseHolder {
  const last = [...entries].reverse().find(({ processId }) => processId !== undefined);
  return { processId: last?.processId ?? creator, isReleased: last?.releasesLease ?? false };
}

/** A rollback by hand that begins again after its process was gone; up to two of its entries may be lost. */
function isBegunAgain({ state, takenFrom }: Entry): boolean {
  return BEGINNING.includes(state) && takenFrom !== undefined;
}

const BEGINNING: readonly State[] = ['deploying', 'verifying', 'promoting'];

const known = new Map<State, ReadonlySet<State>>();

/** The state itself and all states that may follow, because entries between may be lost. */
function reachable(from: State): ReadonlySet<State> {
  const states = known.get(from) ?? new Set<State>(reach(from));
  known.set(from, states);
  return states;
}

function reach(from: State): State[] {
  const found = [from];
  for (const state of found) found.push(...followers(state, ONWARD).filter((follower) => !found.includes(follower)));
  return found;
}

const ONWARD = COURSES.filter(({ byHand }) => !byHand);

const ALL = 100;

/** The share of the traffic that the release got last, in per cent; undefined where none was recorded, because all traffic moves at once. */
export function weightOf(entries: readonly Pick<Entry, 'weight'>[]): number | undefined {
  return [...entries].reverse().find(({ weight }) => weight !== undefined)?.weight;
}

/**
 * The share that a release has while it shares the traffic with Stable, in per cent: during a step, or halted in one. After a rollback that failed it is not
 * known. Undefined where it does not share.
 */
export function sharedWeight({ entries, state }: Pick<Standing, 'entries' | 'state'>): number | undefined {
  const weight = weightOf(entries);
  if (weight === undefined || weight === ALL) return undefined;
  const isHaltedThere = state === 'halted' && entries.every((entry) => entry.state !== 'rollingBack');
  return state === 'promoting' || isHaltedThere ? weight : undefined;
}
