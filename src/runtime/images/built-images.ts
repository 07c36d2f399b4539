import { mkdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { digestIn } from './registry-client';
import { RuntimeContext } from '../context';
import { ConfigurationError } from '../errors';
import { writeWhole } from '../files/durable-file';
import { gitFolder } from '../processes/git';
import { Artifact, imageOf, Release } from '../release';
import { DELIVERY } from '../reporting/command-line';

type Place = Pick<RuntimeContext, 'manifest' | 'root'>;

/** Notes which image was built of a commit on this machine. In CI the job's output says so. */
export function noteBuiltImage(context: Place, sha: string, artifact: Artifact): void {
  const folder = folderOf(context);
  mkdirSync(folder, { recursive: true });
  writeWhole(join(folder, sha), `${imageOf({ artifact })}\n`);
}

/** The image that was built of a release on this machine. Throws `ConfigurationError` if there is none. */
export function builtImage(context: Place, { sha, version }: Release): Artifact {
  const { repository } = context.manifest.image!;
  const [image, digest] = read(join(folderOf(context), sha)).split('@');
  const hex = digestIn(digest ?? '');
  if (image === repository && hex !== undefined) return { digest: hex, image };
  throw new ConfigurationError(`no image of ${version} (${sha.slice(0, 7)}) was built on this machine for ${repository}. Build and push it first: ${DELIVERY} build`);
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
