import { attemptState, describeAttempt } from '../../../src/runtime/monitoring/rollback-attempts';

describe('the run of a rollback that the watch started', () => {
  const run = (status: string, conclusion?: string) => [{ id: 7, url: 'https://x/7', title: 'rollback (abc)', status, ...(conclusion && { conclusion }) }];

  it.each<[string, string, string | undefined]>([
    ['is under way: https://x/7', 'in_progress', undefined], ['is under way: https://x/7', 'queued', undefined],
    ['waits for an approval: https://x/7', 'waiting', undefined],
    ['failed, or was not approved: https://x/7', 'completed', 'failure'], ['ended without a rollback: https://x/7', 'completed', 'success'],
    ['ended with stale: https://x/7', 'completed', 'stale'],
  ])('%s (%s, %s)', (said, status, conclusion) => {
    expect(describeAttempt(attemptState(run(status, conclusion), 'abc'))).toBe(said);
  });

  it('is missing if GitHub lists no run of this attempt', () => {
    expect(attemptState(run('completed', 'failure'), 'def')).toEqual({ kind: 'missing' });
  });
});
