/** The workflows `checks` and `nightly` of this repository: every part of `.ci/run`, each in a job of its own. */
import { execFileSync } from 'node:child_process';
import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { shell } from './validators/shell';
import { validate } from './validators/validate';
import { parseWorkflow } from './validators/workflow';
import { SUITES_PART } from '../tools/checks/parts';

const ROOT = join(__dirname, '..');
const parts = execFileSync(join(ROOT, '.ci/run'), ['--list'], { encoding: 'utf8' }).trim().split('\n');

/** What a job of the matrix runs. */
interface Leg {
  readonly part: string;
  readonly slice?: string;
  readonly go: boolean;
}

function workflowOf(name: string) {
  const text = readFileSync(join(ROOT, `.github/workflows/${name}.yml`), 'utf8');
  const { permissions, on, jobs: { check } } = parseWorkflow(text);
  return { text, permissions, on, check, legs: (check.strategy as { matrix: { include: Leg[] } }).matrix.include };
}

const checks = workflowOf('checks');
const nightly = workflowOf('nightly');

test('the matrix of checks names the parts of .ci/run, in the same order', () => {
  expect(checks.legs.map(({ part }) => part)).toEqual(parts.filter((part) => part !== 'node-versions'));
});

test('a night runs every part once, and every slice of the suites', () => {
  const isSlice = ({ part }: Leg) => part === SUITES_PART;
  expect(nightly.legs.filter((leg) => !isSlice(leg)).map(({ part }) => part)).toEqual(parts.filter((part) => part !== SUITES_PART));
  const slices = nightly.legs.filter(isSlice).map(({ slice }) => slice);
  expect(slices).toEqual(slices.map((_, index) => `${index + 1}/${slices.length}`));
});

test('each part is a script of its own, or has its commands in .ci/run', () => {
  const run = readFileSync(join(ROOT, '.ci/run'), 'utf8');
  expect(parts.filter((part) => !run.includes(`\npart_${part}() {\n`) && !existsSync(join(ROOT, '.ci', part)))).toEqual([]);
});

test('a part whose script compiles Go modules has Go', () => {
  const compiles = (part: string) => existsSync(join(ROOT, '.ci', part)) && /command -v go /.test(readFileSync(join(ROOT, '.ci', part), 'utf8'));
  expect(nightly.legs.filter(({ go }) => go).map(({ part }) => part)).toEqual(parts.filter(compiles));
});

test('.ci/run rejects a check that is not there', () => {
  expect(() => execFileSync(join(ROOT, '.ci/run'), ['demo', 'demos'], { stdio: 'pipe' })).toThrow('.ci/run: there is no part demos; see .ci/run --list');
});

test.each([['checks', checks, ['pull_request', 'workflow_dispatch']], ['nightly', nightly, ['schedule', 'workflow_dispatch']]] as const)(
  '%s has the right to read, and the validators find nothing', async (name, { text, on, permissions, check }, events) => {
    expect(Object.keys(on!)).toEqual(events);
    expect([permissions, check.permissions]).toEqual([{}, { contents: 'read' }]);
    expect([...await validate(text, `${name}.yml`), ...await shell(text)]).toEqual([]);
  });
