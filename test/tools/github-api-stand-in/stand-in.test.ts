import { Dispatch, GithubStandIn, RejectedRequest } from '../../../tools/github-api-stand-in/stand-in';

const SHA = 'a'.repeat(40);

describe('The stand-in for the GitHub API', () => {
  let github: GithubStandIn;
  let now: number;

  beforeEach(async () => {
    now = Date.parse('2026-11-24T12:00:00.700Z');
    github = await GithubStandIn.start({ repository: 'acme/shop', now: () => now });
  });
  afterEach(() => github.stop());

  const call = async (method: string, path: string, token: string, body?: unknown) => {
    const response = await fetch(`${github.url}/repos/acme/shop${path}`, {
      method,
      headers: { 'authorization': `Bearer ${token}`, 'content-type': 'application/json' },
      body: body === undefined ? undefined : JSON.stringify(body),
    });
    const text = await response.text();
    return { status: response.status, headers: response.headers, body: (text === '' ? undefined : JSON.parse(text)) as never };
  };
  const writer = () => github.token({ deployments: 'write' });
  const deploy = async (environment: string) =>
    (await call('POST', '/deployments', writer(), { ref: SHA, environment, task: 'delivery', payload: { a: 1 } })).body as { id: number };

  it('returns a deployment and its statuses as GitHub does', async () => {
    const { id } = await deploy('staging');
    await call('POST', `/deployments/${id}/statuses`, writer(), { state: 'success', description: 'stable: v1', auto_inactive: false });

    const listed = await call('GET', '/deployments?environment=staging&per_page=100', github.token({ deployments: 'read' }));
    expect(listed.body).toMatchObject([{ id, environment: 'staging', payload: { a: 1 }, creator: { login: 'github-actions[bot]' }, created_at: '2026-11-24T12:00:00Z' }]);
    const statuses = await call('GET', `/deployments/${id}/statuses`, github.token({ deployments: 'read' }));
    expect(statuses.body).toMatchObject([{ state: 'success', description: 'stable: v1' }]);
    expect(github.deployments('staging')[0].statuses).toHaveLength(1);
    expect(github.violations).toEqual([]);
  });

  it('rejects what a token is not permitted to do', async () => {
    expect((await call('POST', '/deployments', github.token({ deployments: 'read' }), { ref: SHA })).status).toBe(403);
    expect((await call('GET', '/actions/artifacts/1', github.token({ deployments: 'write' }))).status).toBe(403);
    expect((await call('GET', '/deployments', 'ghs_unknown')).status).toBe(401);
    expect(github.deployments()).toEqual([]);
  });

  it('rejects a description that is too long, and a ref that it does not know', async () => {
    const { id } = await deploy('staging');
    expect((await call('POST', `/deployments/${id}/statuses`, writer(), { state: 'success', description: 'x'.repeat(141) })).status).toBe(422);
    expect((await call('POST', '/deployments', writer(), { ref: 'v1' })).status).toBe(422);
    github.addRef('v1', SHA);
    expect((await call('POST', '/deployments', writer(), { ref: 'v1' })).status).toBe(201);
    expect(github.violations).toEqual([]);
  });

  it('reports a request that GitHub does not describe', async () => {
    await call('POST', '/deployments', writer(), { ref: SHA, auto_inactiv: false });
    await call('GET', '/deployments?perpage=3', writer());
    await call('GET', '/deplyoments', writer());
    expect(github.violations).toEqual([
      expect.stringContaining('auto_inactiv'), expect.stringContaining('perpage'), expect.stringContaining('no such operation'),
    ]);
  });

  it('pages, newest first, at most 100 at once', async () => {
    const ids = Array.from({ length: 120 }, () => github.addDeployment({ environment: 'staging', ref: SHA }).id);
    const first = await call('GET', '/deployments?per_page=500', writer());
    expect((first.body as { id: number }[]).map(({ id }) => id)).toEqual(ids.slice(20).reverse());
    expect(first.headers.get('link')).toMatch(/page=2>; rel="next"/);
    const second = await call('GET', '/deployments?per_page=100&page=2', writer());
    expect(second.body).toHaveLength(20);
    expect(second.headers.get('link')).not.toMatch(/next/);
  });

  it('marks earlier successes inactive by default, but not those of production', async () => {
    const earlier = github.addDeployment({ environment: 'staging', ref: SHA }, { state: 'success' });
    const production = github.addDeployment({ environment: 'production', ref: SHA }, { state: 'success' });
    github.addDeployment({ environment: 'staging', ref: SHA }, { state: 'success', autoInactive: false });
    expect(earlier.statuses.map(({ state }) => state)).toEqual(['success']);
    github.addDeployment({ environment: 'staging', ref: SHA }, { state: 'success' });
    github.addDeployment({ environment: 'production', ref: SHA }, { state: 'success' });
    expect(earlier.statuses.map(({ state }) => state)).toEqual(['success', 'inactive']);
    expect(production.statuses.map(({ state }) => state)).toEqual(['success']);
  });

  it('knows artifacts, and when they have expired', async () => {
    const { id } = github.addArtifact({ runId: 7, name: 'delivery-release', bytes: 10, digest: 'f'.repeat(64) });
    const reader = github.token({ actions: 'read' });
    expect((await call('GET', `/actions/artifacts/${id}`, reader)).body).toMatchObject({ expired: false, workflow_run: { id: 7 } });
    github.expireArtifact(id);
    expect((await call('GET', '/actions/runs/7/artifacts?name=delivery-release', reader)).body).toMatchObject({ total_count: 1, artifacts: [{ id, expired: true }] });
    expect((await call('GET', '/actions/artifacts/1', reader)).status).toBe(404);
    expect(github.violations).toEqual([]);
  });

  it('goes wrong as a test scripts it', async () => {
    github.fail({ method: 'POST', path: /deployments$/, misbehaviour: { kind: 'dropReply' } });
    github.fail({ method: 'GET', times: 2, misbehaviour: { kind: 'status', status: 503 } });
    await expect(deploy('staging')).rejects.toThrow('fetch failed');
    expect(github.deployments('staging')).toHaveLength(1);
    expect((await call('GET', '/deployments', writer())).status).toBe(503);
    expect(github.unusedFaults).toBe(1);
    expect((await call('GET', '/deployments', writer())).status).toBe(503);
    expect((await call('GET', '/deployments', writer())).status).toBe(200);
  });

  it('shows a write late when it lags', async () => {
    github.readLag = 1;
    await deploy('staging');
    expect((await call('GET', '/deployments', writer())).body).toEqual([]);
    expect((await call('GET', '/deployments', writer())).body).toHaveLength(1);
  });

  it('shows a write late when lists lag for some time, and does not find what is missing yet', async () => {
    github.lagMs = 30_000;
    github.missingMs = 5_000;
    const { id } = await deploy('staging');
    const listed = async () => (await call('GET', '/deployments', writer())).body;
    const found = async () => (await call('GET', `/deployments/${id}/statuses`, writer())).status;
    expect([await listed(), await found()]).toEqual([[], 404]);
    now += 5_000;
    expect([await listed(), await found()]).toEqual([[], 200]);
    now += 25_000;
    expect(await listed()).toHaveLength(1);
  });

  describe('of the repository', () => {
    it('returns the default branch for every token', async () => {
      expect((await call('GET', '', github.token())).body).toMatchObject({ full_name: 'acme/shop', default_branch: 'main' });
      expect(github.violations).toEqual([]);
    });
  });

  describe('of workflow runs', () => {
    const reader = () => github.token({ actions: 'read' });

    it('returns the status, conclusion and attempt that a test sets', async () => {
      github.setRun(7, { status: 'in_progress', headSha: SHA, displayTitle: 'deploy it' });
      expect((await call('GET', '/actions/runs/7', reader())).body).toMatchObject({
        id: 7,
        name: 'deploy',
        path: '.github/workflows/deploy.yml',
        event: 'push',
        status: 'in_progress',
        conclusion: null,
        run_attempt: 1,
        head_branch: 'main',
        head_sha: SHA,
        display_title: 'deploy it',
        created_at: '2026-11-24T12:00:00Z',
      });
      github.setRun(7, { status: 'completed', conclusion: 'failure' });
      expect((await call('GET', '/actions/runs/7', reader())).body).toMatchObject({ status: 'completed', conclusion: 'failure', run_attempt: 1 });
      github.setRun(7, { attempt: 2 });
      expect((await call('GET', '/actions/runs/7', reader())).body).toMatchObject({ status: 'queued', conclusion: null, run_attempt: 2 });
      expect((await call('GET', '/actions/runs/8', reader())).status).toBe(404);
      expect((await call('GET', '/actions/runs/7', github.token({ deployments: 'write' }))).status).toBe(403);
      expect(github.violations).toEqual([]);
    });

    it('lists the jobs of the latest attempt, or of all', async () => {
      github.setRun(7, { jobs: [{ name: 'deploy', status: 'in_progress' }, { name: 'plan', status: 'completed', conclusion: 'success' }] });
      github.setRun(7, { jobs: [{ name: 'deploy', status: 'completed', conclusion: 'failure' }] });
      github.setRun(7, { attempt: 2, jobs: [{ name: 'deploy', status: 'waiting' }] });
      expect((await call('GET', '/actions/runs/7/jobs', reader())).body).toMatchObject({
        total_count: 1, jobs: [{ name: 'deploy', status: 'waiting', conclusion: null, run_attempt: 2 }],
      });
      expect((await call('GET', '/actions/runs/7/jobs?filter=all&per_page=2', reader())).body).toMatchObject({
        total_count: 3, jobs: [{ name: 'deploy', conclusion: 'failure', run_attempt: 1 }, { name: 'plan', conclusion: 'success' }],
      });
      expect(github.violations).toEqual([]);
    });

    it('lists the runs of a workflow that fit, newest first', async () => {
      github.setRun(1, { createdAt: '2026-11-24T11:00:00Z' });
      github.setRun(2, { event: 'workflow_dispatch', status: 'in_progress' });
      github.setRun(3, { headBranch: 'v1', headSha: SHA, actor: 'ada', status: 'completed', conclusion: 'success' });
      github.setRun(4, { path: 'rollback.yml' });
      const listed = async (query: Record<string, string>) => {
        const { body } = await call('GET', `/actions/workflows/deploy.yml/runs?${new URLSearchParams(query).toString()}`, reader());
        return (body as { workflow_runs: { id: number }[] }).workflow_runs.map(({ id }) => id);
      };
      expect(await listed({})).toEqual([3, 2, 1]);
      expect(await listed({ event: 'workflow_dispatch' })).toEqual([2]);
      expect(await listed({ branch: 'main' })).toEqual([2, 1]);
      expect(await listed({ head_sha: SHA, actor: 'ada' })).toEqual([3]);
      expect(await listed({ status: 'success' })).toEqual([3]);
      expect(await listed({ created: '>=2026-11-24T12:00:00Z' })).toEqual([3, 2]);
      expect(await listed({ created: '<2026-11-24T12:00:00Z' })).toEqual([1]);
      expect(await listed({ created: '2026-11-23..2026-11-24' })).toEqual([3, 2, 1]);
      expect(await listed({ created: '*..2026-11-24T11:30:00Z' })).toEqual([1]);
      expect((await call('GET', '/actions/workflows/other.yml/runs', reader())).status).toBe(404);
      expect(github.violations).toEqual([]);
    });

    it('starts one that is dispatched, and returns its details if they are requested', async () => {
      const may = github.token({ actions: 'write' }, 'ada');
      github.addWorkflow('rollback.yml', 'rollback');
      const dispatch = (body: object, token = may) => call('POST', '/actions/workflows/rollback.yml/dispatches', token, body);

      const { body, status } = await dispatch({ ref: 'main', inputs: { environment: 'staging' }, return_run_details: true });
      const { workflow_run_id: id } = body as { workflow_run_id: number };
      expect(status).toBe(200);
      expect(body).toMatchObject({ html_url: `https://github.com/acme/shop/actions/runs/${id}` });
      expect(github.run(id)).toMatchObject({ name: 'rollback', event: 'workflow_dispatch', status: 'queued', headBranch: 'main', actor: 'ada' });

      expect(await dispatch({ ref: 'main' })).toMatchObject({ status: 204, body: undefined });
      github.knowsRunDetails = false;
      expect((await dispatch({ ref: 'main', return_run_details: true })).status).toBe(204);
      expect((await dispatch({ ref: 'nowhere' }))).toMatchObject({ status: 422, body: { message: 'No ref found for: nowhere' } });
      expect((await dispatch({ ref: 'main' }, reader())).status).toBe(403);
      expect((await call('POST', '/actions/workflows/none.yml/dispatches', may, { ref: 'main' })).status).toBe(404);
      expect(github.violations).toEqual([]);
    });

    it('lets a test handle a dispatch', async () => {
      github.addWorkflow('rollback.yml', 'rollback');
      const may = github.token({ actions: 'write' }, 'ada');
      const dispatches: Dispatch[] = [];
      github.onDispatch = (dispatch) => {
        dispatches.push(dispatch);
        if (!dispatch.inputs.reason) throw new RejectedRequest(422, 'Required input \'reason\' not provided');
        return 77;
      };
      const dispatch = (inputs: object) => call('POST', '/actions/workflows/rollback.yml/dispatches', may, { ref: 'main', inputs, return_run_details: true });
      expect((await dispatch({ reason: 'bad' })).body).toMatchObject({ workflow_run_id: 77 });
      expect(await dispatch({})).toMatchObject({ status: 422, body: { message: 'Required input \'reason\' not provided' } });
      expect(dispatches[0]).toEqual({ workflow: 'rollback.yml', ref: 'main', inputs: { reason: 'bad' }, actor: 'ada' });
      expect(github.violations).toEqual([]);
    });

    it('lists a new run late when it lags', async () => {
      github.readLag = 1;
      github.setRun(1, { status: 'in_progress' });
      const list = async () => (await call('GET', '/actions/workflows/deploy.yml/runs', reader())).body as { total_count: number };
      expect(await list()).toMatchObject({ total_count: 0 });
      expect(await list()).toMatchObject({ total_count: 1 });
    });
  });

  describe('of releases', () => {
    const OTHER = 'b'.repeat(40);
    const owner = () => github.token({ contents: 'write' });
    const release = (tag: string, rest: object = {}, token = owner()) => call('POST', '/releases', token, { tag_name: tag, target_commitish: SHA, ...rest });

    it('creates a missing tag on the given commit, and reports it', async () => {
      const tags: [string, string][] = [];
      github.onTag = (...tag) => tags.push(tag);
      expect(await release('v1', { name: 'one', body: 'the notes' })).toMatchObject({ status: 201, body: { tag_name: 'v1', name: 'one', body: 'the notes', draft: false } });
      expect(github.refs()).toMatchObject([{ name: 'refs/tags/v1', target: { sha: SHA } }]);
      expect(tags).toEqual([['v1', SHA]]);
      expect((await call('GET', '/releases/tags/v1', github.token({ contents: 'read' }))).body).toMatchObject({ tag_name: 'v1', target_commitish: SHA });
      expect((await call('GET', '/releases/tags/v2', owner())).status).toBe(404);
      expect(github.violations).toEqual([]);
    });

    it('leaves a tag where it is, and a draft makes none', async () => {
      github.addRef('v1', OTHER);
      github.onTag = () => { throw new Error('nothing was tagged'); };
      expect((await release('v1')).status).toBe(201);
      expect((await release('v2', { draft: true })).status).toBe(201);
      expect(github.refs()).toMatchObject([{ name: 'refs/tags/v1', target: { sha: OTHER } }]);
      expect((await call('GET', '/releases', owner())).body).toMatchObject([{ tag_name: 'v2', published_at: null }, { tag_name: 'v1' }]);
      expect(github.violations).toEqual([]);
    });

    it('rejects a second one of a tag, one of nothing, and a token that may only read', async () => {
      await release('v1');
      expect(await release('v1')).toMatchObject({ status: 422, body: { errors: [{ resource: 'Release', code: 'already_exists', field: 'tag_name' }] } });
      expect((await release('v2', { target_commitish: 'no-such-branch' })).status).toBe(422);
      expect((await release('v2', {}, github.token({ contents: 'read', deployments: 'write' }))).status).toBe(403);
      expect(github.releases().map(({ tag }) => tag)).toEqual(['v1']);
      expect(github.violations).toEqual([]);
    });
  });

  describe('of runs that are ended or begun again, and of what is deleted', () => {
    const owner = () => github.token({ actions: 'write', deployments: 'write' });

    it('cancels a run once, and begins another attempt only of one that is over', async () => {
      github.setRun(7, { status: 'in_progress' });
      expect((await call('POST', '/actions/runs/7/rerun', owner())).status).toBe(403);
      expect(await call('POST', '/actions/runs/7/cancel', owner())).toMatchObject({ status: 202, body: {} });
      expect((await call('POST', '/actions/runs/7/cancel', owner())).status).toBe(409);
      expect((await call('POST', '/actions/runs/7/rerun-failed-jobs', github.token({ actions: 'read' }))).status).toBe(403);
      expect((await call('POST', '/actions/runs/7/rerun-failed-jobs', owner())).status).toBe(201);
      expect(github.run(7)).toMatchObject({ attempt: 2, status: 'queued', conclusion: null });
      expect((await call('POST', '/actions/runs/8/rerun', owner())).status).toBe(404);
      expect(github.violations).toEqual([]);
    });

    it('deletes a deployment once it is inactive, or the only one of its environment, and an artifact once', async () => {
      const [one, other] = [1, 2].map(() => github.addDeployment({ environment: 'staging', ref: SHA }, { state: 'success' }).id);
      // the second one's success made the first one inactive
      expect((await call('DELETE', `/deployments/${other}`, owner())).status).toBe(422);
      expect([await call('DELETE', `/deployments/${one}`, owner()), await call('DELETE', `/deployments/${other}`, owner())]).toMatchObject([{ status: 204 }, { status: 204 }]);
      expect(github.deployments()).toEqual([]);
      const { id } = github.addArtifact({ runId: 7, name: 'release' });
      expect((await call('DELETE', `/actions/artifacts/${id}`, owner())).status).toBe(204);
      expect((await call('DELETE', `/actions/artifacts/${id}`, owner())).status).toBe(404);
      expect(github.violations).toEqual([]);
    });
  });

  describe('of references', () => {
    const OTHER = 'b'.repeat(40);
    const owner = () => github.token({ contents: 'write' });
    const create = (name: string, sha: string, token = owner()) => call('POST', '/git/refs', token, { ref: `refs/delivery/${name}`, sha });

    it('creates one once: the second is rejected', async () => {
      const { status, body } = await create('lock', SHA);
      expect([status, body]).toMatchObject([201, { ref: 'refs/delivery/lock', object: { sha: SHA, type: 'commit' } }]);
      expect(await create('lock', OTHER)).toMatchObject({ status: 422, body: { message: 'Reference already exists' } });
      const responses = await Promise.all(Array.from({ length: 20 }, () => create('race', SHA)));
      expect(responses.filter((response) => response.status === 201)).toHaveLength(1);
      expect((await create('lock-2', SHA, github.token({ contents: 'read' }))).status).toBe(403);
      expect(github.violations).toEqual([]);
    });

    it('rejects a name or an object that git would not take', async () => {
      for (const name of ['a..b', 'a b', 'a.lock', 'a^']) expect((await create(name, SHA)).status).toBe(422);
      expect((await call('POST', '/git/refs', owner(), { ref: 'lock', sha: SHA })).status).toBe(422);
      expect((await create('lock', 'abc')).status).toBe(422);
      expect(github.refs()).toEqual([]);
    });

    it('reads it by its name, encoded or not, or all that begin alike', async () => {
      const reader = github.token({ contents: 'read' });
      await create('lock/staging', SHA);
      await create('lock/production', OTHER);
      github.addRef('refs/heads/main', SHA);
      expect((await call('GET', '/git/ref/delivery/lock/staging', reader)).body).toMatchObject({ ref: 'refs/delivery/lock/staging' });
      expect((await call('GET', '/git/ref/delivery%2Flock%2Fstaging', reader)).body).toMatchObject({ ref: 'refs/delivery/lock/staging' });
      expect((await call('GET', '/git/ref/delivery/lock', reader)).status).toBe(404);
      expect((await call('GET', '/git/matching-refs/delivery/lock', reader)).body).toMatchObject([
        { ref: 'refs/delivery/lock/production', object: { sha: OTHER } }, { ref: 'refs/delivery/lock/staging' },
      ]);
      expect((await call('GET', '/git/matching-refs/delivery/none', reader)).body).toEqual([]);
      expect(github.violations).toEqual([]);
    });

    it('moves it only forward unless it is forced to, and takes it away once', async () => {
      await create('lock', SHA);
      const move = (sha: string, force?: boolean) => call('PATCH', '/git/refs/delivery/lock', owner(), { sha, ...(force !== undefined && { force }) });
      expect(await move(OTHER)).toMatchObject({ status: 422, body: { message: 'Update is not a fast forward' } });
      expect((await move(OTHER, true)).body).toMatchObject({ object: { sha: OTHER } });
      github.addCommit(SHA, OTHER);
      expect((await move(SHA)).status).toBe(200);
      expect((await call('DELETE', '/git/refs/delivery/lock', owner())).status).toBe(204);
      expect((await call('DELETE', '/git/refs/delivery/lock', owner()))).toMatchObject({ status: 422, body: { message: 'Reference does not exist' } });
      expect((await move(SHA, true)).status).toBe(422);
      expect((await create('lock', OTHER)).status).toBe(201);
      expect(github.violations).toEqual([]);
    });

    it('keeps annotated tags, named as git names them, for a reference to point at', async () => {
      const { body } = await call('POST', '/git/tags', owner(), {
        tag: 'lock', message: 'held by 7.1\n', object: SHA, type: 'commit', tagger: { name: 'ada', email: 'ada@example.com', date: '2026-11-24T12:00:00Z' },
      });
      const { sha } = body as { sha: string };
      // echo -e '...' | git hash-object -t tag --stdin --literally
      expect(sha).toBe('d37354a33a8e915deaa7c68deda6a37a3d5b4360');
      expect((await create('lock', sha)).body).toMatchObject({ object: { type: 'tag', sha } });
      expect((await call('GET', `/git/tags/${sha}`, owner())).body).toMatchObject({ tag: 'lock', message: 'held by 7.1\n', object: { sha: SHA, type: 'commit' } });
      expect((await call('GET', `/git/tags/${SHA}`, owner())).status).toBe(404);
      github.addRef('v1', sha);
      expect(github.addDeployment({ environment: 'staging', ref: 'v1' }).sha).toBe(SHA);
      expect(github.violations).toEqual([]);
    });

    it('shows it late when it lags, and the one before meanwhile; who writes is never deceived', async () => {
      github.readLag = 1;
      const read = async () => (await call('GET', '/git/ref/delivery/lock', owner())).status;
      await create('lock', SHA);
      expect((await create('lock', OTHER)).status).toBe(422);
      expect([await read(), await read()]).toEqual([404, 200]);
      await call('DELETE', '/git/refs/delivery/lock', owner());
      expect([await read(), await read()]).toEqual([200, 404]);
    });
  });
});
