import { GithubApi } from '../../../../src/runtime/ci/github/api';
import { runLiveness } from '../../../../src/runtime/ci/github/run-liveness';
import { EventLogError } from '../../../../src/runtime/event-log/event-log';
import { GithubStandIn, RunChange } from '../../../../tools/github-api-stand-in/stand-in';
import { InstantClock } from '../../ledger/instant-clock';

const RUN = 41;

describe('Whether a run may still be at work', () => {
  let github: GithubStandIn;
  let clock: InstantClock;
  let warnings: string[];

  beforeEach(async () => {
    clock = new InstantClock();
    warnings = [];
    github = await GithubStandIn.start({ repository: 'acme/shop', now: () => clock.now() });
  });
  afterEach(async () => {
    await github.stop();
    expect(github.violations).toEqual([]);
  });

  function liveness(token = github.token({ actions: 'read' })) {
    return runLiveness({ api: new GithubApi({ url: github.url, token, repository: 'acme/shop', clock }), clock, warn: (text) => warnings.push(text) });
  }

  function isRunning(change: RunChange, attempt = 1): Promise<boolean> {
    github.setRun(RUN, change);
    return liveness()({ id: RUN, attempt });
  }

  it.each(['queued', 'requested', 'pending', 'in_progress'] as const)('is so while it is %s', async (status) => {
    expect(await isRunning({ status })).toBe(true);
  });

  it('is not so once it is completed, however it ended', async () => {
    expect(await isRunning({ status: 'completed', conclusion: 'success' })).toBe(false);
    expect(await isRunning({ status: 'completed', conclusion: 'cancelled' })).toBe(false);
  });

  it('is not so once it was started again: a process of the earlier attempt is over', async () => {
    expect(await isRunning({ attempt: 2, status: 'in_progress' }, 1)).toBe(false);
    expect(await isRunning({ attempt: 2, status: 'in_progress' }, 2)).toBe(true);
  });

  it('is so for an attempt that GitHub does not know yet: its response is outdated', async () => {
    expect(await isRunning({ attempt: 1, status: 'completed', conclusion: 'failure' }, 2)).toBe(true);
  });

  it('is not so for a run that was deleted', async () => {
    expect(await liveness()({ id: 404, attempt: 1 })).toBe(false);
  });

  it('is so for a run that began a moment ago, and is not found at once', async () => {
    github.readLag = 1;
    expect(await isRunning({ status: 'in_progress' })).toBe(true);
    expect(clock.waits).toEqual([5000]);
  });

  it('is false while it waits for an approval and none of its jobs runs', async () => {
    expect(await isRunning({ status: 'waiting', jobs: [{ name: 'deploy', status: 'completed', conclusion: 'failure' }, { name: 'recover', status: 'waiting' }] })).toBe(false);
  });

  it('is so while one job waits for an approval and another one runs', async () => {
    expect(await isRunning({ status: 'waiting', jobs: [{ name: 'deploy production', status: 'waiting' }, { name: 'deploy staging', status: 'in_progress' }] })).toBe(true);
  });

  it('reads all pages of the jobs of this attempt', async () => {
    const done = Array.from({ length: 120 }, (_, number) => ({ name: `job ${number}`, status: 'completed', conclusion: 'success' } as const));
    github.listOrder = 'oldestFirst';
    expect(await isRunning({ status: 'waiting', jobs: [...done, { name: 'the last', status: 'in_progress' }] })).toBe(true);
    expect(await isRunning({ attempt: 2, status: 'waiting', jobs: [{ name: 'job 0', status: 'waiting' }] }, 2)).toBe(false);
  });

  it('is true without permission, with one warning that names it', async () => {
    const isAlive = liveness(github.token({ deployments: 'write' }));
    expect([await isAlive({ id: RUN, attempt: 1 }), await isAlive({ id: 42, attempt: 1 })]).toEqual([true, true]);
    expect(warnings).toEqual([expect.stringContaining('`permissions: actions: read`')]);
  });

  it('is retried while GitHub fails, and is an error after too long or with an invalid token', async () => {
    github.fail({ path: /actions\/runs/, times: 2, misbehaviour: { kind: 'status', status: 502 } });
    expect(await isRunning({ status: 'completed' })).toBe(false);

    github.fail({ path: /actions\/runs/, times: 1000, misbehaviour: { kind: 'reset' } });
    await expect(isRunning({ status: 'completed' })).rejects.toThrow(EventLogError);
    github.clearFaults();
    await expect(liveness('ghs_unknown')({ id: RUN, attempt: 1 })).rejects.toThrow('HTTP 401');
    expect(warnings).toEqual([]);
  });

  it('waits for a rate limit to pass, and does not take it for a refusal', async () => {
    github.fail({ path: /actions\/runs/, misbehaviour: { kind: 'status', status: 403, headers: { 'retry-after': '30' } } });
    expect(await isRunning({ status: 'completed' })).toBe(false);
    expect(clock.waits).toEqual([30_000]);
  });
});
