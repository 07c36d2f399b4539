import { commandLine, Place, recoverLine } from './command-line';
import { DeploymentReport, isBadFirst, isLeftAlone, NextStep, PlanReport } from './deployment-report';
import { State } from '../deployment/state-machine';
import { rolloutStrategy } from '../strategies/rollout-strategy';

/** What to do next, by the state of the deployment; empty if there is nothing to do. */
export function nextAfterDeployment(report: DeploymentReport): NextStep[] {
  const { requested, environment, release, replaced, state, inCi } = report;
  const { version } = release;
  if (report.unrecorded) return stepsAfterRejection(report, report.unrecorded);
  switch (state) {
    case 'stable':
      return [];
    case 'superseded':
      return requested === 'adopt' ? [{ text: 'When that deployment is over, check what is live, and run this again if it is still needed.' }] : [];
    case 'confirming':
      return inCi ? [{ text: 'Nothing to do: a fresh runner confirms it in the next job.' }] : [finishIt(report)];
    case 'rolledBack':
      if (requested === 'drill') return [];
      if (report.fault) return [{ text: `${version} is not blocked. Remove the cause, then ${inCi ? 'run the failed jobs again.' : 'deploy it again:'}`, run: inCi ? undefined : commandLine('deploy', report, { release: version }) }];
      if (report.isAbandoned) return [{ text: 'The release got no verdict: it may be deployed again.' }];
      if (!report.isBlocked) return [{ text: `Fix it in a new commit. This one (${release.sha.slice(0, 7)}) is that of Stable, too, so it is not blocked on ${environment}.` }];
      return [
        { text: `Fix it in a new commit: this one (${release.sha.slice(0, 7)}) is blocked on ${environment}.` },
        { text: 'If the release was not to blame, lift the block, then deploy it again:', run: commandLine('unblock', report, { release: version, reason: WHY }) },
      ];
    case 'failed':
      if (requested === 'adopt') return [{ text: 'If another release is live, name that one:', run: commandLine('adopt', report, { release: 'VERSION', ...(report.slot !== undefined && { slot: report.slot }), reason: WHY }) }];
      return [{ text: 'Nothing was changed. Fix the cause, then try again.', run: inCi ? undefined : commandLine(requested === 'rollback' ? 'rollback' : 'deploy', report, { release: version }) }];
    case 'halted':
      return afterHalt(report, report.irreversible || report.noRollback !== undefined ? undefined : replaced?.version);
    default:
      return inCi ? [{ text: 'Nothing to do: the next job recovers it.' }] : [finishIt(report)];
  }
}

/** The ledger did not record what was done. */
function stepsAfterRejection(report: DeploymentReport, { recorded, why }: { readonly recorded: State; readonly why: string }): NextStep[] {
  const { inCi, release: { version }, slot, state } = report;
  const cause = { text: `${state === 'rolledBack' ? 'Users keep the release that is live' : `${version} stays as it is`}. Remove the cause first: ${why}` };
  if (inCi && state === 'rollingBack') return [cause, { text: 'The next job probes it again, and rolls it back if it is still bad.' }];
  if (inCi) return [cause, { text: 'Then run the failed jobs again.' }];
  if (state !== 'confirming') return [cause, { text: 'Then record it:', run: recoverLine(report) }];
  if (recorded === 'confirming') return [cause, { text: 'Then confirm it:', run: commandLine('monitor', report) }];
  return [
    cause,
    { text: 'Then confirm it, before any other command, which would roll it back:', run: commandLine('adopt', report, { release: version, ...(slot !== undefined && { slot }) }) },
  ];
}

const WHY = 'why';

/** Automation has stopped; only a person can say what is true now. */
function afterHalt(report: DeploymentReport, stable: string | undefined): NextStep[] {
  const { noRollback, strategy } = report;
  const slotted = rolloutStrategy(strategy, 'the report').slots.length > 0;
  return [
    { text: firstAfterHalt(report) },
    { text: 'If it is healthy again, let the health checks determine which release is live, and record it as Stable:', run: commandLine('resolve', report, { reason: WHY }) },
    ...(stable === undefined ? [] : [{ text: `If it is not, roll back to ${stable}:`, run: commandLine('rollback', report, { release: stable, reason: WHY }) }]),
    {
      text: `If another release is live and healthy, record it (its name for VERSION${slotted ? ', its slot for SLOT' : ''}):`,
      run: commandLine('adopt', report, { release: 'VERSION', ...(slotted && { slot: 'SLOT' }), reason: WHY }),
    },
    ...(noRollback === undefined ? [] : [{ text: `The target cannot take a release back. ${noRollback}.` }]),
    ...(isBadFirst(report) ? [] : [{ text: `${rollForward(report)} forward: another release may be deployed over a halted one.` }]),
  ];
}

function firstAfterHalt(report: DeploymentReport): string {
  const { environment, fault, release: { version }, url } = report;
  if (isBadFirst(report)) return `Fix it in a new commit, and deploy that. Until then, ${url} stays as it is.`;
  if (isLeftAlone(report)) return `${version} is not blocked. Agree with whoever changed ${environment}, and check ${url}: what is live there was left alone.`;
  if (fault) return `${version} is not blocked. Remove the cause, then check ${url}: what users see there could not be verified.`;
  return `Check ${url}: what users see there could not be verified.`;
}

function rollForward({ irreversible, noRollback }: DeploymentReport): string {
  return irreversible && noRollback === undefined ? 'Its migration cannot be undone, so there is no rollback. Roll' : 'Or roll';
}

/** What a person does with a plan. */
export function nextAfterPlan(report: PlanReport): NextStep[] {
  const { alreadyLive, environment, project, faults, frozen, inCi, notNow, release } = report;
  if (faults.length > 0) return [{ text: 'Nothing is deployed until the problems above are fixed.' }];
  if (alreadyLive || notNow !== undefined) return [];
  if (frozen !== undefined) return [{ text: `${inCi ? 'To deploy it, run this workflow again after the freeze' : 'Deploy it after the freeze'}. If it cannot wait, lift the freeze first; your name and your reason are recorded:`, run: commandLine('unfreeze', report, { reason: WHY }) }];
  if (inCi) return [{ text: `The job "deploy ${environment}${project ? ` (${project})` : ''}" comes next. If it waits for an approval, this plan is what you approve.` }];
  return [{ text: 'Deploy it:', run: commandLine('deploy', report, { release: release.version }) }];
}

function finishIt(place: Place): NextStep {
  return { text: 'It is unfinished. Recover it:', run: recoverLine(place) };
}
