/**
 * The table of docs/figures.md with the rollbacks of each target, made from bench/results/target-rollbacks.json.
 * After `npm run bench -- t`: npx ts-node --transpile-only --project test/tsconfig.json test/docs/target-figures.ts
 */
import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { TargetRollbacks } from '../../bench/target-rollbacks';

const ROOT = join(__dirname, '../..');
export const DOCUMENT = join(ROOT, 'docs/figures.md');

export interface Result {
  /** By target. */
  readonly data: Readonly<Record<string, TargetRollbacks>>;
}

/** Undefined until they are measured. */
export function readResult(): Result | undefined {
  const file = join(ROOT, 'bench/results/target-rollbacks.json');
  return existsSync(file) ? JSON.parse(readFileSync(file, 'utf8')) as Result : undefined;
}

/** One row for each target. */
export function tableOf({ data }: Result): string {
  const seconds = (ms: number) => `${(ms / 1000).toFixed(1)} s`;
  const rows = Object.entries(data).map(([target, found]) => {
    const { cores, loadBefore, measuredAt, restores } = found;
    const load = `${loadBefore.toFixed(1)} on ${cores} cores${isBusy(found) ? ', busy' : ''}`;
    return `| ${target} | ${seconds(medianOf(restores))} | ${seconds(Math.max(...restores))} | ${restores.length} | ${measuredAt.slice(0, 10)} | ${load} |`;
  });
  return ['| Target | Median | Longest | Rollbacks | Measured on | Load |', '|---|---|---|---|---|---|', ...rows].join('\n');
}

export const medianOf = (values: readonly number[]): number => [...values].sort((a, b) => a - b)[Math.ceil(values.length / 2) - 1];

/** Whether other processes kept half of the machine: a quiet one is faster. */
export const isBusy = ({ cores, loadBefore }: TargetRollbacks): boolean => loadBefore > cores / 2;

const BLOCK = /(<!-- made by test\/docs\/target-figures\.ts -->\n)[\s\S]*?(\n<!-- end -->)/;

/** The document with the table of a result. */
export function withTable(text: string, result: Result | undefined): string {
  if (!BLOCK.test(text)) throw new Error('docs/figures.md has no place for the table of targets');
  return text.replace(BLOCK, (_, before: string, after: string) => before + (result ? tableOf(result) : 'Not measured yet.') + after);
}

if (require.main === module) writeFileSync(DOCUMENT, withTable(readFileSync(DOCUMENT, 'utf8'), readResult()));
