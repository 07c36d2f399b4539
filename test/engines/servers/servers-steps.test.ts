import { AWKWARD } from '../../../src/engines/servers/runtime/host-scripts';
import { batchesOf, describeHosts, HostState, isDone, listed, liveOf, obsolete, pointerFor, probeIn, releaseName, stateIn } from '../../../src/engines/servers/runtime/servers-steps';

const [SHA, OTHER] = ['a'.repeat(40), 'b'.repeat(40)];
const [DIGEST, REBUILT] = ['1'.repeat(64), '2'.repeat(64)];
const NAMES = [releaseName({ sha: OTHER }, DIGEST), releaseName({ sha: SHA }, REBUILT), releaseName({ sha: SHA }, DIGEST)];
const [, , V1] = NAMES;
const release = { version: 'v1', sha: SHA, artifact: { digest: DIGEST } };
const marker = (sha: string, version: string) => `marker {"version":"${version}","sha":"${sha}","digest":"${DIGEST}"}`;
const served = (name: string, version: string, sha = SHA): HostState => stateIn(`pointer releases/${name}\n${marker(sha, version)}\nrunning releases/${name}`);

describe('what a host prints', () => {
  it('is read field by field', () => {
    expect(stateIn(`pointer releases/${V1}\n${marker(SHA, 'v1')}\nrunning releases/${V1}\nrelease ${NAMES[0]}\nrelease ${V1}`)).toEqual({
      pointer: `releases/${V1}`, running: `releases/${V1}`, marker: { version: 'v1', sha: SHA, digest: DIGEST }, releases: [NAMES[0], V1],
    });
    expect(stateIn('')).toEqual({ releases: [] });
  });

  it.each([
    ['another name of a release', 'release ../../etc\nrelease by-hand', { releases: [] }],
    ['a marker that is not JSON', 'marker {', { releases: [] }],
    ['a marker of another kind', 'marker []\nmarker {"version":1}', { releases: [] }],
    ['a version with a control character', `marker {"version":"v1\\u001b[31m","sha":"${SHA}","digest":"${DIGEST}"}`, { releases: [] }],
    ['a pointer with a control character', 'pointer a\u001b[31mb', { pointer: 'a b', releases: [] }],
  ])('%s is not believed', (_, printed, state) => {
    expect(stateIn(printed)).toEqual(state);
  });

  it('says what a deployment needs', () => {
    const probe = probeIn(`argument ${AWKWARD}\nmissing tar\nuser deploy\nclosed /srv\nsolid\nunshared data\ngone /srv/x\ndisk /dev/my disk 1000 900 100 90% /srv`);
    expect(probe).toEqual({
      argument: AWKWARD, missing: ['tar'], user: 'deploy', closed: ['/srv'], isCurrentSolid: true, unshared: ['data'], gone: '/srv/x', freeKb: 100, releases: [],
    });
  });
});

describe('where a release is on a host', () => {
  it('is the folder with its files, which may be one of several of a commit', () => {
    expect(pointerFor(release, { releases: NAMES })).toBe(`releases/${V1}`);
    expect(pointerFor({ ...release, artifact: undefined }, { releases: NAMES })).toBe(`releases/${NAMES[1]}`);
    expect(pointerFor(release, { releases: NAMES.slice(0, 2) })).toBeUndefined();
  });

  it('is what was recorded of an adopted release', () => {
    const adopted = (engineId: string) => pointerFor({ ...release, engineId }, { releases: NAMES });
    expect(adopted('/srv/by-hand')).toBe('/srv/by-hand');
    expect(adopted(`releases/${V1}`)).toBe(`releases/${V1}`);
    expect(adopted(`releases/${releaseName({ sha: OTHER }, REBUILT)}`)).toBeUndefined();
    expect(adopted('none')).toBeUndefined();
    expect(adopted('a\nb')).toBeUndefined();
  });
});

it('a pointer without a restart is not enough', () => {
  const to = `releases/${V1}`;
  expect(isDone({ pointer: to, running: to, releases: [] }, to)).toBe(true);
  expect(isDone({ pointer: to, releases: [] }, to)).toBe(false);
  expect(isDone({ pointer: 'releases/other', running: to, releases: [] }, to)).toBe(false);
});

it('hosts change in batches, and the last one may be smaller', () => {
  expect(batchesOf([1, 2, 3, 4, 5], 2)).toEqual([[1, 2], [3, 4], [5]]);
  expect(batchesOf([], 2)).toEqual([]);
});

it('old releases go, the oldest first, but never the live one, Stable or the new one', () => {
  const releases = Array.from({ length: 6 }, (_, n) => releaseName({ sha: SHA }, String(n).repeat(64)));
  const at = (n: number) => `releases/${releases[n]}`;
  expect(obsolete({ pointer: at(0), releases }, 3, [])).toEqual([releases[5], releases[4], releases[3]]);
  expect(obsolete({ pointer: at(5), releases }, 2, [at(4), undefined])).toEqual([releases[3], releases[2], releases[1], releases[0]]);
  expect(obsolete({ pointer: at(0), releases }, 6, ['releases/new'])).toEqual([releases[5]]);
  expect(obsolete({ pointer: at(0), releases }, 10, [])).toEqual([]);
});

describe('the live release', () => {
  const reading = (host: string, state?: HostState) => (state ? { host, state } : { host, why: `${host} was not reached`, error: 'unavailable' as const });

  it('is the one that all hosts serve', () => {
    expect(liveOf([reading('a', served(V1!, 'v1')), reading('b', served(V1!, 'v1'))])).toMatchObject({ kind: 'release', engineId: `releases/${V1}`, release: { version: 'v1', sha: SHA, digest: DIGEST } });
  });

  it('is split where hosts differ, and both are named', () => {
    const [a, b, c] = [served(V1!, 'v1'), served(V1!, 'v1'), served(NAMES[0]!, 'v2', OTHER)];
    expect(liveOf([reading('a', a), reading('b', b), reading('c', c)])).toEqual({ kind: 'split', shares: 'a and b serve v1 (aaaaaaa); c serves v2 (bbbbbbb)' });
    expect(liveOf([reading('a', a), reading('b', { releases: [] })])).toMatchObject({ kind: 'split', shares: 'a serves v1 (aaaaaaa); b serves no release' });
  });

  it('is foreign without a marker, and unknown where a host is not read', () => {
    expect(liveOf([reading('a', { pointer: 'by-hand', releases: [] })])).toEqual({ kind: 'foreign', engineId: 'by-hand', shown: 'by-hand' });
    expect(liveOf([reading('a', { releases: [] })])).toEqual({ kind: 'foreign', engineId: 'none', shown: 'no release' });
    expect(liveOf([reading('a', served(V1!, 'v1')), reading('b')])).toEqual({ kind: 'unknown', why: 'b was not reached', error: 'unavailable' });
  });

  it('is shown with a restart that is missing', () => {
    expect(describeHosts([reading('a', { ...served(V1!, 'v1'), running: undefined }), reading('b')])).toBe('a serves v1 (aaaaaaa), not restarted; b could not be read');
  });
});

it('of many hosts the first ones are named', () => {
  expect(listed([])).toBe('');
  expect(listed(['a', 'b', 'c'])).toBe('a, b and c');
  expect(listed(Array.from({ length: 12 }, (_, n) => `h${n}`))).toBe('h0, h1, h2, h3, h4, h5, h6, h7, h8, h9 and 2 more');
});
