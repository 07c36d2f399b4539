/** Writes the table of docs/assumptions.md: `ts-node -T test/conformance/document.ts`. */
import { readFileSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { Assumption, ASSUMPTIONS } from '../../conformance/assumptions';

const ROOT = join(__dirname, '../..');
export const DOCUMENT = join(ROOT, 'docs/assumptions.md');

const BLOCK = /(<!-- made by test\/conformance\/document\.ts of conformance\/assumptions\.ts -->\n)[\s\S]*?(\n<!-- end -->)/;

/** The page is part of the npm package, which has no sources: what rests on an assumption is linked in the repository. */
function inRepository(path: string): string {
  const kind = statSync(join(ROOT, path)).isDirectory() ? 'tree' : 'blob';
  return `https://github.com/projen-delivery/projen-delivery/${kind}/main/${path}`;
}

/** The document with the table as the list is now. */
export function withTable(text: string): string {
  if (!BLOCK.test(text)) throw new Error('docs/assumptions.md has no place for the table');
  return text.replace(BLOCK, (_, before: string, after: string) => before + table(ASSUMPTIONS) + after);
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

if (require.main === module) writeFileSync(DOCUMENT, withTable(readFileSync(DOCUMENT, 'utf8')));
