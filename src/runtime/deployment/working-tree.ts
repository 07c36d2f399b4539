import { lstatSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import { RuntimeContext } from '../context';
import { git } from '../processes/git';
import { Release } from '../release';

const NAMED = 3;
/** How many files of an artifact are read to find its age. */
const LOOKED_AT = 10_000;

/** Lists how the files that a laptop deploys may differ from the recorded commit. For a person, each with its fix. */
export function workingTreeWarnings(context: RuntimeContext, { version, sha }: Release): string[] {
  if (context.run.inCi) return [];
  return [...uncommitted(context, version), ...outdated(context, version, sha)];
}

function uncommitted({ root }: RuntimeContext, version: string): string[] {
  const list = (...args: string[]) => git(root, ...args)?.split('\0').filter((file) => file !== '') ?? [];
  const files = [...list('diff', '--name-only', '-z', 'HEAD'), ...list('ls-files', '--others', '--exclude-standard', '-z')];
  if (files.length === 0) return [];
  const named = files.slice(0, NAMED).join(', ') + (files.length > NAMED ? `, ${files.length - NAMED} more` : '');
  const [what, them] = files.length === 1 ? ['1 file differs', 'it'] : [`${files.length} files differ`, 'them'];
  return [`${what} from the commit that ${version} names: ${named}. The commands see ${them}, and the record says ${version} without ${them}. Commit ${them} first.`];
}

/** A laptop packs the files in the working tree, which may be older than the commit. */
function outdated({ directory, manifest: { artifact, image }, root }: RuntimeContext, version: string, sha: string): string[] {
  const committedAt = Number(git(root, 'log', '-1', '--format=%ct', sha)) * 1000;
  // files beside an image are those that `delivery build` packed of this commit
  if (!artifact || image || !committedAt) return [];
  const old = artifact.paths.filter((path) => newest(join(directory, path)) < committedAt);
  if (old.length === 0) return [];
  const fix = artifact.buildLine === undefined ? 'Build it again first.' : `Build it again first: ${artifact.buildLine}`;
  return [`${old.join(', ')} was built before the commit ${version} (${sha.slice(0, 7)}), so it may lack what that changed. ${fix}`];
}

/** When the newest file at or below a path was written, in milliseconds. */
function newest(path: string): number {
  let [latest, left] = [0, LOOKED_AT];
  const look = (one: string) => {
    const found = lstatSync(one, { throwIfNoEntry: false });
    if (!found || left-- <= 0) return;
    if (found.isDirectory()) readdirSync(one).forEach((name) => look(join(one, name)));
    else latest = Math.max(latest, found.mtimeMs);
  };
  look(path);
  return latest === 0 || left <= 0 ? Infinity : latest;
}
