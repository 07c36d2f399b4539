/** Writes the tables of docs/assumptions.md: `ts-node -T test/conformance/document.ts`. */
import { readFileSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { Assumption, ASSUMPTIONS } from '../../conformance/assumptions';
import { AWS_ASSUMPTIONS } from '../../conformance/aws/assumptions';

const ROOT = join(__dirname, '../..');
export const DOCUMENT = join(ROOT, 'docs/assumptions.md');

const TABLES: readonly (readonly [RegExp, readonly Assumption[]])[] = [
  [blockOf('conformance/assumptions.ts'), ASSUMPTIONS],
  [blockOf('conformance/aws/assumptions.ts'), AWS_ASSUMPTIONS],
];

function blockOf(source: string): RegExp {
  return new RegExp(`(<!-- made by test/conformance/document.ts of ${source} -->\\n)[\\s\\S]*?(\\n<!-- end -->)`);
}

/** The page is part of the npm package, which has no sources: what rests on an assumption is linked in the repository. */
function inRepository(path: string): string {
  const kind = statSync(join(ROOT, path)).isDirectory() ? 'tree' : 'blob';
  return `https://github.com/projen-delivery/projen-delivery/${kind}/main/${path}`;
}

/** The document with the tables as the lists are now. */
export function withTables(document: string): string {
  return TABLES.reduce((text, [block, assumptions]) => {
    if (!block.test(text)) throw new Error(`docs/assumptions.md has no place for the table ${block.source}`);
    return text.replace(block, (_, before: string, after: string) => before + table(assumptions) + after);
  }, document);
}

/** The ids that the document lists, in its order. */
export function idsIn(text: string): string[] {
  return [...text.matchAll(/^\| <a id="[\w-]+"><\/a>`([\w-]+)` \|/gm)].map(([, id]) => id);
}

function table(assumptions: readonly Assumption[]): string {
  return [
    '| Id | Assumption | Source | Used by | If it does not hold | Measured |',
    '|---|---|---|---|---|---|',
    ...assumptions.map(({ id, text, sources, usedBy, ifWrong, notMeasurable }) => `| ${[
      `<a id="${id}"></a>\`${id}\``,
      text,
      sources.length === 0 ? '**unverified**' : sources.map((url, index) => `[${index + 1}](${url})`).join(', '),
      usedBy.map((path) => `[${path.replace(/^src\//, '')}](${inRepository(path)})`).join(', '),
      ifWrong,
      notMeasurable === undefined ? 'yes' : `no: ${notMeasurable}`,
    ].map((cell) => cell.replace(/\|/g, '\\|')).join(' | ')} |`),
  ].join('\n');
}

if (require.main === module) writeFileSync(DOCUMENT, withTables(readFileSync(DOCUMENT, 'utf8')));
