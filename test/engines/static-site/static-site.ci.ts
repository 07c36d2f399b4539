/** Target.staticSite through the bundled runtime, with the stand-in for the AWS CLI as a real process. More in `static-site-cases.ci.ts`. */
import { SiteWorld } from './site-world';

let site: SiteWorld;
afterEach(() => site.world.destroy());

describe('a deployment', () => {
  it('uploads a prefix once with its headers, moves the distribution to it, and waits for CloudFront', async () => {
    site = await SiteWorld.create();
    site.aws.reset({ takes: 2 });
    const ended = await site.ship('v1');
    expect(ended.code).toBe(0);
    const folder = site.folderOf('v1');
    expect(site.aws.path).toBe(`/${folder.slice(0, -1)}`);
    expect(site.aws.object(`${folder}index.html`)?.headers).toEqual({ type: 'text/html; charset=utf-8', cache: 'no-cache' });
    expect(site.aws.object(`${folder}assets/app-v1-3f2a91cc.js`)?.headers).toEqual({ type: 'text/javascript; charset=utf-8', cache: 'public, max-age=31536000, immutable' });
    expect(JSON.parse(site.aws.object(`${folder}delivery-release.json`)!.text)).toEqual({ sha: site.world.git('rev-parse', 'v1') });
    // everything else of the distribution is as it was
    expect(site.aws.state.config).toMatchObject({ Comment: 'kept', Origins: { Items: [{ Id: 'site' }, { Id: 'api', OriginPath: '' }] } });
    expect(Object.values(site.aws.state.invalidations)).toEqual([expect.objectContaining({ paths: ['/*'], etag: site.aws.state.etag, isDeployed: true, polls: 0 })]);
    await site.stands('v1');
  });

  it('takes a bad release back with one change and without an upload', async () => {
    site = await SiteWorld.create();
    await site.ship('v1');
    site.aws.fails();
    const ended = await site.ship('v2', 'bad');
    expect(ended.code).toBe(1);
    const changes = site.aws.changes.slice(site.aws.changes.indexOf('create-invalidation') + 1);
    expect(changes).toEqual(['update-distribution', 'create-invalidation']);
    await site.stands('v1');
    expect((await site.status()).last?.state).toBe('rolledBack');
  });

  it('with blue/green, moves the distribution only when every file is there', async () => {
    site = await SiteWorld.create({}, 'blueGreen');
    await site.ship('v1');
    site.aws.fails();
    expect((await site.ship('v2')).code).toBe(0);
    const { calls } = site.aws;
    expect(calls.lastIndexOf('list-objects-v2')).toBeGreaterThan(calls.lastIndexOf('cp'));
    expect(calls.indexOf('update-distribution')).toBeGreaterThan(calls.lastIndexOf('put-object'));
    await site.stands('v2');
  });

  it('without a distribution, writes an object that names the live release', async () => {
    site = await SiteWorld.create({ distribution: undefined, invalidationPaths: [] });
    expect((await site.ship('v1')).code).toBe(0);
    expect(JSON.parse(site.aws.object('releases/production/live.json')!.text)).toEqual({ prefix: site.folderOf('v1') });
    expect((await site.ship('v2', 'bad')).code).toBe(1);
    expect(JSON.parse(site.aws.object('releases/production/live.json')!.text)).toEqual({ prefix: site.folderOf('v1') });
    await site.stands('v1');
  });
});

describe('what cannot work', () => {
  it.each<[string, (world: SiteWorld) => void, string]>([
    ['lacks a file', (world) => world.aws.delete(`${world.folderOf('v1')}index.html`), 'has 3 of the 4 files of v1'],
    ['has a changed file', (world) => world.aws.put(`${world.folderOf('v1')}index.html`, 'vX\n'), 'someone changed them'],
    ['was never complete', (world) => world.aws.delete(`${world.folderOf('v1').slice(0, -1)}.json`), 'has no complete release of v1'],
  ])('does not begin if Stable %s', async (_, damage, message) => {
    site = await SiteWorld.create();
    await site.ship('v1');
    damage(site);
    site.aws.fails();
    const ended = await site.ship('v2');
    expect(ended.output).toContain(message);
    expect(ended.output).toContain('so a bad release could not be rolled back');
    expect([ended.code, site.aws.changes]).toEqual([2, []]);
  });
});

describe('a distribution that someone changed by hand', () => {
  it('is shown by plan and status, and put right by a rollback to Stable', async () => {
    site = await SiteWorld.create();
    await site.ship('v1');
    site.aws.moveByHand('/by-hand');
    const { changedByHand } = await site.status();
    expect(changedByHand).toContain('the distribution E1A2B3C4D5E6F7 serves the files at /by-hand, which no delivery published, and the ledger says v1');
    expect((await site.deliver('plan', 'production', '--release', 'v1')).output).toContain('changed by hand: the distribution E1A2B3C4D5E6F7 serves');
    expect((await site.deliver('rollback', 'production', '--release', 'v1', '--reason', 'a test')).code).toBe(0);
    await site.stands('v1');
    expect((await site.status()).changedByHand).toBeUndefined();
  });

  it('is adopted with its path, and restored by it', async () => {
    site = await SiteWorld.create();
    site.world.release('v0');
    expect((await site.deliver('adopt', 'production', '--release', 'v0')).code).toBe(0);
    expect((await site.ship('v1', 'bad')).code).toBe(1);
    expect([site.aws.path, site.aws.served, (await site.status()).last?.state]).toEqual(['/by-hand', 'v0', 'rolledBack']);
  });

  it('counts for nothing that a file in the bucket says without being a record', async () => {
    site = await SiteWorld.create();
    await site.ship('v1');
    const key = `${site.folderOf('v1').slice(0, -1)}.json`;
    site.aws.put(key, JSON.stringify({ ...JSON.parse(site.aws.object(key)!.text) as object, version: 'v9\n::error::forged' }));
    const { changedByHand, live } = await site.status();
    expect(live).not.toContain('forged');
    expect(changedByHand).toContain('which no delivery published');
  });
});
