import { dirname } from 'node:path';
import { Copy, JestRun } from './copy';
import { Fault } from './fault';
import { Result, Results, Step } from './result';

/** The CPU time that the suites near a fault, and those that reach its file, may take. What they do not see then goes to the run of all. */
const FOLDER_SECONDS = 120;
const RELATED_SECONDS = 45;

/**
 * Plants one fault after the other, and runs what most probably sees it.
 *
 * @param known the results of another commit: the suite that saw the fault there comes first
 */
export function plantEach(copy: Copy, results: Results, faults: readonly Fault[], log: (line: string) => void, known?: Results): void {
  for (const fault of faults) {
    if (results.of(fault.id) || !results.claim(fault.id)) continue;
    copy.plant([fault], ['runtime']);
    const first = lookIn(copy, fault, known?.of(fault.id)?.seen?.by);
    const result = first.seen ? first : lookNear(copy, fault, first);
    results.write(result);
    log(`${fault.id}: ${result.seen ? `${result.seen.step}: ${result.seen.by}: ${result.seen.test}` : 'not seen yet'} (${result.steps.map(({ cpuSeconds }) => cpuSeconds).join(' + ')} s)`);
  }
  copy.plant([]);
}

/** In one suite, if the copy has it. A suite that is long today may have been one of `npm test`. */
function lookIn(copy: Copy, { file, id }: Fault, suite?: string): Result {
  const nothing: Result = { id, commit: copy.commit, steps: [] };
  const there = [suite?.replace(/\.ci\.ts$/, '.test.ts'), suite].find((path) => path !== undefined && copy.has(path));
  if (there === undefined) return nothing;
  const step = there.endsWith('.ci.ts') ? 'selected' : dirname(there) === copy.testFolder(file) ? 'folder' : 'all';
  const result = after(nothing, step, copy.jest({ args: ['--bail', '--testMatch', `**/${there}`] }));
  // the other suites of the step were not run
  return result.seen ? result : nothing;
}

/** In the tests of its folder; where there are none, in those that reach the file. */
function lookNear(copy: Copy, { file }: Fault, before: Result): Result {
  const folder = copy.testFolder(file);
  return folder === undefined
    ? after(before, 'related', copy.jest({ args: ['--bail', '--findRelatedTests', file], near: file, seconds: RELATED_SECONDS }))
    : after(before, 'folder', copy.jest({ args: ['--bail', `^${copy.folder}/${folder}/[^/]+$`], near: file, seconds: FOLDER_SECONDS }));
}

/** A result with one more step. */
export function after(result: Result, step: Step, { cpuSeconds, failed, outcome, test }: JestRun): Result {
  const steps = [...result.steps, { step, outcome, cpuSeconds }];
  return outcome === 'failed' ? { ...result, steps, seen: { step, by: failed[0]!, ...(test !== undefined && { test }) } } : { ...result, steps };
}

/**
 * Runs all of `npm test`, or these suites of it, with all faults that were not seen yet. What fails, and passes without them, is run again with each half of
 * the faults, and so on until the faults are alone: a fault that nothing sees costs a part of a run.
 */
export function plantTogether(copy: Copy, results: Results, faults: readonly Fault[], log: (line: string) => void, suites?: readonly string[]): void {
  const left = faults.filter(({ id }) => results.of(id)?.seen === undefined);
  copy.plant(left);
  const together = copy.jest({ args: suites ? ['--runTestsByPath', ...suites] : [] });
  log(`${left.length} faults together: ${together.failed.length} suites failed, ${together.cpuSeconds} s: ${together.failed.join(', ')}`);
  copy.plant([]);
  const alone = together.failed.length === 0 ? [] : copy.jest({ args: ['--runTestsByPath', ...together.failed] }).failed;
  if (alone.length > 0) log(`failed without a fault, too: ${alone.join(', ')}`);
  tellApart(copy, left, { ...together, failed: together.failed.filter((suite) => !alone.includes(suite)) }, ({ id }, run) => {
    const result = after(results.of(id) ?? { id, commit: copy.commit, steps: [] }, 'all', run);
    results.write(result);
    log(`${id}: ${result.seen ? `${result.seen.step}: ${result.seen.by}: ${result.seen.test}` : 'not seen by npm test'}`);
  });
  copy.plant([]);
}

/** @param together what failed with all of these faults */
function tellApart(copy: Copy, faults: readonly Fault[], together: JestRun, found: (fault: Fault, run: JestRun) => void): void {
  if (together.failed.length === 0) {
    for (const fault of faults) found(fault, { ...together, outcome: 'passed' });
    return;
  }
  const half = Math.ceil(faults.length / 2);
  for (const some of faults.length === 1 ? [faults] : [faults.slice(0, half), faults.slice(half)]) {
    copy.plant(some);
    const run = copy.jest({ args: ['--runTestsByPath', ...together.failed], near: some[0]!.file });
    if (some.length === 1) found(some[0]!, run);
    else tellApart(copy, some, run, found);
  }
}

/** Runs suites that the file of a fault selects, with each fault that npm test does not see. */
export function plantForSelected(
  copy: Copy, results: Results, faults: readonly Fault[], selected: (file: string) => readonly string[], log: (line: string) => void,
): void {
  for (const fault of faults) {
    const before = results.of(fault.id);
    if (!before || before.seen || before.steps.some(({ step }) => step === 'selected')) continue;
    const suites = selected(fault.file);
    if (suites.length === 0) continue;
    copy.plant([fault]);
    const result = after(before, 'selected', copy.jest({ args: ['--bail', ...suites.flatMap((suite) => ['--testMatch', `**/${suite}`])], near: dirname(fault.file) }));
    results.write(result);
    log(`${fault.id}: ${result.seen ? result.seen.by : 'not seen by the selected suites'}`);
  }
  copy.plant([]);
}
