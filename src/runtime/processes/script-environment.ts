import { environmentWithoutOurs } from './command-environment';
import { EnvironmentManifest } from '../../contract/manifest';

/**
 * The process environment of code that belongs to packages: no secret of the environment, and no way to sign in as this job.
 *
 * @param also names of further variables with secrets
 */
export function scriptEnvironment(base: NodeJS.ProcessEnv, environment: EnvironmentManifest, also: readonly string[] = []): NodeJS.ProcessEnv {
  const hidden = new Set([...environment.secrets, ...also, 'ACTIONS_ID_TOKEN_REQUEST_TOKEN', 'ACTIONS_ID_TOKEN_REQUEST_URL']);
  const plain = { ...environmentWithoutOurs(base, environment), ...environment.variables };
  return Object.fromEntries(Object.entries(plain).filter(([name]) => !hidden.has(name) && !/_auth|_password/i.test(name)));
}
