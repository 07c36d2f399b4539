import { State } from './state-machine';
import { namesIn, responds, Responses, respondsUnnamed, whatResponds } from './what-responds';
import { COMMAND_VARIABLE } from '../../contract/environment-variables';
import { RuntimeContext } from '../context';
import { sharedWeight, Standing } from '../ledger/entries';
import { EnvironmentHistory } from '../ledger/history';
import { LedgerRecord, StablePointer } from '../ledger/record';
import { Baseline, baselineOf } from '../probing/gate';
import { identifies, Release, sameRelease } from '../release';
import { commandLine, placeOf } from '../reporting/command-line';
import { otherSlot, strategyOf } from '../strategies/rollout-strategy';
import { driverOf } from '../targets/driver-registry';
import { canRestoreForeign, describeLive, liveRelease, liveSlot, serves } from '../targets/live-release';
import { LiveRelease } from '../targets/target-driver';

/** What is live before the first change. */
export interface LiveBefore {
  /** What the engine says; undefined where there is none. */
  readonly engine?: LiveRelease;
  /** The slot that users are on, if the engine or the responses show it. */
  readonly slot?: string;
  /** Set if the records do not know what is live. */
  readonly stray?: Stray;
  /** A release that users see, of an attempt that did not become Stable. */
  readonly attempt?: Release;
  /** Whether the slot of Stable holds another release by now. */
  readonly isStableOverwritten: boolean;
  /** What each check saw of it; absent where nothing was probed. */
  readonly baseline?: Baseline;
}

/** What is live, and the records do not know. */
export interface Stray {
  /** The release that the response names, or the engine. */
  readonly release?: string;
  readonly slot?: string;
  /** What the engine says, for people. */
  readonly engine?: string;
}

/** What the records say. */
export interface Recorded {
  readonly stable?: StablePointer;
  readonly newest?: Standing;
  /** Since Stable, newest first. */
  readonly attempts: readonly LedgerRecord[];
}

/** A cache may still show the release before for a moment. */
const LOOKS = 3;

/** Finds out what is live, and whether the records know it. Changes nothing. Rejects with `InterruptedError` or `EventLogError`. */
export async function liveBefore(context: RuntimeContext, history: EnvironmentHistory, wanted: Release): Promise<LiveBefore> {
  const { clock, environment, interrupted } = context;
  const recorded: Recorded = { stable: await history.stable(), newest: await history.newest(), attempts: await history.sinceStable() };
  // an engine says itself what it serves, which the plan compares with the records; nobody relies on a preview
  if (environment.target.driver !== undefined) return engineBefore(context, recorded);
  if (isPreview(context)) return NOT_ASKED;
  const engine = await liveRelease(context);
  for (let looks = 1; ; looks++) {
    const responses = await whatResponds(context, recorded.stable?.release ?? wanted);
    const found = { ...compared(context, recorded, responses, engine), baseline: baselineOf(responses.users) };
    if (!found.stray || found.stray.engine !== undefined || !recorded.stable || looks === LOOKS) return found;
    await clock.sleep(Math.max(...environment.healthChecks.map(({ intervalMs }) => intervalMs)), interrupted);
  }
}

const NOT_ASKED: LiveBefore = { isStableOverwritten: false };

/** Whether it is the preview of a pull request. The job that records it has checked out the default branch, not its commit. */
export function isPreview({ environment }: Pick<RuntimeContext, 'environment'>): boolean {
  return environment.variables[COMMAND_VARIABLE.PREVIEW] !== undefined;
}

const STANDS: readonly State[] = ['stable', 'rolledBack', 'failed', 'superseded'];

/** The engine is asked where the records say that Stable is live, or where a slot must be chosen. */
async function engineBefore(context: RuntimeContext, { newest, stable }: Recorded): Promise<LiveBefore> {
  const stands = stable !== undefined && newest !== undefined && STANDS.includes(newest.state);
  if (!stands && strategyOf(context.environment).slots.length === 0) return NOT_ASKED;
  const engine = await liveRelease(context);
  return { ...NOT_ASKED, engine, slot: liveSlot(engine) };
}

/** Compares what is live with the records. The engine knows better than a response, which may come from a cache. */
export function compared(context: RuntimeContext, recorded: Recorded, responses: Responses, engine: LiveRelease | undefined): LiveBefore {
  const known: Release[] = [...(recorded.stable ? [recorded.stable.release] : []), ...recorded.attempts.map(({ release }) => release)];
  const seen = seenBy(context, recorded, responses);
  const found = { engine, slot: seen.slot, isStableOverwritten: seen.isStableOverwritten };
  switch (engine?.kind) {
    case 'release':
    case 'foreign': {
      const served = known.find((release) => serves(engine, release) === true);
      const attempt = served && recorded.stable && !sameRelease(served, recorded.stable.release) ? served : undefined;
      const isStray = known.length > 0 ? served === undefined : engine.kind === 'release' || isAdoptable(context, responses);
      const stray = isStray ? { engine: describeLive(engine), slot: engine.slot, ...(engine.kind === 'release' && { release: engine.release.version }) } : undefined;
      return { ...found, slot: engine.slot ?? seen.slot, attempt, isStableOverwritten: false, ...(stray && { stray }) };
    }
    // the command that deploys, or a person, ends it
    case 'split': return { ...found, slot: undefined };
    default: return { ...found, ...seen.found };
  }
}

/** Whether `adopt` could verify what responds. */
function isAdoptable(context: RuntimeContext, { users }: Responses): boolean {
  return canRestoreForeign(context) && (namesIn(users).length > 0 || respondsUnnamed(users));
}

interface Seen extends Pick<LiveBefore, 'slot' | 'isStableOverwritten'> {
  readonly found: Pick<LiveBefore, 'attempt' | 'slot' | 'stray'>;
}

/** What the responses show. */
function seenBy({ environment }: RuntimeContext, { attempts, newest, stable }: Recorded, { slots, users }: Responses): Seen {
  const known = [...(stable ? [stable.release] : []), ...attempts.map(({ release }) => release)];
  const names = namesIn(users);
  const stranger = names.find((name) => !known.some((release) => identifies(name, release)));
  const holds = (slot: string, name: string) => namesIn(slots.get(slot) ?? []).includes(name);
  const holding = (name: string) => [...slots.keys()].filter((slot) => holds(slot, name));
  const only = (found: readonly string[]) => (found.length === 1 ? found[0] : undefined);
  const stableSlot = stable?.slot === undefined ? [] : namesIn(slots.get(stable.slot) ?? []);
  const isStableOverwritten = stable !== undefined && stableSlot.length > 0 && !stableSlot.some((name) => identifies(name, stable.release));
  if (stranger !== undefined) {
    const slot = only(holding(stranger));
    return { slot, isStableOverwritten, found: { slot, stray: { release: stranger, slot } } };
  }
  if (known.length === 0) {
    if (respondsUnnamed(users)) return { isStableOverwritten, found: { stray: {} } };
    // what names no release cannot be adopted, and the slot that it is in is not written
    const busy = only([...slots.keys()].filter((slot) => responds(slots.get(slot))));
    return { slot: busy, isStableOverwritten, found: { slot: busy } };
  }
  // both sides of a split respond by turns
  const isSplit = newest !== undefined && sharedWeight(newest) !== undefined;
  const slot = isSplit || names.length !== 1 ? undefined : only(holding(names[0]!)) ?? recordedSlot(names[0]!, attempts, stable);
  const isMoved = newest?.state === 'stable' && slot !== undefined && stable?.slot !== undefined && slot !== stable.slot;
  const isNamed = ({ release }: { readonly release: Release }) => names.some((name) => identifies(name, release));
  const attempt = stable && isNamed(stable) ? undefined : attempts.find(isNamed);
  const elsewhere = isMoved && strategyOf(environment).slots.includes(stable.slot!) ? { stray: { release: names[0]!, slot } } : {};
  return { slot, isStableOverwritten, found: { slot, attempt: attempt?.release, ...elsewhere } };
}

/** Where the records say that a release is, unless they name several slots. */
function recordedSlot(name: string, attempts: readonly LedgerRecord[], stable: StablePointer | undefined): string | undefined {
  const places = [...attempts, ...(stable ? [stable] : [])].filter(({ release }) => identifies(name, release)).map(({ slot }) => slot);
  const first = places[0];
  const isAlone = first !== undefined && new Set(places).size === 1;
  // a later attempt may have overwritten it
  return isAlone && !attempts.some(({ release, slot }) => slot === first && !identifies(name, release)) ? first : undefined;
}

/** The slot that the next release goes to: one that users are not on. Undefined where the strategy has no slots. */
export async function nextSlot(
  { environment }: Pick<RuntimeContext, 'environment'>, history: EnvironmentHistory, { slot }: Pick<LiveBefore, 'slot'>,
): Promise<string | undefined> {
  const strategy = strategyOf(environment);
  return strategy.slots.length === 0 ? undefined : otherSlot(strategy, slot ?? await history.slotWithTraffic());
}

/** Stable, without its slot if that holds another release by now. */
export function heldStable(stable: StablePointer | undefined, { isStableOverwritten }: Pick<LiveBefore, 'isStableOverwritten'>): StablePointer | undefined {
  return stable && isStableOverwritten ? { ...stable, slot: undefined } : stable;
}

/** Why nothing is changed: the records do not know what is live. Undefined if they do. */
export function strayFault(context: RuntimeContext, stable: StablePointer | undefined, { stray }: LiveBefore): string | undefined {
  if (!stray) return undefined;
  const { environment } = context;
  const where = stray.slot === undefined ? '' : ` on ${stray.slot}`;
  const live = stray.engine !== undefined ? `${driverOf(context)!.place} serves ${stray.engine}` : `${stray.release ?? 'something'} responds${where}`;
  const expected = stable
    ? `the records say that ${stable.release.version} (${stable.release.sha.slice(0, 7)}${stable.slot === undefined ? '' : `, ${stable.slot}`}) is live`
    : 'no release is recorded as Stable';
  const canAdopt = stray.engine === undefined || stray.release !== undefined || canRestoreForeign(context);
  const restore = stable && stray.engine !== undefined && environment.target.noRollback === undefined
    ? ` To restore ${stable.release.version}: ${commandLine('rollback', placeOf(context), { release: stable.release.version, reason: 'why' })}.`
    : '';
  const adopt = canAdopt ? ` ${stable ? 'To keep what is live' : 'To be able to go back to it'}, record it first: ${adoptLine(context, stray)}` : '';
  return `${environment.name}: ${live}, and ${expected}. Nothing was changed, because users may be on it.${restore}${adopt}`;
}

/** The complete command that records what is live. */
function adoptLine(context: RuntimeContext, { release = 'VERSION', slot }: Stray): string {
  const { ci, environment, run } = context;
  const driver = driverOf(context);
  const { slots } = strategyOf(environment);
  const isBound = slots.length > 0 && (driver === undefined || driver.slotOf !== undefined);
  const place = { ...placeOf(context), ...(!run.inCi && !ci.keepsRecords && { needsLocal: true }) };
  const line = commandLine('adopt', place, { release, ...(isBound && { slot: slot ?? 'SLOT' }) });
  const meant = [
    ...(release === 'VERSION' ? ['VERSION is the release that is live'] : []),
    ...(isBound && slot === undefined ? [`SLOT is the one that users are on: ${slots.join(' or ')}`] : []),
  ];
  return meant.length > 0 ? `${line} (${meant.join('; ')})` : line;
}
