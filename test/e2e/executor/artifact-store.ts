import { createHash } from 'node:crypto';
import { cpSync, mkdirSync, readdirSync, readFileSync, rmSync, statSync } from 'node:fs';
import { dirname, join, relative } from 'node:path';
import { GithubStandIn } from '../../github/stand-in';
import { zipOf } from '../../github/zip';

export interface Artifact {
  readonly id: number;
  readonly name: string;
  readonly runId: number;
  /** Each attempt of a run may keep one of the same name. */
  readonly attempt: number;
  /** SHA-256, in hex: of the files' names and contents (GitHub's is that of its zip). */
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
    const digest = digestOf(staging);
    const bytes = files.reduce((sum, file) => sum + statSync(file).size, 0);
    const kept = join(this.root, `kept-${++this.count}`);
    const content = () => zipOf(filesIn(kept).map((file) => ({ name: relative(kept, file), content: readFileSync(file) })));
    const id = this.api?.addArtifact({ name, runId, bytes, digest, content }).id ?? this.count;
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

function digestOf(folder: string): string {
  const hash = createHash('sha256');
  for (const file of filesIn(folder)) hash.update(`${relative(folder, file)}\0`).update(readFileSync(file)).update('\0');
  return hash.digest('hex');
}

/** Absolute, sorted. */
export function filesIn(folder: string): string[] {
  return readdirSync(folder, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile() || entry.isSymbolicLink())
    .map((entry) => join(entry.parentPath ?? entry.path, entry.name))
    .sort();
}
