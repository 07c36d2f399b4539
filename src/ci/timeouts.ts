import { showDuration } from '../duration';
import { Environment } from '../environment';
import { refuse, show } from '../refusal';

/** GitHub ends a job of a hosted runner after this many minutes. */
const GITHUB_LIMIT = 360;

/** Checkout, set-up, downloads, and what the runtime itself needs. */
const OVERHEAD_MS = 10 * 60_000;

export const PLAN_MINUTES = 10;
export const BUILD_MINUTES = 60;

/** How long each job may take, so that nothing hangs and nothing that works is cut off. */
export interface Timeouts {
  /** The deploy step alone: what is left of the job's time is for settling. */
  readonly deployStep: number;
  readonly deploy: number;
  readonly monitor: number;
  readonly rollback: number;
}

export function timeouts(environment: Environment): Timeouts {
  const { strategy, healthChecks } = environment;
  const command = strategy.commandTimeoutMs;
  const verify = Math.max(...healthChecks.map(({ deadlineMs, timeoutMs }) => deadlineMs + timeoutMs));
  const back = command + verify;
  // warm-up, deploy, verify; blue/green promotes as well; a bake is prolonged until it ends healthy; then perhaps back again
  const forth = 2 * command + verify + (strategy.kind === 'blueGreen' ? command + verify : 0) + strategy.bakeMs + verify;
  const result = {
    deployStep: minutes(forth + back),
    deploy: minutes(OVERHEAD_MS + forth + back + back),
    monitor: minutes(OVERHEAD_MS + verify),
    rollback: minutes(OVERHEAD_MS + command + back),
  };
  if (result.deploy > GITHUB_LIMIT) {
    const option = `environment ${show(environment.name)} strategy`;
    const times = `bake ${showDuration(strategy.bakeMs)}, commandTimeout ${showDuration(command)}, deadline ${showDuration(verify)}`;
    refuse(option, `with its times (${times}) the deploy job could take ${result.deploy} minutes, and GitHub ends a job after ${GITHUB_LIMIT}`,
      'Shorten bake, commandTimeout or the health checks\' deadline');
  }
  return result;
}

function minutes(millis: number): number {
  return Math.ceil(millis / 60_000);
}
