/** What is owed, and in which order runs pay it. */
import { aCheck, aRow, table } from './check-rows';
import { Changes, debtOf, sliceOf } from '../../../tools/checks/debt';

const COMMIT = '0000003aaaa';
const DAY = 86_400;

/** Files that changed after the commit of each row, with the day of it. */
const changed = (files: Record<string, number>): Changes => ({ since: () => new Map(Object.entries(files).map(([path, day]) => [path, day * DAY])) });
const owedNames = (...args: Parameters<typeof debtOf>) => debtOf(...args).map(({ check: { name } }) => name);
const stale = (name: string) => aRow(name, { inputs: 'before' });

test('a check is owed if it passed with other inputs, or never', () => {
  const checks = ['changed', 'new', 'same'].map((name) => aCheck(name));
  expect(owedNames(checks, table(stale('changed'), aRow('same')), changed({}), COMMIT).sort()).toEqual(['changed', 'new']);
});

test('what always runs, and what only a night runs, is never owed', () => {
  expect(owedNames([aCheck('lint', { always: true }), aCheck('node-versions', { nightly: true })], table(), changed({}), COMMIT)).toEqual([]);
});

test('a check whose rooms name a changed file comes before one that only imports it, however long that is owed', () => {
  const near = aCheck('near', { inputs: ['src/a.ts'], named: ['src/a.ts'] });
  const far = aCheck('far', { inputs: ['tools/b.ts'] });
  const debt = debtOf([far, near], table(stale('near'), stale('far')), changed({ 'src/a.ts': 9, 'tools/b.ts': 2 }), COMMIT);
  expect(debt.map(({ check: { name }, isNear }) => [name, isNear])).toEqual([['near', true], ['far', false]]);
});

test('of two that are as near, the one owed longest comes first: since the first change of one of its inputs', () => {
  const checks = [['young', 'a'], ['old', 'b']].map(([name, path]) => aCheck(name, { inputs: [path, 'c'], named: [path] }));
  const debt = debtOf(checks, table(stale('young'), stale('old')), changed({ a: 5, b: 3, c: 8 }), COMMIT);
  expect(debt.map(({ check: { name }, since }) => [name, since / DAY])).toEqual([['old', 3], ['young', 5]]);
});

test('what never passed comes first', () => {
  const old = aCheck('old', { inputs: ['a'], named: ['a'] });
  expect(owedNames([old, aCheck('new')], table(stale('old')), changed({ a: 1 }), COMMIT)).toEqual(['new', 'old']);
});

test('of two that are equal, the hash of the commit chooses', () => {
  const checks = Array.from({ length: 6 }, (_, index) => aCheck(`check-${index}`));
  const orders = new Set(['a', 'b', 'c', 'd'].map((commit) => owedNames(checks, table(), changed({}), commit).join()));
  expect(orders.size).toBeGreaterThan(1);
  expect(owedNames(checks, table(), changed({}), 'a')).toEqual(owedNames([...checks].reverse(), table(), changed({}), 'a'));
});

test('where the commit of a row is not in the clone, the check is owed since the day of its row', () => {
  const [{ since, isNear }] = debtOf([aCheck('a', { inputs: ['x'], named: ['x'] })], table(stale('a')), { since: () => undefined }, COMMIT);
  expect({ since: new Date(since * 1000).toISOString(), isNear }).toEqual({ since: '2026-12-02T00:00:00.000Z', isNear: false });
});

test('the slices of the debt hold each check once, also if one was paid before the next begins', () => {
  const all = Array.from({ length: 40 }, (_, index) => aCheck(`check-${index}`));
  const first = sliceOf(all, 1, 3);
  const left = all.filter((check) => !first.includes(check));
  const others = [sliceOf(left, 2, 3), sliceOf(left, 3, 3)];
  expect([first, ...others].flat().sort((a, b) => all.indexOf(a) - all.indexOf(b))).toEqual(all);
  for (const slice of [first, ...others]) expect(slice.length).toBeGreaterThan(4);
});
