import { GithubApi, GithubApiOptions, GithubError } from '../../../../src/runtime/ci/github/api';
import { GithubEventLog } from '../../../../src/runtime/ci/github/event-log';
import { FINAL_STATES, State } from '../../../../src/runtime/deployment/state-machine';
import { EventLogError } from '../../../../src/runtime/event-log/event-log';
import { EnvironmentHistory } from '../../../../src/runtime/ledger/history';
import { Ledger } from '../../../../src/runtime/ledger/ledger';
import { NewRecord } from '../../../../src/runtime/ledger/record';
import { atRequest } from '../../../../tools/github-actions-emulator/request-watch';
import { Misbehaviour } from '../../../../tools/github-api-stand-in/faults';
import { DeploymentState, NewStatus, StoredDeployment } from '../../../../tools/github-api-stand-in/repository';
import { seedHistory } from '../../../../tools/github-api-stand-in/seeded-history';
import { giveUpWhenSilent } from '../../../../tools/github-api-stand-in/silence';
import { GithubStandIn } from '../../../../tools/github-api-stand-in/stand-in';
import { InstantClock } from '../../ledger/instant-clock';
import { newRecord, pointerTo, release, TO_ROLLED_BACK, TO_STABLE, write } from '../../ledger/records';

const SHA = 'a'.repeat(40);
/** Where the entries of the process that makes the records here link to. */
const RUN_1 = 'https://github.com/acme/shop/actions/runs/1/attempts/1#maker';

/** How GitHub shows a state. */
const SHOWN: Record<State, DeploymentState> = {
  pending: 'queued',
  migrating: 'in_progress',
  deploying: 'in_progress',
  verifying: 'in_progress',
  promoting: 'in_progress',
  baking: 'in_progress',
  confirming: 'in_progress',
  rollingBack: 'in_progress',
  stable: 'success',
  rolledBack: 'failure',
  failed: 'failure',
  halted: 'error',
  superseded: 'inactive',
};

describe('The ledger in GitHub', () => {
  let clock: InstantClock;
  let github: GithubStandIn;
  let token: string;
  let ledger: Ledger;

  beforeEach(async () => {
    clock = new InstantClock();
    github = await GithubStandIn.start({ repository: 'acme/shop', now: () => clock.now() });
    giveUpWhenSilent(github);
    token = github.token({ deployments: 'write' });
    ledger = open();
  });
  afterEach(async () => {
    jest.restoreAllMocks();
    await github.stop();
    expect(github.violations).toEqual([]);
  });

  /** As another job would. */
  function open(options: Partial<GithubApiOptions> = {}): Ledger {
    return new Ledger({
      eventLog: new GithubEventLog({ api: new GithubApi({ url: github.url, token, repository: 'acme/shop', clock, ...options }) }),
      environmentUrl: (environment) => `https://${environment}.example.com`,
      isAlive: () => Promise.resolve(true),
    });
  }

  /** As if someone else had written it. */
  function add(change: Partial<NewRecord> = {}, ...states: State[]): StoredDeployment {
    const statuses = states.map((state): NewStatus => ({ state: SHOWN[state], description: `${state}: `, autoInactive: false }));
    const record = newRecord(change);
    return github.addDeployment({ environment: 'staging', ref: record.release.sha, task: 'delivery', payload: ourPayload({ record }) }, ...statuses);
  }

  /** A record of ours as it would be in GitHub, changed by the test. */
  function ourPayload(change: Record<string, unknown> = {}): Record<string, unknown> {
    return { schema: 1, key: `key-${Math.random()}`, record: newRecord(), ...change };
  }

  async function failure(promise: Promise<unknown>): Promise<EventLogError> {
    const error = await promise.then(() => undefined, (reason: unknown) => reason);
    expect(error).toBeInstanceOf(EventLogError);
    return error as EventLogError;
  }

  describe('what it writes', () => {
    it('is one deployment for a record, with its rollback point, in one request', async () => {
      const stable = pointerTo(await write(ledger, { release: release('v0', '0') }, ...TO_STABLE));
      const before = github.requests.length;
      const record = await ledger.create(newRecord({ stable }));

      expect(github.requests.slice(before).map(({ method, path, body }) => [method, path, body])).toEqual([['POST', '/repos/acme/shop/deployments', {
        ref: SHA,
        task: 'delivery',
        environment: 'staging',
        payload: { schema: 1, writtenBy: '0.0.0', key: expect.any(String), record: newRecord({ stable }) },
        description: 'deploy v1',
        auto_merge: false,
        required_contexts: [],
      }]]);
      expect(record.id).toBe(String(github.deployments('staging')[0].id));
    });

    it.each(Object.entries(SHOWN) as [State, DeploymentState][])('shows %s as %s, with links to the run and to the environment', async (state, shown) => {
      const record = await ledger.create(newRecord());
      await ledger.advance(record, { state, note: 'v1.2.3 on green' });
      expect(github.deployments('staging')[0].statuses).toEqual([expect.objectContaining({
        state: shown, description: `${state}: v1.2.3 on green`, logUrl: RUN_1, environmentUrl: 'https://staging.example.com',
      })]);
    });

    it('leaves earlier deployments as they are when a new one becomes Stable', async () => {
      await write(ledger, {}, ...TO_STABLE);
      await write(ledger, {}, ...TO_STABLE);
      expect(github.deployments('staging').map(({ statuses }) => statuses.at(-1)?.state)).toEqual(['success', 'success']);
    });

    it('cuts a note that is too long, never within a character, and keeps it on one line', async () => {
      const record = await ledger.create(newRecord());
      await ledger.advance(record, { state: 'halted', note: `a\n::error::b\u0007 ${'x'.repeat(113)}${'\u{1F600}'.repeat(40)}` });
      const { description } = github.deployments('staging')[0].statuses[0];
      expect(description).toMatch(/^halted: a ::error::b x+(\u{1F600})+\.\.\.$/u);
      expect(description.length).toBeLessThanOrEqual(140);
      expect((await ledger.history(record)).at(-1)).toMatchObject({ state: 'halted' });
    });
  });

  describe('what others write', () => {
    it('is no record: another task, another author, a payload that is not ours', async () => {
      const ours = { environment: 'staging', ref: SHA, task: 'delivery', payload: ourPayload() };
      github.addDeployment({ ...ours, task: 'deploy' });
      github.addDeployment({ ...ours, creator: 'mallory' });
      github.addDeployment({ ...ours, payload: '' });
      github.addDeployment({ ...ours, payload: 'no json' });
      github.addDeployment({ ...ours, payload: {} });
      github.addDeployment({ ...ours, payload: ourPayload({ key: undefined }) });
      github.addDeployment({ ...ours, payload: ourPayload({ record: { ...newRecord(), release: { version: 'v1' } } }) });
      github.addDeployment({ ...ours, payload: ourPayload({ record: { ...newRecord(), kind: 7 } }) });
      github.addDeployment({ ...ours, payload: ourPayload({ record: newRecord({ environment: 'production' }) }) });
      github.addDeployment({ ...ours, ref: 'b'.repeat(40) });
      const counted = github.addDeployment(ours);

      expect((await ledger.records('staging')).map(({ id }) => id)).toEqual([String(counted.id)]);
    });

    it('is no entry: another author, a description that is not ours, one that contradicts the state', async () => {
      const record = await write(ledger, {}, 'deploying');
      const id = Number(record.id);
      github.addStatus(id, { state: 'success', description: 'stable: trust me', creator: 'mallory' });
      github.addStatus(id, { state: 'success', description: 'deployed!' });
      github.addStatus(id, { state: 'success', description: '' });
      github.addStatus(id, { state: 'success', description: 'stable' });
      github.addStatus(id, { state: 'success', description: 'Stable: v1' });
      github.addStatus(id, { state: 'success', description: 'stable:v1' });
      github.addStatus(id, { state: 'success', description: 'constructor: v1' });
      github.addStatus(id, { state: 'inactive', description: 'stable: v1' });
      github.addStatus(id, { state: 'inactive' });
      expect((await ledger.history(record)).map(({ state }) => state)).toEqual(['pending', 'deploying']);
    });

    it.each([
      ['schema', { schema: 2, record: 'unknown' }, 'schema 2'], ['kind', { record: { ...newRecord(), kind: 'pause' } }, 'kind "pause"'],
    ])('is rejected when a newer projen-delivery wrote a record of an unknown %s, which no later one includes', async (_, change, unknown) => {
      const older = await write(ledger, {});
      const { id } = github.addDeployment({ environment: 'staging', ref: SHA, task: 'delivery', payload: ourPayload({ writtenBy: '1.4.0', ...change }) });
      const rejection = `record ${id} of staging was written by projen-delivery 1.4.0 (${unknown}, which this one, 0.0.0, does not know), so nothing is changed. Update projen-delivery to 1.4.0 or later on this branch and run \`npx projen\`.`;
      expect((await failure(ledger.records('staging'))).message).toBe(rejection);
      expect(await ledger.records('production')).toEqual([]);
      // its writer had read the records before that one was there
      await write(ledger, { carried: { records: [older.id], blocked: [] } });
      expect((await failure(ledger.records('staging'))).message).toBe(rejection);
      await write(ledger, { carried: { records: [String(id), older.id], blocked: [] } });
      expect(await ledger.records('staging')).toHaveLength(3);
    });

    it('is rejected where ids and times contradict each other, so that no one can say what is newest', async () => {
      const { id } = await write(ledger, {});
      const [{ payload }] = github.deployments();
      const keyed = { ...(payload as Record<string, unknown>), key: 'another' };
      github.addDeployment({ environment: 'staging', ref: SHA, task: 'delivery', payload: keyed, createdAt: new Date(clock.now() - 6 * 60_000).toISOString() });
      const error = await failure(ledger.records('staging'));
      expect(error.message).toContain(`deployment ${Number(id) + 1} has a larger id than deployment ${id} and was created earlier`);
      expect(error.message).toContain('Delete the one that is wrong');
    });

    it('does not count when someone who is not GitHub Actions makes it look newer', async () => {
      await write(ledger, {});
      github.addDeployment({ environment: 'staging', ref: SHA, task: 'delivery', payload: ourPayload({ schema: 2 }), creator: 'mallory' });
      expect(await ledger.records('staging')).toHaveLength(1);
    });
  });

  describe('what it reads', () => {
    it('may come with the payload as text', async () => {
      const written = await ledger.create(newRecord());
      github.payloadAsText = true;
      expect(await ledger.records('staging')).toEqual([written]);
    });

    it.each(['newestFirst', 'oldestFirst', 'scrambled'] as const)('may come in any order, over several pages: %s', async (order) => {
      github.listOrder = order;
      const written: string[] = [];
      for (let run = 1; run <= 230; run++) {
        clock.advance(run % 3 === 0 ? 1000 : 0);
        const { id } = github.addDeployment({ environment: 'staging', ref: SHA, task: 'delivery', payload: ourPayload() });
        written.unshift(String(id));
      }
      expect((await ledger.records('staging')).map(({ id }) => id)).toEqual(written);

      const record = await write(ledger, {}, 'deploying', 'verifying', 'baking');
      expect((await ledger.history(record)).map(({ state }) => state)).toEqual(['pending', 'deploying', 'verifying', 'baking']);
    });

    it('is bounded where GitHub lists the newest first, and complete where it does not', async () => {
      for (let index = 0; index < 1150; index++) github.addDeployment({ environment: 'staging', ref: SHA, task: 'delivery', payload: ourPayload() });
      expect(await ledger.records('staging')).toHaveLength(1000);
      expect(github.requests).toHaveLength(10);
      github.listOrder = 'scrambled';
      expect(await ledger.records('staging')).toHaveLength(1150);
    });

    it.each(['newestFirst', 'oldestFirst', 'scrambled'] as const)('says the same of a long history that is listed %s, also where the last writes are not shown yet', async (order) => {
      const last = release('v-last', 'e');
      seedHistory(github, { environment: 'staging', strategy: 'redeploy', stable: last, records: 500 });
      github.listOrder = order;
      const history = () => new EnvironmentHistory(open(), 'staging');
      expect(await history().stable()).toMatchObject({ release: last });
      expect(await history().blocked()).toHaveLength(49);
      expect(await history().newerThan({ id: 499, attempt: 1 })).toMatchObject({ record: { run: { id: 500 } } });
      expect((await history().newest())?.record.release).toEqual(last);

      // made beside the record of another run, which this one does not see
      const stale = history();
      await stale.stable();
      const carried = await stale.carriedOn();
      await write(ledger, { run: { id: 501, attempt: 1 }, release: release('v-bad', 'f'), carried, stable: await stale.stable() }, ...TO_ROLLED_BACK);
      await write(ledger, { run: { id: 502, attempt: 1 }, release: release('v-beside', '0'), carried, stable: await stale.stable() }, 'superseded');
      expect(await history().isBlocked(release('v-bad', 'f'))).toBe(true);
      expect(await history().newerThan({ id: 500, attempt: 1 })).toMatchObject({ record: { run: { id: 501 } } });
      github.readLag = 1;
      const change = { run: { id: 503, attempt: 1 }, release: release('v-new', '1'), stable: await history().stable(), carried: await history().carriedOn() };
      await write(ledger, change);
      // at first it is not shown: what is said is what was true before it
      expect(await history().isBlocked(release('v-bad', 'f'))).toBe(true);
      expect(await history().stable()).toMatchObject({ release: last });
    });

    it('is right over thousands of deployments in any order, though some never ended and others were made inactive', async () => {
      github.listOrder = 'scrambled';
      for (let run = 1; run <= 2500; run++) {
        clock.advance(run % 7 === 0 ? 1000 : 0);
        const change = { run: { id: run, attempt: 1 }, release: release(`v${run}`, (run % 10).toString(16)) };
        // a run that died, one that was good, one that was taken back, and what GitHub's own bookkeeping and people add
        if (run % 5 === 0) add(change, 'deploying', 'verifying');
        else if (run % 5 === 1) github.addStatus(add(change, ...TO_STABLE).id, { state: 'inactive' });
        else add(change, ...TO_ROLLED_BACK);
        if (run % 50 === 0) github.addDeployment({ environment: 'staging', ref: SHA, task: 'deploy' }, { state: 'in_progress' });
      }
      const stable = pointerTo(await write(ledger, { run: { id: 2501, attempt: 1 }, release: release('v2501', 'c') }, ...TO_STABLE));
      const left = add({ run: { id: 2502, attempt: 1 }, stable, release: release('v2502', 'd') }, 'deploying', 'verifying');
      github.requests.length = 0;

      const history = new EnvironmentHistory(open(), 'staging');
      expect(await history.open()).toMatchObject({ record: { id: String(left.id) }, state: 'verifying' });
      expect(await history.stable()).toEqual(stable);
      expect(await history.newerThan({ id: 2501, attempt: 1 })).toMatchObject({ record: { id: String(left.id) } });
      // a short page, and 26 pages, since nothing says that they come newest first; the entries only of the one that is newest
      expect(github.requests).toHaveLength(28);
    });

    it('leaves behind what never ended, once a later one did', async () => {
      add({ run: { id: 1, attempt: 1 } }, 'deploying', 'promoting');
      add({ run: { id: 2, attempt: 1 } }, ...TO_STABLE);
      expect(await new EnvironmentHistory(ledger, 'staging').open()).toBeUndefined();
    });

    it('is still Stable when another workflow of the repository made it inactive', async () => {
      const record = await write(ledger, {}, ...TO_STABLE);
      // its author left auto_inactive as GitHub has it
      github.addDeployment({ environment: 'staging', ref: SHA, task: 'deploy' }, { state: 'success' });
      expect(github.deployments('staging')[1].statuses.at(-1)?.state).toBe('inactive');
      expect((await ledger.history(record)).at(-1)).toMatchObject({ state: 'stable' });
      expect(await new EnvironmentHistory(ledger, 'staging').stable()).toMatchObject({ recordId: record.id });
    });

    it.each(['newestFirst', 'oldestFirst'] as const)('counts each once, and misses none, when one more is made between two pages: %s', async (order) => {
      github.listOrder = order;
      const ids = Array.from({ length: 150 }, () => String(add().id));
      atRequest(github, ({ query }) => query.page === '2', () => add());
      const read = (await ledger.records('staging')).map(({ id }) => id);
      expect(new Set(read).size).toBe(read.length);
      expect(read).toEqual(expect.arrayContaining(ids));
    });

    it('is in the order in which entries were written, whatever the clocks of GitHub\'s machines say', async () => {
      const record = await write(ledger, {}, 'deploying');
      const take = (run: number, createdAt: string): NewStatus => ({
        state: 'in_progress',
        description: `rollingBack: taken by run ${run}`,
        logUrl: `https://github.com/acme/shop/actions/runs/${run}/attempts/1#x,from=${record.processId}`,
        createdAt,
      });
      github.addStatus(Number(record.id), take(2, '2026-11-24T12:00:05Z'));
      expect((await ledger.history(record)).at(-1)).toMatchObject({ processId: '2.1.x' });
      // it comes second, from a machine whose clock is behind: the process that knows that it has the deployment keeps it
      github.addStatus(Number(record.id), take(3, '2026-11-24T12:00:04Z'));
      expect((await ledger.history(record)).at(-1)).toMatchObject({ processId: '2.1.x' });
    });

    it('is one request for the records of an environment', async () => {
      await write(ledger, {});
      github.requests.length = 0;
      await open().records('staging');
      expect(github.requests.map(({ path, query }) => [path, query])).toEqual([
        ['/repos/acme/shop/deployments', { environment: 'staging', task: 'delivery', per_page: '100', page: '1' }],
      ]);
    });
  });

  describe('when GitHub responds with errors', () => {
    const passing: [string, Misbehaviour][] = [
      ['is down', { kind: 'status', status: 503 }],
      ['fails', { kind: 'status', status: 500 }],
      ['fails behind a proxy that responds with a page', { kind: 'status', status: 502, headers: { 'content-type': 'text/html' }, body: '<html>' }],
      ['tears the connection down', { kind: 'reset' }],
      ['does not respond', { kind: 'hang' }],
      ['responds with something that is no JSON', { kind: 'garbage' }],
      ['takes the request and loses the response', { kind: 'dropReply' }],
      ['breaks off in the middle of the response', { kind: 'halfReply' }],
      ['takes the request and does not respond', { kind: 'applyUnheard' }],
    ];

    it.each(passing)('retries when it %s', async (_, misbehaviour) => {
      const record = await write(ledger, {}, 'deploying');
      github.fail({ times: 2, misbehaviour });
      expect(await ledger.records('staging')).toEqual([record]);
      github.fail({ times: 2, misbehaviour });
      expect((await ledger.history(record)).at(-1)).toMatchObject({ state: 'deploying' });
      expect(clock.waits).toEqual([1000, 2000, 1000, 2000]);
    });

    it.each(passing)('writes a record once when it %s', async (_, misbehaviour) => {
      github.fail({ method: 'POST', times: 2, misbehaviour });
      const record = await ledger.create(newRecord());
      expect(github.deployments('staging').map(({ id }) => String(id))).toEqual([record.id]);
      expect(await open().records('staging')).toEqual([record]);
    });

    it.each(passing)('writes an entry that counts once when it %s', async (_, misbehaviour) => {
      const record = await ledger.create(newRecord());
      github.fail({ method: 'POST', times: 2, misbehaviour });
      await ledger.advance(record, { state: 'deploying', note: 'v1' });
      await ledger.advance(record, { state: 'verifying', note: 'v1' });
      expect((await open().history(record)).map(({ state }) => state)).toEqual(['pending', 'deploying', 'verifying']);
    });

    it.each(passing)('takes a deployment from a process that is gone once when it %s', async (_, misbehaviour) => {
      const record = await write(ledger, {}, 'deploying');
      const taking = { state: 'rollingBack', note: 'its run is gone', processId: '2.1.settler', takenFrom: record.processId } as const;
      github.fail({ method: 'POST', times: 2, misbehaviour });
      await ledger.advance(record, taking);
      await ledger.advance(record, { state: 'rolledBack', note: '', processId: '2.1.settler' });
      expect((await open().history(record)).map(({ state, processId }) => [state, processId])).toEqual([
        ['pending', undefined], ['deploying', record.processId], ['rollingBack', '2.1.settler'], ['rolledBack', '2.1.settler'],
      ]);
    });

    it.each(passing)('writes what a person decided once when it %s', async (_, misbehaviour) => {
      github.fail({ method: 'POST', times: 2, misbehaviour });
      await ledger.create(newRecord({ kind: 'hold' }));
      expect((await open().records('staging')).map(({ kind }) => kind)).toEqual(['hold']);
    });

    it('keeps what a person decided although its mark for the eye could not be written', async () => {
      github.fail({ method: 'POST', path: /statuses/, times: 1000, misbehaviour: { kind: 'status', status: 503 } });
      const hold = await ledger.create(newRecord({ kind: 'hold' }));
      expect(await ledger.records('staging')).toEqual([hold]);
    });

    it('waits for a slow response', async () => {
      const record = await write(ledger, {}, 'deploying');
      const reader = open();
      github.fail({ times: 2, misbehaviour: { kind: 'delay', ms: 50 } });
      expect(await reader.records('staging')).toEqual([record]);
      expect((await reader.history(record)).at(-1)).toMatchObject({ state: 'deploying' });
      expect(clock.waits).toEqual([]);
    });

    it('retries only the page that failed', async () => {
      for (let index = 0; index < 250; index++) add();
      github.fail({ path: /page=2$/, misbehaviour: { kind: 'reset' } });
      github.fail({ path: /page=2$/, misbehaviour: { kind: 'status', status: 429, headers: { 'retry-after': '1' } } });
      expect(await open().records('staging')).toHaveLength(250);
      expect(github.requests.map(({ query }) => query.page)).toEqual(['1', '2', '2', '2', '3']);
    });

    it('searches a record whose response was lost only where it must be', async () => {
      for (let index = 0; index < 1500; index++) add();
      github.fail({ method: 'POST', misbehaviour: { kind: 'dropReply' } });
      const record = await open().create(newRecord());
      expect(github.deployments('staging')[0].id).toBe(Number(record.id));
      expect(github.requests).toHaveLength(2);
    });

    it('returns the entries of both copies of a record that was created twice', async () => {
      github.readLag = 1;
      github.fail({ method: 'POST', misbehaviour: { kind: 'dropReply' } });
      const written = await ledger.create(newRecord());
      github.readLag = 0;
      const [, first] = github.deployments('staging');
      expect(written.id).not.toBe(String(first.id));

      const recovering = open();
      for (const reader of [ledger, recovering]) await reader.records('staging');
      const [seen] = await recovering.records('staging');
      expect(seen.id).toBe(String(first.id));
      await recovering.advance(seen, { state: 'superseded', note: 'its run is gone', processId: '2.1.settler', takenFrom: written.processId });

      await ledger.records('staging');
      expect((await ledger.history(written)).at(-1)).toMatchObject({ processId: '2.1.settler' });
    });

    it('shows the record, and each entry, as soon as it can be read back, and nothing that was not written', async () => {
      github.readLag = 2;
      const record = await ledger.create(newRecord());
      const listed = async () => (await ledger.records('staging')).length;
      expect([await listed(), await listed(), await listed()]).toEqual([0, 0, 1]);
      await ledger.advance(record, { state: 'deploying', note: 'v1' });
      await ledger.advance(record, { state: 'verifying', note: 'v1' });
      const last = async () => (await ledger.history(record)).at(-1)?.state;
      expect([await last(), await last(), await last()]).toEqual(['pending', 'pending', 'verifying']);
    });

    it('reads and continues a record that it created, although GitHub does not find it yet', async () => {
      github.missingMs = 20_000;
      const record = await ledger.create(newRecord());
      expect((await ledger.history(record)).map(({ state }) => state)).toEqual(['pending']);
      const other = await ledger.create(newRecord());
      await ledger.advance(other, { state: 'deploying', note: 'v1' });
      expect(github.deployments('staging')[0].statuses).toHaveLength(1);
    });

    it('says of a record that it created and that never shows up that GitHub shows it late, and names no permission', async () => {
      github.missingMs = 3_600_000;
      const record = await ledger.create(newRecord());
      const { message } = await failure(ledger.history(record));
      expect(message).toContain(`GitHub did not list the statuses of deployment ${record.id} (HTTP 404: Not Found). It was created a moment ago, so GitHub shows it late. Tried `);
      expect(message).not.toContain('permissions');
      expect(clock.waits.reduce((sum, ms) => sum + ms, 0)).toBeGreaterThanOrEqual(60_000);
    });

    it('does not wait for a record of another process that is gone', async () => {
      github.missingMs = 3_600_000;
      const record = await ledger.create(newRecord());
      const { message } = await failure(open().history(record));
      expect(message).toContain('Either it is gone, or this token cannot see it');
      expect(clock.waits).toEqual([]);
    });

    it('shows one record although the response was lost and the record could not be read back yet', async () => {
      github.readLag = 1;
      github.fail({ method: 'POST', misbehaviour: { kind: 'dropReply' } });
      const written = await ledger.create(newRecord());
      await ledger.advance(written, { state: 'deploying', note: 'v1' });
      github.readLag = 0;
      expect(github.deployments('staging')).toHaveLength(2);

      const reader = open();
      await reader.records('staging');
      const [record, ...others] = await reader.records('staging');
      expect(others).toEqual([]);
      expect((await reader.history(record)).length).toBeGreaterThan(0);
      expect((await reader.history(record)).map(({ state }) => state)).toEqual(['pending', 'deploying']);
    });

    it('shows one record although a request that was given up is carried out later', async () => {
      github.fail({ method: 'POST', misbehaviour: { kind: 'applyLate' } });
      const written = await ledger.create(newRecord());
      await ledger.advance(written, { state: 'deploying', note: 'v1' });
      github.applyHeldBack();
      expect(github.deployments('staging')).toHaveLength(2);
      expect(await open().records('staging')).toEqual([written]);
    });

    it('is not misled by an entry that is carried out later than the next ones', async () => {
      const record = await write(ledger, {}, 'deploying', 'verifying');
      github.fail({ method: 'POST', misbehaviour: { kind: 'applyLate' } });
      await ledger.advance(record, { state: 'baking', note: 'v1' });
      await ledger.advance(record, { state: 'confirming', note: 'v1' });
      github.applyHeldBack();
      expect((await ledger.history(record)).at(-1)).toMatchObject({ state: 'confirming' });
    });

    it('gives up in bounded time, and says what it was about and what to do', async () => {
      const start = clock.now();
      github.fail({ times: 1000, misbehaviour: { kind: 'status', status: 503, body: { message: 'We are having problems' } } });
      const error = await failure(ledger.create(newRecord()));
      expect(error.message).toBe(
        'GitHub did not report whether it recorded a deployment to staging (HTTP 503: We are having problems). Tried 9 times; run the job again when GitHub responds (https://www.githubstatus.com).',
      );
      expect(clock.now() - start).toBeLessThanOrEqual(90_000);
      expect(github.deployments()).toEqual([]);
    });

    it('looks for a record before it writes it again, however the look before went', async () => {
      github.fail({ method: 'POST', misbehaviour: { kind: 'dropReply' } });
      github.fail({ method: 'GET', misbehaviour: { kind: 'status', status: 429, headers: { 'retry-after': '1' } } });
      await ledger.create(newRecord());
      expect(github.requests.map(({ method }) => method)).toEqual(['POST', 'GET', 'GET']);
      expect(github.deployments()).toHaveLength(1);
    });

    it.each(['verifying', 'baking', 'confirming', 'rollingBack'] as const)('does not hold up a rollout that is %s for long', async (state) => {
      const record = await ledger.create(newRecord());
      github.fail({ times: 1000, misbehaviour: { kind: 'status', status: 503 } });
      const start = clock.now();
      await failure(ledger.advance(record, { state, note: '' }));
      expect(clock.now() - start).toBe(3000);
    });

    it.each(['deploying', 'promoting', ...FINAL_STATES] as const)('is patient when it must be known that a rollout is %s', async (state) => {
      const record = await ledger.create(newRecord());
      github.fail({ times: 8, misbehaviour: { kind: 'status', status: 503 } });
      await ledger.advance(record, { state, note: '' });
      expect(github.unusedFaults).toBe(0);
    });

    it('names the address if it does not respond', async () => {
      await github.stop();
      const error = await failure(open({ patienceMs: 0 }).records('staging'));
      expect(error.message).toMatch(new RegExp(`^GitHub \\(${github.url}\\) did not list the deployments to staging: .*ECONNREFUSED.*Tried 1 time;`));
    });
  });

  describe('when GitHub limits the rate', () => {
    it('waits as long as GitHub requires', async () => {
      github.fail({ misbehaviour: { kind: 'status', status: 429, headers: { 'retry-after': '7' } } });
      github.fail({ misbehaviour: { kind: 'status', status: 403, headers: { 'retry-after': '9' }, body: { message: 'You have exceeded a secondary rate limit.' } } });
      await ledger.records('staging');
      expect(clock.waits).toEqual([7000, 9000]);
    });

    it('waits a minute after a secondary limit that names no time', async () => {
      github.fail({ misbehaviour: { kind: 'status', status: 403, body: { message: 'You have exceeded a secondary rate limit. Please wait a few minutes before you try again.' } } });
      await ledger.records('staging');
      expect(clock.waits).toEqual([60_000]);
    });

    it('waits until the limit is reset', async () => {
      const reset = String(clock.now() / 1000 + 30);
      github.fail({ misbehaviour: { kind: 'status', status: 403, headers: { 'x-ratelimit-remaining': '0', 'x-ratelimit-reset': reset }, body: { message: 'API rate limit exceeded' } } });
      await ledger.records('staging');
      expect(clock.waits).toEqual([31_000]);
    });

    it('says until when instead of waiting for most of an hour', async () => {
      const reset = String(clock.now() / 1000 + 2400);
      github.fail({ misbehaviour: { kind: 'status', status: 403, headers: { 'x-ratelimit-remaining': '0', 'x-ratelimit-reset': reset }, body: { message: 'API rate limit exceeded' } } });
      const error = await failure(ledger.records('staging'));
      expect(error.message).toContain('(HTTP 403: API rate limit exceeded). It requests a wait until 2026-11-24T12:40:01.000Z.');
      expect(clock.waits).toEqual([]);
      expect(github.requests).toHaveLength(1);
    });

    it('fails at once if GitHub requires a longer wait than there is time', async () => {
      const message = 'You have exceeded a secondary rate limit.';
      github.fail({ misbehaviour: { kind: 'status', status: 403, headers: { 'retry-after': '600' }, body: { message } } });
      const error = await failure(ledger.records('staging'));
      expect(error.message).toContain(`(HTTP 403: ${message}). It requests a wait until 2026-11-24T12:10:00.000Z.`);
      expect(clock.waits).toEqual([]);
    });

    it('holds up nothing that users wait for', async () => {
      const record = await write(ledger, {}, 'deploying');
      github.fail({ method: 'POST', misbehaviour: { kind: 'status', status: 429, headers: { 'retry-after': '30' } } });
      await failure(ledger.advance(record, { state: 'rollingBack', note: '' }));
      expect(clock.waits).toEqual([]);
    });

    it.each([['ahead', 600_000], ['behind', -600_000]])('waits as long as GitHub means when the runner\'s clock is %s', async (_, skew) => {
      const runner = new InstantClock();
      runner.advance(skew);
      const skewed = open({ clock: runner });
      const reset = String(clock.now() / 1000 + 30);
      const limited: Misbehaviour = {
        kind: 'status', status: 403, headers: { 'x-ratelimit-remaining': '0', 'x-ratelimit-reset': reset }, body: { message: 'API rate limit exceeded' },
      };
      github.fail({ misbehaviour: limited });
      await skewed.records('staging');
      expect(runner.waits).toEqual([31_000]);
    });

    it('never retries without a pause', async () => {
      github.fail({ misbehaviour: { kind: 'status', status: 429, headers: { 'retry-after': '0' } } });
      github.fail({ misbehaviour: { kind: 'status', status: 429, headers: { 'retry-after': '-5' } } });
      await ledger.records('staging');
      expect(clock.waits).toEqual([1000, 2000]);
    });

    it('does not look for a record that GitHub rejected', async () => {
      github.fail({ method: 'POST', misbehaviour: { kind: 'status', status: 429, headers: { 'retry-after': '1' } } });
      await ledger.create(newRecord());
      expect(github.requests.map(({ method }) => method)).toEqual(['POST', 'POST']);
    });
  });

  describe('when the clocks of the runner and of GitHub differ', () => {
    it('keeps GitHub\'s time, so that runners agree on what came first', async () => {
      const ahead = new InstantClock();
      ahead.advance(3_600_000);
      const early = await write(open({ clock: ahead }), { release: release('v1', 'a') }, ...TO_STABLE);
      clock.advance(60_000);
      const behind = new InstantClock();
      behind.advance(-3_600_000);
      const late = await write(open({ clock: behind }), { release: release('v2', 'b'), stable: pointerTo(early) }, ...TO_STABLE);

      expect((await ledger.records('staging')).map(({ id }) => id)).toEqual([late.id, early.id]);
      expect(await new EnvironmentHistory(ledger, 'staging').stable()).toMatchObject({ recordId: late.id, since: '2026-11-24T12:01:00Z' });
      expect((await ledger.history(early)).map(({ at }) => at)).toEqual(Array(6).fill('2026-11-24T12:00:00Z'));
    });
  });

  describe('when GitHub rejects a request', () => {
    it('does not retry, and names the missing permission', async () => {
      const reader = open({ token: github.token({ deployments: 'read' }) });
      expect((await failure(reader.create(newRecord()))).message).toBe(
        'GitHub did not record a deployment to staging (HTTP 403: Resource not accessible by integration). The job needs `permissions: deployments: write`.',
      );
      expect((await failure(open({ token: 'stale' }).records('staging'))).message).toContain(
        '(HTTP 401: Bad credentials). The token is not valid: pass `GITHUB_TOKEN: ${{ github.token }}` to this step.',
      );
      expect((await failure(open({ repository: 'acme/shoe' }).records('staging'))).message).toContain('check that acme/shoe is the repository');
      expect((await failure(ledger.create(newRecord({ release: { version: 'v1', sha: 'no-commit' } })))).message).toContain('(HTTP 422: Validation Failed)');
      expect(github.requests).toHaveLength(4);
      expect(clock.waits).toEqual([]);
    });

    it.each([400, 404, 409, 410, 418, 422, 451])('takes %i as its last word', async (status) => {
      github.fail({ misbehaviour: { kind: 'status', status } });
      const error = await failure(ledger.records('staging'));
      expect(error).toBeInstanceOf(GithubError);
      expect(github.requests).toHaveLength(1);
    });

    it('never prints the token, even if GitHub repeats it, and no workflow commands', async () => {
      github.fail({ times: 9, misbehaviour: { kind: 'status', status: 422, body: { message: `no:\n::set-output name=x::${token}${'x'.repeat(5000)}` } } });
      const error = await failure(ledger.create(newRecord()));
      expect(JSON.stringify([error.message, error.stack, Object.entries(error)])).not.toContain(token);
      expect(error.message).toContain('no: ::set-output name=x::***xxx');
      expect(error.message).not.toMatch(/[\r\n]/);
      expect(error.message.length).toBeLessThan(400);
    });
  });
});
