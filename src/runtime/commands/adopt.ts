import { Command } from './command';
import { Deployment } from '../deployment';
import { EnvironmentHistory } from '../ledger/history';
import { Misconfigured } from '../misconfigured';
import { gate } from '../phases/gate';
import { releaseAsked } from '../release-asked';
import { exitCodeOf, report } from '../reporting/report';
import { finishUnfinished } from '../settle';

/** How an existing service starts, and one of the ways out of halted. */
export const adopt: Command = {
  name: 'adopt',
  summary: 'verify what is live and record it as Stable',
  environment: 'required',
  changes: true,
  options: {
    slot: { type: 'string', description: 'the slot that is live (blue/green)' },
    reason: { type: 'string', description: 'why, for the record' },
  },
  examples: ['npx projen delivery adopt production --release v1.2.3', 'npx projen delivery adopt production --release v1.2.3 --slot blue'],

  run: async ([surroundings], given) => {
    const { environment, ledger, log, run } = surroundings;
    await finishUnfinished(surroundings, new EnvironmentHistory(ledger, environment.name));
    const release = await releaseAsked(surroundings);
    const everythingReached = Object.fromEntries(environment.healthChecks.map(({ name }) => [name, true]));
    const { verdict, reason } = await gate(surroundings, { release, ready: true }, everythingReached);
    if (verdict !== 'healthy') {
      log.error(`${release.version} was not adopted`, `${environment.name}: ${reason}. Nothing was recorded; name the release that is live with --release.`);
      return 1;
    }
    const why = typeof given.flags.reason === 'string' ? given.flags.reason : undefined;
    const deployment = await Deployment.begin(surroundings, {
      environment: environment.name,
      kind: 'adopt',
      release,
      strategy: environment.strategy.kind,
      slot: slotOf(environment.strategy.kind, given.flags.slot),
      run: { id: run.id, attempt: run.attempt },
      by: run.actor,
      reason: why,
    }, { baseline: everythingReached });
    await deployment.tell('healthy', `adopted by ${run.actor}${why ? `: ${why}` : ''}`);
    report(deployment);
    return exitCodeOf(deployment.state);
  },
};

function slotOf(strategy: 'redeploy' | 'blueGreen', asked: string | boolean | undefined): string | undefined {
  if (strategy === 'redeploy') return undefined;
  if (asked === 'blue' || asked === 'green') return asked;
  throw new Misconfigured('which slot is live? Say it with --slot blue or --slot green: a rollback switches back to it');
}
