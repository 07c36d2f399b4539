/** What ran, as `.ci/measure` and the reporter of the suites note it, and what of it may be recorded. Pure. */
import { Check } from './inputs';
import { Row } from './pass-table';

/** @param results a line for each check: its name, the result, seconds and CPU seconds, with tabs between them */
export function rowsOf(results: string, checks: readonly Check[], commit: string, now: Date): Row[] {
  const hashes = new Map(checks.map(({ name, hash }) => [name, hash]));
  return results.split('\n').filter((line) => line !== '').map((line) => {
    const [check, result, seconds, cpuSeconds] = line.split('\t');
    const inputs = hashes.get(check);
    if (inputs === undefined || (result !== 'passed' && result !== 'failed')) throw new Error(`'${line}' is not the result of a check`);
    const [date] = now.toISOString().split('T');
    const [wall, cpu] = [seconds, cpuSeconds].map((text) => Math.round(Number(text)));
    return { check, result, inputs, commit: commit.slice(0, 12), date, seconds: wall, cpuSeconds: cpu };
  });
}

export interface Refused {
  readonly check: string;
  /** An input that is not as in the commit. */
  readonly changed: string;
}

/**
 * Divides what passed: what ran with the inputs of the commit, so that the record names what anyone can check out, and what did not.
 *
 * @param changed the files that differ from the commit; undefined if nobody knows
 */
export function withCommittedInputs(
  rows: readonly Row[], checks: readonly Check[], changed: readonly string[] | undefined,
): { recorded: Row[]; refused: Refused[] } {
  const differing = changed && new Set(changed);
  const inputs = new Map(checks.map((check) => [check.name, check.inputs]));
  const recorded: Row[] = [];
  const refused: Refused[] = [];
  for (const row of rows.filter(({ result }) => result === 'passed')) {
    const differs = inputs.get(row.check)!.find((path) => !differing || differing.has(path));
    if (differs === undefined) recorded.push(row);
    else refused.push({ check: row.check, changed: differs });
  }
  return { recorded, refused };
}
