/** Suites that take seconds (`*.ci.ts`) run in `.ci/run`: every one of them, and with as much time as a busy machine needs. */
import { execFileSync } from 'node:child_process';
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join, relative } from 'node:path';

const ROOT = join(__dirname, '..');

/** Long explorations: a person starts them. */
const BY_HAND = ['crashes-github-pages-every-call', 'crashes-lambda-redeploy', 'crashes-laptop', 'crashes-npm-every-call', 'crashes-second-order', 'crashes-servers-every-call', 'crashes-static-site-every-call', 'rejected-writes'].map((name) => `test/tools/model-checker/${name}.ci.ts`);

const files = readdirSync(__dirname, { recursive: true, encoding: 'utf8' })
  .filter((path) => /\.(test|ci)\.ts$/.test(path))
  .map((path) => relative(ROOT, join(__dirname, path)));
const suites = files.filter((path) => path.endsWith('.ci.ts'));

const parts = execFileSync(join(ROOT, '.ci/run'), ['--list'], { encoding: 'utf8' }).trim().split('\n');
const scripts = ['run', ...parts].map((part) => join(ROOT, '.ci', part)).filter((path) => existsSync(path)).map((path) => readFileSync(path, 'utf8'));
const patterns = scripts.flatMap((script) => [...script.matchAll(/'(\*\*\/test\/[^']*\.ci\.ts)'/g)].map(([, pattern]) => pattern));

test('each is run by a part of .ci/run', () => {
  expect(suites.filter((path) => !patterns.some((pattern) => asRegExp(pattern).test(path))).sort()).toEqual(BY_HAND);
});

test('.ci/run names none that is not there', () => {
  expect(patterns.filter((pattern) => !suites.some((path) => asRegExp(pattern).test(path)))).toEqual([]);
  const named = patterns.flatMap((pattern) => /\{([^}]*)\}/.exec(pattern)?.[1].split(',').map((name) => pattern.replace(/\{[^}]*\}/, name)) ?? []);
  expect(named.filter((pattern) => !suites.some((path) => asRegExp(pattern).test(path)))).toEqual([]);
});

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

/** As micromatch reads it, as far as such patterns go. */
function asRegExp(pattern: string): RegExp {
  const parsed = pattern.replaceAll('.', '\\.').replaceAll('**/', '<>').replaceAll('*', '[^/]*').replaceAll('<>', '(.*/)?').replaceAll('{', '(').replaceAll('}', ')').replaceAll(',', '|');
  return new RegExp(`^${parsed}$`);
}
