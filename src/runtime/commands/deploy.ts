import { Command } from './command';
import { ExitCode } from '../../contract/command-line';
import { STATE } from '../../contract/outputs';
import { DeployOutcome } from '../ci/run';
import { RuntimeContext } from '../context';
import { publishedOutputs } from '../deployment/outputs';
import { laterRunFault, makePlan, Plan } from '../deployment/plan';
import { requestedRelease } from '../deployment/requested-release';
import { runDeployment } from '../deployment/run-deployment';
import { ConfigurationError } from '../errors';
import { DELIVERY } from '../reporting/command-line';
import { reportNothing } from '../reporting/report';
import { driverOf } from '../targets/driver-registry';

export const deploy: Command = {
  name: 'deploy',
  summary: 'deploy a release, verify it, and roll it back automatically if it is bad',
  environment: 'required',
  changes: true,
  options: {},
  examples: [`${DELIVERY} deploy staging`, `${DELIVERY} deploy production --release v1.2.3`],

  run: async ([context]) => {
    const release = await requestedRelease(context);
    return runDeployment(context, async (history) => {
      const plan = await makePlan(context, history, release);
      if (plan.notNow) return nothing(context, 'unchanged', plan.notNow);
      if (plan.alreadyLive) return nothing(context, 'unchanged', alreadyLive(plan, context));
      if (plan.faults.length > 0) throw new ConfigurationError(plan.faults.join('\n'));
      if (plan.frozen) return nothing(context, 'frozen', `nothing is deployed ${plan.frozen}: a freeze is on`);
      const later = await laterRunFault(context, history);
      if (later) throw new ConfigurationError(later);
      if (plan.changedByHand !== undefined) context.log.warning(`${context.environment.name} was changed by hand`, plan.changedByHand);
      return { kind: 'deploy', ...plan, reason: plan.override };
    });
  },
};

function nothing(context: RuntimeContext, outcome: DeployOutcome, sentence: string): ExitCode {
  context.outputs.set({ [STATE]: outcome, ...publishedOutputs(context, context.deploymentOutputs) });
  reportNothing(context, sentence);
  return 0;
}

function alreadyLive({ release, stable, unread }: Plan, context: RuntimeContext): string {
  const as = stable?.release.version === release.version ? '' : ` as ${stable?.release.version}`;
  if (unread === undefined) return `${release.version} is already live${as}, verified ${stable?.since}: nothing to do`;
  return `${release.version} is Stable${as}, verified ${stable?.since}: nothing to do. Whether ${driverOf(context)!.place} still serves it could not be read: ${withoutDot(unread)}`;
}

/** What a CLI printed may be a sentence. */
function withoutDot(text: string): string {
  return text.replace(/\.$/, '');
}
