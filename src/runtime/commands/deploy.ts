import { Command, ExitCode } from './command';
import { Deployment } from '../deployment';
import { Interrupted } from '../interrupted';
import { EnvironmentHistory } from '../ledger/history';
import { NewRecord } from '../ledger/ledger';
import { Misconfigured } from '../misconfigured';
import { makePlan, Plan } from '../plan';
import { prepare } from '../preparation';
import { baseline } from '../probing/gate';
import { Release } from '../release';
import { releaseAsked } from '../release-asked';
import { exitCodeOf, report, reportNothing } from '../reporting/report';
import { finishUnfinished } from '../settle';
import { Surroundings } from '../surroundings';

export const deploy: Command = {
  name: 'deploy',
  summary: 'deploy a release, verify it, and take it back by itself when it is bad',
  environment: 'required',
  changes: true,
  options: {},
  examples: ['npx projen delivery deploy staging', 'npx projen delivery deploy production --release v1.2.3'],

  run: async ([surroundings]) => {
    const { environment, ledger } = surroundings;
    await finishUnfinished(surroundings, new EnvironmentHistory(ledger, environment.name));
    const plan = await makePlan(surroundings, new EnvironmentHistory(ledger, environment.name), await releaseAsked(surroundings));
    if (plan.notNow) {
      reportNothing(surroundings, plan.notNow);
      return 0;
    }
    if (plan.alreadyLive) {
      reportNothing(surroundings, alreadyLive(plan));
      return 0;
    }
    if (plan.faults.length > 0) throw new Misconfigured(plan.faults.join('\n'));
    return bring(surroundings, { kind: 'deploy', ...plan });
  },
};

function alreadyLive({ release, stable }: Plan): string {
  const as = stable?.release.version === release.version ? '' : ` as ${stable?.release.version}`;
  return `${release.version} is already live${as}, verified ${stable?.since}: nothing to do`;
}

/** Puts a release on the environment: a deployment, or a rollback by hand, which is verified just the same. */
export async function bring(
  surroundings: Surroundings,
  asked: Pick<NewRecord, 'kind' | 'release' | 'stable' | 'slot' | 'reason'> & { readonly leaving?: Release; readonly isWayBackGone?: boolean },
): Promise<ExitCode> {
  const { environment, run, log } = surroundings;
  await prepare(surroundings, asked);
  const reached = await baseline(environment.healthChecks, { release: asked.stable?.release ?? asked.release }, surroundings);
  const deployment = await Deployment.begin(surroundings, {
    environment: environment.name,
    kind: asked.kind,
    release: asked.release,
    strategy: environment.strategy.kind,
    stable: asked.stable,
    slot: asked.slot,
    run: { id: run.id, attempt: run.attempt },
    by: run.actor,
    reason: asked.reason,
  }, { baseline: reached, leaving: asked.leaving });
  try {
    // In CI a fresh runner is the judge; on a laptop there is nobody else.
    await deployment.carryOn(run.inCi ? 'confirming' : undefined);
  } catch (error) {
    if (!(error instanceof Interrupted)) throw error;
    log.error('Interrupted', run.inCi ? 'The next step settles what is open.' : `Finish it: npx projen delivery rollback ${environment.name} --settle`);
    return 1;
  }
  report(deployment);
  return exitCodeOf(deployment.state);
}
