/** Suites have as much time as a busy machine needs. tools/checks says which part runs each. */
import { readdirSync, readFileSync } from 'node:fs';
import { join, relative } from 'node:path';

const ROOT = join(__dirname, '..');

const files = readdirSync(__dirname, { recursive: true, encoding: 'utf8' })
  .filter((path) => /\.(test|ci)\.ts$/.test(path))
  .map((path) => relative(ROOT, join(__dirname, path)));

test('the suites that jest begins with are there', () => {
  const named = [...readFileSync(join(__dirname, 'longest-first.cjs'), 'utf8').matchAll(/'([\w/-]+\.(?:test|ci)\.ts)'/g)].map(([, path]) => `test/${path}`);
  expect(named.length).toBeGreaterThan(10);
  expect(named.filter((path) => !files.includes(path))).toEqual([]);
});

test("none has less time than jest's limit, which is meant for busy machines", () => {
  const { jest: { testTimeout } } = JSON.parse(readFileSync(join(ROOT, 'package.json'), 'utf8')) as { jest: { testTimeout: number } };
  const limits = (path: string) => [...readFileSync(join(ROOT, path), 'utf8').matchAll(/jest\.setTimeout\(([\d_]+)\)|^\s*\}, ([\d_]+)\);$/gm)]
    .map(([, ofFile, ofTest]) => Number((ofFile ?? ofTest).replaceAll('_', '')));
  expect(testTimeout).toBe(300_000);
  expect(files.filter((path) => limits(path).some((limit) => limit < testTimeout))).toEqual([]);
});
