import { execFileSync } from 'node:child_process';
import { Clock } from '../../../clock';
import { ConfigurationError } from '../../../errors';
import { git } from '../../../processes/git';
import { JobTokens } from '../../ci-runtime';
import { GithubApi, Remedy } from '../api';

/** Where the project's repository is. */
export interface Origin {
  /** `owner/name`. */
  readonly repository: string;
  /** The server's host, without a scheme: `github.com`. */
  readonly host: string;
  readonly apiUrl: string;
  /** The web address: `https://github.com`. */
  readonly webUrl: string;
}

interface Remote {
  readonly host: string;
  /** With a colon; empty for the default port. Of a web server only. */
  readonly port: string;
  readonly repository: string;
}

const OVERRIDE = 'set GITHUB_REPOSITORY=owner/name (and GITHUB_API_URL, where it is not on github.com)';

/** Reads the git remote `origin`, unless GITHUB_REPOSITORY and GITHUB_API_URL are set. Throws `ConfigurationError`. */
export function findOrigin(env: NodeJS.ProcessEnv, root: string): Origin {
  const { GITHUB_REPOSITORY: repository, GITHUB_API_URL: apiUrl, GITHUB_SERVER_URL: webUrl } = env;
  if (repository && !isRepository(repository)) throw new ConfigurationError(`GITHUB_REPOSITORY is '${repository}'. It must be owner/name.`);
  if (apiUrl && !URL.canParse(apiUrl)) throw new ConfigurationError('GITHUB_API_URL is no URL. Without it, the API is found by the remote origin.');
  const url = repository && apiUrl ? undefined : git(root, 'remote', 'get-url', 'origin');
  const remote = url === undefined ? undefined : readRemote(url);
  if (!repository && !remote) throw new ConfigurationError(unusable(url, root));
  const { host, port } = remote ?? { host: 'github.com', port: '' };
  return {
    repository: repository || remote!.repository,
    host,
    apiUrl: apiUrl || apiOf(host, port),
    webUrl: webUrl || `https://${host}${port}`,
  };
}

/** `https://host/owner/name.git`, `ssh://git@host/owner/name`, `git@host:owner/name.git`. The part before the host may be a secret. */
function readRemote(url: string): Remote | undefined {
  const [, sshHost, sshPath] = /^(?:[^@/]+@)?([^:/@]+):(?!\/\/)(.+)$/.exec(url) ?? [];
  if (sshHost !== undefined) return asRemote(sshHost, '', sshPath);
  if (!URL.canParse(url)) return undefined;
  const { protocol, hostname, port, pathname } = new URL(url);
  if (protocol === 'https:') return asRemote(hostname, port && `:${port}`, pathname);
  // the port is for ssh; https uses its default port
  return ['ssh:', 'git+ssh:', 'git:', 'http:'].includes(protocol) ? asRemote(hostname, '', pathname) : undefined;
}

function asRemote(host: string, port: string, path: string): Remote | undefined {
  const repository = path.replace(/^\/+|\/+$/g, '').replace(/\.git$/, '');
  const known = host.toLowerCase().replace(/^(ssh|www)\.github\.com$/, 'github.com');
  // a name without a dot is an alias in the ssh configuration
  return isRepository(repository) && known.includes('.') ? { host: known, port, repository } : undefined;
}

/** @see https://docs.github.com/en/enterprise-server/rest/using-the-rest-api/getting-started-with-the-rest-api */
function apiOf(host: string, port: string): string {
  if (host === 'github.com') return 'https://api.github.com';
  return isOfGithub(host) ? `https://api.${host}` : `https://${host}${port}/api/v3`;
}

/** Whether GitHub runs the server: github.com, or a subdomain of ghe.com. */
function isOfGithub(host: string): boolean {
  return host === 'github.com' || host.endsWith('.ghe.com');
}

function isRepository(text: string): boolean {
  return /^[\w.-]+\/[\w.-]+$/.test(text);
}

function unusable(url: string | undefined, root: string): string {
  if (url === undefined) return `git knows no remote called origin in ${root}, so the repository on GitHub cannot be found. Add it (git remote add origin <url>), or ${OVERRIDE}.`;
  const shown = url.replace(/^([a-z+]+:\/\/)[^/@]*@/i, '$1');
  return `the remote origin (${shown}) is no repository on a GitHub server. If it is one under another name, ${OVERRIDE}.`;
}

const OF_GITHUB = ['GITHUB_TOKEN', 'GH_TOKEN'];
const OF_ENTERPRISE = ['GH_ENTERPRISE_TOKEN', 'GITHUB_ENTERPRISE_TOKEN'];

/**
 * A person's token: from the environment, else from the GitHub CLI. As in the CLI, GITHUB_TOKEN and GH_TOKEN are for github.com;
 * another server gets them only if GITHUB_API_URL names it. Throws `ConfigurationError`.
 *
 * @see https://cli.github.com/manual/gh_help_environment
 */
export function findToken(env: NodeJS.ProcessEnv, { host }: Pick<Origin, 'host'>, permission = 'actions: write'): string {
  const names = isOfGithub(host) || env.GITHUB_API_URL ? OF_GITHUB : OF_ENTERPRISE;
  const token = names.map((name) => env[name]?.trim()).find((value) => value) ?? runGh(env, host);
  if (token) return token;
  throw new ConfigurationError(`there is no token for ${host}. Log in with \`gh auth login${host === 'github.com' ? '' : ` --hostname ${host}`}\`, or set ${names[0]}; it needs \`${permission}\` (a classic token: the scope \`repo\`).`);
}

/** Undefined if gh is not installed or not logged in. */
function runGh(env: NodeJS.ProcessEnv, host: string): string | undefined {
  try {
    return execFileSync('gh', ['auth', 'token', '--hostname', host], { env, encoding: 'utf8', timeout: 1_000, stdio: ['ignore', 'pipe', 'ignore'] }).trim();
  } catch {
    return undefined;
  }
}

export interface LaptopApiOptions {
  readonly clock: Clock;
  readonly origin: Origin;
  readonly token: string;
  /** How long a request may take and is retried, in milliseconds. @default - that of a job */
  readonly patienceMs?: number;
}

/** A person waits, so an offline machine is reported within 5 seconds. */
export const OFFLINE_MS = 3_000;

/** GitHub's API, with a person's token. */
export function laptopApi({ clock, origin, patienceMs, token }: LaptopApiOptions): GithubApi {
  const { apiUrl: url, repository } = origin;
  return new GithubApi({ url, token, repository, clock, remedy, retryAdvice: RETRY, patienceMs, requestTimeoutMs: patienceMs });
}

const INSTEAD = '--local uses the records of this machine.';

/** The fix if GitHub does not respond. */
const RETRY = 'check the network connection, then run the command again; --local uses the records of this machine';

const remedy: Remedy = (status, permission, repository) => {
  switch (status) {
    case 401: return `The token is not valid any more: log in with \`gh auth login\`, or set GITHUB_TOKEN. ${INSTEAD}`;
    case 403: return `The token needs \`${permission}\` (a classic token: the scope \`repo\`). ${INSTEAD}`;
    case 404: return `Either there is no ${repository}, or this token cannot see it: check \`git remote get-url origin\`, and as whom you are logged in (\`gh auth status\`). ${INSTEAD}`;
    default: return '';
  }
};

/**
 * Reads the repository from the environment of the process or from git, without a request. Throws `ConfigurationError`.
 *
 * @param named the repository as tokens name it, if a person said so: git then only says on which server it is
 * @see https://docs.github.com/en/actions/reference/security/oidc
 */
export function jobTokens(env: NodeJS.ProcessEnv, root: string, named?: string): JobTokens {
  const { repository, webUrl } = findOrigin(named === undefined ? env : { ...env, GITHUB_REPOSITORY: named.replace(/@\d+/g, '') }, root);
  return {
    issuer: issuerOf(new URL(webUrl).host),
    repository,
    subject: (name, environment) => `repo:${name}:environment:${environment}`,
  };
}

function issuerOf(host: string): string {
  if (host === 'github.com') return 'token.actions.githubusercontent.com';
  return isOfGithub(host) ? `token.actions.${host}` : `${host}/_services/token`;
}
