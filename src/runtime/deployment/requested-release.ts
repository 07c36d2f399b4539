import { JOB_VARIABLE } from '../../contract/environment-variables';
import { checkVersion, ownRelease } from '../ci/run';
import { RuntimeContext } from '../context';
import { ConfigurationError } from '../errors';
import { withLocalChanges } from './working-tree';
import { builtHere } from '../images/built-images';
import { EnvironmentHistory } from '../ledger/history';
import { knownTags, oneOf, theOneNamed } from '../processes/git';
import { isCommit, Release } from '../release';

/**
 * Returns the release that a command is about, with its files: in CI those of this run's build (not known while the build runs), on a laptop
 * those in the working tree.
 */
export async function requestedRelease(context: RuntimeContext): Promise<Release> {
  const { requestedRelease: name, run, root } = context;
  const named = name === undefined ? ownRelease(run, root) : await releaseNamed(context, name);
  return withFiles(context, withLocalChanges(context, named));
}

/** Finds the release of that name. If it was deployed here before, its files are known. */
export async function releaseMeant(context: RuntimeContext, history: EnvironmentHistory, name: string): Promise<Release> {
  checkVersion(name);
  const tried = theOneNamed(name, (await history.attempted(name)).map((release) => ({ release })))?.release;
  if (tried?.version === name) return tried;
  const commit = await findCommit(context, name);
  return oneOf(name, tried, commit) ?? reject(context, name);
}

/** Finds the commit of a name, by git or GitHub. Never guesses. Rejects with `ConfigurationError`. */
async function releaseNamed(context: RuntimeContext, name: string): Promise<Release> {
  checkVersion(name);
  return await findCommit(context, name) ?? reject(context, name);
}

async function findCommit({ ci, run }: RuntimeContext, name: string): Promise<Release | undefined> {
  const known = await ci.commits.named(name);
  // a job knows the commit that it has checked out without git
  return known ?? (isCommit(name, run) ? { version: name, sha: run.sha } : undefined);
}

async function withFiles(context: RuntimeContext, release: Release): Promise<Release> {
  const { artifacts, directory, manifest: { artifact, image }, processEnv, run } = context;
  if (!artifact && !image) return release;
  if (!run.inCi) return { ...release, ...(image ? builtHere(context, release) : { artifact: await artifacts.pack(artifact!, directory) }) };
  const { [JOB_VARIABLE.ARTIFACT_DIGEST]: digest, [JOB_VARIABLE.ARTIFACT_ID]: id, [JOB_VARIABLE.IMAGE_DIGEST]: imageDigest } = processEnv;
  // not known while the build job runs, nor for a release that another environment has verified
  if (!digest) return release;
  if (!artifact) return { ...release, artifact: { digest, image: image!.repository } };
  const beside = image && imageDigest ? { image: { digest: imageDigest, image: image.repository } } : {};
  return { ...release, artifact: { digest, id, runId: String(run.id) }, ...beside };
}

function reject({ root, run }: RuntimeContext, name: string): never {
  const tags = knownTags(root);
  const known = tags.length > 0 ? `Tags here, newest first: ${tags.join(', ')}.` : 'There is no tag here.';
  // never a new tag: it would be on the commit of now, whatever the name means elsewhere
  const how = run.inCi ? 'Name a tag of the repository, or a full commit sha.' : `${known} Name one of them or a commit. If the tag is elsewhere, fetch it: git fetch --tags`;
  throw new ConfigurationError(`--release ${name} is neither a tag nor a commit that is known here, so which release it is would be a guess. ${how}`);
}
