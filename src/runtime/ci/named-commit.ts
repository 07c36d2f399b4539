import { ConfigurationError } from '../errors';
import { commitOf, git } from '../processes/git';
import { GithubApi, GithubError } from './github/api';
import { isObject, isText } from '../ledger/record';
import { otherSpelling, Release } from '../release';

const FULL_SHA = /^[0-9a-f]{40}$/;
const TAGS_SHOWN = 5;

/** What git knows by this name, or by its other spelling. Throws `ConfigurationError` where those are two commits. */
export function commitNamed(root: string, name: string): Release | undefined {
  const other = otherSpelling(name);
  return oneOf(name, releaseOf(name, commitOf(root, name)), other === undefined ? undefined : releaseOf(other, commitOf(root, `refs/tags/${other}`)));
}

/** As `commitNamed`, from GitHub: a job has no history. Tags, and full shas. Rejects with `LedgerError` or `ConfigurationError`. */
export async function commitOnGithub(api: GithubApi, name: string): Promise<Release | undefined> {
  const other = otherSpelling(name);
  const tags = await Promise.all([name, other].map(async (tag) => (tag === undefined ? undefined : releaseOf(tag, await tagged(api, tag)))));
  return oneOf(name, ...tags) ?? (FULL_SHA.test(name) && await isCommit(api, name) ? { version: name.slice(0, 7), sha: name } : undefined);
}

/** Of the releases that a name may mean the newest. Throws `ConfigurationError` where both spellings of a version are there, on two commits. */
export function theOneNamed<T extends { readonly release: Release }>(name: string, found: readonly T[]): T | undefined {
  const exact = found.find(({ release }) => release.version === name);
  const other = found.find(({ release }) => release.version === otherSpelling(name));
  oneOf(name, exact?.release, other?.release);
  return exact ?? found[0];
}

/** For a person: the newest tags. */
export function knownTags(root: string): string[] {
  return git(root, 'tag', '--sort=-creatordate')?.split('\n').filter((tag) => tag !== '').slice(0, TAGS_SHOWN) ?? [];
}

/** The first, unless the other one is another commit. */
export function oneOf(name: string, one?: Release, other?: Release): Release | undefined {
  if (one && other && one.sha !== other.sha) {
    const said = [one, other].map(({ sha, version }) => `${version} (${sha.slice(0, 7)})`).join(' and ');
    throw new ConfigurationError(`--release ${name} may mean ${said}, which are different commits. Name the commit: --release ${one.sha.slice(0, 7)}`);
  }
  return one ?? other;
}

function releaseOf(version: string, sha: string | undefined): Release | undefined {
  return sha === undefined ? undefined : { version, sha };
}

/** The commit that a tag names; undefined where there is no such tag. */
async function tagged(api: GithubApi, tag: string): Promise<string | undefined> {
  let object = await read(api, `say what tag ${tag} is`, 'GET /repos/{owner}/{repo}/git/ref/{ref}', { ref: `tags/${tag}` });
  // an annotated tag, perhaps of another one
  for (let step = 0; object?.type === 'tag' && step < TAGS_SHOWN; step++) {
    object = await read(api, `say what tag ${tag} is`, 'GET /repos/{owner}/{repo}/git/tags/{tag_sha}', { tag_sha: object.sha });
  }
  return object?.type === 'commit' ? object.sha : undefined;
}

interface GitObject {
  readonly sha: string;
  readonly type: string;
}

async function read(api: GithubApi, what: string, route: string, parameters: Record<string, string>): Promise<GitObject | undefined> {
  const answer = await unlessMissing(api.request({ what, route, parameters, permission: 'contents: read', isAnswer: hasObject }));
  return answer?.data.object;
}

async function isCommit(api: GithubApi, sha: string): Promise<boolean> {
  const request = { what: `find commit ${sha}`, route: 'GET /repos/{owner}/{repo}/git/commits/{commit_sha}', parameters: { commit_sha: sha }, permission: 'contents: read' };
  return (await unlessMissing(api.request({ ...request, isAnswer: isObject }))) !== undefined;
}

async function unlessMissing<T>(asked: Promise<T>): Promise<T | undefined> {
  try {
    return await asked;
  } catch (error) {
    if (error instanceof GithubError && (error.status === 404 || error.status === 422)) return undefined;
    throw error;
  }
}

function hasObject(data: unknown): data is { readonly object: GitObject } {
  return isObject(data) && isObject(data.object) && isText(data.object.sha) && isText(data.object.type);
}
