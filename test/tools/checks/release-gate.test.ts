/** A release needs the proof of everything: no debt, and a night that passed with the inputs of its commit. */
import { aCheck, aRow, table } from './check-rows';
import { nightDebt, refusals } from '../../../tools/checks/release-gate';

test('a check that is owed refuses the release, and is named', () => {
  const checks = ['stale', 'new', 'proven'].map((name) => aCheck(name));
  const night = table(...checks.map(({ name }) => aRow(name)));
  expect(refusals(checks, table(aRow('stale', { inputs: 'before' }), aRow('proven')), night)).toEqual([
    'stale: owed; it last passed with other inputs, at abc',
    'new: owed; it never passed',
  ]);
});

test.each([
  ['failed', aRow('a', { result: 'failed' }), 'it failed in the night of 2026-12-02, at abc'],
  ['is older than its inputs', aRow('a', { inputs: 'before' }), 'the night of 2026-12-02 ran it with other inputs, at abc'],
])('a night that %s refuses it', (_, row, why) => {
  expect(refusals([aCheck('a')], table(aRow('a')), table(row))).toEqual([`a: ${why}`]);
});

test('what only a night runs, and what always runs, needs the night alone', () => {
  const checks = [aCheck('node-versions', { nightly: true }), aCheck('lint', { always: true })];
  expect(refusals(checks, table(), table(...checks.map(({ name }) => aRow(name))))).toEqual([]);
  expect(checks.map((check) => nightDebt(check, table()))).toEqual(['no night ran it', 'no night ran it']);
});
