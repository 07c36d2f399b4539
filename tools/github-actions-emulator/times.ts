/** How long GitHub waits, in milliseconds. Tests shorten the minutes: `shortened(0.01)`. */
export interface Times {
  /** From SIGINT to SIGTERM. */
  readonly interruptMs: number;
  /** From SIGTERM to SIGKILL. */
  readonly terminateMs: number;
  /** A step whose process is gone is over after this, even if something it left behind still holds its output open. */
  readonly outputMs: number;
  /** From the cancellation of a run to the end of everything in it. */
  readonly cancelMs: number;
  /** One of `timeout-minutes`. */
  readonly minuteMs: number;
}

/**
 * @see https://docs.github.com/en/actions/reference/workflows-and-actions/workflow-cancellation
 * @see https://github.com/actions/runner/blob/main/src/Runner.Sdk/ProcessInvoker.cs (the times, and the 5 s for output)
 */
export const GITHUB_TIMES: Times = { interruptMs: 7500, terminateMs: 2500, outputMs: 5000, cancelMs: 300_000, minuteMs: 60_000 };

/** On a busy machine the output of a process that is gone may come so late. */
const OUTPUT_MS = 2000;

/**
 * GitHub's times, with minutes that are multiplied by `factor`. What a process has for an end of its own is never less than GitHub gives
 * it, for a busy machine may need all of that: a test of one that does not listen names the time by itself.
 */
export function shortened(factor: number, changes: Partial<Times> = {}): Times {
  const { outputMs, minuteMs } = GITHUB_TIMES;
  return { ...GITHUB_TIMES, outputMs: Math.max(outputMs * factor, OUTPUT_MS), minuteMs: minuteMs * factor, ...changes };
}
