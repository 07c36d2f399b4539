import { GithubStandIn } from './stand-in';

const SHA = 'a'.repeat(40);

describe('The stand-in for the GitHub API', () => {
  let github: GithubStandIn;

  beforeEach(async () => {
    github = await GithubStandIn.start({ repository: 'acme/shop', now: () => Date.parse('2026-11-24T12:00:00.700Z') });
  });
  afterEach(() => github.stop());

  const call = async (method: string, path: string, token: string, body?: unknown) => {
    const response = await fetch(`${github.url}/repos/acme/shop${path}`, {
      method,
      headers: { 'authorization': `Bearer ${token}`, 'content-type': 'application/json' },
      body: body === undefined ? undefined : JSON.stringify(body),
    });
    return { status: response.status, headers: response.headers, body: (await response.json()) as never };
  };
  const writer = () => github.token({ deployments: 'write' });
  const deploy = async (environment: string) =>
    (await call('POST', '/deployments', writer(), { ref: SHA, environment, task: 'delivery', payload: { a: 1 } })).body as { id: number };

  it('remembers a deployment and its statuses as GitHub would tell them', async () => {
    const { id } = await deploy('staging');
    await call('POST', `/deployments/${id}/statuses`, writer(), { state: 'success', description: 'stable: v1', auto_inactive: false });

    const listed = await call('GET', '/deployments?environment=staging&per_page=100', github.token({ deployments: 'read' }));
    expect(listed.body).toMatchObject([{ id, environment: 'staging', payload: { a: 1 }, creator: { login: 'github-actions[bot]' }, created_at: '2026-11-24T12:00:00Z' }]);
    const statuses = await call('GET', `/deployments/${id}/statuses`, github.token({ deployments: 'read' }));
    expect(statuses.body).toMatchObject([{ state: 'success', description: 'stable: v1' }]);
    expect(github.deployments('staging')[0].statuses).toHaveLength(1);
    expect(github.violations).toEqual([]);
  });

  it('refuses what a token is not permitted to do', async () => {
    expect((await call('POST', '/deployments', github.token({ deployments: 'read' }), { ref: SHA })).status).toBe(403);
    expect((await call('GET', '/actions/artifacts/1', github.token({ deployments: 'write' }))).status).toBe(403);
    expect((await call('GET', '/deployments', 'ghs_unknown')).status).toBe(401);
    expect(github.deployments()).toEqual([]);
  });

  it('refuses a description that is too long, and a ref that it does not know', async () => {
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

  it('marks earlier successes inactive unless told otherwise, but not those of production', async () => {
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
});
