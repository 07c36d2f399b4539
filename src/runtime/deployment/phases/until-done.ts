import { DeploymentInProgress, PhaseResult } from './phase';
import { formatDuration } from '../../../contract/duration-text';
import { InterruptedError } from '../../errors';

/** Between two tries: each pause is twice as long as the one before. */
const SHORTEST_PAUSE_MS = 1_000;
const LONGEST_PAUSE_MS = 5_000;

/** When the tries of a command that brings users back end: all of them take no longer than one command may. */
export function lastTryAt({ context: { clock, environment } }: DeploymentInProgress): number {
  return clock.now() + environment.strategy.commandTimeoutMs;
}

/**
 * Runs a command that brings users back, again and again until it succeeds or the time is over: a proxy that is away for a moment is no reason to leave
 * them on a bad release. Rejects with `InterruptedError` or `LeaseLostError`.
 *
 * @param command gets what is left of the time
 */
export async function untilDone(
  deployment: DeploymentInProgress, giveUpAt: number, command: (timeoutMs: number) => Promise<PhaseResult>,
): Promise<PhaseResult> {
  const { clock, interrupted, log } = deployment.context;
  for (let pauseMs = SHORTEST_PAUSE_MS; ; pauseMs = Math.min(2 * pauseMs, LONGEST_PAUSE_MS)) {
    const result = await command(giveUpAt - clock.now());
    if (result.event !== 'commandFailed' || clock.now() + pauseMs >= giveUpAt) return result;
    log.line(`${result.note}; it is tried again in ${formatDuration(pauseMs)}, for at most ${formatDuration(giveUpAt - clock.now(), 'seconds')}`);
    await clock.sleep(pauseMs, interrupted);
    if (interrupted.aborted) throw new InterruptedError();
    // a process that lost its lease meanwhile runs nothing more
    await deployment.checkStands();
  }
}
