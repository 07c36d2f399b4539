import {
  containerKey,
  containerProbeIn,
  ContainerState,
  containerStateIn,
  createArguments,
  describeContainers,
  foundKey,
  keepsKey,
  liveContainerOf,
  obsoleteOn,
  ownerOf,
  runsKey,
} from '../../../src/engines/servers/runtime/container-steps';
import { Release } from '../../../src/runtime/release';

const SHA = 'a'.repeat(40);
const OWNER = 'acme/shop:production';
const REPOSITORY = 'ghcr.io/acme/shop';
const digestOf = (n: number) => String(n).repeat(64);
const imageOf = (n: number) => `${REPOSITORY}@sha256:${digestOf(n)}`;
const keyOf = (n: number) => `${SHA}-${digestOf(n).slice(0, 16)}`;
const release = (n: number): Release => ({ version: `v${n}`, sha: SHA, artifact: { digest: digestOf(n), image: REPOSITORY } });

const fields = (n: number) => ({ name: '/shop', status: 'running', image: imageOf(n), release: keyOf(n), version: `v${n}`, sha: SHA, digest: digestOf(n) });
const line = (n: number, others: object = {}) => `container ${JSON.stringify({ ...fields(n), ...others })}`;
const stateOf = (...lines: readonly string[]) => containerStateIn(lines.join('\n'), 'shop', OWNER);

describe('what a host prints', () => {
  it('is read field by field: the live container, those that wait, and the images from the newest one on', () => {
    const state = stateOf(line(1, { name: `/shop.${keyOf(1)}`, status: 'exited' }), line(2), `image ${imageOf(1)}`, `image ${imageOf(2)}`, 'owned');
    expect(state).toEqual({
      live: { name: 'shop', isRunning: true, image: imageOf(2), made: { key: keyOf(2), version: 'v2', sha: SHA, digest: digestOf(2) } },
      kept: [{ name: `shop.${keyOf(1)}`, isRunning: false, image: imageOf(1), made: { key: keyOf(1), version: 'v1', sha: SHA, digest: digestOf(1) } }],
      images: [imageOf(2), imageOf(1)],
      isOwned: true,
    });
    expect(stateOf('')).toEqual({ kept: [], images: [], isOwned: false });
  });

  it.each([
    ['no labels', { release: '', version: '', sha: '', digest: '' }],
    ['labels of another image', { image: imageOf(2) }],
    ['a tag in place of a digest', { image: `${REPOSITORY}:v1` }],
    ['a name of another commit', { release: `${'b'.repeat(40)}-${digestOf(1).slice(0, 16)}` }],
    ['a name of another digest', { release: keyOf(2) }],
    ['a version with a control character', { version: 'v1\u001b[31m' }],
    ['labels that are no text', { release: 1 }],
  ])('a container with %s is none of a delivery', (_, others) => {
    expect(stateOf(line(1, others)).live?.made).toBeUndefined();
    expect(stateOf(line(1, { ...others, name: '/shop.next' })).kept).toEqual([]);
  });

  it('a container of another delivery is none of this one, one without an owner is', () => {
    const others = stateOf(line(1, { owner: 'acme/books:production' }), line(2, { owner: 'acme/books:production', name: '/shop.next' }));
    expect(others).toMatchObject({ live: { other: 'acme/books:production' }, kept: [] });
    expect([others.live?.made, describeContainers([{ host: 'a', state: others }])]).toEqual([undefined, `a runs a container of ${imageOf(1)} that another delivery (acme/books:production) made`]);
    for (const owner of ['', OWNER]) expect(stateOf(line(1, { owner })).live?.made?.key).toBe(keyOf(1));
  });

  it.each(['container {', 'container []', 'container {"name":""}', 'image ghcr.io/acme/shop:v1', 'image -x'])('%s is not believed', (printed) => {
    expect(stateOf(printed)).toEqual({ kept: [], images: [], isOwned: false });
  });

  it('says what a deployment needs', () => {
    const probe = containerProbeIn('argument x\nuser deploy\nmissing flock\nclosed /home/deploy\nengine 20.10.24\ndisk /dev/my disk 1000 900 100 90% /var\nsize 2048\nunread /etc/e\nunknown web\nunshared /data\nheld', 'shop', OWNER);
    expect(probe).toEqual({
      kept: [],
      images: [],
      isOwned: false,
      argument: 'x',
      user: 'deploy',
      missing: ['flock'],
      closed: '/home/deploy',
      engine: '20.10.24',
      freeKb: 100,
      imageBytes: 2048,
      unread: '/etc/e',
      unknown: 'web',
      unshared: ['/data'],
      isHeld: true,
    });
    expect(containerProbeIn('down Cannot \u001b[31mconnect', 'shop', OWNER).down).toBe('Cannot connect');
  });
});

it('create gets its own options last, so that none of the user replaces them', () => {
  const container = { engine: 'docker', name: 'shop', ports: ['8080:80'], volumes: ['data:/data'], envFile: '/etc/e', network: 'web', stopMs: 1_500, runOptions: ['--label=projen-delivery.release=x'] } as const;
  expect(createArguments(container, release(1), OWNER, { A: 'b; $(c)' })).toEqual([
    '--label=projen-delivery.release=x', '--pull=never', '--restart=unless-stopped', '--stop-timeout=2',
    '--label=projen-delivery.container=shop', `--label=projen-delivery.owner=${OWNER}`, `--label=projen-delivery.release=${keyOf(1)}`, '--label=projen-delivery.version=v1', `--label=projen-delivery.sha=${SHA}`, `--label=projen-delivery.digest=${digestOf(1)}`,
    '--env-file=/etc/e', '--env=A=b; $(c)', '--publish=8080:80', '--volume=data:/data', '--network=web', imageOf(1),
  ]);
});

it('the owner of a container is the image without its registry, the subproject and the environment', () => {
  const of = (repository: string, project?: string) => ownerOf({ environment: { name: 'production' }, manifest: { image: { repository }, project: project && { name: project } } } as unknown as Parameters<typeof ownerOf>[0]);
  expect([of('ghcr.io/acme/shop'), of('localhost:5000/acme/shop', 'api')]).toEqual([OWNER, 'acme/shop:api:production']);
});

it('a release is named by its commit and its image, also beside files', () => {
  expect(containerKey(release(1))).toBe(keyOf(1));
  expect(containerKey({ version: 'v1', sha: SHA, artifact: { digest: digestOf(2) }, image: { digest: digestOf(1), image: REPOSITORY } })).toBe(keyOf(1));
  expect(containerKey({ version: 'v0', sha: SHA, engineId: 'by hand' })).toBeUndefined();
});

it('a container that is stopped does not run a release, and can be started again', () => {
  const stopped = stateOf(line(1, { status: 'exited' }));
  expect([runsKey(stopped, keyOf(1)), keepsKey(stopped, keyOf(1)), foundKey(stopped)]).toEqual([false, true, keyOf(1)]);
  const running = stateOf(line(2), line(1, { name: `shop.${keyOf(1)}`, status: 'exited' }));
  expect([runsKey(running, keyOf(2)), runsKey(running, keyOf(1))]).toEqual([true, false]);
  expect([keepsKey(running, keyOf(1)), keepsKey(running, keyOf(3))]).toEqual([true, false]);
  expect([foundKey(stateOf('')), foundKey(stateOf(line(1, { release: '' })))]).toEqual(['none', 'by-hand']);
});

describe('what is removed', () => {
  const images = [5, 4, 3, 2, 1].map(imageOf);
  const made = (n: number) => ({ key: keyOf(n), version: `v${n}`, sha: SHA, digest: digestOf(n) });
  const waiting = (n: number) => ({ name: `shop.${keyOf(n)}`, isRunning: false, image: imageOf(n), made: made(n) });
  const state: ContainerState = { live: { ...waiting(5), name: 'shop', isRunning: true }, kept: [waiting(4), waiting(3)], images, isOwned: true };

  it('is what no rollback needs: never the live one, Stable or the new one', () => {
    const old = ['container', `shop.${keyOf(3)}`, 'image', imageOf(1), 'image', imageOf(2), 'image', imageOf(3)];
    expect(obsoleteOn(state, 2, [release(6), release(4)])).toEqual(old);
    expect(obsoleteOn(state, 5, [release(6), release(1)])).toEqual(['container', `shop.${keyOf(4)}`, 'container', `shop.${keyOf(3)}`, 'image', imageOf(2)]);
    expect(obsoleteOn(state, 10, [release(6), release(4), release(3)])).toEqual([]);
  });
});

describe('the live release', () => {
  const reading = (host: string, state?: ContainerState) => (state ? { host, state } : { host, why: `${host} was not reached`, error: 'unavailable' as const });

  it('is the one that all hosts run', () => {
    expect(liveContainerOf([reading('a', stateOf(line(1))), reading('b', stateOf(line(1)))])).toEqual({
      kind: 'release', engineId: keyOf(1), shown: 'container of v1 (aaaaaaa)', release: { version: 'v1', sha: SHA, digest: digestOf(1) },
    });
  });

  it.each([
    ['run different releases', line(2), 'a runs v1 (aaaaaaa); b runs v2 (aaaaaaa)'],
    ['one of which was stopped', line(1, { status: 'exited' }), 'a runs v1 (aaaaaaa); b runs v1 (aaaaaaa), stopped'],
    ['one of which has none', '', 'a runs v1 (aaaaaaa); b runs no container'],
    ['one of which has a container of someone', line(1, { version: '' }), `a runs v1 (aaaaaaa); b runs a container of ${imageOf(1)} that no delivery made`],
  ])('is split where hosts %s', (_, other, shares) => {
    expect(liveContainerOf([reading('a', stateOf(line(1))), reading('b', stateOf(other))])).toEqual({ kind: 'split', shares });
  });

  it('is none of a delivery where all containers were stopped, or are of someone', () => {
    expect(liveContainerOf([reading('a', stateOf(line(1, { status: 'exited' })))])).toMatchObject({ kind: 'foreign', shown: 'v1 (aaaaaaa), stopped' });
    expect(liveContainerOf([reading('a', stateOf(''))])).toMatchObject({ kind: 'foreign', engineId: 'none', shown: 'no container' });
  });

  it('is unknown where a host is not read', () => {
    expect(liveContainerOf([reading('a', stateOf(line(1))), reading('b')])).toEqual({ kind: 'unknown', why: 'b was not reached', error: 'unavailable' });
    expect(describeContainers([reading('a', stateOf(line(1))), reading('b')])).toBe('a runs v1 (aaaaaaa); b could not be read');
  });
});
