/** A table of what ran, as a Markdown file that people read and git merges line by line. */
import { existsSync, readFileSync, writeFileSync } from 'node:fs';

/** What `.ci/run` and `.ci/nightly` write. */
export const PASSED = '.ci/passed.md';
export const NIGHTLY = '.ci/nightly.md';

export interface Row {
  readonly check: string;
  readonly result: 'passed' | 'failed';
  /** The hash of the inputs that it ran with. */
  readonly inputs: string;
  readonly commit: string;
  readonly date: string;
  readonly seconds: number;
  readonly cpuSeconds: number;
}

const HEADINGS = ['check', 'result', 'inputs', 'commit', 'date', 'seconds', 'CPU s'];

export function readTable(file: string): Map<string, Row> {
  return existsSync(file) ? parseTable(readFileSync(file, 'utf8'), file) : new Map();
}

/** @param file is named in errors */
export function parseTable(text: string, file: string): Map<string, Row> {
  const lines = text.split('\n').filter((line) => /^\| [^|-]/.test(line)).slice(1);
  return new Map(lines.map((line) => {
    const [check, result, inputs, commit, date, seconds, cpuSeconds] = line.split('|').slice(1, -1).map((cell) => cell.trim());
    if (result !== 'passed' && result !== 'failed') throw new Error(`${file}: the row of ${check} has the result '${result}'; write passed or failed`);
    return [check, { check, result, inputs, commit, date, seconds: Number(seconds), cpuSeconds: Number(cpuSeconds) }];
  }));
}

/** Replaces the rows of the checks that are named, keeps those of others, and drops those of checks that are no longer there. */
export function updateTable(file: string, heading: string, rows: readonly Row[], known: ReadonlySet<string>): void {
  const table = new Map([...readTable(file)].filter(([check]) => known.has(check)));
  for (const row of rows) table.set(row.check, row);
  const lines = [...table.values()].sort((a, b) => (a.check < b.check ? -1 : 1))
    .map((row) => tableRow([row.check, row.result, row.inputs, row.commit, row.date, String(row.seconds), String(row.cpuSeconds)]));
  writeFileSync(file, [heading.trim(), '', tableRow(HEADINGS), tableRow(HEADINGS.map(() => '---')), ...lines, ''].join('\n'));
}

function tableRow(cells: readonly string[]): string {
  return `| ${cells.join(' | ')} |`;
}
