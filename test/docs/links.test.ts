import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';

const ROOT = join(__dirname, '../..');
const DOCUMENTS = ['README.md', ...readdirSync(join(ROOT, 'docs')).map((name) => `docs/${name}`)].filter((name) => name.endsWith('.md'));

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

function brokenLinks(document: string): string[] {
  const text = read(join(ROOT, document)).prose.join('\n').replace(/`[^`]*`/g, '');
  return [...text.matchAll(/\]\(([^)\s]+)\)/g)].map(([, link]) => link).filter((link) => {
    if (/^https?:/.test(link)) return false;
    const [path, anchor] = link.split('#');
    const file = path === '' ? join(ROOT, document) : join(ROOT, dirname(document), path);
    return !existsSync(file) || (anchor !== undefined && file.endsWith('.md') && !anchorsOf(file).includes(anchor));
  });
}

test.each(DOCUMENTS)('%s: every code block is closed, and every link within the repository leads somewhere', (document) => {
  expect(read(join(ROOT, document)).isCodeOpen).toBe(false);
  expect(brokenLinks(document)).toEqual([]);
});
