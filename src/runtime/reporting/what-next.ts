import { shellWord } from './shell-word';
import { DeploymentReport, NextStep, PlanReport } from './summary';

/** What a person can do now that the deployment stands where it stands; empty where nothing is to be done. */
export function nextAfterDeployment(report: DeploymentReport): NextStep[] {
  const { environment, release, state, inCi } = report;
  switch (state) {
    case 'stable':
    case 'superseded':
      return [];
    case 'confirming':
      return inCi ? [{ text: 'Nothing to do: a fresh runner confirms it in the next job.' }] : [settleIt(environment)];
    case 'rolledBack':
      if (report.isAbandoned) return [{ text: 'Nobody judged the release: its run was stopped. It may be deployed again.' }];
      return [{ text: `Mend it in a new commit: this one (${release.sha.slice(0, 7)}) is blocked on ${environment}.` }];
    case 'failed':
      return [{ text: 'Nothing was changed. Mend the cause, then try again.', run: inCi ? undefined : delivery('deploy', environment, release.version) }];
    case 'halted':
      return afterHalt(report);
    default:
      return inCi ? [{ text: 'Nothing to do: the rollback job finishes it.' }] : [settleIt(environment)];
  }
}

/** Automation has stopped; only a person can say what is true now. */
function afterHalt({ environment, url, replaced, strategy, inCi }: DeploymentReport): NextStep[] {
  const look = { text: `Look at ${url}: nobody could verify what users see there.` };
  const forward = { text: 'Roll forward: another release may be deployed over a halted one.' };
  if (inCi) return [look, forward];
  const slotted = strategy === 'blueGreen';
  return [
    look,
    { text: `If what is live is good, record it, with its name for VERSION${slotted ? ' and its slot for SLOT' : ''}:`, run: `${delivery('adopt', environment, 'VERSION')}${slotted ? ' --slot SLOT' : ''}` },
    ...(replaced ? [{ text: `Try once more to go back to ${replaced.version}:`, run: delivery('rollback', environment, replaced.version) }] : []),
    forward,
  ];
}

/** What a person does with a plan. */
export function nextAfterPlan({ alreadyLive, environment, faults, inCi, notNow, release }: PlanReport): NextStep[] {
  if (faults.length > 0) return [{ text: 'Nothing is deployed until the above is mended.' }];
  if (alreadyLive || notNow !== undefined) return [];
  if (inCi) return [{ text: `The job "deploy ${environment}" comes next. Where it asks for approval, this is what you approve.` }];
  return [{ text: 'Deploy it:', run: delivery('deploy', environment, release.version) }];
}

function settleIt(environment: string): NextStep {
  return { text: 'It is not settled yet. Finish it:', run: `npx projen delivery rollback ${shellWord(environment)} --settle` };
}

function delivery(command: string, environment: string, version: string): string {
  return `npx projen delivery ${command} ${shellWord(environment)} --release ${shellWord(version)}`;
}
