import { Command } from './command';
import { ExitCode } from '../../contract/command-line';
import { RuntimeContext } from '../context';
import { confirm, leftSince, publishState, reportConfirmed } from '../deployment/confirmation';
import { doing, sayRecovery, sayUsers } from '../deployment/left-open';
import { gate } from '../deployment/phases/gate';
import { requireProbeSecrets } from '../deployment/preflight';
import { nameOf, standing } from '../deployment/recovery';
import { isFinal, State } from '../deployment/state-machine';
import { Standing } from '../ledger/entries';
import { EnvironmentHistory } from '../ledger/history';
import { DELIVERY, placeOf, recoverLine } from '../reporting/command-line';
import { reportNothing } from '../reporting/report';

/**
 * Confirms a release that is promoted and not confirmed. The output that nothing is open contains the number of the attempt, because a job
 * that is lost in a re-run keeps the outputs of its earlier attempt.
 */
export const monitor: Command = {
  name: 'monitor',
  summary: 'confirm the promoted release with new probes: if it is healthy, it becomes Stable',
  environment: 'required',
  changes: true,
  options: {},
  examples: [`${DELIVERY} monitor staging`],
  run: async ([context]) => {
    const { run } = context;
    // outputs of an earlier attempt remain if a later one is lost
    if (run.deployed && run.outcome === 'frozen') return unneeded(context, 'frozen', 'a freeze had begun, so this run deployed nothing');
    if (run.deployed && run.outcome === 'superseded') return unneeded(context, 'superseded', 'what this run was to roll back is no longer the newest deployment, so it changed nothing');
    const { found, history } = await read(context);
    requireProbeSecrets(context);
    if (!found) return nothingOfThisRun(context, history);
    const state = standing(context, found);
    if (state === 'confirming') return confirm(context, found);
    if (!isFinal(state)) return stillOpen(context, found, state);
    if (!run.inCi) return look(context, found);
    return reportConfirmed(context, history, found);
  },
};

/** GitHub is expected to list a new record within this time. */
const LISTED_MS = 60_000;
const READ_AGAIN_MS = 2_000;

/** What one list of the records says. */
interface Read {
  readonly history: EnvironmentHistory;
  /** The record of this run, on a laptop the newest one. */
  readonly found?: Standing;
}

/** The deploy job says whether it wrote a record: that is waited for. */
async function read(context: RuntimeContext): Promise<Read> {
  const { clock, environment, interrupted, ledger, run } = context;
  const giveUpAt = clock.now() + LISTED_MS;
  for (;;) {
    const history = new EnvironmentHistory(ledger, environment.name);
    const found = run.inCi ? await history.ofRun(run.id) : await history.newest();
    if (found || !run.inCi || !hasRecorded(context) || clock.now() >= giveUpAt || interrupted.aborted) return { history, found };
    await clock.sleep(READ_AGAIN_MS, interrupted);
  }
}

function hasRecorded({ run }: RuntimeContext): boolean {
  return run.deployed && run.outcome !== 'unchanged' && run.outcome !== 'stable';
}

function unneeded(context: RuntimeContext, state: 'frozen' | 'superseded', sentence: string): ExitCode {
  publishState(context, state);
  reportNothing(context, sentence);
  return 0;
}

/** The deploy job recorded nothing: the release was live already, or it was rejected before anything was changed. */
async function nothingOfThisRun(context: RuntimeContext, history: EnvironmentHistory): Promise<ExitCode> {
  const { environment, run } = context;
  const stable = await history.stable();
  if (hasRecorded(context)) {
    context.log.error('The record of this deployment is not in the ledger yet', `${environment.name}: the next job reads it again.`);
    return 1;
  }
  const release = { version: run.sha.slice(0, 7), sha: run.sha };
  if (run.outcome === 'unchanged' && (await history.isBlocked(release))) return leftSince(context, release);
  const what = stable ? `${stable.release.version} is live and Stable since ${stable.since}` : 'no release was verified here yet';
  publishState(context, run.deployed ? 'stable' : 'failed');
  reportNothing(context, `this ${run.words.noun} changed nothing; ${what}`);
  return 0;
}

function stillOpen(context: RuntimeContext, found: Standing, state: State): ExitCode {
  const { environment, log, run } = context;
  const reached = { ...found, state };
  const recovery = sayRecovery(reached, environment.target);
  const next = run.inCi ? `The rollback job recovers it: ${recovery}.` : `The next command recovers it first: ${recovery}. To do only that: ${recoverLine(placeOf(context))}`;
  log.error(`${environment.name} is unfinished`, `${nameOf(run, found.record)} was left while it was ${doing(state)}: ${sayUsers(reached)}. ${next}`);
  return 1;
}

/** On a laptop no job waits for a verdict: probe what is live, and report it. */
async function look(context: RuntimeContext, { record }: Standing): Promise<ExitCode> {
  const { environment, log } = context;
  const baseline = Object.fromEntries(environment.healthChecks.map(({ name }) => [name, true]));
  const { verdict, reason } = await gate(context, { release: record.release, ready: true }, baseline);
  log.line(`${environment.name}: ${record.release.version} is ${verdict}: ${reason}`);
  return verdict === 'healthy' ? 0 : 1;
}
