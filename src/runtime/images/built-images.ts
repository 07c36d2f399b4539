import { mkdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { digestIn } from './registry-client';
import { OPTION } from '../../contract/command-line';
import { RuntimeContext } from '../context';
import { ConfigurationError } from '../errors';
import { writeWhole } from '../files/durable-file';
import { gitFolder } from '../processes/git';
import { Built, hasLocalChanges, imageOf, LOCAL_CHANGES, Release } from '../release';
import { DELIVERY } from '../reporting/command-line';

type Place = Pick<RuntimeContext, 'manifest' | 'root'>;

/**
 * Notes which image was built of a commit on this machine, and which files were made with it. In CI the job's outputs say so.
 */
export function noteBuilt(context: Place, release: Release, built: Built): void {
  const folder = folderOf(context);
  mkdirSync(folder, { recursive: true });
  const files = built.image && built.artifact ? `${built.artifact.digest}\n` : '';
  writeWhole(join(folder, nameOf(release)), `${imageOf(built)}\n${files}`);
}

/** What was built of a release on this machine: an image, and the files where it has both. Throws `ConfigurationError` if it was not built. */
export function builtHere(context: Place, release: Release): Built {
  const { sha, version } = release;
  const { artifact, image } = context.manifest;
  const { repository } = image!;
  const [line = '', files = ''] = read(join(folderOf(context), nameOf(release))).split('\n');
  const [name, said = ''] = line.split('@');
  const digest = digestIn(said);
  const hasFiles = /^[0-9a-f]{64}$/.test(files);
  if (name === repository && digest !== undefined && (hasFiles || !artifact)) {
    const built = { digest, image: repository };
    return artifact ? { artifact: { digest: files }, image: built } : { artifact: built };
  }
  throw new ConfigurationError(`no image of ${version} (${sha.slice(0, 7)}) was built on this machine for ${repository}. Build and push it first: ${DELIVERY} build${hasLocalChanges(release) ? ` --${OPTION.ALLOW_DIRTY}` : ''}`);
}

/** What has local changes is never taken for the commit. */
function nameOf(release: Release): string {
  return hasLocalChanges(release) ? `${release.sha}${LOCAL_CHANGES}` : release.sha;
}

function folderOf({ manifest, root }: Place): string {
  return join(gitFolder(root) ?? join(root, '.git'), 'delivery', 'images', manifest.project?.name ?? '');
}

function read(file: string): string {
  try {
    return readFileSync(file, 'utf8');
  } catch {
    // nothing was built of this commit
    return '';
  }
}
