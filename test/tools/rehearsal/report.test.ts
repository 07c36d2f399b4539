import { RunRecord } from '../../../tools/github-actions-emulator';
import { endingOf, tableOf } from '../../../tools/rehearsal/report';
import { Outcome } from '../../../tools/rehearsal/world';

const GOOD: Outcome = {
  scenario: { release: 'good', fault: 'none' },
  environment: 'production',
  version: 'v2',
  before: 'v1',
  live: 'v2',
  run: run('success'),
  phases: phases('baking', 'confirming', 'stable'),
  calls: [],
  users: { requests: 10, failed: 0 },
  delivered: [],
  issues: [],
  seconds: 1,
};
const BAD: Outcome = {
  ...GOOD, scenario: { release: 'bad', fault: 'none' }, live: 'v1', run: run('failure'), phases: phases('baking', 'rollingBack', 'rolledBack'),
};

test.each<[string, Outcome, string]>([
  ['a good release is confirmed', GOOD, 'deployed'],
  ['a bad one is taken back', BAD, 'rolled back'],
  ['it was not begun', { ...BAD, phases: [] }, 'not touched'],
  ['it failed before the first change', { ...BAD, phases: phases('failed') }, 'not touched'],
  ['a person must act, and the run shows it', { ...BAD, live: 'v2', phases: phases('rollingBack', 'halted') }, 'halted'],
])('%s', (_, outcome, ending) => {
  expect(endingOf(outcome)).toEqual({ name: ending });
});

test.each<[string, Outcome, string]>([
  ['users keep a bad release', { ...BAD, live: 'v2', phases: phases('stable') }, 'users have the bad release'],
  ['users keep a release that was not confirmed', { ...GOOD, phases: phases('baking') }, 'users have a release that was not confirmed (baking)'],
  ['users have neither release', { ...BAD, live: undefined }, 'users have nothing'],
  ['a release was taken back, and the run is green', { ...BAD, run: run('success') }, 'the release did not reach users, and the run is green'],
  ['the environment is halted, and the run is green', { ...BAD, run: run('success'), phases: phases('halted') }, 'the environment is halted, and the run is green'],
  ['the record stays open', { ...BAD, phases: phases('rollingBack') }, 'the record ends with rollingBack'],
])('unsafe: %s', (_, outcome, fault) => {
  expect(endingOf(outcome)).toEqual({ name: 'unsafe', fault });
});

test('the table has one row for each scenario, and names what is unsafe', () => {
  const table = tableOf([GOOD, { ...BAD, live: 'v2', phases: phases('stable') }]).split('\n');
  expect(table).toHaveLength(4);
  expect(table[2]).toMatch(/^\| good +\| +\| deployed +\| the new release +\| 0 of 10 +\| success \| none/);
  expect(table[3]).toContain('UNSAFE: users have the bad release');
});

function run(conclusion: RunRecord['conclusion']): RunRecord {
  return { runId: 1, attempt: 1, conclusion, jobs: {} };
}

function phases(...states: string[]) {
  return states.map((state) => ({ state, note: '' }));
}
