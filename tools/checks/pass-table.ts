/** A table of what ran, as a Markdown file that people read and git merges line by line. */
import { existsSync, readFileSync, writeFileSync } from 'node:fs';

/** What `.ci/run` and `.ci/nightly` write. */
export const PASSED = '.ci/passed.md';
export const NIGHTLY = '.ci/nightly.md';

/** `second try`: it failed, and passed when it ran once more, alone. */
export type Result = 'passed' | 'second try' | 'failed';
const RESULTS: readonly string[] = ['passed', 'second try', 'failed'] satisfies readonly Result[];

export interface Row {
  readonly check: string;
  readonly result: Result;
  /** The hash of the inputs that it ran with. */
  readonly inputs: string;
  readonly commit: string;
  readonly date: string;
  readonly seconds: number;
  readonly cpuSeconds: number;
  /** Of a suite that is sampled: `3/8` or `all`. */
  readonly share: string;
}

const HEADINGS = ['check', 'result', 'inputs', 'commit', 'date', 'seconds', 'CPU s', 'share'];

export function readTable(file: string): Map<string, Row> {
  return existsSync(file) ? parseTable(readFileSync(file, 'utf8'), file) : new Map();
}

/** @param file is named in errors */
export function parseTable(text: string, file: string): Map<string, Row> {
  const lines = text.split('\n').filter((line) => /^\| [^|-]/.test(line)).slice(1);
  return new Map(lines.map((line) => {
    const [check, result, inputs, commit, date, seconds, cpuSeconds, share = ''] = line.split('|').slice(1, -1).map((cell) => cell.trim());
    if (!isResult(result)) throw new Error(`${file}: the row of ${check} has the result '${result}'; write ${RESULTS.join(', ')}`);
    return [check, { check, result, inputs, commit, date, seconds: Number(seconds), cpuSeconds: Number(cpuSeconds), share }];
  }));
}

/** Replaces the rows of the checks that are named, keeps those of others, and drops those of checks that are no longer there. */
export function updateTable(file: string, heading: string, rows: readonly Row[], known: ReadonlySet<string>): void {
  const table = new Map([...readTable(file)].filter(([check]) => known.has(check)));
  for (const row of rows) table.set(row.check, row);
  const lines = [...table.values()].sort((a, b) => (a.check < b.check ? -1 : 1))
    .map((row) => tableRow([row.check, row.result, row.inputs, row.commit, row.date, String(row.seconds), String(row.cpuSeconds), row.share]));
  writeFileSync(file, [heading.trim(), '', tableRow(HEADINGS), tableRow(HEADINGS.map(() => '---')), ...lines, ''].join('\n'));
}

export function isResult(text: string): text is Result {
  return RESULTS.includes(text);
}

function tableRow(cells: readonly string[]): string {
  return `| ${cells.join(' | ')} |`;
}
