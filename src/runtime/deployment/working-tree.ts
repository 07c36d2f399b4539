import { createHash } from 'node:crypto';
import { lstatSync, readdirSync, readFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { OPTION } from '../../contract/command-line';
import { RuntimeContext } from '../context';
import { commitOf, git } from '../processes/git';
import { hasLocalChanges, LOCAL_CHANGES, Release } from '../release';

const NAMED = 3;
/** How many files of an artifact are read to find its age. */
const LOOKED_AT = 10_000;

/** Each is a reason why the files in the checkout are not those of the release, with its fix: they are what would be deployed under its name. */
export function checkoutFaults(context: RuntimeContext, release: Release): string[] {
  const { root, run } = context;
  const head = commitOf(root, 'HEAD');
  // a job may have its files without git: then they are those of its commit
  if (head === undefined) return [];
  if (head !== release.sha) return [anotherCommit(context, release, head)];
  return run.inCi || hasLocalChanges(release) ? [] : uncommitted(context, release);
}

/** The release with the changes of the checkout in its name, where a person wants to deploy them. */
export function withLocalChanges(context: RuntimeContext, release: Release): Release {
  const { allowsDirty, run } = context;
  return !run.inCi && allowsDirty && changedFiles(context).length > 0 ? { ...release, version: `${release.version}${LOCAL_CHANGES}` } : release;
}

/** What the commands of a deployment are taken from. */
export interface CheckoutState {
  /** The commit; absent where the files are here without git. */
  readonly head?: string;
  /** SHA-256 of each file that is not as it is committed, or that the plan depends on. */
  readonly files: Readonly<Record<string, string>>;
}

/** Read on laptops, and in jobs: the tasks that the commands run, and each change that is not committed. */
export function checkoutState(context: RuntimeContext): CheckoutState {
  const { root, run } = context;
  const changed = run.inCi ? [] : changedFiles(context);
  const files = [TASKS, ...changed].map((file) => [file, digestOf(join(root, file))] as const);
  return { head: commitOf(root, 'HEAD'), files: Object.fromEntries(files) };
}

/** The tasks of projen. */
const TASKS = '.projen/tasks.json';

function digestOf(file: string): string {
  try {
    return createHash('sha256').update(readFileSync(file)).digest('hex');
  } catch {
    return 'no file';
  }
}

/** Warns a laptop of files that may be older than the commit. */
export function workingTreeWarnings(context: RuntimeContext, { version, sha }: Release): string[] {
  return context.run.inCi ? [] : outdated(context, version, sha);
}

function anotherCommit({ environment, run }: RuntimeContext, { sha, version }: Release, head: string): string {
  const what = `${version} (${sha.slice(0, 7)}) is not what is checked out: HEAD is ${head.slice(0, 7)}, so the files of another commit would be deployed as ${version}`;
  const fix = run.inCi ? 'Let no step check out another commit; to deploy another release, start a run for it' : `Check it out first: git checkout ${sha.slice(0, 7)}`;
  return `${environment.name}: ${what}. ${fix}.`;
}

function uncommitted(context: RuntimeContext, { sha, version }: Release): string[] {
  const files = changedFiles(context);
  if (files.length === 0) return [];
  const named = files.slice(0, NAMED).join(', ') + (files.length > NAMED ? `, ${files.length - NAMED} more` : '');
  const [what, them] = files.length === 1 ? ['1 file differs', 'it'] : [`${files.length} files differ`, 'them'];
  return [
    `${what} from the commit ${sha.slice(0, 7)}, which ${version} names: ${named}. ${version} does not contain ${them}. Commit ${them} first; ` +
    `or deploy with ${them}, recorded as ${version}${LOCAL_CHANGES}: add --${OPTION.ALLOW_DIRTY}.`,
  ];
}

/** What git does not ignore, except the file of the plan. */
function changedFiles({ planFile, root }: RuntimeContext): string[] {
  const list = (...args: string[]) => git(root, ...args)?.split('\0').filter((file) => file !== '') ?? [];
  const files = [...list('diff', '--name-only', '-z', 'HEAD'), ...list('ls-files', '--others', '--exclude-standard', '-z')];
  return files.filter((file) => resolve(root, file) !== planFile);
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
