import { driverOf } from './driver-registry';
import { EngineError } from './engine-error';
import { whyUnread } from './read-fix';
import { Drift, LiveRelease } from './target-driver';
import { RuntimeContext } from '../context';
import { EnvironmentHistory } from '../ledger/history';
import { Outcome } from '../probing/observation';
import { Release } from '../release';
import { commandLine, placeOf } from '../reporting/command-line';

/**
 * Returns the release that the engine says it serves; undefined where the target has no driver.
 *
 * @param said the release that a person says is live
 */
export async function liveRelease(context: RuntimeContext, said?: Release): Promise<LiveRelease | undefined> {
  const live = driverOf(context)?.liveRelease(() => knownReleases(context), said);
  return live?.catch((error: unknown): LiveRelease => {
    if (error instanceof EngineError) return { kind: 'unknown', why: error.message, error: error.kind };
    throw error;
  });
}

/** Returns the slot that holds a release already; undefined where none does, and where the engine does not say. */
export async function slotHolding(context: RuntimeContext, release: Release): Promise<string | undefined> {
  return driverOf(context)?.slotOf?.(release).catch((error: unknown) => {
    if (error instanceof EngineError) return undefined;
    throw error;
  });
}

/** The releases by which an engine is read, newest first. */
async function knownReleases({ environment, ledger }: RuntimeContext): Promise<Release[]> {
  const history = new EnvironmentHistory(ledger, environment.name);
  const [newest, stable, verified] = [await history.newest(), await history.stable(), await history.verifiedReleases()];
  return [...(newest ? [newest.record.release] : []), ...(stable ? [stable.release] : []), ...verified.map(({ release }) => release)];
}

/** Whether the engine serves this release; undefined if that is unknown. */
export function serves(live: LiveRelease | undefined, release: Release): boolean | undefined {
  switch (live?.kind) {
    case 'release': {
      const { digest, sha } = live.release;
      const isBuilt = !release.artifact || !digest || [release.artifact, release.image].some((built) => built?.digest === digest);
      return live.engineId === release.engineId || (sha === release.sha && isBuilt);
    }
    case 'foreign': return live.engineId === release.engineId;
    case 'split': return false;
    default: return undefined;
  }
}

/** The slot that users are on, as the engine says. */
export function liveSlot(live: LiveRelease | undefined): string | undefined {
  return live?.kind === 'release' || live?.kind === 'foreign' ? live.slot : undefined;
}

/** The release that the engine serves, for people. */
export function describeLive(live: LiveRelease): string {
  switch (live.kind) {
    case 'release': return `${live.release.version} (${live.release.sha.slice(0, 7)}, ${live.shown ?? `version ${live.engineId}`})`;
    case 'foreign': return `${live.shown ?? `version ${live.engineId}`}, which no delivery published`;
    case 'split': return live.shares;
    case 'unknown': return `unknown: ${live.why}`;
  }
}

/** Whether the target can restore what no delivery published, once it is adopted. A container that a person made is no image of the delivery. */
export function canRestoreForeign({ environment: { target } }: RuntimeContext): boolean {
  return target.driver?.kind !== 'serverContainers';
}

/** The engine serves another release than the ledger says. */
export interface HandChange {
  /** The same text as long as it is so. */
  readonly fault: string;
  readonly fix: string;
}

/** Compares the engine with the ledger. `stable` is what the ledger says is live. */
export function handChange(context: RuntimeContext, live: LiveRelease | undefined, stable: Release): HandChange | undefined {
  if (live === undefined || serves(live, stable) !== false) return undefined;
  const place = placeOf(context);
  const restore = commandLine('rollback', place, { release: stable.version, reason: 'why' });
  const adopt = commandLine('adopt', place, { release: live.kind === 'release' ? live.release.version : 'VERSION', reason: 'why' });
  const canGoBack = context.environment.target.noRollback === undefined;
  const canAdopt = live.kind !== 'foreign' || canRestoreForeign(context);
  return {
    fault: `changed by hand: ${driverOf(context)!.place} serves ${describeLive(live)}, and the ledger says ${stable.version} (${stable.sha.slice(0, 7)})`,
    fix: [...canGoBack ? [`To restore ${stable.version}: ${restore}`] : [], ...canAdopt ? [`To keep what is live: ${adopt}`] : []].join('. '),
  };
}

/** What the engine says it serves, compared with the ledger. */
export interface EngineFinding {
  /** `blind` if the live release is unknown, or if the ledger does not know which release should be live. */
  readonly outcome: Extract<Outcome, 'healthy' | 'unhealthy' | 'blind'>;
  readonly saw: string;
  readonly change?: HandChange;
}

/** Finds out for the watch whether someone changed what the releases deployed. Undefined where the target does not look for it. */
export async function driftFinding(context: RuntimeContext, stable: Release | undefined): Promise<EngineFinding | undefined> {
  const drift = await driftOf(context, stable);
  switch (drift?.kind) {
    case undefined: return undefined;
    case 'none': return { outcome: 'healthy', saw: 'no drift: the resources are as the releases deployed them' };
    case 'drifted': return { outcome: 'unhealthy', saw: drift.fault, change: drift };
    case 'unknown': {
      context.log.line(`${context.environment.name}: drift: ${drift.why}`);
      return { outcome: 'blind', saw: drift.why };
    }
  }
}

async function driftOf(context: RuntimeContext, stable: Release | undefined): Promise<Drift | undefined> {
  try {
    return await driverOf(context)?.drift?.(stable);
  } catch (error) {
    if (error instanceof EngineError) return { kind: 'unknown', why: error.message };
    throw error;
  }
}

/** Finds out for the watch whether the engine serves `stable`. Undefined where the target has no driver. */
export async function engineFinding(context: RuntimeContext, stable: Release | undefined): Promise<EngineFinding | undefined> {
  const live = await liveRelease(context);
  if (!live) return undefined;
  const saw = `the engine serves ${describeLive(live)}`;
  if (!stable || serves(live, stable) === undefined) return { outcome: 'blind', saw };
  const change = handChange(context, live, stable);
  return change ? { outcome: 'unhealthy', saw: change.fault, change } : { outcome: 'healthy', saw };
}

/** What a person should know of the engine before the first deployment: no release is Stable yet. Empty where the target has no driver. */
export async function firstDeploymentWarnings(context: RuntimeContext): Promise<string[]> {
  // there is no rollback point to record
  const live = context.environment.target.noRollback === undefined ? await liveRelease(context) : undefined;
  if (live === undefined) return [];
  const { place } = driverOf(context)!;
  if (live.kind === 'unknown') return [`this is the first deployment, and ${place} could not be read: ${whyUnread(context, live).replace(/\.$/, '')}`];
  if (live.kind === 'foreign' && !canRestoreForeign(context)) return [`this is the first deployment, and ${place} serves ${describeLive(live)}. A bad release cannot be rolled back to it`];
  const adopt = commandLine('adopt', placeOf(context), { release: live.kind === 'release' ? live.release.version : 'VERSION', reason: 'why' });
  return [
    `this is the first deployment, and ${place} serves ${describeLive(live)}. If a release is live that users rely on, record it first, so that a bad release can be rolled back to it: ${adopt}`,
  ];
}
