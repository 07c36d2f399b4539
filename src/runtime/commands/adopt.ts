import { Command, ExitCode, Given, textOf } from './command';
import { Deployment } from '../deployment';
import { EnvironmentHistory } from '../ledger/history';
import { NewRecord } from '../ledger/ledger';
import { Misconfigured } from '../misconfigured';
import { gate } from '../phases/gate';
import { Release } from '../release';
import { releaseAsked } from '../release-asked';
import { exitCodeOf, report } from '../reporting/report';
import { finishUnfinished } from '../settle';
import { Surroundings } from '../surroundings';

/** How an existing service starts, and one of the ways out of halted. */
export const adopt: Command = {
  name: 'adopt',
  summary: 'verify what is live and record it as Stable',
  environment: 'required',
  changes: true,
  dispatches: true,
  options: {
    slot: { type: 'string', description: 'the slot that is live (blue/green): blue or green' },
    reason: { type: 'string', description: 'why, for the record' },
  },
  examples: ['npx projen delivery adopt production --release v1.2.3', 'npx projen delivery adopt production --release v1.2.3 --slot blue'],

  run: async ([surroundings], given) => {
    await requireNothingOpen(surroundings);
    const release = await known(surroundings, given) ?? await releaseAsked(surroundings);
    const slot = slotOf(surroundings.environment.strategy.kind, given.flags.slot);
    const seen = await verify(surroundings, release);
    if (seen.verdict === 'healthy') return recordStable(surroundings, { release, slot, reason: textOf(given, 'reason') });
    const { environment, log } = surroundings;
    log.error(`${release.version} was not adopted`, `${environment.name}: ${seen.reason}. Nothing was recorded; name the release that is live with --release.`);
    return 1;
  },
};

/** On a laptop what was left is finished first; in CI that needs a job with the set-up and the secrets of the commands. */
export async function requireNothingOpen(surroundings: Surroundings): Promise<void> {
  const { environment, ledger, run } = surroundings;
  if (!run.inCi) return void await finishUnfinished(surroundings);
  const open = await new EnvironmentHistory(ledger, environment.name).open();
  if (!open) return;
  // what only recorded what is live left nothing to bring back
  if (open.record.kind === 'adopt') {
    await finishUnfinished(surroundings, open.record);
    return requireNothingOpen(surroundings);
  }
  throw new Misconfigured(
    `${environment.name}: ${open.record.release.version} (run ${open.record.run.id}) is ${open.state}, so nobody can say yet what is live. ` +
    'Wait until that run is over. If it is, deploy or roll back: either finishes first what was left.',
  );
}

/** What was tried here before is known with its files, so that one can go back to it later. */
async function known({ environment, ledger }: Surroundings, { release }: Given): Promise<Release | undefined> {
  return release === undefined ? undefined : new EnvironmentHistory(ledger, environment.name).attempted(release);
}

/** Whether users see this release, and it answers well. */
export function verify(surroundings: Surroundings, release: Release) {
  const reached = Object.fromEntries(surroundings.environment.healthChecks.map(({ name }) => [name, true]));
  return gate(surroundings, { release, ready: true }, reached);
}

/** Records what was found live and healthy as Stable. */
export async function recordStable(surroundings: Surroundings, found: Pick<NewRecord, 'release' | 'slot' | 'reason'>): Promise<ExitCode> {
  const deployment = await Deployment.begin(surroundings, { kind: 'adopt', ...found }, {});
  await deployment.tell('healthy', `adopted by ${surroundings.run.actor}${found.reason ? `: ${found.reason}` : ''}`);
  report(deployment);
  return exitCodeOf('adopt', deployment.state);
}

function slotOf(strategy: 'redeploy' | 'blueGreen', asked: string | boolean | undefined): string | undefined {
  if (strategy === 'redeploy') return undefined;
  if (asked === 'blue' || asked === 'green') return asked;
  throw new Misconfigured('which slot is live? Say it with --slot blue or --slot green: a rollback switches back to it');
}
