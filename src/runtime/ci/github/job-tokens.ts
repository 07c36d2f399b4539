import { JobTokens } from '../ci-runtime';
import { findOrigin, isOfGithub } from './dispatch/origin';

/**
 * Reads the repository from the environment of the process or from git, without a request. Throws `ConfigurationError`.
 *
 * @see https://docs.github.com/en/actions/reference/security/oidc
 */
export function jobTokens(env: NodeJS.ProcessEnv, root: string): JobTokens {
  const { repository, webUrl } = findOrigin(env, root);
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
