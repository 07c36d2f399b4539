import { Command } from './command';
import { JOB_VARIABLE } from '../../contract/environment-variables';
import { BEGUN_ATTEMPT, COMMIT } from '../../contract/outputs';
import { Deployment } from '../deployment/deployment';
import { makePlan } from '../deployment/plan';
import { runDeployment } from '../deployment/run-deployment';
import { ConfigurationError, EnvironmentLockedError, InterruptedError } from '../errors';
import { EnvironmentHistory } from '../ledger/history';
import { publishPreview } from '../previews/preview-comment';
import { commitIn, PreviewContext, pullRequestOf, requirePreview, withCommit } from '../previews/preview-context';
import { DELIVERY } from '../reporting/command-line';
import { reportNothing } from '../reporting/report';

/**
 * Records that the head commit of a pull request is being deployed to its preview. It runs no code of the pull request: the next job does, whose token
 * cannot write, and `finish-preview` verifies and records what came of it.
 */
export const beginPreview: Command = {
  name: 'preview',
  summary: 'record that the head commit of a pull request is deployed to its preview (in preview.yml)',
  environment: 'required',
  changes: true,
  options: {},
  examples: [`${DELIVERY} preview preview-12`],

  run: async ([given]) => {
    const context = requirePreview(given!);
    const wanted = await wantedCommit(context);
    if (typeof wanted !== 'string') {
      reportNothing(context, wanted.why);
      return 0;
    }
    await awaitRemoval(context);
    const own = withCommit(context, wanted);
    try {
      return await begin(own);
    } catch (error) {
      if (error instanceof ConfigurationError) publishPreview(own, 'failed', error.message);
      throw error;
    }
  },
};

function begin(context: PreviewContext) {
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
  }, { confirmsItself: true, until: 'deploying', onEnd: (deployment) => handOver(context, deployment) });
}

function handOver({ environment, log, outputs, run }: PreviewContext, { state }: Deployment): void {
  if (state !== 'deploying') return;
  outputs.set({ [COMMIT]: run.sha, [BEGUN_ATTEMPT]: String(run.attempt) });
  log.line(`${environment.name}: ${run.sha.slice(0, 7)} is recorded. The next job deploys it.`);
}

/** The commit to deploy, or why nothing is deployed. Throws `ConfigurationError` if a person approved something else. */
async function wantedCommit(context: PreviewContext): Promise<string | { readonly why: string }> {
  const { ci: { pullRequest, pullRequests }, environment, manifest, processEnv } = context;
  if (!pullRequests) throw new ConfigurationError('there is no pull request here: preview.yml uses this command');
  const number = pullRequestOf(context);
  const takes = processEnv[JOB_VARIABLE.TAKES_PREVIEW] === 'true';
  const named = commitIn(processEnv);
  if (named === undefined) throw new ConfigurationError(`the commit must be the full sha of the head of pull request ${number}, 40 digits. Nothing was deployed.`);
  const [found, head] = [await pullRequests.find(number), await pullRequests.headOf(number)];
  // by hand: what a person approved is not what the pull request has now
  if (pullRequest === undefined && (!found?.isOpen || head !== named)) {
    throw new ConfigurationError(`${named.slice(0, 7)} is not the head commit of an open pull request ${number}. Nothing was deployed: review its head commit, and start this again with that.`);
  }
  if (!found) throw new ConfigurationError(`GitHub knows no pull request ${number}. Nothing was deployed.`);
  if (!found.isOpen) return { why: `pull request ${number} is closed` };
  // the run of a push that came first gave way to the label: so that brings what is the head commit by now
  if (takes) return head ?? named;
  if (head !== undefined && head !== named) return { why: `${head.slice(0, 7)} is the head commit by now, and its own run deploys it` };
  const why = manifest.previews?.isShared ? await notOwner(context, number, environment.name) : undefined;
  return why === undefined ? named : { why };
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
