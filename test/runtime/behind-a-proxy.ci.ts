/** A runner that reaches nothing but through a proxy: the bundle as a real process, with names that only the proxy knows. */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { check, Ended, World } from './world';
import { GithubStandIn } from '../../tools/github-api-stand-in/stand-in';
import { LoopbackProxy } from '../loopback-proxy';
import { MisbehavingServer } from '../misbehaving-server';

const CREDENTIALS = 'ci:p%40ssw0rd';
const WRONG = 'ci:wr0ng-p%40ss';
const WEBHOOK = 'https://elsewhere.example/hooks/s3cr3t-path';

let world: World;
let github: GithubStandIn;
let receiver: MisbehavingServer;
let proxy: LoopbackProxy;

beforeEach(async () => {
  world = await World.create('redeploy');
  github = await GithubStandIn.start({ repository: 'acme/shop' });
  receiver = await MisbehavingServer.start({ certificate: 'elsewhere' });
  const portOf = (url: string) => Number(new URL(url).port);
  const [{ url, target }] = world.manifest.environments;
  proxy = await LoopbackProxy.start({
    credentials: CREDENTIALS, hosts: { 'api.invalid': portOf(github.url), 'shop.invalid': portOf(url), 'elsewhere.example': receiver.port },
  });
  const deploy = { kind: 'bash', line: `echo "the proxy is $HTTP_PROXY" | tee machine/proxy; ${(target.deploy as { line: string }).line}` } as const;
  world.manifest = { ...world.manifest, alerts: [{ kind: 'webhook', name: 'webhook', address: 'HOOK', on: ['deployed'], secrets: ['HOOK'] }] };
  world.change({ target: { ...target, deploy }, healthChecks: [check('http://shop.invalid/health')] });
  world.git('add', '.');
  world.commit('behind a proxy');
  world.release('v1');
});

afterEach(async () => {
  expect(github.violations).toEqual([]);
  await Promise.all([world.destroy(), github.stop(), receiver.stop(), proxy.stop()]);
});

async function onLaptop(version: string): Promise<Ended> {
  world.release(version);
  return world.run(['deploy', 'production', '--release', version], { HTTP_PROXY: proxy.url });
}

async function step(credentials: string, ...command: string[]): Promise<Ended> {
  const url = `http://${credentials}@${proxy.name}`;
  github.setRun(7, { status: 'in_progress' });
  return world.step({
    id: 7,
    tag: 'v1',
    env: {
      DELIVERY_LEDGER: '',
      GITHUB_API_URL: 'http://api.invalid',
      GITHUB_TOKEN: github.token({ deployments: 'write', actions: 'read' }),
      HTTP_PROXY: url,
      https_proxy: url,
      HOOK: WEBHOOK,
      NODE_EXTRA_CA_CERTS: join(__dirname, '../fixtures/certificates/authority.pem'),
      DELIVERY_DEPLOYED: 'success',
      DELIVERY_STATE: 'confirming',
    },
  }, ...command);
}

test('a release is deployed, verified and notified; commands get the proxy, and its password is in no log', async () => {
  const ended = [
    await step(CREDENTIALS, 'deploy', 'production'), await step(CREDENTIALS, 'monitor', 'production'), await step(CREDENTIALS, 'notify', 'production'),
  ];

  expect(ended.map(({ code }) => code)).toEqual([0, 0, 0]);
  expect(ended[1].output).toContain('verified and Stable');
  expect(proxy.requests).toEqual(expect.arrayContaining(['GET http://shop.invalid/health', 'CONNECT elsewhere.example:443']));
  expect(proxy.requests.filter((one) => one.startsWith('POST http://api.invalid/repos/acme/shop/deployments'))).not.toEqual([]);
  expect(receiver.received).toHaveLength(1);
  expect(readFileSync(join(world.root, 'machine/proxy'), 'utf8')).toContain(CREDENTIALS);
  for (const { output, summary } of ended) expect(output + summary).not.toMatch(/p(%40|@)ssw0rd/);
});

test('a proxy that wants other credentials is named at once, and nothing is deployed', async () => {
  const { code, output } = await step(WRONG, 'deploy', 'production');

  expect(output).toContain(`the proxy ${proxy.name} requires other credentials (HTTP 407)`);
  expect(output).not.toMatch(/wr0ng/);
  expect(code).not.toBe(0);
  expect(world.commands).toEqual([]);
});

test('a proxy that begins to refuse condemns no release: it is halted, not rolled back', async () => {
  expect(await onLaptop('v2')).toMatchObject({ code: 0 });
  world.change({ healthChecks: [check('http://shop.invalid/health')] });
  world.git('add', '.');
  world.commit('a short deadline');
  proxy.fault = { status: 407 };

  const { code, output } = await onLaptop('v3');

  expect(output).toContain(`cannot probe: the proxy ${proxy.name} requires other credentials (HTTP 407)`);
  expect(output).toContain('halted');
  expect([code, world.served, world.commands]).toEqual([3, 'v3', ['deploy v2 to only', 'deploy v3 to only']]);
});
