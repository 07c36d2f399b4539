import { Command } from './command';
import { JOB_VARIABLE } from '../../contract/environment-variables';
import { Deployment } from '../deployment/deployment';
import { makePlan } from '../deployment/plan';
import { runDeployment } from '../deployment/run-deployment';
import { ConfigurationError, EnvironmentLockedError, InterruptedError } from '../errors';
import { EnvironmentHistory } from '../ledger/history';
import { publishPreview } from '../previews/preview-comment';
import { PreviewContext, pullRequestOf, requirePreview } from '../previews/preview-context';
import { DELIVERY } from '../reporting/command-line';
import { reportNothing } from '../reporting/report';

/** Deploys the head commit of a pull request to its preview, and verifies it. A bad one stays as it is, for its author to look at. */
export const deployPreview: Command = {
  name: 'preview',
  summary: 'deploy the head commit of a pull request to its preview, and verify it (in preview.yml)',
  environment: 'required',
  changes: true,
  options: {},
  examples: [`${DELIVERY} preview preview-12`],

  run: async ([given]) => {
    const context = requirePreview(given!);
    const why = await whyNot(context);
    if (why !== undefined) {
      reportNothing(context, why);
      return 0;
    }
    await awaitRemoval(context);
    try {
      return await deployHead(context);
    } catch (error) {
      if (error instanceof ConfigurationError) publishPreview(context, 'failed', error.message);
      throw error;
    }
  },
};

function deployHead(context: PreviewContext) {
  const release = { version: context.run.sha.slice(0, 7), sha: context.run.sha };
  return runDeployment(context, async (history) => {
    const plan = await makePlan(context, history, release);
    if (plan.alreadyLive) {
      publishPreview(context, 'healthy', `Verified ${plan.stable?.since ?? 'before'}.`);
      reportNothing(context, `${release.version} is already live`);
      return 0;
    }
    if (plan.faults.length > 0) throw new ConfigurationError(plan.faults.join('\n'));
    return { kind: 'deploy', ...plan, reason: ownerText(pullRequestOf(context)) };
  }, { confirmsItself: true, onEnd: (deployment) => publishResult(context, deployment) });
}

function publishResult(context: PreviewContext, { note, state }: Deployment): void {
  if (state === 'stable') publishPreview(context, 'healthy', note);
  else if (state === 'failed') publishPreview(context, 'failed', note);
  else if (state !== 'superseded') publishPreview(context, 'unhealthy', `${note}. It stays as it is: push a commit that fixes it.`);
}

/** Why nothing is deployed, if so. Throws `ConfigurationError` if a person approved something else. */
async function whyNot(context: PreviewContext): Promise<string | undefined> {
  const { ci: { pullRequest, pullRequests }, environment, manifest, processEnv, run } = context;
  if (!pullRequests) throw new ConfigurationError('there is no pull request here: preview.yml uses this command');
  const number = pullRequestOf(context);
  const takes = processEnv[JOB_VARIABLE.TAKES_PREVIEW] === 'true';
  // the job of the label has checked out what was the head commit by then
  const wanted = takes ? run.sha : processEnv[JOB_VARIABLE.COMMIT] ?? '';
  if (!/^[0-9a-f]{40}$/.test(wanted)) throw new ConfigurationError(`the commit must be the full sha of the head of pull request ${number}, 40 digits. Nothing was deployed.`);
  if (run.sha !== wanted) throw new ConfigurationError(`the commit that is checked out is ${run.sha}, and not ${wanted}. Nothing was deployed.`);
  const [found, head] = [await pullRequests.find(number), await pullRequests.headOf(number)];
  const isOutdated = head !== wanted;
  // by hand: what a person approved is not what the pull request has now
  if (pullRequest === undefined && (!found?.isOpen || isOutdated)) {
    throw new ConfigurationError(`${wanted.slice(0, 7)} is not the head commit of an open pull request ${number}. Nothing was deployed: review its head commit, and start this again with that.`);
  }
  if (!found) throw new ConfigurationError(`GitHub knows no pull request ${number}. Nothing was deployed.`);
  if (!found.isOpen) return `pull request ${number} is closed`;
  // a push after the label: its run deploys it only if this one has taken the environment
  if (head !== undefined && isOutdated && !takes) return `${head.slice(0, 7)} is the head commit by now, and its own run deploys it`;
  return manifest.previews?.isShared && !takes ? notOwner(context, number, environment.name) : undefined;
}

/** The pull request that got the label last has the shared preview: the newest record names it. */
async function notOwner({ ledger }: PreviewContext, number: number, name: string): Promise<string | undefined> {
  const last = await new EnvironmentHistory(ledger, name).last();
  const owner = last?.record.reason;
  return owner === undefined || owner === ownerText(number) ? undefined : `${owner} has it: it got the label last`;
}

function ownerText(number: number): string {
  return `pull request ${number}`;
}

const POLL_MS = 5_000;
const REMOVAL_MS = 5 * 60_000;

/** A run that was cancelled while it removed the preview may not be over yet. Rejects with `EnvironmentLockedError`. */
async function awaitRemoval({ clock, environment, interrupted, ledger, log }: PreviewContext): Promise<void> {
  const giveUpAt = clock.now() + REMOVAL_MS;
  for (;;) {
    const removing = await ledger.removing();
    if (!removing) return;
    if (clock.now() >= giveUpAt) throw new EnvironmentLockedError(`${environment.name} is being removed by run ${removing.run.id}. Run this again when that run is done.`);
    log.progress(`waiting for run ${removing.run.id}, which removes ${environment.name}`);
    await clock.sleep(POLL_MS, interrupted);
    if (interrupted.aborted) throw new InterruptedError();
  }
}
