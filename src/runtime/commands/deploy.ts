import { Command, ExitCode } from './command';
import { DeployOutcome } from '../ci/run';
import { Surroundings } from '../context';
import { makePlan, Plan } from '../deployment/plan';
import { releaseAsked } from '../deployment/requested-release';
import { bring } from '../deployment/run-deployment';
import { laterRunFault } from '../deployment/run-order';
import { Misconfigured } from '../misconfigured';
import { DELIVERY } from '../reporting/ejected';
import { reportNothing } from '../reporting/report';

export const deploy: Command = {
  name: 'deploy',
  summary: 'deploy a release, verify it, and take it back by itself when it is bad',
  environment: 'required',
  changes: true,
  options: {},
  examples: [`${DELIVERY} deploy staging`, `${DELIVERY} deploy production --release v1.2.3`],

  run: async ([surroundings]) => {
    const release = await releaseAsked(surroundings);
    return bring(surroundings, async (history) => {
      const plan = await makePlan(surroundings, history, release);
      if (plan.notNow) return nothing(surroundings, 'unchanged', plan.notNow);
      if (plan.alreadyLive) return nothing(surroundings, 'unchanged', alreadyLive(plan));
      if (plan.faults.length > 0) throw new Misconfigured(plan.faults.join('\n'));
      if (plan.frozen) return nothing(surroundings, 'frozen', `nothing is deployed ${plan.frozen}: a freeze is on`);
      const later = await laterRunFault(surroundings, history);
      if (later) throw new Misconfigured(later);
      return { kind: 'deploy', ...plan, reason: plan.override };
    });
  },
};

function nothing(surroundings: Surroundings, outcome: DeployOutcome, sentence: string): ExitCode {
  surroundings.outputs.set({ state: outcome });
  reportNothing(surroundings, sentence);
  return 0;
}

function alreadyLive({ release, stable }: Plan): string {
  const as = stable?.release.version === release.version ? '' : ` as ${stable?.release.version}`;
  return `${release.version} is already live${as}, verified ${stable?.since}: nothing to do`;
}
