import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Cluster } from './cluster';
import { KubernetesObject } from './kubernetes-object';
import { RuntimeContext } from '../../../runtime/context';
import { Release } from '../../../runtime/release';
import { EngineError } from '../../../runtime/targets/engine-error';

/** Returns the objects of a release, whose files need not be placed. Rejects with `ArtifactError` where they cannot be had. */
export async function releaseObjects(
  { artifacts, directory, manifest }: RuntimeContext, cluster: Cluster, release: Release,
): Promise<KubernetesObject[]> {
  checkFiles(manifest.artifact !== undefined, release);
  if (!manifest.artifact || !release.artifact) return cluster.objectsOf(directory, release.version);
  const folder = await mkdtemp(join(tmpdir(), 'delivery-manifests-'));
  try {
    await artifacts.place(release.artifact, manifest.artifact.paths, folder);
    return await cluster.objectsOf(folder, release.version);
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}

/** Of an adopted release no files may be known: what is in the folder is another one. */
export function checkFiles(isPacked: boolean, { artifact, version }: Release): void {
  if (!isPacked || artifact) return;
  throw new EngineError('rejected', `no manifests are known of ${version}, because no delivery deployed it. Deploy it once, or release a fix`);
}
