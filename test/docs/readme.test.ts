/** README.md is short, its files are those of the tutorial, and its figures are those of bench/results. */
import { readdirSync, readFileSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { blocksOf } from './page';

const ROOT = join(__dirname, '../..');
const README = readFileSync(join(ROOT, 'README.md'), 'utf8');
const TUTORIAL = readFileSync(join(ROOT, 'docs/tutorial.md'), 'utf8');

/** As `wc -w` counts: code and tables included. */
const MAX_WORDS = 1_500;

/** The first version of each file. */
function filesOf(markdown: string, section?: string): Record<string, string> {
  const files = blocksOf(markdown, section).flatMap((block) => (block.kind === 'file' ? [[block.path, block.text]] : []));
  return Object.fromEntries(files.reverse());
}

/** What bench/results says was measured, and as a limit. */
function results(): string[] {
  const folder = join(ROOT, 'bench/results');
  return readdirSync(folder).filter((name) => name.endsWith('.json')).flatMap((name) => {
    const { figures } = JSON.parse(readFileSync(join(folder, name), 'utf8')) as { figures: { measured: string; limit?: string }[] };
    return figures.map(({ measured, limit }) => `${measured} | ${limit?.replace(/^(≤|fewer than) /, '') ?? ''}`.trim());
  });
}

test(`has at most ${MAX_WORDS} words`, () => {
  expect(README.split(/\s+/).filter((word) => word !== '').length).toBeLessThanOrEqual(MAX_WORDS);
});

test('has the files of the tutorial', () => {
  const files = filesOf(README, 'Quick start');
  expect(Object.keys(files)).toHaveLength(5);
  expect(files).toEqual(filesOf(TUTORIAL));
});

test('has only figures that were measured', () => {
  const [, section] = /^## Figures\n([\s\S]*?)^## /m.exec(README)!;
  const rows = [...section.matchAll(/^\| [^|]+\| (\d[^|]*) \| ([^|]*) ?\|$/gm)].map(([, measured, limit]) => `${measured} | ${limit.trim()}`.trim());
  expect(rows.length).toBeGreaterThanOrEqual(7);
  expect(rows.filter((row) => !results().includes(row))).toEqual([]);
});

test('has a picture that loads fast', () => {
  expect(README).toContain('](docs/run-summary.png)');
  expect(statSync(join(ROOT, 'docs/run-summary.png')).size).toBeLessThanOrEqual(300_000);
});
