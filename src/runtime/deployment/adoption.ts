import { Deployment } from './deployment';
import { Kept } from './former-name';
import { contenderOf } from './run-deployment';
import { RuntimeContext } from '../context';
import { ConfigurationError, InterruptedError, LeaseLostError } from '../errors';
import { gate } from './phases/gate';
import { recoverUnfinished } from './recovery';
import { EventLogError } from '../event-log/event-log';
import { Standing } from '../ledger/entries';
import { EnvironmentHistory } from '../ledger/history';
import { NewRecord } from '../ledger/record';
import { GateResult } from '../probing/gate';

/** What may be live: a release, and its slot (blue/green). */
export type Candidate = Pick<NewRecord, 'release' | 'slot' | 'reason'>;

type Way = Pick<Kept, 'before' | 'carried'>;

/**
 * Records a release that is live as Stable. As with a deployment, the record is the claim and is written first, so that
 * a deployment that comes later waits. Then the health checks verify what users see. That takes seconds, so the ledger
 * is read again before and after the release becomes Stable: another process may have taken the claim.
 * `known` is the last attempt that the caller decided by. The deployment it returns is stable, failed (another release
 * is live, or it is not healthy) or superseded (something came between). `kept` is what a former name of the environment leaves. Rejects with `EventLogError` or `InterruptedError`.
 */
export async function adoptLive(context: RuntimeContext, candidate: Candidate, known: Standing | undefined, kept?: Way): Promise<Deployment> {
  const { environment, ledger, run } = context;
  const { reason, release, slot } = candidate;
  const claim = { kind: 'adopt', reason, release, slot, ...(kept?.before && { stable: kept.before }), carried: kept?.carried } as const;
  const deployment = await Deployment.begin(context, new EnvironmentHistory(ledger, environment.name), claim);
  if (await gaveWay(deployment, known)) return deployment;
  // they are recorded with what becomes Stable
  deployment.facts.outputs = context.deploymentOutputs;
  const seen = await verified(deployment);
  if (seen.verdict !== 'healthy') {
    await deployment.recordEvent('rejected', seen.reason);
    return deployment;
  }
  if (await gaveWay(deployment, known)) return deployment;
  await deployment.recordEvent('healthy', `adopted by ${run.actor}${reason ? `: ${reason}` : ''}`);
  if (!deployment.counts) {
    throw new EventLogError(`${release.version} is live and healthy, but that could not be recorded, so it is not Stable. Run this again: ${deployment.rejection}`);
  }
  await checkStands(deployment);
  return deployment;
}

/** On a laptop an unfinished deployment is recovered first. In CI its recovery needs a job with the set-up and the secrets of the commands. */
export async function requireNothingOpen(context: RuntimeContext): Promise<void> {
  const { environment, ledger, run } = context;
  if (!run.inCi) return void await recoverUnfinished(context);
  const history = new EnvironmentHistory(ledger, environment.name);
  const open = await history.open();
  if (open) {
    throw new ConfigurationError(
      `${environment.name}: ${open.record.release.version} (run ${open.record.run.id}) is ${open.state}, so it is not known yet what is live. ` +
      'Wait until that run is over. If it is, deploy or roll back: either recovers the unfinished deployment first.',
    );
  }
  const adopting = await history.adopting();
  if (!adopting) return;
  await recoverUnfinished(context, { only: adopting.record });
  await requireNothingOpen(context);
}

/** Rejects with `LeaseLostError` if another process took the claim. */
async function gaveWay(deployment: Deployment, known: Standing | undefined): Promise<boolean> {
  await checkStands(deployment);
  const contender = await contenderOf(deployment, known);
  if (contender !== undefined) await deployment.recordEvent('superseded', contender);
  return contender !== undefined;
}

/** Whether users see this release, and it responds well. */
async function verified(deployment: Deployment): Promise<GateResult> {
  const { record: { release }, context } = deployment;
  const reached = Object.fromEntries(context.environment.healthChecks.map(({ name }) => [name, true]));
  try {
    return await gate(context, { release, ready: true }, reached);
  } catch (error) {
    // other processes must not wait for an abandoned claim
    if (error instanceof InterruptedError) await deployment.recordEvent('rejected', error.message);
    throw error;
  }
}

async function checkStands(deployment: Deployment): Promise<void> {
  try {
    await deployment.checkStands();
  } catch (error) {
    if (!(error instanceof LeaseLostError)) throw error;
    throw new LeaseLostError(`${error.message} ${deployment.record.release.version} was not adopted, and nothing was recorded as Stable. Run this again when that ${deployment.context.run.words.noun} is over.`);
  }
}
