/** The pictures of README.md and docs: `.ci/pictures` and `.ci/status-page --keep` take them. */
import { readdirSync, readFileSync } from 'node:fs';
import { join, posix } from 'node:path';

const ROOT = join(__dirname, '../..');
const DOCUMENTS = ['README.md', ...readdirSync(join(ROOT, 'docs'), { recursive: true, encoding: 'utf8' }).map((name) => `docs/${name}`)].filter((name) => name.endsWith('.md'));
const PICTURES = readdirSync(join(ROOT, 'docs')).filter((name) => name.endsWith('.png')).map((name) => `docs/${name}`);
const MAX_BYTES = 200_000;

const named = DOCUMENTS.flatMap((document) => [...readFileSync(join(ROOT, document), 'utf8').matchAll(/!\[([^\]]*)\]\(([^)\s]+\.png)\)/g)].map(([, alt, link]) => ({
  alt: alt!, document, path: posix.join(posix.dirname(document), link!),
})));

test.each(['docs/pull-requests.md', 'docs/jobs.md', 'docs/rehearsal.md', 'docs/monitoring.md'])('%s has a picture', (document) => {
  expect(named.map((one) => one.document)).toContain(document);
});

test('each picture that a page names exists, and the text in its place says what it shows', () => {
  for (const { alt, document, path } of named) {
    expect(`${document}: ${path} ${PICTURES.includes(path)}`).toBe(`${document}: ${path} true`);
    expect(alt.split(' ').length).toBeGreaterThanOrEqual(5);
  }
});

test.each(PICTURES)('%s is on a page, is a PNG, and loads fast', (picture) => {
  expect(named.map(({ path }) => path)).toContain(picture);
  const bytes = readFileSync(join(ROOT, picture));
  expect(bytes.toString('latin1', 1, 4)).toBe('PNG');
  expect(bytes.length).toBeLessThanOrEqual(MAX_BYTES);
});
