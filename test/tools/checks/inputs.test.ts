/** The inputs of the checks of this repository: a change of a file runs what sees its faults. */
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { Checkout, readCheckout } from '../../../tools/checks/checkout';
import { Check, checksOf, partOf, roomsOf } from '../../../tools/checks/inputs';
import { names, PARTS } from '../../../tools/checks/parts';
import { NIGHTLY, PASSED } from '../../../tools/checks/pass-table';
import { EVERYTHING, ROOMS } from '../../../tools/checks/rooms';

const ROOT = join(__dirname, '../../..');
const checkout = readCheckout(ROOT);
const paths = [...checkout.files.keys()];
const checks = checksOf(checkout);

/** The checks of which a file is an input. */
function selectedBy(path: string): string[] {
  expect(checkout.files.has(path)).toBe(true);
  return checks.filter(({ inputs }) => inputs.includes(path)).map(({ name }) => name);
}

test('the hash of a check is another one if the content of an input is, and only then', () => {
  const changed: Checkout = { ...checkout, files: new Map([...checkout.files, ['src/engines/lambda/runtime/lambda-steps.ts', 'another content']]) };
  const before = new Map(checks.map(({ name, hash }) => [name, hash]));
  expect(checksOf(changed).filter(({ name, hash }) => before.get(name) !== hash).map(({ name }) => name)).toEqual(selectedBy('src/engines/lambda/runtime/lambda-steps.ts'));
});

test('what a run writes is an input of no check: a record that is committed makes nothing stale', () => {
  expect([PASSED, NIGHTLY].flatMap(selectedBy)).toEqual([]);
});

test('each file of src, tools and .ci is in a room', () => {
  expect(paths.filter((path) => /^(src|tools|\.ci)\//.test(path) && roomsOf(path).includes(EVERYTHING))).toEqual([]);
});

test('no room names a file or a check that is not there', () => {
  const isThere = (pattern: string) => paths.some((path) => names(pattern, path));
  const unused = ROOMS.flatMap((room) => [
    ...room.files.filter((pattern) => !isThere(pattern) && !existsSync(join(ROOT, pattern))),
    // of a folder without a long suite, as yet
    ...room.checks.filter((pattern) => !checks.some(({ name }) => names(pattern, name)) && !(pattern.endsWith('/') && isThere(pattern))),
  ]);
  expect(unused).toEqual([]);
});

test('each suite belongs to one part', () => {
  const suites = paths.filter((path) => /^test\/.*\.ci\.ts$/.test(path));
  const ofExhaustive = checks.filter(({ isSuite }) => isSuite).map(({ name }) => name);
  expect([...ofExhaustive, ...suites.filter((suite) => partOf(suite))].sort()).toEqual(suites.sort());
  const unused = PARTS.flatMap((part) => part.suites ?? []).filter((pattern) => !suites.some((suite) => names(pattern, suite)));
  expect(unused).toEqual([]);
});

test.each([
  ["an engine's driver", 'src/engines/lambda/runtime/lambda-steps.ts', ['targets/lambda', 'test/engines/lambda/lambda.ci.ts', 'test/tools/model-checker/crashes-lambda.ci.ts'], ['targets/ecs', 'test/engines/ecs/ecs.ci.ts']],
  ['the state machine', 'src/runtime/deployment/state-machine.ts', ['test/tools/model-checker/crashes-first-order.ci.ts', 'test/tools/model-checker/interleavings.ci.ts', 'test/runtime/deployment/rollout-redeploy.ci.ts'], ['targets/lambda', 'site']],
  ['a condition of a job', 'src/ci/github/jobs/conditions.ts', ['test/tools/model-checker/outcomes.ci.ts', 'test/tools/model-checker/chains.ci.ts', 'security'], ['targets/kubernetes', 'test/runtime/monitoring/watch.ci.ts']],
  ['the statistics of a canary', 'src/runtime/analysis/dispersion.ts', ['prometheus', 'test/runtime/deployment/canary-analysis.ci.ts', 'test/tools/model-checker/crashes-analysis.ci.ts'], ['targets/npm', 'test/e2e/monorepo.ci.ts']],
  ['a page of the documentation', 'docs/faq.md', ['site'], ['security', 'test/e2e/shop.ci.ts']],
  ['a stand-in', 'tools/ssh-stand-in/stand-in.ts', ['test/engines/servers/servers.ci.ts', 'test/tools/model-checker/crashes-servers.ci.ts'], ['test/engines/npm/npm.ci.ts']],
  ['a suite itself', 'test/e2e/rerun.ci.ts', ['test/e2e/rerun.ci.ts'], ['test/e2e/shop.ci.ts']],
  ['what a suite imports', 'test/e2e/watched-shop.ts', ['test/e2e/watch.ci.ts'], ['test/e2e/monorepo.ci.ts']],
])('a change of %s runs what sees it, and not what does not', (_, path, seeing, blind) => {
  const selected = selectedBy(path);
  expect(seeing.filter((name) => !selected.includes(name))).toEqual([]);
  expect(blind.filter((name) => selected.includes(name))).toEqual([]);
});

test('a change of an engine runs less than a tenth of all checks', () => {
  expect(selectedBy('src/engines/lambda/runtime/lambda-steps.ts').length).toBeLessThan(checks.length / 10);
});

test('a path without a room, such as the versions of all packages, selects everything', () => {
  const all = (list: readonly Check[]) => list.map(({ name }) => name);
  expect(selectedBy('package-lock.json')).toEqual(all(checks));
});

test('a pattern names a file, part of a name, a folder with all in it, or any path', () => {
  expect(names('src/a.ts', 'src/a.ts')).toBe(true);
  expect(names('src/a.ts', 'src/aats')).toBe(false);
  expect(names('src/a-*', 'src/a-b.ts')).toBe(true);
  expect(names('src/*', 'src/a/b.ts')).toBe(false);
  expect(names('src/', 'src/a/b.ts')).toBe(true);
  expect(names('**', 'src/a/b.ts')).toBe(true);
});
