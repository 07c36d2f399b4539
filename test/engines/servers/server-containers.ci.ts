/** Target.servers with containers through the bundled runtime, with the stand-ins for ssh and Docker as real processes. Faults are in `server-containers-faults.ci.ts`. */
import { mkdirSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { ServerContainersWorld } from './server-containers-world';

let shop: ServerContainersWorld;
afterEach(() => shop.destroy());

async function stable(...given: Parameters<typeof ServerContainersWorld.create>): Promise<void> {
  shop = await ServerContainersWorld.create(...given);
  expect((await shop.ship('v1.0.0')).code).toBe(0);
  shop.aws.forgetCalls();
}

const changes = () => shop.aws.calls.filter((call) => !/ (?:probe|read|claim)$/.test(call));

describe('a release', () => {
  it('is pulled on every host before the first container is replaced, and then host by host', async () => {
    await stable();
    const ended = await shop.ship('v1.1.0');
    expect(ended.code).toBe(0);
    expect(changes().slice(0, 2).sort()).toEqual(['web-1 pull', 'web-2 pull']);
    expect(changes().slice(2)).toEqual(['web-1', 'web-2'].flatMap((host) => [`${host} replace`, `${host} check`]));
    expect(ended.output).toContain('web-1: shop runs v1.1.0');
    expect(shop.running).toEqual(['v1.1.0', 'v1.1.0']);
    await shop.stands('v1.1.0');
  });

  it('runs by its digest, with its labels, the variables of the environment and what the options say', async () => {
    shop = await ServerContainersWorld.create({}, ['web-1']);
    const folder = shop.aws.path('web-1', 'data');
    mkdirSync(folder);
    const envFile = shop.aws.path('web-1', 'shop.env');
    writeFileSync(envFile, 'TOKEN=a-secret-of-the-host\n');
    shop.configure({ envFile, network: 'web', volumes: [`${folder}:/data:ro`], runOptions: ['--memory=64m'] });
    const ended = await shop.ship('v1.0.0');
    expect([ended.code, ended.output]).toEqual([0, expect.not.stringContaining('a-secret-of-the-host')]);
    const [container] = shop.aws.containers('web-1');
    const sha = shop.world.git('rev-parse', 'v1.0.0');
    expect(container).toEqual({
      name: 'shop',
      image: shop.imageOf('v1.0.0'),
      status: 'running',
      labels: { container: 'shop', owner: 'acme/shop:production', release: shop.keyOf('v1.0.0'), version: 'v1.0.0', sha, digest: shop.digestOf('v1.0.0') },
    });
    const [words] = shop.aws.created;
    expect(words).toMatch(/^--memory=64m --pull=never --restart=unless-stopped --stop-timeout=2 --label=/);
    expect(words).toContain(` --env-file=${envFile} --env=GREETING=hello; $(id)`);
    expect(words).toContain(` --env=DELIVERY_VERSION=v1.0.0 --env=DELIVERY_SHA=${sha} --publish=127.0.0.1:8080:8080 --volume=${folder}:/data:ro --network=web ${shop.imageOf('v1.0.0')}`);
  });

  it('that is bad goes back on all hosts: the container of Stable starts again, without a pull and without a new one', async () => {
    await stable();
    expect((await shop.ship('v1.1.0', 'bad')).code).toBe(1);
    // both at the same time
    const pulls = shop.aws.engineCalls.filter((call) => call.includes(' pull ')).sort();
    expect(pulls).toEqual(['web-1', 'web-2'].map((host) => `${host} pull ${shop.imageOf('v1.1.0')}`));
    expect(shop.aws.created).toHaveLength(2);
    expect(shop.aws.containers('web-1').map(({ name, status }) => `${name} ${status}`)).toEqual(['shop running', `shop.${shop.keyOf('v1.1.0')} exited`]);
    expect((await shop.status()).last?.state).toBe('rolledBack');
    await shop.stands('v1.0.0');
  });

  it('whose container ends on the first host reaches no other host, and says what it printed, without secrets', async () => {
    await stable({}, ['web-1', 'web-2', 'web-3']);
    // where git does not see it: it is a file of the host
    const envFile = join(shop.world.root, '.git/shop.env');
    writeFileSync(envFile, '# of the host\nDATABASE_PASSWORD="hunter2-of-the-host"\nPORT=8080\n');
    shop.configure({ envFile });
    shop.aws.crash('v1.1.0', 'connecting with hunter2-of-the-host\nno database on 8080\u001b[31m\n');
    const ended = await shop.ship('v1.1.0');
    expect(ended.code).toBe(1);
    expect(ended.output).toContain('web-1: check: the container ended with exit code 3: no database on 8080. Now web-1 runs v1.1.0');
    expect(ended.output).toContain('stopped; web-2 and web-3 run v1.0.0');
    expect(ended.output).not.toContain('hunter2');
    expect(shop.aws.engineCalls.filter((call) => call.includes(' start '))).toEqual(['web-1 start shop', 'web-1 start shop']);
    await shop.stands('v1.0.0');
  });

  it.each([
    ['unhealthy', 30_000, 'the health check of the image fails'],
    ['starting', 1_000, 'the health check of the image did not succeed in time'],
  ] as const)('whose health check says %s goes back', async (health, hostCheckMs, why) => {
    await stable({ hostCheckMs }, ['web-1']);
    shop.aws.becomes('v1.1.0', health);
    const ended = await shop.ship('v1.1.0');
    expect([ended.code, ended.output]).toEqual([1, expect.stringContaining(`web-1: check: ${why}`)]);
    await shop.stands('v1.0.0');
  });

  it('whose hostCheck fails on the first host reaches no other host', async () => {
    await stable({ hostCheck: 'test "$DELIVERY_VERSION $GREETING" = "v1.0.0 hello; \\$(id)"', hostCheckMs: 1_000 });
    const ended = await shop.ship('v1.1.0');
    expect([ended.code, ended.output]).toEqual([1, expect.stringContaining('web-1: check: hostCheck ended with exit code 1')]);
    expect(shop.aws.engineCalls.filter((call) => call.startsWith('web-2 start'))).toEqual([]);
    await shop.stands('v1.0.0');
  });

  it('reaches as many hosts at once as atOnce says', async () => {
    shop = await ServerContainersWorld.create({ atOnce: 2 }, ['web-1', 'web-2', 'web-3']);
    expect((await shop.ship('v1.0.0')).code).toBe(0);
    const [, second] = [...shop.aws.calls.entries()].filter(([, call]) => call.endsWith(' check')).map(([at]) => at);
    expect(shop.aws.calls.indexOf('web-3 replace')).toBeGreaterThan(second!);
    await shop.stands('v1.0.0');
  });

  it('is rolled back and forward by hand, also where only its image is left', async () => {
    await stable({}, ['web-1']);
    for (const version of ['v1.1.0', 'v1.2.0']) expect((await shop.ship(version)).code).toBe(0);
    expect(shop.aws.containers('web-1').map(({ name }) => name)).toEqual(['shop', `shop.${shop.keyOf('v1.1.0')}`]);
    shop.aws.forgetCalls();
    expect((await shop.rollback('v1.0.0')).code).toBe(0);
    expect([shop.aws.created.length, shop.aws.engineCalls.filter((call) => call.includes(' pull '))]).toEqual([1, []]);
    await shop.stands('v1.0.0');
    expect((await shop.rollback('v1.2.0')).code).toBe(0);
    expect(shop.aws.created).toHaveLength(1);
    await shop.stands('v1.2.0');
  });

  it('leaves the newest images, and the containers that a rollback needs', async () => {
    shop = await ServerContainersWorld.create({ keep: 2 }, ['web-1']);
    const versions = ['v1.0.0', 'v1.1.0', 'v1.2.0', 'v1.3.0'];
    for (const version of versions) expect((await shop.ship(version)).code).toBe(0);
    expect(shop.aws.images('web-1')).toEqual(['v1.2.0', 'v1.3.0'].map((version) => shop.digestOf(version)).sort());
    expect(shop.aws.containers('web-1').map(({ labels }) => labels.version)).toEqual(['v1.3.0', 'v1.2.0']);
  });

  it('works with Podman, too', async () => {
    shop = await ServerContainersWorld.create({}, ['web-1']);
    shop.configure({ engine: 'podman' });
    shop.aws.version = '4.3.1';
    expect((await shop.ship('v1.0.0')).code).toBe(0);
    expect((await shop.ship('v1.1.0', 'bad')).code).toBe(1);
    await shop.stands('v1.0.0');
  });
});

it('a host that is new gets the image of Stable, too, so that a bad release goes back there', async () => {
  await stable();
  shop.aws.engine('web-2', 'container', 'rm', '--force', 'shop');
  shop.aws.engine('web-2', 'image', 'rm', shop.imageOf('v1.0.0'));
  expect((await shop.ship('v1.1.0', 'bad')).code).toBe(1);
  await shop.stands('v1.0.0');
});

describe('changed by hand', () => {
  it.each<[string, () => void, string]>([
    ['a container that was stopped', () => shop.aws.engine('web-2', 'stop', '-t', '1', 'shop'), 'web-2 runs v1.0.0'],
    ['a container that was removed', () => shop.aws.engine('web-2', 'container', 'rm', '--force', 'shop'), 'web-2 runs no container'],
    ['a container of another image', () => {
      shop.aws.engine('web-2', 'pull', '--quiet', shop.imageOf('other'));
      shop.aws.engine('web-2', 'container', 'rm', '--force', 'shop');
      shop.aws.engine('web-2', 'create', '--name', 'shop', '--label=a=b', shop.imageOf('other'));
      shop.aws.engine('web-2', 'start', 'shop');
    }, 'that no delivery made'],
  ])('%s is shown by status, and put right by a rollback to Stable', async (_, change, shown) => {
    await stable();
    change();
    expect((await shop.status()).changedByHand).toContain(shown);
    expect((await shop.rollback('v1.0.0')).code).toBe(0);
    expect(shop.running).toEqual(['v1.0.0', 'v1.0.0']);
    await shop.stands('v1.0.0');
  });

  it('the container of a person is stopped and kept, not removed', async () => {
    await stable({}, ['web-1']);
    shop.aws.engine('web-1', 'container', 'rm', '--force', 'shop');
    shop.aws.engine('web-1', 'create', '--name', 'shop', '--label=a=b', shop.imageOf('v1.0.0'));
    shop.aws.engine('web-1', 'start', 'shop');
    expect((await shop.ship('v1.1.0')).code).toBe(0);
    expect(shop.aws.containers('web-1').map(({ name, status }) => `${name.replace(/[0-9a-f]{12}$/, 'ID')} ${status}`)).toEqual(['shop running', 'shop.by-hand-ID exited']);
  });

  it('the container of a person is not adopted, because a bad release could not go back to it', async () => {
    await stable({}, ['web-1']);
    shop.aws.engine('web-1', 'container', 'rm', '--force', 'shop');
    shop.aws.engine('web-1', 'create', '--name', 'shop', '--label=a=b', shop.imageOf('v1.0.0'));
    shop.aws.engine('web-1', 'start', 'shop');
    const plan = await shop.deliver('plan', 'production', '--release', 'v1.0.0');
    expect(plan.output).toMatch(/To restore v1\.0\.0: \S+ \S+ delivery rollback/);
    expect(plan.output).not.toMatch(/ adopt /);
    const ended = await shop.deliver('adopt', 'production', '--release', 'v1.0.0', '--reason', 'a test');
    expect([ended.code, ended.output]).toEqual([2, expect.stringContaining('that no delivery made')]);
    expect(ended.output).toContain('Deploy the release, or restore v1.0.0: npx projen delivery rollback production --release v1.0.0 --reason why');
    expect((await shop.status()).last?.state).toBe('stable');
  });

  it('the watch notices it', async () => {
    await stable();
    shop.watch();
    shop.aws.engine('web-1', 'stop', '-t', '1', 'shop');
    await shop.deliver('watch', 'production');
    expect(shop.notifications.join('\n')).toMatch(/release/);
  });
});

it('a container that another ledger knows is adopted with its image, and a bad release goes back to it', async () => {
  await stable();
  for (const path of ['.git/delivery', 'machine/ledger.json']) rmSync(join(shop.world.root, path), { recursive: true });
  const adopted = await shop.deliver('adopt', 'production', '--release', 'v1.0.0', '--reason', 'a test');
  expect([adopted.code, adopted.output]).toEqual([0, expect.any(String)]);
  expect((await shop.ship('v1.1.0', 'bad')).code).toBe(1);
  await shop.stands('v1.0.0');
});
