import { readChanges, writtenChanges } from '../../../src/runtime/pull-requests/merge-changes';
import { PlannedChange } from '../../../src/runtime/targets/target-driver';

const change = (what: string, rest: Partial<PlannedChange> = {}): PlannedChange => ({
  kind: 'changed', what, type: 'Deployment', isSecurity: false, isStateful: false, properties: ['spec.replicas'], ...rest,
});
const known = (...changes: PlannedChange[]) => ({ kind: 'known' as const, changes });

it('what one job writes, another one reads', () => {
  const lines = [writtenChanges('staging', known(change('shop')), 2), writtenChanges('production', { kind: 'unknown', why: 'it is signed out' }, 2)];
  expect(readChanges(lines.join('\n'))).toEqual([
    { environment: 'staging', changes: known(change('shop')), more: 0 },
    { environment: 'production', changes: { kind: 'unknown', why: 'it is signed out' }, more: 0 },
  ]);
});

it.each([1, 30])('as many changes as fit into a variable of a process, for %s environments, the first ones first', (environments) => {
  const changes = Array.from({ length: 2_000 }, (_, i) => change(`resource ${i} ${'x'.repeat(5_000)}`, { properties: Array.from({ length: 90 }, () => 'y'.repeat(900)) }));
  const line = writtenChanges('production', known(...changes), environments);
  expect(Buffer.byteLength(line) * environments).toBeLessThan(128 * 1024);
  expect(line).not.toContain('\n');
  const [read] = readChanges(line);
  const shown = read!.changes.kind === 'known' ? read!.changes.changes : [];
  expect(shown[0]!.what).toMatch(/^resource 0 /);
  expect(shown.length + read!.more).toBe(2_000);
});

it.each([
  ['a job that did not end', ''],
  ['no JSON', '{"environment":'],
  ['no list', '{"environment":"x","more":0,"changes":{"kind":"known","changes":"all"}}'],
  ['an unknown kind of change', `{"environment":"x","more":0,"changes":{"kind":"known","changes":[${JSON.stringify({ ...change('a'), kind: 'constructor' })}]}}`],
  ['no text', '{"environment":"x","more":0,"changes":{"kind":"unknown","why":{}}}'],
])('%s is left out', (_, line) => expect(readChanges(`${line}\n${writtenChanges('staging', known(), 1)}`).map(({ environment }) => environment)).toEqual(['staging']));
