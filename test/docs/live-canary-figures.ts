/**
 * The table of docs/canary.md with releases behind a real HAProxy, made from bench/results/live-canaries.json.
 * After `npm run bench -- l`: npx ts-node --transpile-only --project test/tsconfig.json test/docs/live-canary-figures.ts
 */
import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';

const ROOT = join(__dirname, '../..');
export const DOCUMENT = join(ROOT, 'docs/canary.md');

export interface Result {
  readonly measuredAt: string;
  readonly machine: string;
  readonly loadBefore: number;
  readonly figures: readonly { readonly what: string; readonly measured: string }[];
  readonly table: { readonly headers: readonly string[]; readonly rows: readonly (readonly string[])[]; readonly caption: string };
}

/** Undefined until they are measured. */
export function readResult(): Result | undefined {
  const file = join(ROOT, 'bench/results/live-canaries.json');
  return existsSync(file) ? JSON.parse(readFileSync(file, 'utf8')) as Result : undefined;
}

function tableOf({ figures, loadBefore, machine, measuredAt, table }: Result): string {
  const row = (cells: readonly string[]) => `| ${cells.join(' | ')} |`.replaceAll('|  |', '| |').replaceAll('|  |', '| |');
  const [, cores] = /^(\d+ cores)/.exec(machine)!;
  const [{ measured, what }] = figures as [Result['figures'][number]];
  return [
    row(table.headers), row(table.headers.map(() => '---')), ...table.rows.map(row), '',
    `${table.caption}.`, '',
    `${what.charAt(0).toUpperCase()}${what.slice(1)}: ${measured}. Measured on ${measuredAt.slice(0, 10)}, ${cores}, load ${loadBefore.toFixed(1)}.`,
  ].join('\n');
}

const BLOCK = /(<!-- made by test\/docs\/live-canary-figures\.ts -->\n)[\s\S]*?(\n<!-- end -->)/;

/** The document with the table of a result. */
export function withTable(text: string, result: Result | undefined): string {
  if (!BLOCK.test(text)) throw new Error('docs/canary.md has no place for the releases behind a real HAProxy');
  return text.replace(BLOCK, (_, before: string, after: string) => before + (result ? tableOf(result) : 'Not measured yet.') + after);
}

if (require.main === module) writeFileSync(DOCUMENT, withTable(readFileSync(DOCUMENT, 'utf8'), readResult()));
