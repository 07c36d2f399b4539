/** A rollback from one deployment beside what comes after it: the bundled runtime as real processes, with GitHub's ledger. */
import { GithubStandIn } from '../../../tools/github-api-stand-in/stand-in';
import { Ended, World } from '../world';

interface Payload {
  readonly record: { readonly kind: string; readonly release: { readonly version: string } };
}

let github: GithubStandIn;
let world: World;
let lastRun = 1000;
/** The deployment of v2, which is to be taken back. */
let confirmedId: string;

beforeEach(async () => {
  github = await GithubStandIn.start({ repository: 'acme/shop' });
  world = await World.create('redeploy');
  for (const version of ['v1', 'v2']) expect((await push(version)).code).toBe(0);
  confirmedId = String(github.deployments('production')[0].id);
});

afterEach(async () => {
  expect(github.violations).toEqual([]);
  await world.destroy();
  await github.stop();
});

/** A run that GitHub knows to be at work. */
function begin(): number {
  github.setRun(++lastRun, { status: 'in_progress' });
  return lastRun;
}

function step(id: number, tag: string, command: string[], variables: NodeJS.ProcessEnv = {}): Promise<Ended> {
  const env = { DELIVERY_LEDGER: '', GITHUB_API_URL: github.url, GITHUB_TOKEN: github.token({ deployments: 'write', actions: 'read' }), ...variables };
  return world.step({ id, tag, env }, ...command);
}

async function push(tag: string, id = begin()): Promise<Ended> {
  world.release(tag);
  const { outputs } = await step(id, tag, ['deploy', 'production']);
  const ended = await step(id, tag, ['monitor', 'production'], { DELIVERY_DEPLOYED: 'success', DELIVERY_STATE: outputs.state });
  github.setRun(id, { status: 'completed', conclusion: 'success' });
  return ended;
}

const hold = (id: number, from = confirmedId) => step(id, 'v2', ['hold', 'production', '--release', 'v1', '--reason=the watch', `--from-deployment=${from}`]);
const rollback = (id: number) => step(id, 'v2', ['rollback', 'production', '--release', 'v1', '--reason=the watch', `--from-deployment=${confirmedId}`]);
const holdByHand = (id: number) => step(id, 'v2', ['hold', 'production', '--release', 'v1', '--reason=by hand', '--from-deployment=']);

/** The kinds of what was recorded after v2, oldest first. */
function recorded(): string[] {
  const records = github.deployments('production').filter(({ id }) => id > Number(confirmedId));
  return records.map(({ payload, statuses }) => `${(payload as unknown as Payload).record.kind} ${statuses.at(-1)?.description.split(':')[0] ?? ''}`).reverse();
}

async function blocked(version: string): Promise<boolean> {
  if (world.git('tag', '--list', version) === '') world.release(version);
  const { code, output } = await step(begin(), version, ['plan', 'production']);
  return code !== 0 && output.includes('blocked');
}

it('rolls back the newest deployment, and writes no hold', async () => {
  const run = begin();
  expect(await hold(run)).toMatchObject({ code: 0, outputs: { release: expect.stringMatching(/^[0-9a-f]{40}$/) as string } });
  expect(recorded()).toEqual([]);
  expect(await rollback(run)).toMatchObject({ code: 0, outputs: { state: 'stable' } });
  expect(world.served).toBe('v1');
  expect(await blocked('v2')).toBe(true);
  // the same job once more
  expect(await rollback(run)).toMatchObject({ code: 0, outputs: { state: 'stable' } });
  expect(recorded()).toHaveLength(1);
});

it('a fix of an earlier run that came meanwhile stays: every step is green and says so, and nothing is blocked', async () => {
  const fix = begin();
  const run = begin();
  expect((await hold(run)).outputs).toHaveProperty('release');
  expect((await push('v3', fix)).code).toBe(0);
  const late = await rollback(run);
  expect(late).toMatchObject({ code: 0, outputs: { state: 'superseded' } });
  expect(late.output).toContain(`superseded: it is no longer to be rolled back, because v3 (run ${fix}) came after deployment ${confirmedId}`);
  const confirmed = await step(run, 'v2', ['monitor', 'production'], { DELIVERY_DEPLOYED: 'success', DELIVERY_STATE: 'superseded' });
  expect(confirmed).toMatchObject({ code: 0, outputs: { completed_attempt: '1', state: 'superseded' } });
  expect(world.served).toBe('v3');
  expect(await blocked('v3')).toBe(false);
  const tooLate = await hold(begin());
  expect(tooLate.code).toBe(0);
  expect(tooLate.outputs).not.toHaveProperty('release');
  expect(recorded()).toHaveLength(1);
});

it('a fix of a later run stays as well', async () => {
  const run = begin();
  expect((await push('v3')).code).toBe(0);
  expect((await hold(run)).outputs).not.toHaveProperty('release');
  expect(await rollback(run)).toMatchObject({ code: 0, outputs: { state: 'superseded' } });
  expect(world.served).toBe('v3');
});

it('a request of a person has precedence', async () => {
  const person = begin();
  const run = begin();
  await holdByHand(person);
  const ended = await hold(run);
  expect(ended.code).toBe(0);
  expect(ended.output).toContain(`octocat requested v1 (run ${person})`);
  expect(await rollback(run)).toMatchObject({ code: 0, outputs: { state: 'superseded' } });
  expect(world.served).toBe('v2');
});

it.each([['what a person asked for', holdByHand, 'v2'], ['a fix', (id: number) => push('v3', id), 'v3']] as const)('it looks again under its claim: %s comes first', async (_, beside, live) => {
  const other = begin();
  const run = begin();
  world.forgetCommands();
  github.fail({ method: 'POST', path: /\/deployments$/, misbehaviour: { kind: 'hold' } });
  const isHeld = new Promise<void>((done) => { github.onHold = done; });
  const late = rollback(run);
  await isHeld;
  expect((await beside(other)).code).toBe(0);
  github.applyHeldBack();
  expect(await late).toMatchObject({ code: 0, outputs: { state: 'superseded' } });
  expect(world.served).toBe(live);
  expect(world.commands.filter((command) => command.includes('v1'))).toEqual([]);
  expect(await blocked('v3')).toBe(false);
});

it('what was left open is finished, and that was all', async () => {
  world.release('v3');
  const dead = begin();
  await world.step({
    id: dead,
    tag: 'v3',
    env: { DELIVERY_LEDGER: '', GITHUB_API_URL: github.url, GITHUB_TOKEN: github.token({ deployments: 'write', actions: 'read' }) },
    onLine: (line, stop) => { if (line.includes('Verify') || line.includes('Watch')) stop('SIGKILL'); },
  }, 'deploy', 'production');
  github.setRun(dead, { status: 'completed', conclusion: 'failure' });
  confirmedId = String(github.deployments('production')[0].id);
  const run = begin();
  const ended = await step(run, 'v2', ['rollback', 'production', '--release', 'v2', `--from-deployment=${confirmedId}`]);
  expect(ended).toMatchObject({ code: 0, outputs: { state: 'stable' } });
  expect(world.served).toBe('v2');
  expect(recorded()).toEqual([]);
});

it.each(['latest', '0', '1 --recover', '-1', '$(id)', '9'.repeat(30)])('refuses %s, which is no deployment', async (from) => {
  const { code, output } = await hold(begin(), from);
  expect(code).toBe(2);
  expect(output).toContain('It must be the id of a deployment in the ledger, a whole number.');
});

it('is no matter of --recover', async () => {
  const { code, output } = await step(begin(), 'v2', ['rollback', 'production', '--recover', `--from-deployment=${confirmedId}`]);
  expect(code).toBe(2);
  expect(output).toContain('--recover recovers whatever was left unfinished: leave --from-deployment out.');
});
