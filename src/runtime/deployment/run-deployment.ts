import { ExitCode } from '../../contract/command-line';
import { STATE } from '../../contract/outputs';
import { ConfigurationError, EnvironmentLockedError, InterruptedError } from '../errors';
import { Deployment } from './deployment';
import { LiveBefore, liveBefore, strayFault } from './live-before';
import { publishedOutputs, withKnownOutputs } from './outputs';
import { preflight } from './preflight';
import { RecoveryOptions, recoverUnfinished, sayInterrupted } from './recovery';
import { isFinal, State } from './state-machine';
import { RuntimeContext } from '../context';
import { Standing } from '../ledger/entries';
import { EnvironmentHistory } from '../ledger/history';
import { LedgerRecord, NewRecord, RecordKind } from '../ledger/record';
import { baseline } from '../probing/gate';
import { Release } from '../release';
import { exitCodeAfter, report } from '../reporting/report';
import { driverOf } from '../targets/driver-registry';

/** The deployment that a command wants. */
export type DeploymentRequest = Pick<NewRecord, 'kind' | 'release' | 'stable' | 'slot' | 'leaving' | 'reason'> & {
  readonly isRollbackPointGone?: boolean;
  /** A request of a person in a run that began after this one takes precedence. @default - this run; a rollback by hand precedes all */
  readonly heldSince?: number;
};

/** Decides from the current ledger; returns an exit code if there is nothing to do. Throws `ConfigurationError`. */
export type Decide = (history: EnvironmentHistory) => Promise<DeploymentRequest | ExitCode>;

export interface DeploymentOptions extends Omit<RecoveryOptions, 'only'> {
  /** Whether this process confirms it, also in CI. @default - another job confirms a deployment in CI */
  readonly confirmsItself?: boolean;
  /** Leaves the rest to the next jobs of the run. */
  readonly until?: State;
  /** Called when this process is done with it. */
  readonly onEnd?: (deployment: Deployment) => void;
}

/** The limit of attempts if other processes write their claims at the same moment. */
const TRIES = 3;

/**
 * Puts a release on the environment: a deployment, a rollback by hand, or a drill, each verified just the same.
 * Recovers what others left, writes the record, which is the claim, and reads the ledger again. If another claim came first, or the
 * decision is no longer valid, this claim is superseded before it changes anything.
 */
export async function runDeployment(given: RuntimeContext, decide: Decide, left: DeploymentOptions = {}): Promise<ExitCode> {
  for (let tries = 1; ; tries++) {
    // a recovery may have changed the outputs of what is live
    const context = await recoverUnfinished(given, left) ? await withKnownOutputs(given) : given;
    const { environment, ledger, log } = context;
    const history = new EnvironmentHistory(ledger, environment.name);
    const wanted = await decide(history);
    if (typeof wanted === 'number') return wanted;
    // the job that runs the commands prepares itself
    const noted = left.until === undefined ? await preflight(context, wanted) : undefined;
    const { kind, leaving, reason, slot, stable } = wanted;
    const release = await identified(context, wanted.release);
    const live = await liveBefore(context, history, wanted.release);
    const fault = liveFault(context, wanted, live);
    if (fault !== undefined) {
      // another process may have deployed since this one decided
      if (tries < TRIES && await hasMoved(context, history)) continue;
      throw new ConfigurationError(fault);
    }
    const before = live.baseline ?? await baseline(environment.healthChecks, { release: stable?.release ?? release }, context);
    // the way back to an older release was noted when that was Stable
    const fastPath = kind === 'rollback' ? await history.fastPathTo(release) : noted;
    const record = { kind, leaving, reason, release, slot, stable, ...(fastPath && { fastPath }) };
    const deployment = await Deployment.begin(context, history, record, before);
    const contender = await contenderOf(deployment, await history.newest(), wanted.heldSince);
    if (contender === undefined) return carry(deployment, left);
    await deployment.recordEvent('superseded', contender);
    if (tries === TRIES) throw new EnvironmentLockedError(`${environment.name}: ${contender}. Nothing was changed: run this again.`);
    log.notice('Another deployment was faster', `${contender}; the ledger is read again.`);
  }
}

/** Why nothing may be changed: the records do not know what is live, or the release would overwrite what users see. */
function liveFault(context: RuntimeContext, { kind, release, slot, stable }: DeploymentRequest, before: LiveBefore): string | undefined {
  const { engine, slot: liveOn, stray } = before;
  const isPublished = engine?.kind === 'foreign' && engine.engineId === driverOf(context)?.publishedAs?.(release);
  // a person who rolls back knows that the engine serves another one, and the engine knows its slots
  const isMeant = isPublished || (kind === 'rollback' && stray?.engine !== undefined);
  if (stray && !isMeant) return strayFault(context, stable, before);
  if (slot === undefined || slot !== liveOn || engine !== undefined) return undefined;
  return `${context.environment.name}: users are on the slot ${slot}, so ${release.version} does not go there. Nothing was changed: run this again.`;
}

/** Whether the last attempt is another one by now, or in another state. */
async function hasMoved({ environment, ledger }: RuntimeContext, history: EnvironmentHistory): Promise<boolean> {
  const [before, now] = [await history.newest(), await new EnvironmentHistory(ledger, environment.name).newest()];
  return before?.record.id !== now?.record.id || before?.state !== now?.state;
}

/** The release with the engine's own name of it, by which the engine is read later. */
async function identified(context: RuntimeContext, release: Release): Promise<Release> {
  const engineId = await driverOf(context)?.identify?.(release);
  return engineId === undefined ? release : { ...release, engineId };
}

/** Why this claim is superseded: an earlier claim, or the request of a person. */
export async function contenderOf(
  { record, context }: Deployment, known: Standing | undefined, heldSince = heldSinceOf(record),
): Promise<string | undefined> {
  const { ledger, run: { words } } = context;
  const history = new EnvironmentHistory(ledger, record.environment);
  const other = await history.besides(record);
  const isKnown = other?.record.id === known?.record.id && other?.state === known?.state && (!other || isFinal(other.state));
  if (!isKnown) return other ? `${other.record.release.version} (${words.title(other.record.run.id)}) is ${other.state} there` : 'the ledger changed meanwhile';
  const hold = heldSince === undefined ? undefined : await history.heldAgainst(heldSince);
  return hold && `${hold.by} requested ${hold.release.version} (${words.title(hold.run.id)})`;
}

/** A hold is the first step of a rollback, and an adoption changes nothing, so neither gives way to a hold. */
const UNHELD: readonly RecordKind[] = ['rollback', 'adopt'];

function heldSinceOf({ kind, run }: LedgerRecord): number | undefined {
  return UNHELD.includes(kind) ? undefined : run.id;
}

async function carry(deployment: Deployment, { confirmsItself, onEnd, until }: DeploymentOptions): Promise<ExitCode> {
  const { log, outputs, run } = deployment.context;
  const isConfirmed = run.inCi && deployment.record.kind === 'deploy' && !confirmsItself;
  try {
    // a deployment in CI is confirmed by another job; everything else confirms itself
    await deployment.carryOn(until ?? (isConfirmed ? 'confirming' : undefined));
  } catch (error) {
    if (!(error instanceof InterruptedError)) throw error;
    log.error('Interrupted', sayInterrupted(deployment));
    return 1;
  }
  if (until !== undefined && deployment.state === until) {
    onEnd?.(deployment);
    return 0;
  }
  report(deployment);
  onEnd?.(deployment);
  outputs.set({ [STATE]: deployment.outcome, ...publishedOutputs(deployment.context, deployment.facts.outputs) });
  return exitCodeAfter(deployment);
}
