import { Command, ExitCode } from './command';
import { Surroundings } from '../context';
import { Deployment } from '../deployment/deployment';
import { gate } from '../deployment/phases/gate';
import { requireProbeSecrets } from '../deployment/preflight';
import { ended, standing } from '../deployment/recovery';
import { isFinal, State } from '../deployment/state-machine';
import { carrierOf } from '../ledger/entries';
import { EnvironmentHistory, Standing } from '../ledger/history';
import { Lost } from '../lost';
import { Release } from '../release';
import { placeOf, settleLine } from '../reporting/command-line';
import { DELIVERY } from '../reporting/ejected';
import { exitCodeAfter, exitCodeOf, report, reportNothing, reportStanding } from '../reporting/report';

/**
 * The judge. It reads the ledger first: only a release that stands promoted and unsettled is probed.
 * `settled` says that nothing is open, by the number of the attempt, because a job that is lost
 * in a re-run keeps the outputs of its earlier attempt.
 */
export const monitor: Command = {
  name: 'monitor',
  summary: 'judge the release that stands promoted: healthy makes it Stable',
  environment: 'required',
  changes: true,
  options: {},
  examples: [`${DELIVERY} monitor staging`],
  run: async ([surroundings]) => {
    const { environment, ledger, run } = surroundings;
    const history = new EnvironmentHistory(ledger, environment.name);
    // what an earlier attempt said stands beside the result of a later one that was lost
    if (run.deployed && run.outcome === 'frozen') return unneeded(surroundings, 'frozen', 'a freeze had begun, so this run deployed nothing');
    if (run.deployed && run.outcome === 'superseded') return unneeded(surroundings, 'superseded', 'what this run was to take back is not the newest deployment any more, so it changed nothing');
    const found = run.inCi ? await history.ofRun(run.id) : await history.newest();
    requireProbeSecrets(surroundings);
    if (!found) return nothingOfThisRun(surroundings, history);
    const state = standing(surroundings, found);
    if (state === 'confirming') return judge(surroundings, found);
    if (!isFinal(state)) return stillOpen(surroundings, found, state);
    if (!run.inCi) return look(surroundings, found);
    return tell(surroundings, history, found);
  },
};

/** Asks a release that lacks only its confirmation. */
export async function judge(surroundings: Surroundings, found: Standing): Promise<ExitCode> {
  const deployment = Deployment.resume(surroundings, { ...found, state: 'confirming' });
  const { isDone, writer } = carrierOf(found.record.writer, found.entries);
  try {
    // Whoever took it before this judge looked is at work on it, or will be made up for by the next job.
    if (surroundings.run.inCi && !isDone && writer !== found.record.writer) throw new Lost(`${surroundings.environment.name}: another process confirms it`);
    await deployment.take('asked afresh', true);
    // In CI another job holds what a rollback needs; here there is only a checkout of `.projen`.
    await deployment.carryOn(surroundings.run.inCi ? 'rollingBack' : undefined);
  } catch (error) {
    if (!(error instanceof Lost)) throw error;
    return tellOfOther(surroundings, found, error);
  }
  report(deployment);
  // A verdict that the ledger did not take is none: the next job asks again.
  if (deployment.counts && deployment.state !== 'rollingBack') publish(surroundings, deployment.state);
  return exitCodeAfter(deployment);
}

/** Another process has it: what that one made of it counts, if it is done. */
async function tellOfOther(surroundings: Surroundings, found: Standing, { message }: Lost): Promise<ExitCode> {
  const done = await ended(surroundings, found);
  if (done) return tell(surroundings, new EnvironmentHistory(surroundings.ledger, surroundings.environment.name), done);
  surroundings.log.error(`${surroundings.environment.name} is not settled yet`, message);
  return 1;
}

async function tell(surroundings: Surroundings, history: EnvironmentHistory, found: Standing): Promise<ExitCode> {
  if (found.state === 'stable' && (await history.isBlocked(found.record.release))) return leftSince(surroundings, found.record.release);
  publish(surroundings, found.state);
  reportStanding(surroundings, found);
  // a drill that was taken back succeeded only if its own job says so
  return exitCodeOf(found.record.kind, found.state, surroundings.run.deployed);
}

/** It was verified, and somebody went back from it since: nothing may follow from it any more. */
function leftSince(surroundings: Surroundings, { version }: Pick<Release, 'version'>): ExitCode {
  const { environment, log } = surroundings;
  publish(surroundings, 'superseded');
  log.error(`${environment.name}: superseded`, `${version} was verified here, and was left since: it is blocked, and goes nowhere from here.`);
  return 2;
}

function unneeded(surroundings: Surroundings, state: 'frozen' | 'superseded', sentence: string): ExitCode {
  publish(surroundings, state);
  reportNothing(surroundings, sentence);
  return 0;
}

/** The deploy job recorded nothing: the release was live already, or it was refused before anything was changed. */
async function nothingOfThisRun(surroundings: Surroundings, history: EnvironmentHistory): Promise<ExitCode> {
  const { environment, run } = surroundings;
  const stable = await history.stable();
  if (run.deployed && run.outcome !== 'unchanged' && run.outcome !== 'stable') {
    surroundings.log.error('The record of this deployment is not in the ledger yet', `${environment.name}: the next job looks again.`);
    return 1;
  }
  const release = { version: run.sha.slice(0, 7), sha: run.sha };
  if (run.outcome === 'unchanged' && (await history.isBlocked(release))) return leftSince(surroundings, release);
  const what = stable ? `${stable.release.version} is live and Stable since ${stable.since}` : 'nothing was verified here yet';
  publish(surroundings, run.deployed ? 'stable' : 'failed');
  reportNothing(surroundings, `this run changed nothing; ${what}`);
  return 0;
}

function publish({ run, outputs }: Surroundings, state: State | 'frozen'): void {
  outputs.set({ settled: String(run.attempt), state });
}

function stillOpen(surroundings: Surroundings, { record }: Standing, state: State): ExitCode {
  const { environment, log, run } = surroundings;
  const next = run.inCi ? 'The rollback job finishes it.' : `Finish it: ${settleLine(placeOf(surroundings))}`;
  log.error(`${environment.name} is not settled`, `${record.release.version} was left ${state} by run ${record.run.id}. ${next}`);
  return 1;
}

/** On a laptop nothing waits for a verdict: look at what is live, and say so. */
async function look(surroundings: Surroundings, { record }: Standing): Promise<ExitCode> {
  const { environment, log } = surroundings;
  const baseline = Object.fromEntries(environment.healthChecks.map(({ name }) => [name, true]));
  const { verdict, reason } = await gate(surroundings, { release: record.release, ready: true }, baseline);
  log.line(`${environment.name}: ${record.release.version} is ${verdict}: ${reason}`);
  return verdict === 'healthy' ? 0 : 1;
}
