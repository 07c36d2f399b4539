import { GithubApi, GithubError, GithubRequest } from './api';
import { GitSiteRepository } from './branch/site-repository';
import { Clock } from '../../clock';
import { GitProcessOptions } from '../../git/git-process';
import { isObject, isOptionalText, isText } from '../../json-value';
import { safeLine } from '../../reporting/untrusted-text';
import { CiPages, PagesBuild, PagesError, PagesErrorKind } from '../pages';

export interface GithubPagesOptions extends Omit<GitProcessOptions, 'patienceMs' | 'written'> {
  readonly api: GithubApi;
  readonly clock: Clock;
}

/** How long a request is retried: the driver reads again, and knows how long there is. */
const PATIENCE_MS = 15_000;
/** The limit of a git command: a site may have a gigabyte. */
const MOST_GIT_MS = 180_000;
const LEAST_GIT_MS = 5_000;

interface Site {
  readonly build_type?: string | null;
  readonly cname: string | null;
  readonly source?: { readonly branch: string; readonly path: string };
}

interface Build {
  readonly url: string;
  /** ISO 8601. */
  readonly created_at: string;
  readonly status: string;
  readonly commit: string;
  readonly error: { readonly message: string | null };
}

/**
 * GitHub Pages.
 *
 * @see https://docs.github.com/en/rest/pages/pages
 */
export function githubPages({ api, ...git }: GithubPagesOptions): CiPages {
  const optionsOf = (branch: string, giveUpAt: number) => {
    const leftMs = giveUpAt - git.clock.now();
    return { ...git, branch, patienceMs: Math.min(MOST_GIT_MS, Math.max(LEAST_GIT_MS, leftMs)) };
  };
  return {
    settingsUrl: `${git.serverUrl}/${git.repository}/settings/pages`,
    async site() {
      const site = await get<Site>(api, { what: 'read the settings of GitHub Pages', route: 'GET /repos/{owner}/{repo}/pages', permission: 'pages: read', isExpected: isSite });
      if (!site) return undefined;
      const { build_type: type, cname, source } = site;
      // a site that a workflow publishes may still have the source of before
      return { ...(type !== 'workflow' && source && { branch: source.branch, path: source.path }), ...(cname !== null && { domain: cname }) };
    },
    async build() {
      const build = await get<Build>(api, { what: 'read the build of GitHub Pages', route: 'GET /repos/{owner}/{repo}/pages/builds/latest', permission: 'pages: read', isExpected: isBuild });
      return build && buildOf(build);
    },
    async requestBuild() {
      await sent(api.request({ what: 'request a build of GitHub Pages', route: 'POST /repos/{owner}/{repo}/pages/builds', permission: 'pages: write', isExpected: isObject, patienceMs: PATIENCE_MS }));
    },
    commits: (branch, giveUpAt, patterns) => GitSiteRepository.commits(optionsOf(branch, giveUpAt), patterns),
    pathsIn: (branch, giveUpAt, folder) => GitSiteRepository.pathsIn(optionsOf(branch, giveUpAt), `refs/heads/${branch}`, folder),
    open: (branch, giveUpAt, work) => GitSiteRepository.using(optionsOf(branch, giveUpAt), work),
  };
}

/** Undefined where GitHub finds nothing. */
async function get<T>(api: GithubApi, request: GithubRequest<T>): Promise<T | undefined> {
  try {
    return (await sent(api.request({ ...request, patienceMs: PATIENCE_MS }))).data;
  } catch (error) {
    if (error instanceof PagesError && error.kind === 'notFound') return undefined;
    throw error;
  }
}

async function sent<T>(response: Promise<T>): Promise<T> {
  try {
    return await response;
  } catch (error) {
    if (error instanceof GithubError) throw new PagesError(kindOf(error), error.message);
    throw error;
  }
}

function kindOf({ status, transient }: GithubError): PagesErrorKind {
  if (transient) return 'unavailable';
  const kinds: Readonly<Record<number, PagesErrorKind>> = { 401: 'signedOut', 403: 'accessDenied', 404: 'notFound' };
  return (status !== undefined && kinds[status]) || 'rejected';
}

function buildOf({ commit, created_at: madeAt, error: { message }, status, url: id }: Build): PagesBuild {
  const build = { commit, id, madeAt: Date.parse(madeAt) };
  switch (status) {
    case 'built': return { ...build, status: 'built' };
    case 'errored': return { ...build, status: 'failed', ...(message !== null && { error: safeLine(message, 200) }) };
    default: return { ...build, status: 'inProgress' };
  }
}

function isSite(value: unknown): value is Site {
  if (!isObject(value)) return false;
  const { build_type: type, cname, source } = value;
  if (!(cname === null || isText(cname)) || !(type === null || isOptionalText(type))) return false;
  return source === undefined || (isObject(source) && isText(source.branch) && isText(source.path));
}

function isBuild(value: unknown): value is Build {
  if (!isObject(value) || !isText(value.url) || !isText(value.created_at) || Number.isNaN(Date.parse(value.created_at))) return false;
  if (!isText(value.status) || !isText(value.commit) || !isObject(value.error)) return false;
  return value.error.message === null || isText(value.error.message);
}
