import { Command, ExitCode, Given } from './command';
import { bring } from './deploy';
import { EnvironmentHistory } from '../ledger/history';
import { Misconfigured } from '../misconfigured';
import { idleSlot } from '../plan';
import { requireProbeSecrets } from '../preparation';
import { Release } from '../release';
import { exitCodeOf, report, reportNothing } from '../reporting/report';
import { finishUnfinished, settle } from '../settle';
import { Surroundings } from '../surroundings';

export const rollback: Command = {
  name: 'rollback',
  summary: 'go back to a release that was verified here; --settle finishes what a run left open',
  environment: 'required',
  changes: true,
  options: {
    settle: { type: 'boolean', description: 'finish what this run left open, if anything (what the synthesized jobs ask)' },
    reason: { type: 'string', description: 'why, for the record' },
  },
  examples: [
    'npx projen delivery rollback production --release v1.2.3 --reason "checkout is slow"',
    'npx projen delivery rollback production --settle',
  ],
  run: async ([surroundings], given) => (given.flags.settle ? finish(surroundings) : byHand(surroundings, given)),
};

/** Asked five times it acts once: afterwards nothing is open. */
async function finish(surroundings: Surroundings): Promise<ExitCode> {
  const { environment, ledger, run } = surroundings;
  const open = await new EnvironmentHistory(ledger, environment.name).open();
  if (!open) {
    reportNothing(surroundings, 'nothing is open, nothing to do');
    return 0;
  }
  if (run.inCi && open.record.run.id !== run.id) {
    reportNothing(surroundings, `what is open belongs to run ${open.record.run.id}; this run leaves it alone`);
    return 0;
  }
  requireProbeSecrets(surroundings);
  const deployment = await settle(surroundings, open);
  report(deployment);
  return exitCodeOf(deployment.state);
}

/** Only to a release that the ledger has verified on this environment, and never "the previous one". */
async function byHand(surroundings: Surroundings, given: Given): Promise<ExitCode> {
  const { environment, ledger } = surroundings;
  await finishUnfinished(surroundings, new EnvironmentHistory(ledger, environment.name));
  const history = new EnvironmentHistory(ledger, environment.name);
  const [newest, stable] = [await history.newest(), await history.stable()];
  const release = await chosen(surroundings, history, given.release);
  const reason = typeof given.flags.reason === 'string' ? given.flags.reason : undefined;
  return bring(surroundings, {
    kind: 'rollback',
    release,
    stable,
    leaving: newest?.state === 'stable' ? stable?.release : newest?.record.release,
    slot: environment.strategy.kind === 'blueGreen' ? idleSlot(await history.slotWithTraffic()) : undefined,
    reason,
  });
}

async function chosen({ environment, clock }: Surroundings, history: EnvironmentHistory, asked: string | undefined): Promise<Release> {
  const verified = await history.verifiedReleases();
  const newest = await history.newest();
  const stable = await history.stable();
  const known = verified.map(({ release, since }) => `${release.version} (${release.sha.slice(0, 7)}, ${age(clock.now() - Date.parse(since))} ago)`).join(', ') || 'none yet';
  if (asked === undefined) {
    if (stable && newest?.state !== 'stable') return stable.release;
    throw new Misconfigured(`${environment.name}: name the release to go back to with --release; nothing is ever toggled. Verified here: ${known}.`);
  }
  const match = verified.find(({ release }) => release.version === asked || (asked.length >= 7 && release.sha.startsWith(asked)));
  if (!match) throw new Misconfigured(`${environment.name}: ${asked} was never verified here, so nothing goes back to it. Verified here: ${known}.`);
  if (newest?.state === 'stable' && stable?.release.sha === match.release.sha) {
    throw new Misconfigured(`${environment.name}: ${match.release.version} is live already. Verified here: ${known}.`);
  }
  return match.release;
}

function age(ms: number): string {
  const minutes = Math.floor(ms / 60_000);
  if (minutes < 60) return `${minutes} min`;
  return minutes < 48 * 60 ? `${Math.floor(minutes / 60)} h` : `${Math.floor(minutes / 1440)} days`;
}
