/** What `.ci/run` runs of a change. */
import { Check } from '../../../tools/checks/inputs';
import { Row } from '../../../tools/checks/pass-table';
import { cost, pending, select, shares } from '../../../tools/checks/selection';

const COMMIT = '0000003aaaa';

const check = (name: string, about: Partial<Check> = {}): Check => ({ name, always: false, nightly: false, isSuite: name.endsWith('.ts'), inputs: [], hash: 'now', ...about });
const row = (name: string, about: Partial<Row> = {}): Row => ({ check: name, result: 'passed', inputs: 'now', commit: 'abc', date: '2026-12-02', seconds: 1, cpuSeconds: 10, ...about });
const passed = (...rows: readonly Row[]) => new Map(rows.map((one) => [one.check, one]));
const many = Array.from({ length: 16 }, (_, index) => `part-${index}`);
const chosen = ({ selected }: ReturnType<typeof select>) => selected.map(({ check: { name }, why }) => `${name}: ${why}`);

test('what always runs is selected whatever the record says', () => {
  expect(chosen(select([check('lint', { always: true })], passed(row('lint')), COMMIT))).toEqual(['lint: always']);
});

test('a check is selected if it passed with other inputs, or never', () => {
  const checks = ['changed', 'new', 'same', ...many].map((name) => check(name));
  const record = passed(row('changed', { inputs: 'before' }), row('same'), ...many.map((name) => row(name)));
  expect(pending(checks, record).map(({ name }) => name)).toEqual(['changed', 'new']);
  expect(chosen(select(checks, record, COMMIT))).toEqual(expect.arrayContaining(['changed: changed', 'new: never passed']));
});

test('each commit adds an eighth of everything else, and eight commits with other hashes add all of it', () => {
  const record = passed(...many.map((name) => row(name)));
  const ofCommit = (digit: number) => chosen(select(many.map((name) => check(name)), record, `000000${digit}`));
  const all = [0, 1, 2, 3, 4, 5, 6, 7].map(ofCommit);
  for (const some of all) expect(some).toHaveLength(2);
  expect(all.flat().sort()).toEqual(many.map((name) => `${name}: one eighth`).sort());
});

test('the shares cost about the same, however unequal the checks are', () => {
  const record = passed(...many.map((name, index) => row(name, { cpuSeconds: index < 2 ? 70 : 5 })));
  const costs = shares(many.map((name) => check(name)), record, 2).map((share) => share.reduce((sum, one) => sum + cost(one, record), 0));
  expect(costs).toEqual([105, 105]);
});

test('what only a night has time for is never selected', () => {
  expect(select([check('second-order', { nightly: true })], passed(), COMMIT).selected).toEqual([]);
});

test('a run that fits into the budget names nothing to run first', () => {
  expect(select([check('a')], passed(row('a', { inputs: 'before', cpuSeconds: 100 })), COMMIT, 100).first).toEqual([]);
});

test('a run that does not fit names the longest of what must run, as few as make it fit', () => {
  const costs = { always: 50, short: 10, long: 80, middle: 30 };
  const record = passed(...Object.entries(costs).map(([name, cpuSeconds]) => row(name, { inputs: 'before', cpuSeconds })));
  const checks = Object.keys(costs).map((name) => check(name, { always: name === 'always' }));
  const first = (budget: number) => select(checks, record, COMMIT, budget).first.map(({ check: { name } }) => name);
  expect(first(169)).toEqual(['long']);
  expect(first(60)).toEqual(['long', 'middle']);
});

test('a check that never passed is taken to cost something', () => {
  expect(['a', 'test/b.ci.ts'].map((name) => cost(check(name), passed()))).toEqual([200, 40]);
});
