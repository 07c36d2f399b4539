import { JobEnvironment } from './job-environment';
import { formatDuration } from '../../../contract/duration-text';
import { ARTIFACT_FETCH_MS, longestVerdictMs } from '../../../contract/manifest';
import { longestForwardMs, longestRestoreMs } from '../../../contract/time-budget';
import { Environment } from '../../../delivery/environment';
import { invalid, show } from '../../../validation/validation-error';
import { GITHUB_RULES } from '../github-rules';

const { jobMinutes: MOST_MINUTES } = GITHUB_RULES.limits;

/** For checkout, set-up and the runtime itself. */
const OVERHEAD_MS = 10 * 60_000;

export const PLAN_MINUTES = 10;
export const BUILD_MINUTES = 60;

/**
 * The time limits of jobs and steps, in minutes: long enough for the slowest deployment that succeeds. A step's limit leaves the job enough
 * time to recover.
 */
export interface Timeouts {
  readonly plan: number;
  readonly deployStep: number;
  /** Also of a drill. */
  readonly deploy: number;
  readonly monitor: number;
  /** A rollback by hand. */
  readonly rollbackStep: number;
  readonly rollback: number;
  /** A job that only recovers. */
  readonly recover: number;
  /** A job that verifies what is live. */
  readonly decision: number;
}

export function timeouts(environment: Environment): Timeouts {
  const { strategy, healthChecks, migrates } = environment;
  const fetching = environment.fetchesFiles ? ARTIFACT_FETCH_MS : 0;
  const command = strategy.manifest.commandTimeoutMs;
  const verify = longestVerdictMs(healthChecks);
  const before = environment.beforeDeploy === undefined ? 0 : command;
  const timed = { ...environment, strategy: strategy.manifest };
  const back = longestRestoreMs(timed);
  // the job waits for an open deployment of another run, or finishes it first
  const open = back;
  const forth = longestForwardMs(timed);
  // twice: the files of the release and of the rollback
  const deployStep = 2 * fetching + open + (migrates ? command : 0) + before + forth + back;
  // no other job confirms it
  const rollbackStep = 2 * fetching + open + forth + verify;
  const result = {
    // one probe of each check; a command needs set-up, and so does what is prepared
    plan: PLAN_MINUTES
      + (environment.reviewsChanges ? minutes(OVERHEAD_MS + fetching + command) : 0)
      + (environment.probesWithCommands ? minutes(OVERHEAD_MS + Math.max(...healthChecks.map(({ timeoutMs }) => timeoutMs))) : 0),
    deployStep: minutes(deployStep),
    deploy: minutes(OVERHEAD_MS + deployStep + back),
    monitor: minutes(OVERHEAD_MS + verify),
    rollbackStep: minutes(rollbackStep),
    rollback: minutes(OVERHEAD_MS + rollbackStep + back),
    // an interrupted rollback by hand starts again
    recover: minutes(OVERHEAD_MS + fetching + open + forth + verify),
    decision: minutes(OVERHEAD_MS + open + 2 * verify),
  };
  if (result.deploy > MOST_MINUTES) {
    const option = `environment ${show(environment.name)} strategy`;
    const { atLeastMs } = strategy.manifest.timeBudget.forward;
    const times = `bake ${formatDuration(strategy.manifest.bakeMs, 'exact')}${atLeastMs === undefined ? '' : `, steps ${formatDuration(atLeastMs, 'exact')}`}, commandTimeout ${formatDuration(command, 'exact')}, deadline ${formatDuration(verify, 'exact')}`;
    invalid(option, `with its times (${times}) the deploy job could take ${formatDuration(result.deploy * 60_000)}, and GitHub ends a job after ${formatDuration(MOST_MINUTES * 60_000)}`,
      `Shorten bake, ${atLeastMs === undefined ? '' : 'steps, '}commandTimeout or the health checks' deadline`);
  }
  return result;
}

/**
 * Returns limits of a job for several environments that are enough for each. A step leaves the time that the slowest needs to recover,
 * within GitHub's limit.
 */
export function timeoutsOf(subject: JobEnvironment): Timeouts {
  const limitsOfEach = subject.each(timeouts);
  const most = (minutesOf: (limits: Timeouts) => number) => Math.max(...limitsOfEach.map(minutesOf));
  const rest = {
    deploy: most(({ deploy, deployStep }) => deploy - deployStep),
    rollback: most(({ rollback, rollbackStep }) => rollback - rollbackStep),
  };
  const deployStep = Math.min(most((limits) => limits.deployStep), MOST_MINUTES - rest.deploy);
  const rollbackStep = Math.min(most((limits) => limits.rollbackStep), MOST_MINUTES - rest.rollback);
  return {
    plan: most(({ plan }) => plan),
    deployStep,
    deploy: deployStep + rest.deploy,
    monitor: most(({ monitor }) => monitor),
    rollbackStep,
    rollback: rollbackStep + rest.rollback,
    recover: most(({ recover }) => recover),
    decision: most(({ decision }) => decision),
  };
}

function minutes(millis: number): number {
  return Math.ceil(millis / 60_000);
}
