import { Fault } from './fault';
import { Result, Step } from './result';

/** The results of one run. */
export interface Run {
  readonly commit: string;
  readonly date: string;
  readonly faults: Readonly<Record<string, Pick<Result, 'seen' | 'steps'>>>;
}

/** By name: `before`, `after`. */
export type Runs = Readonly<Record<string, Run>>;

export function runOf(faults: readonly Fault[], resultOf: (id: string) => Result | undefined): Run {
  const all = faults.flatMap(({ id }) => resultOf(id) ?? []);
  if (all.length === 0) throw new Error('no fault has a result yet');
  const date = new Date().toISOString().slice(0, 10);
  // a fault that was not seen may have been tried again when there was a test for it
  const commits = [...new Set(all.map(({ commit }) => commit))];
  return { commit: commits.join(', '), date, faults: Object.fromEntries(all.map(({ id, seen, steps }) => [id, { seen, steps }])) };
}

const IN_NPM_TEST: readonly Step[] = ['folder', 'related', 'all'];

/** What a fault may not have been tried with, in words. */
const REST: Partial<Record<Step, string>> = { all: 'all of `npm test`', selected: 'all suites that they select' };

/** The rates, and for each fault what saw it, in Markdown. */
export function report(runs: Runs, faults: readonly Fault[]): string {
  const names = Object.keys(runs);
  const share = (name: string, steps: readonly Step[]) => {
    const tried = faults.flatMap(({ id }) => runs[name]!.faults[id] ?? []);
    const count = tried.filter(({ seen }) => seen !== undefined && steps.includes(seen.step)).length;
    // what the nearest tests do not see may be seen by the rest
    const last = steps.at(-1)!;
    const undecided = tried.filter(({ seen, steps: run }) => seen === undefined && !run.some(({ step }) => step === last)).length;
    const rate = `${count} of ${tried.length} (${Math.round(count / tried.length * 100)} %)`;
    const rest = REST[last];
    return undecided === 0 || rest === undefined ? rate : `at least ${rate}; ${undecided} were not tried with ${rest}`;
  };
  const rates: readonly (readonly [string, readonly Step[]])[] = [
    ['the tests of the folder', ['folder']], ['`npm test`', IN_NPM_TEST], ['`npm test` and the selected parts', [...IN_NPM_TEST, 'selected']],
  ];
  const seenBy = (name: string, id: string) => {
    const result = runs[name]!.faults[id];
    if (result === undefined) return 'not tried';
    return result.seen?.by.replace(/^test\//, '') ?? `**not by** ${result.steps.map(({ step }) => step).join(', ')}`;
  };
  return [
    ...table(['Noticed by', ...names.map((name) => `${name} (${runs[name]!.commit})`)], rates.map(([what, steps]) => [what, ...names.map((name) => share(name, steps))])),
    '',
    ...table(['File', 'Fault', ...names], faults.map(({ file, id, what }) => [file.replace(/^src\//, ''), what.replaceAll('|', '\\|'), ...names.map((name) => seenBy(name, id))])),
  ].join('\n');
}

function table(head: readonly string[], rows: readonly (readonly string[])[]): string[] {
  return [head, head.map(() => '---'), ...rows].map((cells) => `| ${cells.join(' | ')} |`);
}
