import { execFile } from 'node:child_process';
import { createHash } from 'node:crypto';
import { createReadStream } from 'node:fs';
import { access, mkdir, mkdtemp, realpath, rename, rm } from 'node:fs/promises';
import { join, posix, sep } from 'node:path';
import { promisify } from 'node:util';
import { ArtifactError } from '../errors';
import { membersBelow, problemOf } from './artifact-members';
import { ArtifactManifest } from '../../contract/manifest';
import { Artifact } from '../release';
import { readTarMembers, TarFormatError, TarMember } from './tar-members';
import { safeLine } from '../reporting/untrusted-text';

const runFile = promisify(execFile);

/** Where the files of releases come from that are not on this machine. */
export interface ArtifactSource {
  /** Puts `<digest>.tar` into the folder. Rejects with `ArtifactError`. */
  download(artifact: Artifact, folder: string): Promise<void>;
}

/** A folder of tars, each named by the SHA-256 of its bytes. */
export class ArtifactStore {
  /** @param source without one, as on a laptop, only what is in the folder can be had */
  constructor(private readonly folder: string, private readonly source?: ArtifactSource) {}

  /** Makes sure that the artifact is here, byte for byte: what is missing or damaged is fetched. Whether it was. Throws `ArtifactError`. */
  public async provide(artifact: Artifact): Promise<boolean> {
    const file = this.file(artifact.digest);
    if (!this.source || ((await exists(file)) && (await sha256(file)) === artifact.digest)) {
      await this.verify(artifact);
      return false;
    }
    await inWords('the release\'s files could not be fetched', () => mkdir(this.folder, { recursive: true }));
    await this.source.download(artifact, this.folder);
    return true;
  }

  /** Throws `ArtifactError` unless the artifact is here, byte for byte. */
  private async verify({ digest }: Artifact): Promise<void> {
    const file = this.file(digest);
    if (!(await exists(file))) {
      throw new ArtifactError(`the release's files are not on this machine: ${file} is missing. Deploy the release from this machine first, or start the workflow that deploys it.`, { isGone: true });
    }
    const found = await sha256(file);
    if (found !== digest) throw new ArtifactError(`${file} is not what was verified: its sha256 is ${found}, expected ${digest}. Nothing was unpacked; delete it, and deploy the release again.`);
  }

  /**
   * Replaces `paths` under `root` by the artifact's. Throws `ArtifactError`; where the artifact itself is
   * at fault before anything is touched. Files get the time of now and the owner who runs this.
   */
  public async place(artifact: Artifact, paths: readonly string[], root: string): Promise<void> {
    await this.provide(artifact);
    const file = this.file(artifact.digest);
    await checkMembers(file, paths);
    for (const path of paths) await checkPlace(root, path);
    await inWords('the release\'s files could not be placed', async () => {
      // Unpacked beside its place first: a full disk must not leave half a release there.
      const unpacked = await mkdtemp(join(root, '.delivery-'));
      try {
        await tar(['-x', '-m', '--no-same-owner', '--no-same-permissions', '-f', file, '-C', unpacked]);
        for (const path of outermost(paths)) await replace(join(root, path), join(unpacked, path));
      } finally {
        await rm(unpacked, { recursive: true, force: true });
      }
    });
  }

  /** Returns the file with the bytes of the artifact, which is fetched if it is not here. Throws `ArtifactError`. */
  public async tarOf(artifact: Artifact): Promise<string> {
    await this.provide(artifact);
    return this.file(artifact.digest);
  }

  /** Returns the members of an artifact that is here, below a path. Their names are relative to it. Throws `ArtifactError`. */
  public async membersBelow(artifact: Artifact, path: string): Promise<TarMember[]> {
    const file = this.file(artifact.digest);
    return membersBelow(await inWords(`${file} cannot be read`, () => readTarMembers(file)), path);
  }

  /** Makes an artifact of the files that exist now, as the build job does. For a laptop. Throws `ArtifactError`. */
  public async pack({ buildLine, paths }: ArtifactManifest, root: string): Promise<Artifact> {
    const fix = buildLine === undefined ? 'Build it first.' : `Build it first: ${buildLine}`;
    for (const path of paths) {
      if (!(await exists(join(root, path)))) throw new ArtifactError(`${path} does not exist, and the artifact is made of it. ${fix}`);
    }
    return inWords('the release\'s files could not be packed', async () => {
      await mkdir(this.folder, { recursive: true });
      const made = join(this.folder, `packing-${process.pid}.tar`);
      try {
        await tar([...(await deterministic()), '-c', '-f', made, '-C', root, '--', ...paths]);
        const digest = await sha256(made);
        await rename(made, this.file(digest));
        return { digest };
      } finally {
        await rm(made, { force: true });
      }
    });
  }

  /** A digest comes from a record: it must never name another file. */
  private file(digest: string): string {
    if (!/^[0-9a-f]{64}$/.test(digest)) throw new ArtifactError(`"${safeLine(digest, 80)}" is no SHA-256, so no file can be found by it.`);
    return join(this.folder, `${digest}.tar`);
  }
}

async function checkMembers(file: string, paths: readonly string[]): Promise<void> {
  const members = await readTarMembers(file).catch((error: unknown) => {
    if (error instanceof TarFormatError) throw new ArtifactError(`${file} cannot be unpacked: ${error.message}.`);
    throw error;
  });
  const problem = problemOf(members, paths);
  if (problem !== undefined) throw new ArtifactError(`${file} ${problem}. Nothing was unpacked; build the artifact without it.`);
}

/** The checkout may hold a link where the artifact's folder is to be. */
async function checkPlace(root: string, path: string): Promise<void> {
  let parent = join(root, posix.dirname(path));
  while (!(await exists(parent))) parent = join(parent, '..');
  const [real, realRoot] = [await realpath(parent), await realpath(root)];
  if (real !== realRoot && !real.startsWith(realRoot + sep)) {
    throw new ArtifactError(`${path} cannot be placed: its folder is a link that leads out of the repository, to ${real}.`);
  }
}

async function replace(target: string, by: string): Promise<void> {
  await rm(target, { recursive: true, force: true });
  await mkdir(join(target, '..'), { recursive: true });
  await rename(by, target);
}

/** `dist` moves `dist/web` with it. */
function outermost(paths: readonly string[]): string[] {
  return [...new Set(paths)].filter((path) => !paths.some((other) => path.startsWith(`${other}/`)));
}

/** GNU tar can leave out who and when; BSD tar (macOS) cannot, and there no two machines need to agree. */
async function deterministic(): Promise<string[]> {
  return (await tar(['--version'])).includes('GNU') ? ['--sort=name', '--mtime=@0', '--owner=0', '--group=0', '--numeric-owner'] : [];
}

async function tar(args: string[]): Promise<string> {
  try {
    // COPYFILE_DISABLE: macOS would add a file of its own for every one of ours
    return (await runFile('tar', args, { env: { ...process.env, LC_ALL: 'C', COPYFILE_DISABLE: '1' } })).stdout;
  } catch (error) {
    const said = error instanceof Error && 'stderr' in error ? String(error.stderr) : '';
    throw new ArtifactError(`tar failed: ${safeLine(said || String(error))}`);
  }
}

async function inWords<T>(what: string, work: () => Promise<T>): Promise<T> {
  try {
    return await work();
  } catch (error) {
    if (error instanceof ArtifactError) throw error;
    throw new ArtifactError(`${what}: ${safeLine((error as Error).message)}`);
  }
}

async function sha256(file: string): Promise<string> {
  const hash = createHash('sha256');
  for await (const chunk of createReadStream(file)) hash.update(chunk as Buffer);
  return hash.digest('hex');
}

async function exists(path: string): Promise<boolean> {
  return access(path).then(() => true, () => false);
}
