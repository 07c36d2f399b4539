/** Files of releases, from a stand-in for GitHub whose storage is another origin. */
import { createHash, randomBytes } from 'node:crypto';
import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { ArtifactStore } from '../../../../../src/runtime/artifacts/artifact-store';
import { GithubApi } from '../../../../../src/runtime/ci/github/api';
import { GithubArtifacts } from '../../../../../src/runtime/ci/github/artifacts/github-artifacts';
import { download, Limits } from '../../../../../src/runtime/ci/github/artifacts/resumed-download';
import { ArtifactError, InterruptedError } from '../../../../../src/runtime/errors';
import { Artifact } from '../../../../../src/runtime/release';
import { GithubStandIn, Permissions } from '../../../../../tools/github-api-stand-in/stand-in';
import { ZippedFile, zipOf } from '../../../../../tools/github-api-stand-in/zip';
import { InstantClock } from '../../../ledger/instant-clock';

/** Long, and incompressible: a reset comes in the middle. */
const TAR = randomBytes(300_000);
const DIGEST = digestOf(TAR);
const LIMITS: Limits = { maxBytes: 1024 * 1024, totalMs: 300_000, idleMs: 20_000 };

let github: GithubStandIn;
let home: string;
let folder: string;

beforeEach(async () => {
  github = await GithubStandIn.start({ repository: 'acme/shop' });
  home = mkdtempSync(join(tmpdir(), 'delivery-fetched-'));
  folder = join(home, 'artifacts');
});
afterEach(async () => {
  await github.stop();
  rmSync(home, { recursive: true, force: true });
  // also that no request to the storage brought the token along
  expect(github.violations).toEqual([]);
});

function digestOf(bytes: Buffer): string {
  return createHash('sha256').update(bytes).digest('hex');
}

function keep(files: readonly ZippedFile[] = [{ name: `${DIGEST}.tar`, content: TAR }], name = 'delivery-release-1'): Artifact {
  const zip = zipOf(files);
  return { digest: DIGEST, id: String(github.addArtifact({ runId: 4, name, content: () => zip }).id), runId: '4' };
}

function storeOf({ limits = LIMITS, permissions = { actions: 'read' }, signal = new AbortController().signal }: {
  readonly limits?: Limits; readonly permissions?: Permissions; readonly signal?: AbortSignal;
} = {}): ArtifactStore {
  const clock = new InstantClock();
  const token = github.token(permissions);
  const api = () => new GithubApi({ url: github.url, token, repository: 'acme/shop', clock, patienceMs: 5_000 });
  return new ArtifactStore(folder, new GithubArtifacts({ api, clock, signal, limits }));
}

// not toEqual: it compares each byte by itself
const isKept = () => readFileSync(join(folder, `${DIGEST}.tar`)).equals(TAR);
const statuses = () => github.storage.requests.map(({ status }) => status);

/** What it is refused with; then nothing is left in the folder. */
async function rejection(artifact: Artifact, options: Parameters<typeof storeOf>[0] = {}): Promise<ArtifactError> {
  const error = await storeOf(options).provide(artifact).then(() => undefined, (reason: unknown) => reason);
  expect(error).toBeInstanceOf(ArtifactError);
  expect(readdirSync(folder)).toEqual([]);
  return error as ArtifactError;
}

describe('the files of a release are fetched', () => {
  it('by the id of their artifact, however many there are of the same name after a re-run', async () => {
    const [first, second] = [randomBytes(10), TAR].map((content) => keep([{ name: `${digestOf(content)}.tar`, content }], 'delivery-release'));
    keep([{ name: 'x.tar', content: Buffer.from('x') }], 'delivery-release');
    // the newer one has the lower id
    expect(Number(second.id)).toBeLessThan(Number(first.id));
    expect(await storeOf().provide(second)).toBe(true);
    expect(isKept()).toBe(true);
    expect(github.storage.requests).toEqual([{ artifactId: Number(second.id), status: 200 }]);
  });

  it('not again where they are on the machine', async () => {
    const artifact = keep();
    const store = storeOf();
    await store.provide(artifact);
    expect(await store.provide(artifact)).toBe(false);
    expect(github.storage.requests).toHaveLength(1);
  });

  it('afresh where what is on the machine is damaged', async () => {
    const artifact = keep();
    const store = storeOf();
    await store.provide(artifact);
    writeFileSync(join(folder, `${DIGEST}.tar`), 'half a tar');
    expect(await store.provide(artifact)).toBe(true);
    expect(isKept()).toBe(true);
  });

  it('with the rest alone after a reset in the middle, from a fresh address', async () => {
    const artifact = keep();
    github.storage.fail({ kind: 'reset', afterBytes: 100_000 }, { kind: 'reset', afterBytes: 50_000 });
    expect(await storeOf().provide(artifact)).toBe(true);
    expect(isKept()).toBe(true);
    expect(statuses()).toEqual([200, 206, 206]);
    expect(github.storage.requests.slice(1).every(({ ifRange }) => ifRange !== undefined)).toBe(true);
    expect(github.requests.filter(({ path }) => path.endsWith('/zip'))).toHaveLength(3);
  });

  it.each(['knowsRanges', 'namesVersions'] as const)('from the beginning where after a reset the storage no longer %s', async (what) => {
    const artifact = keep();
    github.storage[what] = false;
    github.storage.fail({ kind: 'reset', afterBytes: 100_000 });
    expect(await storeOf().provide(artifact)).toBe(true);
    expect(isKept()).toBe(true);
    expect(statuses()).toEqual([200, 200]);
  });

  it('in spite of a storage that falls silent, is down for a moment, or takes an address for expired', async () => {
    const artifact = keep();
    github.storage.fail({ kind: 'stall', afterBytes: 1000 }, { kind: 'status', status: 503 }, { kind: 'status', status: 403 });
    expect(await storeOf({ limits: { ...LIMITS, idleMs: 300 } }).provide(artifact)).toBe(true);
    expect(isKept()).toBe(true);
    expect(statuses()).toEqual([200, 503, 403, 206]);
  });

  it('once more where they arrived damaged', async () => {
    const zips = [zipOf([{ name: `${DIGEST}.tar`, content: TAR }]), zipOf([{ name: `${DIGEST}.tar`, content: TAR }])];
    zips[0].fill(0, 1000, 2000);
    const id = github.addArtifact({ runId: 4, name: 'delivery-release-1', bytes: 1, content: () => (zips.length > 1 ? zips.shift()! : zips[0]) }).id;
    expect(await storeOf().provide({ digest: DIGEST, id: String(id) })).toBe(true);
    expect(isKept()).toBe(true);
  });
});

describe('files that cannot be fetched are rejected, with the fix, and leave nothing', () => {
  it('expired', async () => {
    const artifact = keep();
    github.expireArtifact(Number(artifact.id));
    const { message, isGone } = await rejection(artifact);
    expect(message).toContain(`(artifact ${artifact.id}) cannot be fetched: GitHub does not keep them any more (HTTP 410): its retention has passed. Build it again`);
    expect(isGone).toBe(true);
  });

  it('deleted', async () => {
    const { message, isGone } = await rejection({ digest: DIGEST, id: '12' });
    expect(message).toContain('(HTTP 404): it was deleted');
    expect(isGone).toBe(true);
  });

  it('no permission', async () => {
    const { message, isGone } = await rejection(keep(), { permissions: { deployments: 'write' } });
    expect(message).toContain('The job needs `permissions: actions: read`');
    expect(isGone).toBe(false);
  });

  it('other bytes than those that were verified', async () => {
    const { message } = await rejection(keep([{ name: `${DIGEST}.tar`, content: Buffer.from('forged') }]));
    expect(message).toContain(`it is not what was built: the sha256 of ${DIGEST.slice(0, 12)}….tar in it is ${digestOf(Buffer.from('forged'))}`);
  });

  it('a zip without the release, whatever else is in it: nothing is written outside of the folder', async () => {
    const { message } = await rejection(keep([{ name: 'other.tar', content: TAR }, { name: '../../evil', content: TAR }]));
    expect(message).toMatch(/does not hold [0-9a-f]{64}\.tar|invalid relative path/);
    expect(existsSync(join(home, 'evil'))).toBe(false);
    expect(existsSync(join(tmpdir(), 'evil'))).toBe(false);
  });

  it('no zip at all', async () => {
    const id = String(github.addArtifact({ runId: 4, name: 'delivery-release-1', content: () => Buffer.from('<html>') }).id);
    expect((await rejection({ digest: DIGEST, id })).message).toContain('it is damaged');
  });

  it('a zip that is too large', async () => {
    expect((await rejection(keep(), { limits: { ...LIMITS, maxBytes: 1000 } })).message).toContain('more than the 1000 bytes');
  });

  it('a release that is too large when it is unpacked', async () => {
    const zeros = Buffer.alloc(2 * LIMITS.maxBytes);
    expect((await rejection(keep([{ name: `${DIGEST}.tar`, content: zeros }]))).message).toContain('more than the 1048576 that a release may have');
  });

  it('a storage that stays down', async () => {
    const artifact = keep();
    github.storage.fail(...Array.from({ length: 6 }, () => ({ kind: 'status', status: 503 }) as const));
    const { message, isGone } = await rejection(artifact);
    expect(message).toContain('the storage responded with HTTP 503; tried 6 times without a byte more. Run the job again.');
    expect(isGone).toBe(false);
  });

  it('a storage that takes longer than all of the time there is', async () => {
    const artifact = keep();
    github.storage.fail(...Array.from({ length: 5 }, () => ({ kind: 'status', status: 503 }) as const));
    expect((await rejection(artifact, { limits: { ...LIMITS, totalMs: 5_000 } })).message).toContain('it is not here after 5 s');
  });

  it('an artifact without a recorded id', async () => {
    expect((await rejection({ digest: DIGEST })).message).toContain('the ledger names no artifact');
    expect(github.requests).toEqual([]);
  });

  it('a process that receives a signal to stop', async () => {
    const stop = new AbortController();
    const artifact = keep();
    github.storage.fail({ kind: 'stall', afterBytes: 1000 });
    const fetched = storeOf({ signal: stop.signal }).provide(artifact);
    while (github.storage.requests.length === 0) await new Promise((turn) => setImmediate(turn));
    stop.abort();
    await expect(fetched).rejects.toBeInstanceOf(InterruptedError);
    expect(readdirSync(folder)).toEqual([]);
  });

  it('a full disk', async () => {
    const { id } = keep();
    const signal = new AbortController().signal;
    const locate = async () => new URL(github.storage.addressOf(Number(id)));
    const written = download({ locate, to: '/dev/full', clock: new InstantClock(), limits: LIMITS, signal });
    await expect(written).rejects.toMatchObject({ code: 'ENOSPC' });
    expect(statuses()).toEqual([200]);
  });
});
