import { GithubApi, GithubError } from './api';
import { isObject, isText } from '../../json-value';
import { oneOf, releaseOf } from '../../processes/git';
import { otherForm, Release } from '../../release';

const FULL_SHA = /^[0-9a-f]{40}$/;
/** An annotated tag may point at another annotated tag. */
const TAGS_FOLLOWED = 5;

/** The commit of a tag or a full sha: a job has no history. Rejects with `EventLogError` or `ConfigurationError`. */
export async function commitOnGithub(api: GithubApi, name: string): Promise<Release | undefined> {
  const other = otherForm(name);
  const tags = await Promise.all([name, other].map(async (tag) => (tag === undefined ? undefined : releaseOf(tag, await tagged(api, tag)))));
  return oneOf(name, ...tags) ?? (FULL_SHA.test(name) && await isCommit(api, name) ? { version: name.slice(0, 7), sha: name } : undefined);
}

/** When a commit was made, in milliseconds since the epoch; undefined if GitHub does not know it. Never rejects. */
export async function commitMadeAt(api: GithubApi, sha: string): Promise<number | undefined> {
  if (!FULL_SHA.test(sha)) return undefined;
  try {
    const { data } = await api.request({
      what: `report the time of commit ${sha}`,
      route: 'GET /repos/{owner}/{repo}/git/commits/{commit_sha}',
      permission: 'contents: read',
      parameters: { commit_sha: sha },
      isExpected: hasDate,
      patienceMs: 10_000,
    });
    return Date.parse(data.committer.date);
  } catch (error) {
    if (error instanceof GithubError) return undefined;
    throw error;
  }
}

function hasDate(response: unknown): response is { readonly committer: { readonly date: string } } {
  return isObject(response) && isObject(response.committer) && isText(response.committer.date);
}

/** The commit of a tag; undefined if the tag does not exist. */
async function tagged(api: GithubApi, tag: string): Promise<string | undefined> {
  let object = await read(api, `resolve tag ${tag}`, 'GET /repos/{owner}/{repo}/git/ref/{ref}', { ref: `tags/${tag}` });
  // an annotated tag, perhaps of another one
  for (let step = 0; object?.type === 'tag' && step < TAGS_FOLLOWED; step++) {
    object = await read(api, `resolve tag ${tag}`, 'GET /repos/{owner}/{repo}/git/tags/{tag_sha}', { tag_sha: object.sha });
  }
  return object?.type === 'commit' ? object.sha : undefined;
}

interface GitObject {
  readonly sha: string;
  readonly type: string;
}

async function read(api: GithubApi, what: string, route: string, parameters: Record<string, string>): Promise<GitObject | undefined> {
  const response = await unlessMissing(api.request({ what, route, parameters, permission: 'contents: read', isExpected: hasObject }));
  return response?.data.object;
}

async function isCommit(api: GithubApi, sha: string): Promise<boolean> {
  const request = { what: `find commit ${sha}`, route: 'GET /repos/{owner}/{repo}/git/commits/{commit_sha}', parameters: { commit_sha: sha }, permission: 'contents: read' };
  return (await unlessMissing(api.request({ ...request, isExpected: isObject }))) !== undefined;
}

async function unlessMissing<T>(query: Promise<T>): Promise<T | undefined> {
  try {
    return await query;
  } catch (error) {
    if (error instanceof GithubError && (error.status === 404 || error.status === 422)) return undefined;
    throw error;
  }
}

function hasObject(data: unknown): data is { readonly object: GitObject } {
  return isObject(data) && isObject(data.object) && isText(data.object.sha) && isText(data.object.type);
}
