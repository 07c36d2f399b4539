/**
 * The table of docs/figures.md with the rollbacks of each target, made from bench/results/target-rollbacks.json.
 * After `npm run bench -- t`: npx ts-node --transpile-only --project test/tsconfig.json test/docs/target-figures.ts
 */
import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';

const ROOT = join(__dirname, '../..');
export const DOCUMENT = join(ROOT, 'docs/figures.md');

export interface Result {
  readonly measuredAt: string;
  readonly machine: string;
  readonly loadBefore: number;
  /** Milliseconds of each rollback, by target. */
  readonly data: Readonly<Record<string, readonly number[]>>;
}

/** Undefined until they are measured. */
export function readResult(): Result | undefined {
  const file = join(ROOT, 'bench/results/target-rollbacks.json');
  return existsSync(file) ? JSON.parse(readFileSync(file, 'utf8')) as Result : undefined;
}

/** One row for each target. */
export function tableOf({ data, loadBefore, machine, measuredAt }: Result): string {
  const seconds = (ms: number) => `${(ms / 1000).toFixed(1)} s`;
  const rows = Object.entries(data).map(([target, restores]) => {
    const sorted = [...restores].sort((a, b) => a - b);
    return `| ${target} | ${seconds(sorted[Math.ceil(sorted.length / 2) - 1])} | ${seconds(sorted.at(-1)!)} | ${sorted.length} |`;
  });
  const [, cores] = /^(\d+ cores)/.exec(machine)!;
  const busy = loadBefore > Number.parseInt(cores, 10) / 2 ? ', a busy machine: quiet ones are faster' : '';
  return ['| Target | Median | Longest | Rollbacks |', '|---|---|---|---|', ...rows, '', `Measured on ${measuredAt.slice(0, 10)}, ${cores}, load ${loadBefore.toFixed(1)}${busy}.`].join('\n');
}

const BLOCK = /(<!-- made by test\/docs\/target-figures\.ts -->\n)[\s\S]*?(\n<!-- end -->)/;

/** The document with the table of a result. */
export function withTable(text: string, result: Result | undefined): string {
  if (!BLOCK.test(text)) throw new Error('docs/figures.md has no place for the table of targets');
  return text.replace(BLOCK, (_, before: string, after: string) => before + (result ? tableOf(result) : 'Not measured yet.') + after);
}

if (require.main === module) writeFileSync(DOCUMENT, withTable(readFileSync(DOCUMENT, 'utf8'), readResult()));
