import { execFileSync } from 'node:child_process';
import { isOfGithub, Origin } from './origin';
import { ConfigurationError } from '../../../errors';

const OF_GITHUB = ['GITHUB_TOKEN', 'GH_TOKEN'];
const OF_ENTERPRISE = ['GH_ENTERPRISE_TOKEN', 'GITHUB_ENTERPRISE_TOKEN'];

/**
 * A person's token: from the environment, else from GitHub's own command line. As there, GITHUB_TOKEN and GH_TOKEN
 * are for github.com: another server gets them only where GITHUB_API_URL names it. Throws `ConfigurationError`.
 *
 * @see https://cli.github.com/manual/gh_help_environment
 */
export function findToken(env: NodeJS.ProcessEnv, { host }: Pick<Origin, 'host'>, permission = 'actions: write'): string {
  const names = isOfGithub(host) || env.GITHUB_API_URL ? OF_GITHUB : OF_ENTERPRISE;
  const token = names.map((name) => env[name]?.trim()).find((value) => value) ?? askGh(env, host);
  if (token) return token;
  throw new ConfigurationError(`there is no token for ${host}. Log in with \`gh auth login${host === 'github.com' ? '' : ` --hostname ${host}`}\`, or set ${names[0]}; it needs \`${permission}\` (a classic token: the scope \`repo\`).`);
}

/** Undefined where gh is not installed, or not logged in there. */
function askGh(env: NodeJS.ProcessEnv, host: string): string | undefined {
  try {
    return execFileSync('gh', ['auth', 'token', '--hostname', host], { env, encoding: 'utf8', timeout: 1_000, stdio: ['ignore', 'pipe', 'ignore'] }).trim();
  } catch {
    return undefined;
  }
}
