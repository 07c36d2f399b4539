import { resolveRelease } from './job/run';
import { Release } from './release';
import { Surroundings } from './surroundings';

/**
 * The release a command is about, with the files that belong to it: in CI those that this run's build made
 * (beside the build they are not known yet), on a laptop those that are there now.
 */
export async function releaseAsked(surroundings: Surroundings): Promise<Release> {
  const { artifacts, manifest, run, root, directory, asked, processEnv } = surroundings;
  const release = resolveRelease(run, root, asked);
  if (!manifest.artifact) return release;
  if (!run.inCi) return { ...release, artifact: await artifacts.pack(manifest.artifact.paths, directory) };
  const { DELIVERY_ARTIFACT_DIGEST: digest, DELIVERY_ARTIFACT_ID: id } = processEnv;
  return digest ? { ...release, artifact: { digest, id, runId: String(run.id) } } : release;
}
