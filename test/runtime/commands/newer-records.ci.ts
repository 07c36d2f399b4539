/** Records that a newer projen-delivery wrote: each command changes nothing, and names the version that is needed. Real processes. */
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { GithubStandIn } from '../../../tools/github-api-stand-in/stand-in';
import { killAt, World } from '../world';

interface Stored {
  readonly id: string;
  readonly record: Readonly<Record<string, unknown>>;
}

interface Content {
  readonly lastId: number;
  readonly streams: readonly Stored[];
}

const NEEDED = /was written by projen-delivery 1\.4\.0 \((schema 2|kind "pause"), which this one, [\d.]+, does not know\), so nothing is changed\. Update projen-delivery to 1\.4\.0 or later/;
const RECORD = { kind: 'pause', environment: 'production' };

/** What a newer version could have left in the file. */
const CHANGES: readonly [string, (content: Content) => object][] = [
  ['of a newer schema', (content) => ({ ...content, schema: 2, writtenBy: '1.4.0' })],
  ['of an unknown kind', (content) => {
    const last = content.streams.at(-1)!;
    const newer = { ...last, id: String(content.lastId + 1), key: 'newer', writtenBy: '1.4.0', record: { ...last.record, ...RECORD }, events: [] };
    return { ...content, lastId: content.lastId + 1, streams: [...content.streams, newer] };
  }],
];

let world: World;
let github: GithubStandIn | undefined;
beforeEach(async () => {
  world = await World.create('redeploy');
  const monitoring = { environments: ['production'], intervalMs: 300_000, retries: 0, firesAfter: 1, resolvesAfter: 1, workflow: 'monitor.yml', deploymentWorkflows: [] };
  world.manifest = { ...world.manifest, monitoring };
  world.change({});
});
afterEach(async () => {
  await world.destroy();
  await github?.stop();
  github = undefined;
});

const ledger = () => join(world.root, 'machine/ledger.json');
const contents = () => JSON.parse(readFileSync(ledger(), 'utf8')) as Content;

/** The commands of a person, and those of the jobs. */
async function expectNoChange(run: (...args: string[]) => Promise<{ readonly code: number | null; readonly output: string }>): Promise<void> {
  world.release('v3');
  world.forgetCommands();
  const commands = [
    ['plan', 'production', '--release', 'v3'], ['deploy', 'production', '--release', 'v3'], ['monitor', 'production'], ['rollback', 'production'],
    ['rollback', 'production', '--recover'], ['hold', 'production'], ['unblock', 'production', '--release', 'v2'], ['adopt', 'production', '--release', 'v2'], ['status'], ['watch'],
  ];
  for (const args of commands) {
    const { code, output } = await run(...args);
    expect([args.join(' '), code === 0 ? 'exit 0' : 'failed', output.replace(/\s+/g, ' ')]).toEqual([args.join(' '), 'failed', expect.stringMatching(NEEDED)]);
  }
  expect(world.commands).toEqual([]);
  expect(world.served).toBe('v2');
}

it.each(CHANGES)('In a file, %s: nothing is changed', async (_, change) => {
  await world.ship('v1');
  await world.ship('v2');
  const newer = change(contents());
  writeFileSync(ledger(), JSON.stringify(newer));
  await expectNoChange((...args) => world.delivery(...args));
  // the numbers of runs go on
  expect(contents().streams).toEqual((newer as Content).streams);
});

it('The job that rolls back an unhealthy release leaves alone what a newer version did after it', async () => {
  await world.ship('v1');
  world.release('v2', 'error');
  const run = { id: world.newRun(), tag: 'v2' };
  await world.step({ ...run, onLine: killAt('Verify') }, 'deploy', 'production');
  writeFileSync(ledger(), JSON.stringify(CHANGES[1]![1](contents())));
  world.forgetCommands();
  const { code, output } = await world.step(run, 'rollback', 'production', '--recover');
  expect([code === 0, output.replace(/\s+/g, ' ')]).toEqual([false, expect.stringMatching(NEEDED)]);
  expect(world.commands).toEqual([]);
});

it.each([['of a newer schema', { schema: 2 }], ['of an unknown kind', { schema: 1, record: RECORD }]])('At GitHub, %s: nothing is changed', async (_, change) => {
  await world.ship('v1');
  await world.ship('v2');
  github = await GithubStandIn.start({ repository: 'acme/shop' });
  const token = github.token({ actions: 'write', contents: 'write', deployments: 'write' });
  const sha = world.git('rev-parse', 'HEAD');
  github.addDeployment({ environment: 'production', ref: sha, task: 'delivery', payload: { key: 'newer', writtenBy: '1.4.0', record: {}, ...change } });
  const env = { DELIVERY_LEDGER: '', GITHUB_API_URL: github.url, GITHUB_TOKEN: token };
  const run = { id: world.newRun(), tag: 'v2', env };
  await expectNoChange((...args) => world.step(run, ...args));
  expect(github.deployments()).toHaveLength(1);
  expect(github.deployments()[0].statuses).toEqual([]);
});
