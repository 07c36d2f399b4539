/** What ran, as `.ci/measure` and the reporter of the suites note it, and what of it may be recorded. Pure. */
import { Check } from './inputs';
import { isResult, Row } from './pass-table';

/** What the rows of a run have in common. */
export interface RunOfChecks {
  readonly commit: string;
  readonly now: Date;
  /** The part that sampled suites took: `3/8`, or undefined if they took all. */
  readonly share?: string;
}

/** @param results a line for each check that ended: its name, the result, seconds and CPU seconds, with tabs between them; a second one if it ran once more */
export function rowsOf(results: string, checks: readonly Check[], { commit, now, share = 'all' }: RunOfChecks): Row[] {
  const known = new Map(checks.map((check) => [check.name, check]));
  const rows = new Map<string, Row>();
  for (const line of results.split('\n').filter((one) => one !== '')) {
    const [name, result, seconds, cpuSeconds] = line.split('\t');
    const check = known.get(name);
    if (check === undefined || !isResult(result)) throw new Error(`'${line}' is not the result of a check`);
    const [date] = now.toISOString().split('T');
    const [wall, cpu] = [seconds, cpuSeconds].map((text) => Math.round(Number(text)));
    const isSecondTry = result === 'passed' && rows.get(name)?.result === 'failed';
    rows.set(name, {
      check: name, result: isSecondTry ? 'second try' : result, inputs: check.hash, commit: commit.slice(0, 12), date, seconds: wall, cpuSeconds: cpu, share: check.isSampled ? share : '',
    });
  }
  return [...rows.values()];
}

export interface Failed {
  /** Those that may run once more, alone. */
  readonly again: readonly string[];
  /** Those for which the run fails. */
  readonly final: readonly string[];
}

/**
 * Divides the selected checks that did not pass. One that always runs has no second try, nor has one whose last pass was a second try: its cause must be
 * found.
 */
export function failedOf(selected: readonly Check[], rows: readonly Row[], passed: ReadonlyMap<string, Row>): Failed {
  const ended = new Set(rows.filter(({ result }) => result !== 'failed').map(({ check }) => check));
  const failed = selected.filter(({ name }) => !ended.has(name));
  const mayTryAgain = ({ name, always }: Check) => !always && passed.get(name)?.result !== 'second try';
  return { again: failed.filter(mayTryAgain).map(({ name }) => name), final: failed.filter((check) => !mayTryAgain(check)).map(({ name }) => name) };
}

export interface Refused {
  readonly check: string;
  /** An input that is not as in the commit. */
  readonly changed: string;
}

/**
 * Divides what passed: what ran with the inputs of the commit, so that the record names what anyone can check out, and what did not.
 *
 * @param changed the files that differ from the commit; undefined if nothing tells
 */
export function withCommittedInputs(
  rows: readonly Row[], checks: readonly Check[], changed: readonly string[] | undefined,
): { recorded: Row[]; refused: Refused[] } {
  const differing = changed && new Set(changed);
  const inputs = new Map(checks.map((check) => [check.name, check.inputs]));
  const recorded: Row[] = [];
  const refused: Refused[] = [];
  for (const row of rows.filter(({ result }) => result !== 'failed')) {
    const differs = inputs.get(row.check)!.find((path) => !differing || differing.has(path));
    if (differs === undefined) recorded.push(row);
    else refused.push({ check: row.check, changed: differs });
  }
  return { recorded, refused };
}
