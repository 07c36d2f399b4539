/** Target.servers through the bundled runtime, with the stand-in for ssh as a real process. Faults are in `servers-faults.ci.ts`. */
import { existsSync, mkdirSync, readdirSync, readFileSync, readlinkSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { ServersWorld } from './servers-world';
import { HOST_ROOT } from '../../../tools/ssh-stand-in/stand-in';

let shop: ServersWorld;
afterEach(() => shop.world.destroy());

const rollback = (to: string) => shop.deliver('rollback', 'production', '--release', to, '--reason', 'a test');

describe('a release', () => {
  it('is on every host before the first one is switched, and then host by host', async () => {
    shop = await ServersWorld.create({ hostCheck: 'test -e index.html' });
    expect((await shop.ship('v1.0.0')).code).toBe(0);
    shop.aws.fails();
    const ended = await shop.ship('v1.1.0');
    expect(ended.code).toBe(0);
    const changes = shop.aws.calls.filter((call) => !/ (?:probe|read|claim)$/.test(call));
    expect(changes.slice(0, 4).sort()).toEqual(['web-1 unpack', 'web-1 upload', 'web-2 unpack', 'web-2 upload']);
    expect(changes.slice(4)).toEqual(['web-1', 'web-2'].flatMap((host) => ['switch', 'restart', 'check', 'runs'].map((call) => `${host} ${call}`)));
    expect(shop.pointers).toEqual(Array(2).fill(`releases/${shop.nameOf('v1.1.0')}`));
    expect(ended.output).toContain('web-1: current leads to releases/');
    expect(readFileSync(shop.aws.path('web-2', 'srv/shop/current/assets/app.js'), 'utf8')).toBe('v1.1.0');
    await shop.stands('v1.1.0');
  });

  it('that is bad goes back on all hosts without an upload', async () => {
    shop = await ServersWorld.create();
    await shop.ship('v1.0.0');
    shop.aws.fails();
    expect((await shop.ship('v1.1.0', 'bad')).code).toBe(1);
    expect(shop.aws.calls.filter((call) => call.endsWith(' upload'))).toHaveLength(2);
    expect((await shop.status()).last?.state).toBe('rolledBack');
    await shop.stands('v1.0.0');
  });

  it('that does not start on the first host reaches no other host', async () => {
    shop = await ServersWorld.create({}, ['web-1', 'web-2', 'web-3']);
    await shop.ship('v1.0.0');
    shop.aws.fails();
    shop.build('v1.1.0', 'good', { 'index.html': 'refused\n' });
    const ended = await shop.deploy('v1.1.0');
    expect(ended.code).toBe(1);
    expect(ended.output).toContain('web-1: restart: the shop does not start. Now web-1 serves v1.1.0');
    expect(ended.output).toContain('not restarted; web-2 and web-3 serve v1.0.0');
    expect(shop.aws.restarts).toEqual(['restart web-1', 'restart web-1']);
    await shop.stands('v1.0.0');
  });

  it('whose check fails on the first host reaches no other host', async () => {
    shop = await ServersWorld.create({ hostCheck: 'grep -qv broken assets/app.js', hostCheckMs: 1_000 });
    await shop.ship('v1.0.0');
    shop.aws.fails();
    shop.build('v1.1.0', 'good', { 'assets/app.js': 'broken' });
    const ended = await shop.deploy('v1.1.0');
    expect([ended.code, shop.aws.restarts]).toEqual([1, ['restart web-1', 'restart web-1']]);
    expect(ended.output).toContain('web-1: check: ended with exit code 1');
    await shop.stands('v1.0.0');
  });

  it('reaches as many hosts at once as atOnce says, and shows the output of each as a group', async () => {
    shop = await ServersWorld.create({ atOnce: 2 }, ['web-1', 'web-2', 'web-3']);
    shop.configure({ restart: 'shop-restart; echo "restarted $DELIVERY_VERSION for $GREETING"' });
    shop.aws.fails();
    const ended = await shop.ship('v1.0.0');
    expect(ended.code).toBe(0);
    const [, second] = [...shop.aws.calls.entries()].filter(([, call]) => call.endsWith(' runs')).map(([at]) => at);
    expect(shop.aws.calls.indexOf('web-3 switch')).toBeGreaterThan(second!);
    expect(ended.output.match(/restarted v1\.0\.0 for hello; \$\(id\)/g)).toHaveLength(3);
    await shop.stands('v1.0.0');
  });

  it('is rolled back and forward by hand without an upload, host by host', async () => {
    shop = await ServersWorld.create();
    await shop.ship('v1.0.0');
    await shop.ship('v1.1.0');
    shop.aws.fails();
    expect((await rollback('v1.0.0')).code).toBe(0);
    const moves = shop.aws.calls.filter((call) => / (?:switch|restart|runs)$/.test(call));
    expect(moves).toEqual(['web-1', 'web-2'].flatMap((host) => ['switch', 'restart', 'runs'].map((call) => `${host} ${call}`)));
    await shop.stands('v1.0.0');
    expect((await rollback('v1.1.0')).code).toBe(0);
    expect(shop.aws.calls.filter((call) => call.endsWith(' upload'))).toEqual([]);
    await shop.stands('v1.1.0');
  });

  it('shares files with all others', async () => {
    shop = await ServersWorld.create({ shared: ['data', 'config/.env'] });
    for (const host of shop.aws.hosts) {
      mkdirSync(shop.aws.path(host, 'srv/shop/shared/data'), { recursive: true });
      mkdirSync(shop.aws.path(host, 'srv/shop/shared/config'));
      writeFileSync(shop.aws.path(host, 'srv/shop/shared/config/.env'), 'A=1');
    }
    shop.build('v1.0.0', 'good', { 'data/mine': 'of the artifact' });
    expect((await shop.deploy('v1.0.0')).code).toBe(0);
    expect(readFileSync(shop.aws.path('web-1', 'srv/shop/current/config/.env'), 'utf8')).toBe('A=1');
    expect(readlinkSync(shop.aws.path('web-1', 'srv/shop/current/data'))).toMatch(/srv\/shop\/shared\/data$/);
  });

  it('leaves the newest releases, the live one and Stable', async () => {
    shop = await ServersWorld.create({ keep: 2 });
    for (const version of ['v1.0.0', 'v1.1.0', 'v1.2.0', 'v1.3.0']) expect((await shop.ship(version)).code).toBe(0);
    expect(shop.aws.releases('web-1')).toEqual(['v1.2.0', 'v1.3.0'].map((version) => shop.nameOf(version)).sort());
    expect(readdirSync(shop.aws.path('web-1', 'srv/shop/.delivery')).sort()).toEqual(['claim', 'running']);
  });
});

describe('a host that is new', () => {
  it('gets Stable, too, so that a bad release goes back there', async () => {
    shop = await ServersWorld.create({}, ['web-1', 'web-2']);
    await shop.ship('v1.0.0');
    for (const path of ['current', 'releases', '.delivery']) rmSync(shop.aws.path('web-2', `srv/shop/${path}`), { recursive: true });
    expect((await shop.ship('v1.1.0', 'bad')).code).toBe(1);
    expect((await shop.status()).last?.state).toBe('rolledBack');
    await shop.stands('v1.0.0');
  });
});

describe('a pointer that someone moved by hand', () => {
  it('is shown by status, and put right by a rollback to Stable', async () => {
    shop = await ServersWorld.create();
    await shop.ship('v1.0.0');
    await shop.ship('v1.1.0');
    shop.aws.movePointer('web-2', `releases/${shop.nameOf('v1.0.0')}`);
    const { changedByHand } = await shop.status();
    expect(changedByHand).toContain('web-1 serves v1.1.0');
    expect(changedByHand).toContain('web-2 serves v1.0.0');
    expect((await rollback('v1.1.0')).code).toBe(0);
    await shop.stands('v1.1.0');
  });

  it('to a folder that no delivery made is adopted, and restored', async () => {
    shop = await ServersWorld.create();
    for (const host of shop.aws.hosts) {
      mkdirSync(shop.aws.path(host, 'srv/shop/by-hand'), { recursive: true });
      writeFileSync(shop.aws.path(host, 'srv/shop/by-hand/index.html'), 'v0\n');
      shop.aws.movePointer(host, 'by-hand');
    }
    shop.world.release('v0');
    writeFileSync(shop.aws.path('web-1', '../../../web-1'), 'v0\n');
    writeFileSync(shop.aws.path('web-1', '../../../web-2'), 'v0\n');
    writeFileSync(shop.aws.path('web-1', '../../../live'), 'web-1\n');
    const adopted = await shop.deliver('adopt', 'production', '--release', 'v0');
    expect([adopted.code, adopted.output]).toEqual([0, expect.any(String)]);
    expect((await shop.ship('v1.0.0', 'bad')).code).toBe(1);
    expect(shop.pointers).toEqual(['by-hand', 'by-hand']);
    expect(shop.aws.served).toBe('v0');
    // no files of it are known, and the hosts have them
    expect((await shop.ship('v1.0.1')).code).toBe(0);
    const back = await rollback('v0');
    expect([back.code, back.output, shop.pointers]).toEqual([0, expect.any(String), ['by-hand', 'by-hand']]);
    rmSync(shop.aws.path('web-2', 'srv/shop/by-hand'), { recursive: true });
    const refused = await shop.ship('v1.1.0');
    expect(refused.code).toBe(2);
    expect(refused.output).toContain('hosts: web-2 has no files of v0');
  });
});

describe('before anything is changed', () => {
  const refuses = async (problem: string) => {
    shop.aws.fails();
    const ended = await shop.ship('v2.0.0');
    expect([ended.code, ended.output]).toEqual([2, expect.stringContaining(problem)]);
    expect(ended.output).toContain('Nothing was changed.');
    expect(shop.aws.calls.filter((call) => !/ (?:probe|read)$/.test(call))).toEqual([]);
  };

  it('every host must be reached, with the key that is pinned', async () => {
    shop = await ServersWorld.create();
    shop.aws.changeHostKey('web-2');
    await refuses('production: Target.servers: web-2: its host key is none of hostKeys');
  });

  it('the account must be accepted', async () => {
    shop = await ServersWorld.create();
    shop.build('v2.0.0');
    shop.aws.fails({ how: 'denied', host: 'web-2', times: 9 });
    const ended = await shop.deploy('v2.0.0');
    expect([ended.code, ended.output]).toEqual([2, expect.stringContaining('web-2: it does not accept the key for this user. Store the private key as the secret SSH_PRIVATE_KEY')]);
  });

  it('the private key must be there', async () => {
    shop = await ServersWorld.create();
    shop.build('v2.0.0');
    const ended = await shop.world.run(['deploy', 'production', '--release', 'v2.0.0'], { ...shop.aws.env, SSH_PRIVATE_KEY: '' });
    expect([ended.code, ended.output]).toEqual([2, expect.stringContaining('It holds the private key of the account on the hosts')]);
  });

  it('the shared files must be there', async () => {
    shop = await ServersWorld.create({ shared: ['data'] });
    await refuses('Target.servers shared: web-1 has no /host+root/srv/shop/shared/data. Make the file or the folder on each host');
  });

  it('current must be a link', async () => {
    shop = await ServersWorld.create();
    mkdirSync(shop.aws.path('web-2', 'srv/shop/current'), { recursive: true });
    await refuses('Target.servers directory: /host+root/srv/shop/current on web-2 is no link');
  });

  it('there must be room', async () => {
    shop = await ServersWorld.create();
    writeFileSync(shop.aws.path('web-1', '../../../host-bin/df'), '#!/bin/sh\necho "/dev/sda1 1000 990 10240 99% /srv"\n', { mode: 0o755 });
    await refuses('Target.servers directory: web-1 has 10 MB free, and the release needs 51 MB');
  });

  it('the tools must be there', async () => {
    shop = await ServersWorld.create();
    writeFileSync(shop.aws.path('web-1', '../../../host-bin/mv'), '#!/bin/sh\necho "mv of another system"\n', { mode: 0o755 });
    await refuses('Target.servers hosts: web-1 lacks mv -T');
  });

  it('the artifact must have files', async () => {
    shop = await ServersWorld.create({ files: 'machine/dist/empty' });
    shop.build('v2.0.0');
    mkdirSync(`${shop.world.root}/machine/dist/empty`);
    const ended = await shop.deploy('v2.0.0');
    expect([ended.code, ended.output]).toEqual([2, expect.stringContaining('Target.servers files: the artifact has no files in machine/dist/empty')]);
  });
});

it('the private key is on no command line, in no log and in no file', async () => {
  shop = await ServersWorld.create();
  const ended = await shop.ship('v1.0.0');
  const secret = shop.aws.env.SSH_PRIVATE_KEY!.split('\n')[1]!;
  expect(ended.code).toBe(0);
  expect(shop.aws.argv).toContain('StrictHostKeyChecking=yes');
  expect(shop.aws.argv + ended.output).not.toContain(secret);
  const files = readdirSync(shop.world.root, { recursive: true, encoding: 'utf8', withFileTypes: true }).filter((one) => one.isFile());
  expect(files.filter((one) => readFileSync(`${one.parentPath}/${one.name}`, 'utf8').includes(secret))).toEqual([]);
});

it('a project without an artifact deploys its files as they are', async () => {
  shop = await ServersWorld.create();
  shop.world.manifest = { ...shop.world.manifest, artifact: undefined };
  shop.world.change({});
  expect((await shop.ship('v1.0.0')).code).toBe(0);
  await shop.stands('v1.0.0');
});

it('a release of the artifact may hold links, and its marker is the delivery\'s own', async () => {
  shop = await ServersWorld.create();
  shop.build('v1.0.0', 'good', { '.delivery-release.json': 'of the artifact' });
  symlinkSync('index.html', `${shop.world.root}/machine/dist/link.html`);
  expect((await shop.deploy('v1.0.0')).code).toBe(0);
  expect(readFileSync(shop.aws.path('web-1', 'srv/shop/current/link.html'), 'utf8')).toBe('v1.0.0\n');
  await shop.stands('v1.0.0');
  expect(existsSync(shop.aws.path('web-1', `${HOST_ROOT}`))).toBe(false);
});
