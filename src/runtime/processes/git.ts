import { execFileSync } from 'node:child_process';
import { resolve } from 'node:path';
import { ConfigurationError } from '../errors';
import { otherForm, Release } from '../release';

/** The commit of a ref; undefined where git knows none. */
export function commitOf(root: string, ref: string): string | undefined {
  return git(root, 'rev-parse', '--verify', '--quiet', '--end-of-options', `${ref}^{commit}`);
}

/** Runs git and returns its output; undefined if it fails. */
export function git(root: string, ...args: string[]): string | undefined {
  try {
    return execFileSync('git', args, { cwd: root, encoding: 'utf8', stdio: ['ignore', 'pipe', 'ignore'] }).trim();
  } catch {
    return undefined;
  }
}

/** The largest file that is read from a commit. */
const FILE_BYTES = 64 * 1024 * 1024;

/** The text of a file in a commit; undefined where the commit has no such file. */
export function fileIn(root: string, commit: string, path: string): string | undefined {
  try {
    return execFileSync('git', ['cat-file', 'blob', `${commit}:${path}`], { cwd: root, encoding: 'utf8', maxBuffer: FILE_BYTES, stdio: ['ignore', 'pipe', 'ignore'] });
  } catch {
    return undefined;
  }
}

const folders = new Map<string, string>();

/** The folder that git keeps its data in; undefined outside of a repository. */
export function gitFolder(root: string): string | undefined {
  // each environment needs it twice, and a process of git takes 4 ms
  const known = folders.get(root);
  if (known !== undefined) return known;
  const folder = git(root, 'rev-parse', '--git-dir');
  if (folder === undefined) return undefined;
  folders.set(root, resolve(root, folder));
  return folders.get(root);
}

const TAGS_SHOWN = 5;

/** The commit that a name means, with or without a leading `v`. Throws `ConfigurationError` if those are two commits. */
export function commitNamed(root: string, name: string): Release | undefined {
  const other = otherForm(name);
  return oneOf(name, releaseOf(name, commitOf(root, name)), other === undefined ? undefined : releaseOf(other, commitOf(root, `refs/tags/${other}`)));
}

/** The newest of the releases that a name may mean. Throws `ConfigurationError` if it, or both forms of a version, are on two commits. */
export function theOneNamed<T extends { readonly release: Release }>(name: string, found: readonly T[]): T | undefined {
  const exact = found.find(({ release }) => release.version === name);
  const other = found.find(({ release }) => release.version === otherForm(name));
  for (const { release } of found) if (release.version === name) oneOf(name, exact?.release, release);
  oneOf(name, exact?.release, other?.release);
  return exact ?? found[0];
}

/** For a person: the newest tags. */
export function knownTags(root: string): string[] {
  return git(root, 'tag', '--sort=-creatordate')?.split('\n').filter((tag) => tag !== '').slice(0, TAGS_SHOWN) ?? [];
}

/** The first one. Throws `ConfigurationError` if the other one is another commit. */
export function oneOf(name: string, one?: Release, other?: Release): Release | undefined {
  if (one && other && one.sha !== other.sha) {
    const said = [one, other].map(({ sha, version }) => `${version} (${sha.slice(0, 7)})`).join(' and ');
    throw new ConfigurationError(`--release ${name} may mean ${said}, which are different commits. Name the commit: --release ${one.sha.slice(0, 7)}`);
  }
  return one ?? other;
}

export function releaseOf(version: string, sha: string | undefined): Release | undefined {
  return sha === undefined ? undefined : { version, sha };
}
