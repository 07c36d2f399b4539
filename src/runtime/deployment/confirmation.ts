import { ExitCode } from '../../contract/command-line';
import { COMPLETED_ATTEMPT, STATE } from '../../contract/outputs';
import { RuntimeContext } from '../context';
import { Deployment } from './deployment';
import { carryOn, ended } from './recovery';
import { State } from './state-machine';
import { LeaseLostError } from '../errors';
import { leaseHolderOf, Standing } from '../ledger/entries';
import { EnvironmentHistory } from '../ledger/history';
import { Release } from '../release';
import { exitCodeAfter, exitCodeOf, report, reportStanding } from '../reporting/report';

/** Probes a release that lacks only its confirmation. */
export async function confirm(context: RuntimeContext, found: Standing): Promise<ExitCode> {
  const deployment = Deployment.resume(context, { ...found, state: 'confirming' });
  const { isReleased, processId } = leaseHolderOf(found.record.processId, found.entries);
  try {
    // another process took the lease and works on it, or died and the next job recovers it
    if (context.run.inCi && !isReleased && processId !== found.record.processId) throw new LeaseLostError(`${context.environment.name}: another process confirms it`);
    await deployment.take('probed again', true);
    // in CI the rollback job has the tools for a rollback; this job has only a checkout of `.projen`
    await carryOn(deployment, context.run.inCi ? 'rollingBack' : undefined);
  } catch (error) {
    if (!(error instanceof LeaseLostError)) throw error;
    return reportOther(context, found, error);
  }
  report(deployment);
  // without its entry in the ledger the verdict does not count: the next job probes again
  if (deployment.counts && deployment.state !== 'rollingBack') publishState(context, deployment.state);
  return exitCodeAfter(deployment);
}

/** Another process holds the lease: its result counts, if there is one. */
async function reportOther(context: RuntimeContext, found: Standing, { message }: LeaseLostError): Promise<ExitCode> {
  const done = await ended(context, found);
  if (done) return reportConfirmed(context, new EnvironmentHistory(context.ledger, context.environment.name), done);
  context.log.error(`${context.environment.name} is unfinished`, message);
  return 1;
}

export async function reportConfirmed(context: RuntimeContext, history: EnvironmentHistory, found: Standing): Promise<ExitCode> {
  if (found.state === 'stable' && (await history.isBlocked(found.record.release))) return leftSince(context, found.record.release);
  publishState(context, found.state);
  reportStanding(context, found);
  // a drill that was taken back succeeded only if its own job says so
  return exitCodeOf(found.record.kind, found.state, context.run.deployed);
}

/** It was verified, but a person rolled it back since: later environments must not get it. */
export function leftSince(context: RuntimeContext, { version }: Pick<Release, 'version'>): ExitCode {
  const { environment, log } = context;
  publishState(context, 'superseded');
  log.error(`${environment.name}: superseded`, `${version} was verified here and rolled back since: it is blocked, and is not deployed further.`);
  return 2;
}

/** Sets the outputs that later jobs read. */
export function publishState({ run, outputs }: RuntimeContext, state: State | 'frozen'): void {
  outputs.set({ [COMPLETED_ATTEMPT]: String(run.attempt), [STATE]: state });
}
