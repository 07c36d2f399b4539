/** What a landing runs. */
import { aCheck, aRow, table } from './check-rows';
import { Changes } from '../../../tools/checks/debt';
import { Check } from '../../../tools/checks/inputs';
import { Row } from '../../../tools/checks/pass-table';
import { cost, nightCost, select, Selection, shareOf, shares } from '../../../tools/checks/selection';

const COMMIT = '0000003aaaa';
const CHANGES: Changes = { since: () => new Map() };

function selection(checks: readonly Check[], rows: readonly Row[], { commit = COMMIT, budget = 3_000 } = {}): Selection {
  return select(checks, table(...rows), CHANGES, commit, budget);
}

const many = Array.from({ length: 16 }, (_, index) => `part-${index}`);
const chosen = (...args: Parameters<typeof selection>) => selection(...args).selected.map(({ check: { name }, why }) => `${name}: ${why}`);

test('what always runs is selected whatever the record says, and however little the budget is', () => {
  expect(chosen([aCheck('lint', { always: true })], [aRow('lint')], { budget: 1 })).toEqual(['lint: always']);
});

test('what is owed is selected until the budget is used up; the rest is left, and nothing is refused', () => {
  const checks = [aCheck('lint', { always: true }), ...many.map((name) => aCheck(name))];
  const rows = [aRow('lint', { cpuSeconds: 50 }), ...many.map((name) => aRow(name, { inputs: 'before', cpuSeconds: 30 }))];
  const { selected, cpuSeconds, left } = selection(checks, rows, { budget: 150 });
  expect(selected.map(({ why }) => why)).toEqual(['always', 'owed', 'owed', 'owed']);
  expect(cpuSeconds).toBe(140);
  expect(left).toHaveLength(13);
});

test('a check that is too long for what is left of the budget lets shorter ones go ahead', () => {
  const costs = { short: 10, long: 80, middle: 30 };
  const rows = Object.entries(costs).map(([name, cpuSeconds]) => aRow(name, { inputs: 'before', cpuSeconds }));
  const { selected, left } = selection(Object.keys(costs).map((name) => aCheck(name)), rows, { budget: 60 });
  expect(selected.map(({ check: { name } }) => name).sort()).toEqual(['middle', 'short']);
  expect(left.map(({ check: { name } }) => name)).toEqual(['long']);
});

test('while there is debt, nothing else is selected', () => {
  const checks = ['stale', ...many].map((name) => aCheck(name));
  expect(chosen(checks, [aRow('stale', { inputs: 'before' }), ...many.map((name) => aRow(name))])).toEqual(['stale: owed']);
});

test('without debt each commit adds an eighth of everything else, and eight commits with other hashes add all of it', () => {
  const ofCommit = (digit: number) => chosen(many.map((name) => aCheck(name)), many.map((name) => aRow(name)), { commit: `000000${digit}` });
  const all = [0, 1, 2, 3, 4, 5, 6, 7].map(ofCommit);
  for (const some of all) expect(some).toHaveLength(2);
  expect(all.flat().sort()).toEqual(many.map((name) => `${name}: one eighth`).sort());
});

test('the eighth fills at most half of the budget', () => {
  const some = selection(many.map((name) => aCheck(name)), many.map((name) => aRow(name, { cpuSeconds: 30 })), { budget: 100 });
  expect(some.selected.map(({ why }) => why)).toEqual(['one eighth']);
});

test('the selection is the same each time, and another one at another commit', () => {
  const checks = many.map((name) => aCheck(name));
  const rows = many.map((name) => aRow(name, { inputs: 'before', cpuSeconds: 30 }));
  expect(chosen(checks, rows, { budget: 100 })).toEqual(chosen(checks, rows, { budget: 100 }));
  expect(new Set(['1', '2', '3', '4'].map((commit) => chosen(checks, rows, { budget: 100, commit }).join())).size).toBeGreaterThan(1);
});

test('the shares cost about the same, however unequal the checks are', () => {
  const record = table(...many.map((name, index) => aRow(name, { cpuSeconds: index < 2 ? 70 : 5 })));
  const costOf = (check: Check) => cost(check, record);
  const costs = shares(many.map((name) => aCheck(name)), costOf, 2).map((share) => share.reduce((sum, one) => sum + costOf(one), 0));
  expect(costs).toEqual([105, 105]);
});

test('what only a night has time for is never selected', () => {
  expect(selection([aCheck('node-versions', { nightly: true })], []).selected).toEqual([]);
});

test('a check that never passed is taken to cost something', () => {
  expect(['a', 'test/b.ci.ts'].map((name) => cost(aCheck(name), table()))).toEqual([200, 40]);
});

test('a sampled suite costs an eighth in a landing, and all of it at night, whichever its row has', () => {
  const check = aCheck('test/mutants.ci.ts', { isSampled: true });
  const [whole, share] = [{ share: 'all', cpuSeconds: 800 }, { share: '3/8', cpuSeconds: 100 }].map((about) => table(aRow(check.name, about)));
  expect([cost(check, whole), nightCost(check, whole)]).toEqual([100, 800]);
  expect([cost(check, share), nightCost(check, share)]).toEqual([100, 800]);
});

test('the commit chooses the share of the sampled suites', () => {
  expect(['0000000', '0000003', '000000f'].map(shareOf)).toEqual(['1/8', '4/8', '8/8']);
});
