import { createHash } from 'node:crypto';
import { cpSync, mkdirSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { dirname, join, relative } from 'node:path';
import { GithubStandIn } from '../github-api-stand-in/stand-in';
import { zipOf } from '../github-api-stand-in/zip';

export interface Artifact {
  readonly id: number;
  readonly name: string;
  readonly runId: number;
  /** Each attempt of a run may keep one of the same name. */
  readonly attempt: number;
  /** SHA-256 of its zip, in hex. */
  readonly digest: string;
  /** Where its files lie. */
  readonly folder: string;
}

/** The artifacts of a repository's runs, as folders: what GitHub keeps as zip files. The stand-in lists them. */
export class ArtifactStore {
  private readonly artifacts: Artifact[] = [];
  private count = 0;

  constructor(private readonly root: string, private readonly api?: GithubStandIn) {}

  /** Copies `files` (absolute) to the places they have relative to `base`. */
  public add({ name, runId, attempt }: Pick<Artifact, 'name' | 'runId' | 'attempt'>, base: string, files: string[]): Artifact {
    const staging = join(this.root, 'uploading');
    rmSync(staging, { recursive: true, force: true });
    for (const file of files) {
      const target = join(staging, relative(base, file));
      mkdirSync(dirname(target), { recursive: true });
      cpSync(file, target);
    }
    const archive = archiveOf(staging);
    const digest = createHash('sha256').update(archive).digest('hex');
    const kept = join(this.root, `kept-${++this.count}`);
    const id = this.api?.addArtifact({ name, runId, bytes: archive.length, digest, content: () => archiveOf(kept) }).id ?? this.count;
    cpSync(staging, kept, { recursive: true });
    const artifact = { id, name, runId, attempt, digest, folder: kept };
    this.artifacts.push(artifact);
    return artifact;
  }

  public remove({ id, folder }: Artifact): void {
    this.artifacts.splice(this.artifacts.findIndex((one) => one.id === id), 1);
    this.api?.expireArtifact(id);
    rmSync(folder, { recursive: true, force: true });
  }

  public of(runId: number): Artifact[] {
    return this.artifacts.filter((artifact) => artifact.runId === runId);
  }
}

/** The same files always give the same bytes. */
function archiveOf(folder: string): Buffer {
  return zipOf(filesIn(folder).map((file) => ({ name: relative(folder, file), content: readFileSync(file) })));
}

/** Absolute, sorted. */
export function filesIn(folder: string): string[] {
  return readdirSync(folder, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile() || entry.isSymbolicLink())
    .map((entry) => join(entry.parentPath ?? entry.path, entry.name))
    .sort();
}
