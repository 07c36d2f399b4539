/** What is recorded of a run: only what passed, and only for inputs that are committed. */
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { aCheck, aRow, table } from './check-rows';
import { readTable, updateTable } from '../../../tools/checks/pass-table';
import { failedOf, rowsOf, withCommittedInputs } from '../../../tools/checks/results';

const checks = [aCheck('a', { inputs: ['src/a.ts'], hash: 'hash of a' }), aCheck('b', { inputs: ['src/b.ts'], isSampled: true })];
const rows = (results: string, share?: string) => rowsOf(results, checks, { commit: '0123456789abcdef', now: new Date('2026-12-02T01:00:00Z'), share });

const folder = mkdtempSync(join(tmpdir(), 'checks-'));
afterAll(() => rmSync(folder, { recursive: true }));

test('a row says with which inputs, at which commit and when a check ran, and what it took', () => {
  expect(rows('a\tpassed\t61.4\t30.6\n')).toEqual([
    { check: 'a', result: 'passed', inputs: 'hash of a', commit: '0123456789ab', date: '2026-12-02', seconds: 61, cpuSeconds: 31, share: '' },
  ]);
});

test('the row of a sampled suite says which share it took', () => {
  expect(rows('b\tpassed\t1\t1\n', '3/8')[0].share).toBe('3/8');
  expect(rows('b\tpassed\t1\t1\n')[0].share).toBe('all');
});

test('a result of a check that is not there is an error', () => {
  expect(() => rows('c\tpassed\t1\t1\n')).toThrow("'c\tpassed\t1\t1' is not the result of a check");
  expect(() => rows('a\tskipped\t1\t1\n')).toThrow('is not the result of a check');
});

test('what failed, and passed when it ran once more, has a row that says so', () => {
  const [row] = rows('a\tfailed\t1\t1\na\tpassed\t2\t2\n');
  expect([row.result, row.seconds]).toEqual(['second try', 2]);
  expect(withCommittedInputs([row], checks, []).recorded).toEqual([row]);
});

test('what failed runs once more, and so does what ended without a result', () => {
  expect(failedOf(checks, rows('a\tfailed\t1\t1\n'), table())).toEqual({ again: ['a', 'b'], final: [] });
});

test('what always runs has no second try', () => {
  expect(failedOf([aCheck('a', { always: true })], rows('a\tfailed\t1\t1\n'), table())).toEqual({ again: [], final: ['a'] });
});

test('two second tries in a row are a failure: what last passed at a second try has none', () => {
  const again = (result: 'passed' | 'second try') => failedOf([checks[0]], rows('a\tfailed\t1\t1\n'), table(aRow('a', { result }))).again;
  expect(again('passed')).toEqual(['a']);
  expect(again('second try')).toEqual([]);
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
  updateTable(file, '# Heading', rows('a\tfailed\t1\t1\na\tpassed\t1\t1\nb\tpassed\t2\t2\n', '3/8'), new Set(['a', 'b']));
  updateTable(file, '# Heading', rows('a\tpassed\t9\t9\n'), new Set(['a', 'b']));
  expect([...readTable(file).values()].map((row) => [row.check, row.result, row.seconds, row.share])).toEqual([['a', 'passed', 9, ''], ['b', 'passed', 2, '3/8']]);
  updateTable(file, '# Heading', [], new Set(['b']));
  expect([...readTable(file).keys()]).toEqual(['b']);
  expect(readFileSync(file, 'utf8').startsWith('# Heading\n\n| check |')).toBe(true);
});
