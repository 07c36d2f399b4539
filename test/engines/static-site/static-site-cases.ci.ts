/** Target.staticSite: everything that cannot work, and an engine that throttles, fails, hangs or refuses at every call that matters. */
import { mkdirSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { SiteWorld } from './site-world';
import { StaticSiteDriverManifest } from '../../../src/engines/static-site/manifest';
import { Fault, FaultKind } from '../../../tools/aws-cli-stand-in/cli-stand-in';

let site: SiteWorld;
afterEach(() => site.world.destroy());

describe('a deployment', () => {
  it('uploads only what an interrupted upload did not, and what was damaged since', async () => {
    site = await SiteWorld.create();
    await site.ship('v1');
    await site.ship('v2', 'good', (line, stop) => {
      if (line.includes('move the distribution')) stop('SIGKILL');
    });
    await site.deliver('rollback', 'production', '--recover');
    const folder = site.folderOf('v2');
    site.aws.delete(`${folder}assets/style.css`);
    site.aws.put(`${folder}index.html`, 'vX\n');
    const ended = await site.deliver('deploy', 'production', '--release', 'v2');
    expect(ended.output).toContain('upload 2 of 4 files');
    await site.stands('v2');
  });

  it('compares sizes where the bucket is encrypted with a key of KMS', async () => {
    site = await SiteWorld.create();
    site.aws.reset({ isEncrypted: true });
    expect((await site.ship('v1')).code).toBe(0);
    site.aws.fails();
    expect((await site.ship('v2')).output).toContain('upload 4 of 4 files');
    expect(site.aws.calls.filter((call) => call === 'cp').length).toBeLessThan(5);
    await site.stands('v2');
  });

  it('keeps old releases by count, and always the live one and Stable', async () => {
    site = await SiteWorld.create({ keep: 2 });
    for (const version of ['v1', 'v2']) await site.ship(version);
    await site.ship('v3', 'bad');
    await site.ship('v4', 'bad');
    const names = site.aws.releases.map((name) => name.slice(0, 40));
    expect(names).toHaveLength(2);
    expect(names).toContain(site.world.git('rev-parse', 'v2'));
    await site.stands('v2');
  });

  it('is restored by hand, twice with one change', async () => {
    site = await SiteWorld.create();
    await site.ship('v1');
    await site.ship('v2');
    const back = ['rollback', 'production', '--release', 'v1', '--reason', 'a test'];
    site.aws.fails();
    expect((await site.deliver(...back)).code).toBe(0);
    expect((await site.deliver(...back)).output).toContain('nothing to do');
    expect(site.aws.changes).toEqual(['update-distribution', 'create-invalidation']);
    await site.stands('v1');
  });
});

describe('what cannot work', () => {
  const nothing = (): void => undefined;
  const origins = (...items: readonly (readonly [string, string])[]) => (world: SiteWorld) => {
    const config = world.aws.state.config!;
    world.aws.configure({ ...config, Origins: { Quantity: items.length, Items: items.map(([Id, DomainName]) => ({ Id, DomainName, OriginPath: '' })) } });
  };
  const cases: readonly (readonly [string, Partial<StaticSiteDriverManifest>, string, (world: SiteWorld) => void])[] = [
    ['a bucket that does not exist', { bucket: 'acme-sight' }, 'bucket: there is no bucket acme-sight', nothing],
    ['a distribution that does not exist', { distribution: 'E0000000000000' }, 'distribution: there is no distribution E0000000000000', nothing],
    ['another account', { account: '999999999999' }, 'account: the credentials belong to the account 111122223333, not 999999999999', nothing],
    ['another region', { region: 'eu-west-1' }, 'region: the bucket acme-site is in eu-central-1, not in eu-west-1', nothing],
    ['an origin that does not exist', { origin: 'web' }, 'origin: the distribution E1A2B3C4D5E6F7 cannot be used: it has no origin web. Name one of its origins: site, api', nothing],
    ['an origin that is not the bucket', { origin: 'api' }, 'its origin api is api.example.com, not the bucket acme-site', nothing],
    ['a distribution without the bucket', {}, 'none of its origins (api) is the bucket acme-site', origins(['api', 'api.example.com'])],
    ['a bucket of a similar name', {}, 'none of its origins (x) is the bucket acme-site', origins(['x', 'acme-site.s3.evil.example.com'])],
    ['two origins of the bucket', {}, 'several of its origins are the bucket acme-site. Name the one to use with the option origin: site, old',
      origins(['site', 'acme-site.s3.eu-central-1.amazonaws.com'], ['old', 'acme-site.s3-website.eu-central-1.amazonaws.com'])],
    ['an origin that no behavior uses', {}, 'none of its cache behaviors uses the origin unused', origins(['unused', 'acme-site.s3.amazonaws.com'])],
    ['a distribution that is disabled', {}, 'distribution: E1A2B3C4D5E6F7 is disabled', ({ aws }) => aws.configure({ ...aws.state.config!, Enabled: false })],
  ];

  it.each(cases)('%s is named before anything is changed', async (_, settings, message, prepare) => {
    site = await SiteWorld.create(settings);
    site.aws.reset({ account: '111122223333', region: 'eu-central-1' });
    prepare(site);
    const ended = await site.ship('v1');
    expect(ended.output).toContain(message);
    expect(ended.code).toBe(2);
    expect(ended.output).toContain('Nothing was changed');
    expect(site.aws.changes).toEqual([]);
  });

  const files: readonly (readonly [string, (world: SiteWorld) => void, string])[] = [
    ['a link', ({ world }) => symlinkSync('/etc/hostname', join(world.root, 'machine/site/name.txt')), 'machine/site holds name.txt, which is no regular file'],
    ['the file that names the release', (world) => world.build('v2', 'good', { 'delivery-release.json': '{}' }), 'holds delivery-release.json, which the target writes'],
    ['a name that is too long', ({ world }) => writeLong(join(world.root, 'machine/site')), 'whose name is too long for S3'],
    ['none', ({ world }) => {
      rmSync(join(world.root, 'machine/site'), { recursive: true });
      mkdirSync(join(world.root, 'machine/site/assets'), { recursive: true });
    }, 'machine/site is empty. Build the site there'],
  ];

  it.each(files.flatMap((one) => [[...one, false] as const, [...one, true] as const]))('%s among the files is named before anything is changed (%#)', async (name, prepare, message, isArtifact) => {
    site = await SiteWorld.create();
    if (isArtifact) {
      site.world.manifest = { ...site.world.manifest, artifact: { paths: ['machine/site'] } };
      site.world.change({});
    }
    site.build('v1');
    prepare(site);
    const ended = await site.deliver('deploy', 'production');
    // an artifact may not hold a link that leads out of it
    expect(ended.output).toContain(isArtifact && name === 'a link' ? 'name.txt' : message);
    expect(ended.output).toContain('othing was ');
    expect([ended.code, site.aws.changes]).toEqual([2, []]);
    expect((await site.status()).last).toBeUndefined();
  });

  it('names a CLI that is too old', async () => {
    site = await SiteWorld.create();
    site.build('v1');
    const old = await site.world.run(['deploy', 'production', '--release', 'v1'], { ...site.aws.env, AWS_STAND_IN_VERSION: '2.15.0' });
    expect([old.code, site.aws.changes]).toEqual([2, []]);
    expect(old.output).toContain('the AWS CLI 2.15.0 is too old');
  });

  it.each<[FaultKind, string, string]>([['denied', 'head-bucket', 'Add the permissions'], ['expired', 'get-distribution', 'Sign in']])('%s at %s is an error with its fix', async (how, on, fix) => {
    site = await SiteWorld.create();
    site.aws.fails({ on, nth: 1, times: 99, how });
    const ended = await site.ship('v1');
    expect(ended.output).toContain(fix);
    expect([ended.code, site.aws.changes]).toEqual([2, []]);
  });
});

describe('a deployment whose process is killed', () => {
  it('is recovered with the old prefix', async () => {
    site = await SiteWorld.create();
    await site.ship('v1');
    await site.ship('v2', 'good', (line, stop) => {
      if (line.includes('Verify')) stop('SIGKILL');
    });
    expect(site.aws.served).toBe('v2');
    await site.deliver('rollback', 'production', '--recover');
    await site.stands('v1');
  });
});

describe('an engine that fails', () => {
  it.each<[FaultKind, string]>([
    ['throttled', 'cp'], ['throttled', 'update-distribution'], ['throttled', 'get-distribution'], ['throttled', 'create-invalidation'],
    ['unavailable', 'cp'], ['unavailable', 'put-object'], ['unavailable', 'update-distribution'], ['unavailable', 'create-invalidation'], ['unavailable', 'list-objects-v2'],
    ['appliedUnavailable', 'cp'], ['appliedUnavailable', 'put-object'], ['appliedUnavailable', 'update-distribution'], ['appliedUnavailable', 'create-invalidation'],
  ])('%s at %s: the deployment ends as without', async (how, on) => {
    site = await SiteWorld.create();
    await site.ship('v1');
    site.aws.fails({ on, nth: 1, how });
    expect((await site.ship('v2')).code).toBe(0);
    expect(site.aws.releases).toHaveLength(2);
    await site.stands('v2');
  });

  it.each<[FaultKind, string]>([
    ['throttled', 'update-distribution'], ['unavailable', 'update-distribution'], ['appliedUnavailable', 'update-distribution'], ['other', 'update-distribution'],
    ['appliedUnavailable', 'create-invalidation'],
  ])('%s at %s: the rollback ends verified', async (how, on) => {
    site = await SiteWorld.create();
    await site.ship('v1');
    site.aws.fails({ on, nth: 2, how });
    expect((await site.ship('v2', 'bad')).code).toBe(1);
    expect((await site.status()).last?.state).toBe('rolledBack');
    await site.stands('v1');
  });

  it.each<FaultKind>(['hangs', 'appliedHangs'])('%s at update-distribution: the command is stopped at its time limit, and Stable is restored', async (how) => {
    site = await SiteWorld.create();
    await site.ship('v1');
    site.limitCommands(20_000);
    site.aws.fails({ on: 'update-distribution', nth: 1, how });
    expect((await site.ship('v2')).code).toBe(1);
    expect((await site.status()).last?.state).toBe('rolledBack');
    await site.stands('v1');
  });

  it.each<[string, Fault, string, RegExp, string]>([
    ['a conflict', { on: 'update-distribution', nth: 1, how: 'other' }, 'halted', /someone else moved the distribution E1A2B3C4D5E6F7 from \/releases\/production\/\S+ to \/by-hand meanwhile; it serves .* which is left alone/, 'v0'],
    ['a permission that is missing', { on: 'update-distribution', nth: 1, how: 'denied' }, 'rolledBack', /deploy failed: cloudfront update-distribution: AccessDeniedException/, 'v1'],
    ['AWS is not reached', { on: 'update-distribution', nth: 1, times: 99, how: 'unreachable' }, 'rolledBack', /Could not connect|time limit/, 'v1'],
    ['no space on this machine', { on: 'cp', nth: 1, how: 'full' }, 'rolledBack', /No space left on device/, 'v1'],
    ['a sign-in that expired', { on: 'update-distribution', nth: 1, how: 'expired' }, 'rolledBack', /ExpiredTokenException/, 'v1'],
  ])('is not the release\'s fault: %s', async (_, fault, state, cause, users) => {
    site = await SiteWorld.create();
    await site.ship('v1');
    if (fault.how === 'unreachable') site.limitCommands(15_000);
    site.aws.fails(fault);
    expect((await site.ship('v2')).code).toBe(state === 'halted' ? 3 : 1);
    expect(await site.aftermath()).toEqual({ state, cause: expect.stringMatching(cause), blocked: [], users });
  });

  it('gives way to someone else who writes the object at the same moment, and leaves that alone', async () => {
    site = await SiteWorld.create({ distribution: undefined, invalidationPaths: [] });
    await site.ship('v1');
    site.aws.fails({ on: 'put-object', nth: 2, how: 'other' });
    const ended = await site.ship('v2');
    expect([ended.code, ended.output]).toEqual([3, expect.stringContaining('to /by-hand meanwhile')]);
    expect(await site.aftermath()).toMatchObject({ state: 'halted', blocked: [] });
  });

  it('halts if the rollback is refused, and resolve ends it with the release that the distribution serves', async () => {
    site = await SiteWorld.create();
    await site.ship('v1');
    const path = site.aws.path;
    site.aws.fails({ on: 'update-distribution', nth: 2, times: 9, how: 'denied' });
    expect((await site.ship('v2', 'bad')).code).toBe(3);
    expect((await site.status()).last?.state).toBe('halted');
    site.aws.fails();
    site.aws.moveByHand(path);
    expect((await site.deliver('resolve', 'production', '--reason', 'a test')).code).toBe(0);
    await site.stands('v1');
  });

  it('does not stop because an old release cannot be deleted', async () => {
    site = await SiteWorld.create({ keep: 2 });
    for (const version of ['v1', 'v2']) await site.ship(version);
    site.aws.fails({ on: 'delete-object', nth: 1, times: 9, how: 'denied' });
    const ended = await site.ship('v3');
    expect(ended.code).toBe(0);
    expect(ended.output).toContain('old releases stay for now: s3api delete-object: AccessDeniedException');
    await site.stands('v3');
  });
});

/** A path that no single name of a file system forbids. */
function writeLong(folder: string): void {
  const deep = join(folder, ...Array.from({ length: 5 }, () => 'a'.repeat(240)));
  mkdirSync(deep, { recursive: true });
  writeFileSync(join(deep, 'index.html'), '');
}
