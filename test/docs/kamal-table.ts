/**
 * The table of docs/targets/servers-containers.md beside Kamal, made from bench/results/servers-and-kamal.json.
 * After `npm run bench -- p`: npx ts-node --transpile-only --project test/tsconfig.json test/docs/kamal-table.ts
 */
import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';

const ROOT = join(__dirname, '../..');
export const DOCUMENT = join(ROOT, 'docs/targets/servers-containers.md');

export interface Result {
  readonly measuredAt: string;
  readonly machine: string;
  readonly loadBefore: number;
  readonly table: { readonly headers: readonly string[]; readonly rows: readonly (readonly string[])[]; readonly caption: string };
}

/** Undefined until it is measured. */
export function readResult(): Result | undefined {
  const file = join(ROOT, 'bench/results/servers-and-kamal.json');
  return existsSync(file) ? JSON.parse(readFileSync(file, 'utf8')) as Result : undefined;
}

function tableOf({ loadBefore, machine, measuredAt, table }: Result): string {
  const row = (cells: readonly string[]) => `|${cells.map((cell) => (cell === '' ? ' |' : ` ${cell} |`)).join('')}`;
  const [, cores] = /^(\d+ cores)/.exec(machine)!;
  return [
    row(table.headers), `|${table.headers.map(() => '---|').join('')}`, ...table.rows.map(row), '',
    `${table.caption}. Measured on ${measuredAt.slice(0, 10)}, ${cores}, load ${loadBefore.toFixed(1)}.`,
  ].join('\n');
}

const BLOCK = /(<!-- made by test\/docs\/kamal-table\.ts -->\n)[\s\S]*?(\n<!-- end -->)/;

/** The document with the table of a result. */
export function withTable(text: string, result: Result | undefined): string {
  if (!BLOCK.test(text)) throw new Error('docs/targets/servers-containers.md has no place for the table beside Kamal');
  return text.replace(BLOCK, (_, before: string, after: string) => before + (result ? tableOf(result) : 'Not measured yet.') + after);
}

if (require.main === module) writeFileSync(DOCUMENT, withTable(readFileSync(DOCUMENT, 'utf8'), readResult()));
