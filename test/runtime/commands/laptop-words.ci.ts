/** What a laptop prints never speaks of jobs or runs: all commands, through the bundled runtime as a real process, where all is well and where it is not. */
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { EnvironmentManifest, Manifest } from '../../../src/contract/manifest';
import { COMMANDS } from '../../../src/runtime/cli';
import { World } from '../world';

/** As nouns: `npx projen` may be run. GitHub's own command is called `gh workflow run`. */
const FORBIDDEN = new RegExp([
  String.raw`\bjobs?\b`,
  String.raw`\bruns? #?\d`,
  String.raw`\b(a|an|another|any|before|each|earlier|every|first|last|later|new|newer|newest|next|no|of|old|older|one|other|same|that|the|this|which)(?: \w+ed)? runs?\b(?! (again|it|npx|this)\b)`,
  String.raw`\bruns that\b`,
].join('|'), 'i');

let world: World;
let printed: string[];
beforeEach(() => {
  printed = [];
});
afterEach(async () => {
  if (printed.length > 0) await world.destroy();
});

async function say(...args: string[]): Promise<string> {
  const { output } = await world.delivery(...args);
  printed.push(...linesOf(args, output));
  return output;
}

async function killed(args: string[], at: string, how: NodeJS.Signals, meanwhile: () => Promise<unknown> = async () => undefined): Promise<void> {
  let seen: Promise<unknown> | undefined;
  const { output } = await world.run(args, {}, (line, stop) => {
    if (line.includes(at)) seen ??= meanwhile().then(() => stop(how));
  });
  await seen;
  printed.push(...linesOf(args, output));
}

/** Lines are folded where they are long: a sentence may go on in the next one. */
function linesOf(args: string[], output: string): string[] {
  return output.replace(/ *\n +/g, ' ').split('\n').map((line) => `${args.join(' ')}: ${line}`);
}

function offences(): string[] {
  return printed.filter((line) => FORBIDDEN.test(line.replace(/gh workflow run/g, '')));
}

function write(changes: Partial<Manifest>, environment: Partial<EnvironmentManifest> = {}): void {
  world.manifest = { ...world.manifest, ...changes };
  world.change(environment);
}

it('finds what it looks for', () => {
  const bad = ['Run the job again.', 'v1 (run 12) is verifying', 'an older run never deploys', 'a new run', 'runs that began before', 'this run changed nothing', 'left by run 3, attempt 1', 'the dispatched run'];
  expect(bad.filter((text) => !FORBIDDEN.test(text))).toEqual([]);
  const good = ['Run npx projen', 'then run this again', 'the hook runs npm run build', 'meant to run every 5 min', 'Install it, or run chmod +x ship.sh', 'this command changed nothing'];
  expect(good.filter((text) => FORBIDDEN.test(text))).toEqual([]);
});

it('in the help and where a command is used wrongly', async () => {
  world = await World.create('redeploy');
  await say('--help');
  for (const { name } of COMMANDS) {
    await say(name, '--help');
    await say(name, '--no-such-option');
    await say(name, 'nowhere');
  }
  await say('no-such-command');
  await say('rollback', 'production', '--recover', '--from-deployment', '1');
  await say('rollback', 'production', '--from-deployment', 'x');
  writeFileSync(join(world.root, '.projen/delivery.json'), '{');
  await say('status');
  expect(offences()).toEqual([]);
});

/** What a person may ask for at any time, without changing what is live. */
async function runEveryCommand(): Promise<void> {
  for (const name of ['plan', 'monitor', 'hold', 'unblock', 'unfreeze', 'adopt', 'resolve', 'drill', 'rollback']) await say(name, 'production');
  for (const name of ['status', 'config', 'watch', 'page', 'notify', 'start-drills', 'trust', 'check']) await say(name);
  await say('plan', 'production', '--json');
  await say('status', '--json');
  await say('rollback', 'production', '--recover');
  await say('rollback', 'production', '--from-deployment', '999');
  await say('hold', 'production', '--release', 'v1', '--from-deployment', '999');
}

it('before anything was deployed', async () => {
  world = await World.create('redeploy');
  world.release('v1');
  await runEveryCommand();
  await say('rollback', 'production', '--release', 'v0');
  await say('deploy', 'production', '--release', 'no-such-tag');
  expect(offences()).toEqual([]);
});

it.each(['redeploy', 'blueGreen'] as const)('while releases come and go (%s)', async (strategy) => {
  world = await World.create(strategy);
  world.release('v1');
  expect(await say('deploy', 'production', '--release', 'v1')).toContain('v1 is live');
  await say('deploy', 'production', '--release', 'v1');
  await runEveryCommand();
  world.release('v2', 'error');
  expect(await say('deploy', 'production', '--release', 'v2')).toContain('v1 is live again');
  await say('plan', 'production', '--release', 'v2');
  await runEveryCommand();
  await say('unblock', 'production', '--release', 'v2', '--reason', 'why');
  await say('hold', 'production', '--release', 'v1');
  await say('rollback', 'production', '--release', 'v1', '--reason', 'why');
  await say('adopt', 'production', '--release', 'v9');
  world.release('v3');
  await say('deploy', 'production', '--release', 'v3');
  await say('rollback', 'production', '--release', 'v1', '--reason', 'why');
  await say('status');
  expect(offences()).toEqual([]);
});

it('while one is at work, and after it was killed or interrupted', async () => {
  world = await World.create('redeploy');
  await world.ship('v1');
  const deploy = world.manifest.environments[0].target.deploy;
  write({}, { target: { deploy: { kind: 'bash', line: 'echo at work; sleep 30' } } });
  world.release('v2');
  await killed(['deploy', 'production', '--release', 'v2'], 'at work', 'SIGKILL', async () => {
    await say('deploy', 'production', '--release', 'v2');
    await say('hold', 'production', '--release', 'v1');
    await say('plan', 'production', '--release', 'v2');
    await say('watch');
  });
  write({}, { target: { deploy } });
  for (const name of ['status', 'watch']) await say(name);
  await say('monitor', 'production');
  expect(await say('plan', 'production', '--release', 'v2')).toContain('v2');
  expect(await say('rollback', 'production', '--recover')).toContain('v1 is live again');
  await say('unblock', 'production', '--release', 'v2');
  await killed(['deploy', 'production', '--release', 'v2'], 'Verify', 'SIGTERM');
  await say('adopt', 'production', '--release', 'v1');
  await say('status');
  expect(offences()).toEqual([]);
});

it('when a person requests another release during a verification', async () => {
  world = await World.create('redeploy');
  await world.ship('v1');
  write({}, { target: { deploy: { kind: 'bash', line: `${lineOf(world)}; echo at work; sleep 3` } } });
  world.release('v2');
  let held: Promise<string> | undefined;
  const args = ['deploy', 'production', '--release', 'v2'];
  const { output } = await world.run(args, {}, (line) => {
    if (line.includes('at work')) held ??= say('hold', 'production', '--release', 'v1');
  });
  await held;
  printed.push(...linesOf(args, output));
  expect(output).toContain('engineer requested v1 (another command)');
  expect(offences()).toEqual([]);
});

function lineOf({ manifest }: World): string {
  const { deploy } = manifest.environments[0].target;
  return deploy.kind === 'bash' ? deploy.line : '';
}

it('where it is halted, frozen, or something is missing', async () => {
  world = await World.create('redeploy');
  world.release('v1', 'bad');
  expect(await say('deploy', 'production', '--release', 'v1')).toContain('halted');
  await runEveryCommand();
  const day = (offset: number) => new Date(Date.now() + offset * 86_400_000).toISOString().slice(0, 16);
  write({}, { freezes: [{ kind: 'between', from: day(-1), until: day(1), timeZone: 'UTC', reason: 'the holidays' }] });
  world.release('v2');
  expect(await say('plan', 'production', '--release', 'v2')).toContain('the holidays');
  await say('deploy', 'production', '--release', 'v2');
  await say('drill', 'production');
  await say('unfreeze', 'production', '--reason', 'why');
  write({}, { freezes: [], trigger: { kind: 'tag', pattern: 'v*', requires: 'staging' } });
  expect(await say('plan', 'production', '--release', 'v2')).toContain('was not verified on staging');
  await say('deploy', 'production', '--release', 'v2');
  write({ artifact: { paths: ['dist'] } }, { trigger: { kind: 'tag', pattern: 'v*' }, target: { deploy: { kind: 'exec', argv: ['no-such-program'] } } });
  await say('plan', 'production', '--release', 'v2');
  write({ artifact: undefined });
  await say('deploy', 'production', '--release', 'v2');
  const { output } = await world.run(['deploy', 'production'], { DELIVERY_LEDGER: join(world.root, '.gitignore/ledger') });
  printed.push(...linesOf(['deploy'], output));
  expect(offences()).toEqual([]);
});

it('if alerts fire and no notification can be sent', async () => {
  world = await World.create('redeploy');
  write({
    monitoring: { environments: ['production'], intervalMs: 300_000, retries: 0, firesAfter: 2, resolvesAfter: 1, workflow: 'monitor.yml', deploymentWorkflows: [] },
    alerts: [
      { kind: 'webhook', name: 'webhook (HOOK)', address: 'HOOK', on: ['firing', 'resolved', 'deployed'], secrets: ['HOOK'] },
      { kind: 'command', name: 'command', command: { kind: 'bash', line: 'exit 1' }, on: ['firing', 'resolved', 'deployed'], secrets: [] },
    ],
  });
  world.release('v1');
  await say('deploy', 'production', '--release', 'v1');
  await say('watch');
  world.behaviours.v1 = 'error';
  await say('watch');
  expect(await say('watch')).toMatch(/HOOK has no value/);
  await say('status');
  world.behaviours.v1 = 'good';
  await say('watch');
  await say('notify');
  await say('page');
  expect(offences()).toEqual([]);
});
