/**
 * `ts-node -T test/docs/canary-figures.ts --write`: writes what `npm run bench -- k` measured into docs/canary-analysis.md and docs/figures.md.
 */
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';

const ROOT = join(__dirname, '../..');
const [BEGIN, END] = ['<!-- canary-verdicts: begin -->', '<!-- canary-verdicts: end -->'];
/** So begin the cells of a bad release: "0.1 %, times 50". */
const BAD = /, times \d+$/;

interface Result {
  readonly measuredAt: string;
  readonly machine: string;
  readonly figures: readonly { readonly what: string; readonly measured: string; readonly limit?: string }[];
  readonly table: { readonly headers: readonly string[]; readonly rows: readonly (readonly string[])[]; readonly caption: string };
}

type Page = readonly [path: string, text: string];

/** The pages with the figures of `bench/results`. */
export function pagesWithFigures(): Page[] {
  const { figures, measuredAt, table } = JSON.parse(readFileSync(join(ROOT, 'bench/results/canary-verdicts.json'), 'utf8')) as Result;
  const [, , ...judges] = table.headers.slice(0, -1);
  const healthy = table.rows.filter(([, errors]) => !BAD.test(errors));
  const bad = table.rows.filter(([, errors]) => BAD.test(errors));
  const [, canaries, badCanaries] = /of ([\d,]+) healthy canaries.* of ([\d,]+) bad ones/.exec(table.caption)!;
  const section = [
    `Measured on ${measuredAt.slice(0, 10)}.`,
    '',
    ...markdown(['Figure', 'Measured', 'Limit'], figures.map(({ what, measured, limit }) => [what, measured, limit ?? ''])),
    '',
    `Healthy canaries that are taken back within an hour, of ${canaries} for each row:`,
    '',
    ...markdown(['Traffic', 'Errors', ...judges], healthy.map((row) => row.slice(0, -1))),
    '',
    `Time until a bad release is taken back, median and 99th percentile of ${badCanaries} for each row, and the share within the hour where it is not 100 %:`,
    '',
    ...markdown(['Traffic', 'Errors', ...judges, 'formula'], bad),
  ].join('\n');
  const rows = figures.map(({ what, measured, limit }) => `| k | ${what} | ${measured} | ${limit ?? ''} |`.replace(/ {2}\|$/, ' |'));
  return [
    page('docs/canary-analysis.md', (text) => text.replace(new RegExp(`${BEGIN}[^]*${END}`), () => `${BEGIN}\n${section}\n${END}`)),
    page('docs/figures.md', (text) => text.replace(/(?:^\| k \| .*\n)+/m, () => `${rows.join('\n')}\n`)),
  ];
}

function page(path: string, change: (text: string) => string): Page {
  return [path, change(readFileSync(join(ROOT, path), 'utf8'))];
}

function markdown(headers: readonly string[], rows: readonly (readonly string[])[]): string[] {
  return [headers, headers.map(() => '---'), ...rows].map((row) => `| ${row.join(' | ')} |`.replaceAll('|  |', '| |'));
}

if (require.main === module && process.argv.includes('--write')) for (const [path, text] of pagesWithFigures()) writeFileSync(join(ROOT, path), text);
