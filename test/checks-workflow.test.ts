/** The workflow `checks` of this repository: every part of `.ci/run`, each in a job of its own. */
import { execFileSync } from 'node:child_process';
import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { shell } from './validators/shell';
import { validate } from './validators/validate';
import { parseWorkflow } from './validators/workflow';

const ROOT = join(__dirname, '..');
const text = readFileSync(join(ROOT, '.github/workflows/checks.yml'), 'utf8');
const { permissions, on, jobs: { check } } = parseWorkflow(text);
const { matrix: { include: legs } } = check.strategy as { matrix: { include: { part: string; go: boolean; java: boolean; python: boolean }[] } };
const parts = execFileSync(join(ROOT, '.ci/run'), ['--list'], { encoding: 'utf8' }).trim().split('\n');

test('its matrix names the parts of .ci/run, in the same order', () => {
  expect(legs.map(({ part }) => part)).toEqual(parts);
});

test('each part has its commands, or is a script of its own', () => {
  const run = readFileSync(join(ROOT, '.ci/run'), 'utf8');
  expect(parts.filter((part) => !run.includes(`\n  ${part})\n`) && !existsSync(join(ROOT, '.ci', part)))).toEqual([]);
});

test('a part whose script compiles Go modules has Go', () => {
  const compiles = (part: string) => existsSync(join(ROOT, '.ci', part)) && /command -v go /.test(readFileSync(join(ROOT, '.ci', part), 'utf8'));
  expect(legs.filter(({ go }) => go).map(({ part }) => part)).toEqual(parts.filter(compiles));
});

test('.ci/run rejects a part that is not there', () => {
  expect(() => execFileSync(join(ROOT, '.ci/run'), ['demo', 'demos'], { stdio: 'pipe' })).toThrow('.ci/run: there is no part demos; see .ci/run --list');
});

test('it runs on pull requests with the right to read, and the validators find nothing', async () => {
  expect(Object.keys(on!)).toEqual(['pull_request', 'workflow_dispatch']);
  expect([permissions, check.permissions]).toEqual([{}, { contents: 'read' }]);
  expect([...await validate(text, 'checks.yml'), ...await shell(text)]).toEqual([]);
});
