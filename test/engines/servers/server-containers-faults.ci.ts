/** Target.servers with containers on hosts that are not reached or lost in the middle, whose engine is down, or that cannot pull or start. */
import { writeFileSync } from 'node:fs';
import { ServerContainersWorld } from './server-containers-world';
import { PULL_FAULTS } from '../../../tools/docker-stand-in/stand-in';
import { FaultyCall } from '../../../tools/ssh-stand-in/stand-in';

let shop: ServerContainersWorld;
afterEach(() => shop.destroy());

async function stable(...given: Parameters<typeof ServerContainersWorld.create>): Promise<void> {
  shop = await ServerContainersWorld.create(...given);
  expect((await shop.ship('v1.0.0')).code).toBe(0);
  shop.aws.forgetCalls();
}

it('connections that are lost at each change, before, in the middle and after it: the release ends as without', async () => {
  await stable({}, ['web-1']);
  shop.aws.fails(...['claim', 'pull', 'replace', 'check'].flatMap((on): FaultyCall[] => [{ how: 'unreachable', on }, { how: 'lostHalfway', on }, { how: 'lostAfter', on }]));
  expect((await shop.ship('v1.1.0')).code).toBe(0);
  expect(shop.aws.engineCalls.filter((call) => call.includes(' start '))).toEqual(['web-1 start shop']);
  await shop.stands('v1.1.0');
});

it('a registry that is busy or not reached for a moment is called again', async () => {
  await stable();
  shop.aws.failPulls(PULL_FAULTS.busy, PULL_FAULTS.unreachable);
  expect((await shop.ship('v1.1.0')).code).toBe(0);
  await shop.stands('v1.1.0');
});

it('a pull that the registry denies says how a host signs in, and no container is replaced', async () => {
  await stable();
  shop.aws.failPulls(PULL_FAULTS.denied, PULL_FAULTS.denied);
  const ended = await shop.ship('v1.1.0');
  expect([ended.code, ended.output]).toEqual([1, expect.stringContaining('Sign in to the registry on the host, as deploy: docker login REGISTRY')]);
  expect(shop.aws.engineCalls.filter((call) => call.includes(' start '))).toEqual([]);
  await shop.stands('v1.0.0');
});

it.each<[string, (aws: ServerContainersWorld['aws']) => void, RegExp]>([
  ['a host is not reached', (aws) => aws.fails({ how: 'unreachable', on: 'pull', host: 'web-2', times: 200 }), /web-2: ssh: connect to host web-2 port 22: Connection refused/],
  ['a host does not accept the key any more', (aws) => aws.fails({ how: 'denied', on: 'pull', host: 'web-2' }), /web-2: it does not accept the key for this user/],
  ['no space left on a host', (aws) => aws.fails({ how: 'diskFull', on: 'pull', host: 'web-2' }), /web-2: pull: write error: No space left on device/],
  ['the registry denies the pull', (aws) => aws.failPulls(PULL_FAULTS.denied, PULL_FAULTS.denied), /Sign in to the registry on the host/],
])('is not the release\'s fault: %s', async (_, spoil, cause) => {
  await stable();
  shop.limitCommands(20_000);
  spoil(shop.aws);
  expect((await shop.ship('v1.1.0', 'good', (line) => {
    if (line.includes('deploy failed')) shop.aws.fails();
  })).code).toBe(1);
  expect(await shop.aftermath()).toMatchObject({ state: 'rolledBack', cause: expect.stringMatching(cause), blocked: [], users: 'v1.0.0' });
});

it('is not the release\'s fault, and is left alone: another delivery takes over', async () => {
  await stable();
  const ended = await shop.ship('v1.1.0', 'good', (line) => {
    if (line.includes('web-1: shop runs')) for (const host of shop.aws.hosts) writeFileSync(shop.aws.path(host, '../home/.projen-delivery/shop/claim'), 'theirs\n');
  });
  expect([ended.code, ended.output]).toEqual([3, expect.stringContaining('another delivery has taken over')]);
  expect(await shop.aftermath()).toMatchObject({ state: 'halted', cause: expect.stringContaining('what the other delivery does there is left alone'), blocked: [] });
});

it('a port that is taken on the second host takes the first one back, and the message is that of the engine', async () => {
  await stable();
  shop.aws.afflict('web-2', 'port-taken');
  const ended = await shop.ship('v1.1.0', 'good', (line) => {
    if (line.includes('address already in use')) shop.aws.afflict('web-2', 'port-taken', false);
  });
  expect([ended.code, ended.output]).toEqual([1, expect.stringContaining('listen tcp4 127.0.0.1:8080: bind: address already in use. Now web-1 runs v1.1.0')]);
  await shop.stands('v1.0.0');
});

it('a host that cannot start Stable any more is named, the others go back, and the next release puts all on one', async () => {
  await stable();
  const ended = await shop.ship('v1.1.0', 'bad', (line) => {
    if (line.includes('deploy succeeded')) shop.aws.afflict('web-2', 'port-taken');
  });
  expect([ended.code, ended.output]).toEqual([3, expect.stringContaining('Now web-1 runs v1.0.0')]);
  expect((await shop.status()).last?.state).toBe('halted');
  shop.aws.afflict('web-2', 'port-taken', false);
  expect((await shop.ship('v1.2.0')).code).toBe(0);
  await shop.stands('v1.2.0');
});

it('an engine that is down stops a release before any change, and does not stop a rollback of the others', async () => {
  await stable();
  expect((await shop.ship('v1.1.0')).code).toBe(0);
  shop.aws.afflict('web-2', 'engine-down');
  const refused = await shop.ship('v1.2.0');
  expect([refused.code, refused.output]).not.toEqual([0, expect.anything()]);
  expect(refused.output).toContain('web-2: docker: Cannot connect to the Docker daemon');
  expect(shop.aws.runs('web-1')).toBe('v1.1.0');
  const back = await shop.rollback('v1.0.0');
  expect([back.code, back.output]).toEqual([3, expect.stringContaining('Now web-1 runs v1.0.0 ')]);
  shop.aws.afflict('web-2', 'engine-down', false);
  expect((await shop.rollback('v1.0.0')).code).toBe(0);
  await shop.stands('v1.0.0');
});

it('the image of Stable that a host and the registry lost stops a release before any change', async () => {
  await stable();
  shop.aws.engine('web-2', 'container', 'rm', '--force', 'shop');
  shop.aws.engine('web-2', 'image', 'rm', shop.imageOf('v1.0.0'));
  shop.loseImage('v1.0.0');
  const ended = await shop.ship('v1.1.0');
  expect([ended.code, ended.output]).toEqual([2, expect.stringContaining('web-2 has no image of v1.0.0')]);
  expect(ended.output).toContain('and the registry has it no more, so a bad release could not be rolled back');
  expect(shop.aws.runs('web-1')).toBe('v1.0.0');
});

it('a rollback needs no registry where the hosts keep the container', async () => {
  await stable();
  shop.loseImage('v1.0.0');
  expect((await shop.ship('v1.1.0', 'bad')).code).toBe(1);
  await shop.stands('v1.0.0');
});

it('a rollback by hand to a container that is kept needs no file, folder or network of today; one to an image does', async () => {
  await stable({}, ['web-1']);
  for (const version of ['v1.1.0', 'v1.2.0']) expect((await shop.ship(version)).code).toBe(0);
  shop.configure({ envFile: '/nowhere/shop.env', network: 'back', volumes: ['/nowhere/data:/data'] });
  expect((await shop.rollback('v1.1.0')).code).toBe(0);
  await shop.stands('v1.1.0');
  const ended = await shop.rollback('v1.0.0');
  expect([ended.code, ended.output]).toEqual([2, expect.stringContaining('cannot read /nowhere/shop.env on web-1')]);
});

it.each<[string, () => void, string]>([
  ['a container of that name that no delivery made', () => {
    shop.aws.engine('web-1', 'pull', '--quiet', shop.imageOf('other'));
    shop.aws.engine('web-1', 'create', '--name', 'shop', '--label=a=b', shop.imageOf('other'));
  }, 'container: web-1 has a container shop that no delivery made. Choose another name, or remove it: docker rm --force shop'],
  ['the container of another delivery', () => {
    const digest = 'd'.repeat(64);
    const labels = { container: 'shop', owner: 'acme/books:production', release: `${'e'.repeat(40)}-${digest.slice(0, 16)}`, version: 'v9', sha: 'e'.repeat(40), digest };
    shop.aws.engine('web-1', 'pull', '--quiet', `ghcr.io/acme/books@sha256:${digest}`);
    shop.aws.engine('web-1', 'create', '--name', 'shop', ...Object.entries(labels).map((pair) => `--label=projen-delivery.${pair.join('=')}`), `ghcr.io/acme/books@sha256:${digest}`);
  }, 'container: shop on web-1 is the container of another delivery, acme/books:production. Choose another name'],
  ['an account that may not use the engine', () => shop.aws.afflict('web-1', 'engine-denied'), 'cannot use docker on web-1: Got permission denied'],
  ['an engine that is too old', () => { shop.aws.version = '19.3.15'; }, 'container: web-1 has Docker 19.3.15. Install Docker 20.10 or later'],
  ['a file with variables that is not there', () => shop.configure({ envFile: '/nowhere/shop.env' }), 'cannot read /nowhere/shop.env on web-1'],
  ['a network that is not there', () => shop.configure({ network: 'back' }), 'network: web-1 has no network back. Run on the host: docker network create back'],
  ['a folder that is not there', () => shop.configure({ volumes: ['/nowhere/data:/data'] }), 'volumes: web-1 has no /nowhere/data'],
])('preflight refuses %s', async (_, change, message) => {
  shop = await ServerContainersWorld.create({}, ['web-1']);
  change();
  const ended = await shop.ship('v1.0.0');
  expect([ended.code, ended.output]).toEqual([2, expect.stringContaining(message)]);
  expect(shop.aws.calls.filter((call) => !call.endsWith(' probe'))).toEqual([]);
});
