import { runInNewContext } from 'node:vm';

/** A pattern may cost this much time on one answer; `(a+)+$` would otherwise take years on a hostile one. */
export const PATTERN_LIMIT_MS = 250;

/** So often a busy machine may give us no turn. */
const TRIES = 4;

/**
 * Whether the pattern matches somewhere in the text, or `undefined` when that was not known within
 * `PATTERN_LIMIT_MS`. It runs in a context that V8 can stop: nothing else can stop a regular expression.
 */
export function matches(pattern: string, text: string, limitMs = PATTERN_LIMIT_MS): boolean | undefined {
  for (let tries = 1; ; tries++) {
    const before = process.cpuUsage();
    const found = tryToMatch(pattern, text, limitMs);
    const { user, system } = process.cpuUsage(before);
    // time that passes while others have the processor is not held against the answer
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
