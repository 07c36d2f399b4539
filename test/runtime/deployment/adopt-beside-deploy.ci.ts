/** `adopt` and `resolve` beside a deploy: the bundled runtime as real processes, in jobs that share no concurrency group, with GitHub's ledger. */
import { GithubStandIn } from '../../../tools/github-api-stand-in/stand-in';
import { Ended, OnLine, World } from '../world';

const RECORD = /\/deployments$/;
const ENTRY = /\/statuses$/;
/** The slot of the command that put a release somewhere. */
const deployedTo = (command: string) => /^deploy \S+ to (\w+)$/.exec(command)?.[1];

let github: GithubStandIn;
let world: World;
let lastRun = 1000;

beforeEach(async () => {
  github = await GithubStandIn.start({ repository: 'acme/shop' });
  world = await World.create();
});

afterEach(async () => {
  expect(github.violations).toEqual([]);
  await world.destroy();
  await github.stop();
});

/** A command in a run of its own, which GitHub knows to be at work as long as it is. */
async function inRun(tag: string, onLine: OnLine, ...commands: string[][]): Promise<Ended> {
  const id = ++lastRun;
  github.setRun(id, { status: 'in_progress' });
  let ended: Ended | undefined;
  for (const command of commands) {
    const variables = ended && { DELIVERY_DEPLOYED: ended.code === 0 ? 'success' : 'failure', DELIVERY_STATE: ended.outputs.state };
    const env = { DELIVERY_LEDGER: '', GITHUB_API_URL: github.url, GITHUB_TOKEN: github.token({ deployments: 'write', actions: 'read' }), ...variables };
    ended = await world.step({ id, tag, env, onLine }, ...command);
  }
  github.setRun(id, { status: 'completed', conclusion: ended?.code === 0 ? 'success' : 'failure' });
  return ended!;
}

function push(tag: string, behaviour: 'good' | 'bad' = 'good', onLine = (_: string) => {}): Promise<Ended> {
  world.release(tag, behaviour);
  return inRun(tag, onLine, ['deploy', 'production'], ['monitor', 'production']);
}

/** The next request of this kind waits until `applyHeldBack`; resolves when it is there. */
function holdNext(path: RegExp): Promise<void> {
  github.fail({ method: 'POST', path, misbehaviour: { kind: 'hold' } });
  return new Promise((done) => { github.onHold = done; });
}

const resolve = () => inRun('v1', () => {}, ['resolve', 'production']);
const adopt = (onLine: OnLine = () => {}) => inRun('v1', onLine, ['adopt', 'production', '--release', 'v1', '--slot', 'blue']);

async function stable(): Promise<{ version: string; slot: string }> {
  const { output } = await inRun('v1', () => {}, ['status', 'production', '--json']);
  const [{ stable: found }] = JSON.parse(output.slice(output.indexOf('['), output.lastIndexOf(']') + 1)) as Array<{ stable: { version: string; slot: string } }>;
  return { version: found.version, slot: found.slot };
}

/** Users are on blue with v1, and the ledger is halted with v2, which was put on green. */
async function halt(): Promise<void> {
  await push('v1');
  world.behaviours.v1 = 'bad';
  await push('v2', 'bad');
  world.behaviours.v1 = 'good';
  expect([world.live, world.served]).toEqual(['blue', 'v1']);
  world.forgetCommands();
}

/** What the ledger calls Stable is what users see, where they see it; and the next release goes to the other slot. */
async function expectLedgerToBeTrue(): Promise<void> {
  expect(await stable()).toEqual({ version: world.served, slot: world.live });
  const before = world.live;
  world.forgetCommands();
  await push('v9');
  expect(world.commands.map(deployedTo).filter(Boolean)).not.toContain(before);
  expect(world.served).toBe('v9');
}

test('resolve beside a deploy of a fix never makes Stable what is not live, so the next release is not put on the live slot', async () => {
  await halt();
  // the first record that resolve writes is on its way while the fix is deployed
  const held = holdNext(RECORD);
  const resolving = resolve();
  await held;
  const fix = await push('v3');
  expect([fix.code, world.live, world.served]).toEqual([0, 'green', 'v3']);
  github.applyHeldBack();
  const { code, output } = await resolving;
  await expectLedgerToBeTrue();
  expect(output).toContain('v3 (run');
  expect(output).toContain('nothing was recorded as Stable');
  expect(code).toBe(2);
});

test('a deploy waits for an adoption that verifies what is live, and then knows which slot that is', async () => {
  await halt();
  const held = holdNext(ENTRY);
  const adopting = adopt();
  await held;
  const fix = await push('v3', 'good', (line) => {
    if (line.includes('waiting for run')) github.applyHeldBack();
  });
  expect((await adopting).output).toContain('v1 was adopted on production');
  expect(fix.output).toContain('v3 is live on production, verified and Stable');
  expect(world.commands).toEqual(['deploy v3 to green', 'promote v3 on green']);
  await expectLedgerToBeTrue();
});

test('an adoption that does not end holds up no deploy: it is taken away, and records nothing', async () => {
  await halt();
  const { healthChecks } = world.manifest.environments[0];
  // so long that the signal arrives before the next probe, however busy the machine is
  world.change({ healthChecks: healthChecks.map((check) => ({ ...check, intervalMs: 10_000 })) });
  let signal: (name: NodeJS.Signals) => void = () => {};
  let adopting: Promise<Ended>;
  await new Promise<void>((paused) => {
    adopting = adopt((line, send) => {
      if (!line.includes('healthy 1 of 3')) return;
      signal = send;
      signal('SIGSTOP');
      paused();
    });
  });
  world.change({ healthChecks });
  const fix = await push('v3');
  expect([fix.code, world.served]).toEqual([0, 'v3']);
  signal('SIGCONT');
  const { code, output } = await adopting!;
  expect(output).toContain('nothing was recorded as Stable');
  expect(code).not.toBe(0);
  await expectLedgerToBeTrue();
}, 900_000);

test('an adoption of what is not live leaves no claim behind, and the environment halted', async () => {
  await halt();
  world.behaviours.v1 = 'reset';
  const { code } = await adopt();
  expect(code).toBe(1);
  world.behaviours.v1 = 'good';
  const { output } = await inRun('v1', () => {}, ['status', 'production', '--json']);
  expect(JSON.parse(output.slice(output.indexOf('['), output.lastIndexOf(']') + 1))).toMatchObject([{ isHalted: true, last: { kind: 'adopt', state: 'failed' } }]);
});
