import { Command } from './command';
import { JOB_VARIABLE } from '../../contract/environment-variables';
import { Deployment } from '../deployment/deployment';
import { reachedState } from '../deployment/state-machine';
import { LeaseLostError } from '../errors';
import { EnvironmentHistory } from '../ledger/history';
import { publishPreview } from '../previews/preview-comment';
import { PreviewContext, requirePreview } from '../previews/preview-context';
import { DELIVERY } from '../reporting/command-line';
import { exitCodeAfter, report } from '../reporting/report';

/**
 * Verifies and records what the job before it deployed, whose only word that counts is its result: it ran the code of a pull request. A bad one stays
 * as it is, for its author to look at.
 */
export const finishPreview: Command = {
  name: 'finish-preview',
  summary: 'verify the preview of a pull request, and record the result (in preview.yml)',
  environment: 'required',
  changes: true,
  options: {},
  examples: [`${DELIVERY} finish-preview preview-12`],

  run: async ([given]) => {
    const context = requirePreview(given!);
    const { environment, ledger, log, processEnv, run } = context;
    const open = await new EnvironmentHistory(ledger, environment.name).openOf(run.id);
    if (!open) {
      log.error(`${environment.name} has no open deployment of this run`, 'A newer run has taken it over, or it was finished before. To deploy again, run all jobs again.');
      return 1;
    }
    const result = processEnv[JOB_VARIABLE.DEPLOYED] ?? '';
    try {
      const deployment = open.state === 'deploying' ? await afterCommand(context, open, result) : await again(context, open);
      await deployment.carryOn();
      report(deployment);
      if (result !== 'cancelled') publishResult(context, deployment);
      return exitCodeAfter(deployment);
    } catch (error) {
      if (!(error instanceof LeaseLostError)) throw error;
      log.error(`${environment.name} is unfinished`, error.message);
      return 1;
    }
  },
};

type Open = NonNullable<Awaited<ReturnType<EnvironmentHistory['openOf']>>>;

async function afterCommand(context: PreviewContext, open: Open, result: string): Promise<Deployment> {
  const deployment = Deployment.resume(context, open);
  if (context.run.deployed) await deployment.take('its job deployed it', true, 'commandSucceeded');
  else if (result === 'cancelled') await deployment.take('its job was cancelled');
  else await deployment.take('the job that deploys it failed: its log says why', true, 'commandFailed');
  return deployment;
}

/** An earlier attempt of this job ended before its verdict. */
async function again(context: PreviewContext, open: Open): Promise<Deployment> {
  const deployment = Deployment.resume(context, { ...open, state: reachedState(open.state, context.run.deployed) });
  await deployment.take('verified again', true);
  return deployment;
}

function publishResult(context: PreviewContext, { note, state }: Deployment): void {
  if (state === 'stable') publishPreview(context, 'healthy', note);
  else if (state === 'failed') publishPreview(context, 'failed', note);
  else if (state !== 'superseded') publishPreview(context, 'unhealthy', `${note}. It stays as it is: push a commit that fixes it.`);
}
