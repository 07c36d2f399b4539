/** What a checkout holds: each file with the hash of its content, as git knows it. */
import { execFileSync } from 'node:child_process';
import { appendFileSync, existsSync, symlinkSync } from 'node:fs';
import { join } from 'node:path';

export interface Checkout {
  readonly root: string;
  readonly commit: string;
  /** The hash of each file's content as it is now, by path. */
  readonly files: ReadonlyMap<string, string>;
  /** The files that differ from the commit, or are not in it. */
  readonly uncommitted: ReadonlySet<string>;
}

export function readCheckout(root: string): Checkout {
  const commit = git(root, 'rev-parse', 'HEAD').trim();
  const files = new Map(entries(git(root, 'ls-tree', '-r', '-z', '--format=%(objectname) %(path)', commit)).map((line) => [line.slice(41), line.slice(0, 40)] as const));
  // both: what differs from the commit, and what git does not know yet
  const changed = [
    ...entries(git(root, 'diff', '--name-only', '-z', '--no-renames', commit)),
    // a link is not the folder that .gitignore names
    ...entries(git(root, 'ls-files', '--others', '--exclude-standard', '--exclude=node_modules', '-z')),
  ];
  const present = changed.filter((path) => existsSync(join(root, path)));
  for (const path of changed) files.delete(path);
  // many at a time: an argument list has a limit
  for (let first = 0; first < present.length; first += 500) {
    const some = present.slice(first, first + 500);
    git(root, 'hash-object', '--', ...some).trim().split('\n').forEach((hash, index) => files.set(some[index], hash));
  }
  return { root, commit, files, uncommitted: new Set(changed) };
}

/** The files that differ between a commit and the checkout, or undefined if the commit is not in this clone. */
export function changedSince(checkout: Checkout, commit: string): readonly string[] | undefined {
  try {
    return [...entries(git(checkout.root, 'diff', '--name-only', '-z', '--no-renames', commit, checkout.commit)), ...checkout.uncommitted];
  } catch {
    return undefined;
  }
}

/** When each file first changed after a commit, in seconds since 1970; undefined if the clone does not have it. What is not committed counts as changed last. */
export function changesSince({ root, commit, uncommitted }: Checkout, since: string): ReadonlyMap<string, number> | undefined {
  let log: string;
  try {
    // merges too: a change that a branch brought counts from its own commit
    log = git(root, 'log', '--format=%x01%ct', '--name-only', '-z', '--no-renames', '-m', `${since}..${commit}`);
  } catch {
    return undefined;
  }
  const times = new Map<string, number>();
  for (const entry of log.split('\x01').slice(1)) {
    const [time, ...paths] = entry.split(/[\0\n]+/).filter((part) => part !== '');
    for (const path of paths) times.set(path, Math.min(Number(time), times.get(path) ?? Infinity));
  }
  const now = Number(git(root, 'show', '--no-patch', '--format=%ct', commit));
  for (const path of uncommitted) if (!times.has(path)) times.set(path, now);
  return times;
}

/** The commit that a name stands for. */
export function commitOf(root: string, name: string): string {
  return git(root, 'rev-parse', '--verify', `${name}^{commit}`).trim();
}

/** The day of a commit, such as 2026-12-03. */
export function dayOf(root: string, commit: string): string {
  return git(root, 'show', '--no-patch', '--format=%cs', commit).trim();
}

/** Makes a checkout of a commit in an empty folder, with the node_modules of this one. */
export function cloneAt(root: string, commit: string, folder: string): void {
  execFileSync('git', ['clone', '--quiet', '--shared', '--no-checkout', root, folder]);
  git(folder, 'checkout', '--quiet', '--detach', commit);
  symlinkSync(join(root, 'node_modules'), join(folder, 'node_modules'));
  // so that git add leaves the link out
  appendFileSync(join(folder, '.git/info/exclude'), 'node_modules\n');
}

/** The content of a file as it is committed, or an empty text if it is not. */
export function committed({ root, commit }: Pick<Checkout, 'root' | 'commit'>, path: string): string {
  try {
    return git(root, 'show', `${commit}:${path}`);
  } catch {
    return '';
  }
}

function git(root: string, ...args: readonly string[]): string {
  return execFileSync('git', ['-C', root, ...args], { encoding: 'utf8', maxBuffer: 256_000_000, stdio: ['ignore', 'pipe', 'ignore'] });
}

function entries(text: string): string[] {
  return text.split('\0').filter((entry) => entry !== '');
}
