/** GitHub does not promise that the ids of runs increase: the bundled runtime, with GitHub's ledger, where they do not. */
import { GithubStandIn } from '../../../tools/github-api-stand-in/stand-in';
import { Ended, World } from '../world';

let github: GithubStandIn;
let world: World;

beforeEach(async () => {
  github = await GithubStandIn.start({ repository: 'acme/shop' });
  world = await World.create('redeploy');
});

afterEach(async () => {
  expect(github.violations).toEqual([]);
  await world.destroy();
  await github.stop();
});

const MINUTE_MS = 60_000;

async function push(tag: string, id: number, beganAt: number): Promise<Ended> {
  world.release(tag);
  github.setRun(id, { status: 'in_progress', createdAt: new Date(beganAt).toISOString().replace(/\.\d+Z$/, 'Z') });
  const env = { DELIVERY_LEDGER: '', GITHUB_API_URL: github.url, GITHUB_TOKEN: github.token({ deployments: 'write', actions: 'read' }) };
  const deployed = await world.step({ id, tag, env }, 'deploy', 'production');
  if (deployed.code === 0) await world.step({ id, tag, env: { ...env, DELIVERY_DEPLOYED: 'success', DELIVERY_STATE: deployed.outputs.state } }, 'monitor', 'production');
  github.setRun(id, { status: 'completed', conclusion: deployed.code === 0 ? 'success' : 'failure' });
  return deployed;
}

test('a run that began earlier does not deploy over a later one, though its id is larger', async () => {
  expect((await push('v1', 1001, Date.now())).code).toBe(0);
  // a lower version would be refused for that
  const late = await push('v2', 1002, Date.now() - 10 * MINUTE_MS);
  expect([late.code, world.served]).toEqual([2, 'v1']);
  expect(late.output).toContain('run 1001 began after this one (1002), though its id is smaller, and put v1 on production');
});

test('a run that began later, or at a time that GitHub does not say, deploys', async () => {
  expect((await push('v1', 1001, Date.now() - 10 * MINUTE_MS)).code).toBe(0);
  // it began before the other one had made its record, as runs do that are built meanwhile
  expect((await push('v2', 1002, Date.now() - 5 * MINUTE_MS)).code).toBe(0);
  github.fail({ method: 'GET', path: /\/actions\/runs\/\d+$/, times: Infinity, misbehaviour: { kind: 'status', status: 403, body: { message: 'Resource not accessible by integration' } } });
  expect((await push('v3', 1003, Date.now())).code).toBe(0);
  expect(world.served).toBe('v3');
});
