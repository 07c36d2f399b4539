import { runInNewContext } from 'node:vm';

/** The time limit of a pattern for one response; without it `(a+)+$` could take years on hostile input. */
export const PATTERN_LIMIT_MS = 250;

/** The number of attempts if a busy machine gives the process no CPU time. */
const TRIES = 4;

/**
 * Returns whether the pattern matches somewhere in the text, or `undefined` if that was not known within `PATTERN_LIMIT_MS`. Runs in a
 * separate context, because only V8's context timeout can stop a regular expression.
 */
export function matches(pattern: string, text: string, limitMs = PATTERN_LIMIT_MS): boolean | undefined {
  for (let tries = 1; ; tries++) {
    const before = process.cpuUsage();
    const found = tryToMatch(pattern, text, limitMs);
    const { user, system } = process.cpuUsage(before);
    // time during which other processes have the CPU does not count
    if (found !== undefined || tries === TRIES || (user + system) / 1000 >= limitMs / 2) return found;
  }
}

function tryToMatch(pattern: string, text: string, timeout: number): boolean | undefined {
  try {
    return runInNewContext('new RegExp(pattern).test(text)', { pattern, text }, { timeout }) as boolean;
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ERR_SCRIPT_EXECUTION_TIMEOUT') return undefined;
    throw error;
  }
}
