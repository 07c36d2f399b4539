// Writes the pages of the site to `pages`: the documents of the repository as they are, those of each release as they were, and the gallery.
// What a document links to outside of these is on GitHub.
import { execFileSync } from 'node:child_process';
import { cpSync, existsSync, mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { dirname, join } from 'node:path';
import { gallery } from './gallery.mjs';

const HERE = import.meta.dirname;
const ROOT = join(HERE, '..');
const PAGES = join(HERE, 'pages');
const RAW = 'https://raw.githubusercontent.com/projen-delivery/projen-delivery/main/';
/** Each release has its own pages; older ones are on GitHub. */
const RELEASES = 5;
const DOCUMENTS = ['README.md', 'SECURITY.md', 'CHANGELOG.md', 'API.md', 'docs'];

const git = (...args) => execFileSync('git', args, { cwd: ROOT, encoding: 'utf8' });

function writePages(from, to) {
  const markdown = readdirSync(from, { recursive: true, encoding: 'utf8' }).filter((path) => path.endsWith('.md'));
  for (const path of markdown) {
    const target = join(to, path === 'README.md' ? 'index.md' : path);
    mkdirSync(dirname(target), { recursive: true });
    // a picture that is not part of the package is beside the pages
    writeFileSync(target, readFileSync(join(from, path), 'utf8').replaceAll(RAW, '/pictures/').replace(/\]\(((?:\.\.\/)*)README\.md/g, ']($1index.md'));
  }
  for (const path of readdirSync(from, { recursive: true, encoding: 'utf8' }).filter((name) => /\.(?:png|svg)$/.test(name))) cpSync(join(from, path), join(to, path));
}

/** The documents of the work tree, or those of a tag. */
function documentsOf(tag) {
  const folder = join(PAGES, '.documents');
  rmSync(folder, { recursive: true, force: true });
  mkdirSync(folder, { recursive: true });
  if (tag === undefined) {
    for (const path of DOCUMENTS) cpSync(join(ROOT, path), join(folder, path), { recursive: true });
  } else {
    const present = DOCUMENTS.filter((path) => git('ls-tree', tag, '--', path) !== '');
    execFileSync('tar', ['--extract', `--directory=${folder}`], { input: execFileSync('git', ['archive', tag, '--', ...present], { cwd: ROOT, maxBuffer: 1e9 }) });
  }
  return folder;
}

rmSync(PAGES, { recursive: true, force: true });
const releases = git('tag', '--list', 'v*', '--sort=-version:refname').split('\n').filter((tag) => /^v\d+\.\d+\.\d+$/.test(tag)).slice(0, RELEASES);
for (const tag of [undefined, ...releases]) {
  const documents = documentsOf(tag);
  writePages(documents, tag === undefined ? PAGES : join(PAGES, tag));
  rmSync(documents, { recursive: true });
}
writeFileSync(join(PAGES, 'gallery.md'), gallery(ROOT));
// the latest pages are those of a release if it has this commit
const commit = git('rev-parse', 'HEAD').trim();
const [released] = git('tag', '--points-at', commit).split('\n').filter((tag) => releases.includes(tag));
const built = released ?? `the commit ${commit.slice(0, 7)}${releases.length > 0 ? `, after ${releases[0]}` : ''}`;
writeFileSync(join(PAGES, 'versions.json'), `${JSON.stringify({ built, releases })}\n`);

const files = join(PAGES, 'public');
mkdirSync(join(files, 'pictures/bench/results'), { recursive: true });
for (const name of readdirSync(join(ROOT, 'bench/results')).filter((one) => one.endsWith('.svg'))) cpSync(join(ROOT, 'bench/results', name), join(files, 'pictures/bench/results', name));
// its own bundle for browsers: it is loaded only by pages with a diagram
const mermaid = join(dirname(createRequire(import.meta.url).resolve('mermaid/package.json')), 'dist/mermaid.min.js');
if (!existsSync(mermaid)) throw new Error(`${mermaid} is missing: run npm ci in site`);
cpSync(mermaid, join(files, 'mermaid.min.js'));
