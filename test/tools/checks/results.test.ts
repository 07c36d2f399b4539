/** What is recorded of a run: only what passed, and only for inputs that are committed. */
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Check } from '../../../tools/checks/inputs';
import { readTable, updateTable } from '../../../tools/checks/pass-table';
import { rowsOf, withCommittedInputs } from '../../../tools/checks/results';

const COMMIT = '0123456789abcdef';
const check = (name: string, ...inputs: readonly string[]): Check => ({ name, always: false, nightly: false, isSuite: false, inputs, hash: `hash of ${name}` });
const checks = [check('a', 'src/a.ts'), check('b', 'src/b.ts')];
const rows = (results: string) => rowsOf(results, checks, COMMIT, new Date('2026-12-02T01:00:00Z'));

const folder = mkdtempSync(join(tmpdir(), 'checks-'));
afterAll(() => rmSync(folder, { recursive: true }));

test('a row says with which inputs, at which commit and when a check ran, and what it took', () => {
  expect(rows('a\tpassed\t61.4\t30.6\n')).toEqual([{ check: 'a', result: 'passed', inputs: 'hash of a', commit: '0123456789ab', date: '2026-12-02', seconds: 61, cpuSeconds: 31 }]);
});

test('a result of a check that is not there is an error', () => {
  expect(() => rows('c\tpassed\t1\t1\n')).toThrow("'c\tpassed\t1\t1' is not the result of a check");
  expect(() => rows('a\tskipped\t1\t1\n')).toThrow('is not the result of a check');
});

test('what failed is not recorded', () => {
  expect(withCommittedInputs(rows('a\tfailed\t1\t1\nb\tpassed\t1\t1\n'), checks, []).recorded.map((row) => row.check)).toEqual(['b']);
});

test('what passed with a file that is not committed is not recorded, and named', () => {
  const { recorded, refused } = withCommittedInputs(rows('a\tpassed\t1\t1\nb\tpassed\t1\t1\n'), checks, ['src/b.ts', 'README.md']);
  expect(recorded.map((row) => row.check)).toEqual(['a']);
  expect(refused).toEqual([{ check: 'b', changed: 'src/b.ts' }]);
});

test('nothing is recorded for a commit that is not there', () => {
  expect(withCommittedInputs(rows('a\tpassed\t1\t1\n'), checks, undefined).recorded).toEqual([]);
});

test('the table keeps the rows of other checks, replaces those that ran, and drops those of checks that are gone', () => {
  const file = join(folder, 'passed.md');
  updateTable(file, '# Heading', [...rows('a\tpassed\t1\t1\nb\tpassed\t2\t2\n')], new Set(['a', 'b']));
  updateTable(file, '# Heading', rows('a\tpassed\t9\t9\n'), new Set(['a', 'b']));
  expect([...readTable(file).values()].map((row) => [row.check, row.seconds])).toEqual([['a', 9], ['b', 2]]);
  updateTable(file, '# Heading', [], new Set(['b']));
  expect([...readTable(file).keys()]).toEqual(['b']);
  expect(readFileSync(file, 'utf8').startsWith('# Heading\n\n| check |')).toBe(true);
});
