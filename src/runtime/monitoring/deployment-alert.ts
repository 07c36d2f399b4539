import { EnvironmentStatus } from './environment-status';
import { formatDuration } from '../../contract/duration-text';
import { WaitingApproval } from '../ci/ci-runtime';
import { RuntimeContext } from '../context';
import { Standing } from '../ledger/entries';
import { commandLine, placeOf, recoverLine } from '../reporting/command-line';

/** The time that a person has to approve or to fix. */
const PATIENCE_MS = 3_600_000;

export interface DeploymentFault {
  /** The fault: the same text as long as it lasts. */
  readonly fault: string;
  /** The fix. */
  readonly fix: string;
  /** It was halted a moment ago, and that was notified. */
  readonly isFresh?: boolean;
}

/** The fault of the deployment, independent of the health checks. */
export function deploymentFault(
  context: RuntimeContext, { newest, kind }: EnvironmentStatus, approvals: ReadonlyMap<string, WaitingApproval>,
): DeploymentFault | undefined {
  const place = placeOf(context);
  const approval = approvals.get(context.environment.name);
  if (newest && kind === 'unknown') {
    const { record: { release, run }, entries, state } = newest;
    const at = entries[entries.length - 1]?.at;
    if (state === 'halted') {
      const fix = `A person must act. Check ${context.environment.url}. If it is healthy again: ${commandLine('resolve', place, { reason: 'why' })}`;
      return { fault: `halted: ${release.version} (${context.run.words.title(run.id)}) ${whyHalted(newest)}`, fix, isFresh: Math.abs(context.clock.now() - Date.parse(at ?? '')) < PATIENCE_MS };
    }
    return { fault: `${release.version} was left ${state} by ${context.run.words.title(run.id)}, which is gone`, fix: finish(context, run.id, approval) };
  }
  if (approval && context.clock.now() - approval.since > PATIENCE_MS) {
    return {
      fault: `a ${approval.what} has waited for an approval since ${new Date(approval.since).toISOString()}`,
      fix: `Approve or reject it, after ${formatDuration(context.clock.now() - approval.since, 'seconds')}: ${approval.url}`,
    };
  }
  return undefined;
}

function whyHalted({ entries, state }: Standing): string {
  const cause = entries.find(({ fault }) => fault);
  if (!cause) return 'could neither be verified nor rolled back';
  return `is not to blame: ${cause.note}${cause.state === state ? '' : '; and what was there before could not be restored'}`;
}

function finish(context: RuntimeContext, left: number, approval: WaitingApproval | undefined): string {
  const place = placeOf(context);
  if (!context.run.inCi) return `Recover it: ${recoverLine(place)}`;
  if (approval) return `A ${approval.what} that recovers it waits for an approval: ${approval.url}`;
  if (context.environment.target.noRollback !== undefined) return `To recover it, run the jobs of run ${left} again`;
  return `To recover it, run the jobs of run ${left} again, or ${commandLine('rollback', place, { release: 'VERSION' })}`;
}
