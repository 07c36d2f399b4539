/**
 * Links in README.md, SECURITY.md, CHANGELOG.md and docs. They are part of the npm package: a relative link names a file that ships. Whatever else the repository holds
 * (sources, tests, examples) is linked as https://github.com/projen-delivery/projen-delivery/blob/main/<file> or .../tree/main/<folder>.
 */
import { execFileSync } from 'node:child_process';
import { existsSync, readdirSync, readFileSync, statSync } from 'node:fs';
import { join, posix } from 'node:path';

const ROOT = join(__dirname, '../..');
const REPOSITORY = 'https://github.com/projen-delivery/projen-delivery/';
const DOCUMENTS = ['README.md', 'SECURITY.md', 'CHANGELOG.md', ...readdirSync(join(ROOT, 'docs'), { recursive: true }).map((name) => `docs/${String(name)}`)].filter((name) => name.endsWith('.md'));

const [{ files }] = JSON.parse(execFileSync('npm', ['pack', '--dry-run', '--json', '--ignore-scripts'], { cwd: ROOT, encoding: 'utf8' })) as [{ files: { path: string }[] }];
const shipped = new Set(files.map(({ path }) => path));

/** A document's prose, and how many of its code blocks are open at its end. */
function read(path: string): { readonly prose: string[]; readonly isCodeOpen: boolean } {
  const prose: string[] = [];
  let fence: string | undefined;
  for (const line of readFileSync(path, 'utf8').split('\n')) {
    const [, found, language] = /^\s*(```+)(\S*)/.exec(line) ?? [];
    if (fence === undefined && found === undefined) prose.push(line);
    // a block within a block is one that was not closed
    else if (fence === undefined) fence = found;
    else if (found === fence && language === '') fence = undefined;
    else if (found === fence) return { prose, isCodeOpen: true };
  }
  return { prose, isCodeOpen: fence !== undefined };
}

/** As GitHub names headings. */
function anchorsOf(path: string): string[] {
  return read(path).prose
    .filter((line) => /^#+ /.test(line))
    .map((line) => line.replace(/^#+ /, '').toLowerCase().replace(/[^\p{L}\p{N} _-]/gu, '').replace(/ /g, '-'));
}

function linksOf(document: string): string[] {
  const text = read(join(ROOT, document)).prose.join('\n').replace(/`[^`]*`/g, '');
  return [...text.matchAll(/\]\(([^)\s]+)\)/g)].map(([, link]) => link);
}

/** What is wrong with a link of a document; undefined if nothing is. */
function faultOf(document: string, link: string): string | undefined {
  const [address, anchor] = link.split('#');
  if (address.startsWith(REPOSITORY)) return faultOfRepositoryLink(address.slice(REPOSITORY.length));
  if (/^https?:/.test(address)) return undefined;
  const path = address === '' ? document : posix.join(posix.dirname(document), address);
  if (!shipped.has(path)) return `${path} is no file of the npm package`;
  return anchor === undefined || !path.endsWith('.md') || anchorsOf(join(ROOT, path)).includes(anchor) ? undefined : `${path} has no heading #${anchor}`;
}

/** `blob/main/<file>` or `tree/main/<folder>`. Other pages (issues, releases) are not in the checkout. */
function faultOfRepositoryLink(path: string): string | undefined {
  const [, kind, name] = /^(blob|tree)\/main\/(.+?)\/?$/.exec(path) ?? [];
  if (name === undefined) return undefined;
  if (!existsSync(join(ROOT, name))) return `${name} is not in the repository`;
  return statSync(join(ROOT, name)).isDirectory() === (kind === 'tree') ? undefined : `${name} is linked as ${kind}`;
}

test.each(DOCUMENTS)('%s: every code block is closed, and every link leads to a file of the package or of the repository', (document) => {
  expect(read(join(ROOT, document)).isCodeOpen).toBe(false);
  expect(linksOf(document).map((link) => [link, faultOf(document, link)]).filter(([, fault]) => fault !== undefined)).toEqual([]);
});

test.each(DOCUMENTS)('%s is part of the npm package', (document) => {
  expect(shipped).toContain(document);
});

test.each([
  ['../test/docs', 'test/docs is no file of the npm package'],
  ['../src/index.ts', 'src/index.ts is no file of the npm package'],
  ['rollback.md#by-foot', 'docs/rollback.md has no heading #by-foot'],
  [`${REPOSITORY}blob/main/src/nowhere.ts`, 'src/nowhere.ts is not in the repository'],
  [`${REPOSITORY}blob/main/src`, 'src is linked as blob'],
  [`${REPOSITORY}issues`, undefined],
  ['rollback.md#by-hand', undefined],
])('a link to %s: %s', (link, fault) => {
  expect(faultOf('docs/jobs.md', link)).toBe(fault);
});
