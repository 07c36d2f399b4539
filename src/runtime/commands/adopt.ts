import { adoptLive, requireNothingOpen } from '../adoption';
import { Command, Given, textOf } from './command';
import { EnvironmentHistory } from '../ledger/history';
import { Misconfigured } from '../misconfigured';
import { Release } from '../release';
import { releaseAsked, releaseMeant } from '../release-asked';
import { exitCodeOf, report } from '../reporting/report';
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
    const { environment, ledger } = surroundings;
    await requireNothingOpen(surroundings);
    const last = await new EnvironmentHistory(ledger, environment.name).newest();
    const release = await named(surroundings, given);
    const slot = slotOf(environment.strategy.kind, given.flags.slot);
    const deployment = await adoptLive(surroundings, { release, slot, reason: textOf(given, 'reason') }, last);
    report(deployment);
    return exitCodeOf('adopt', deployment.state);
  },
};

/** What was tried here before is known with its files, so that one can go back to it later. */
async function named(surroundings: Surroundings, { release: name }: Given): Promise<Release> {
  const { environment, ledger } = surroundings;
  return name === undefined ? releaseAsked(surroundings) : releaseMeant(surroundings, new EnvironmentHistory(ledger, environment.name), name);
}

function slotOf(strategy: 'redeploy' | 'blueGreen', asked: string | boolean | undefined): string | undefined {
  if (strategy === 'redeploy') return undefined;
  if (asked === 'blue' || asked === 'green') return asked;
  throw new Misconfigured('which slot is live? Say it with --slot blue or --slot green: a rollback switches back to it');
}
