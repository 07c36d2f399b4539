import { execFile } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { homedir } from 'node:os';
import { join } from 'node:path';
import { isObject, isText } from '../json-value';

/** What a registry is signed in to with. */
export interface RegistryCredentials {
  readonly user: string;
  readonly password: string;
}

/** The registry that the token of a job on GitHub is valid for. */
const GITHUB_REGISTRY = 'ghcr.io';
const HELPER_MS = 10_000;

/** Docker Hub's key in docker's configuration. */
const CONFIG_KEYS: Readonly<Record<string, string>> = { 'docker.io': 'https://index.docker.io/v1/' };

/** Finds the credentials of a registry: those that `docker login` stored, or the job's token. Undefined if there are none. */
export async function credentialsOf(registry: string, env: NodeJS.ProcessEnv): Promise<RegistryCredentials | undefined> {
  const key = CONFIG_KEYS[registry] ?? registry;
  const config = readConfig(env);
  const helper = helperOf(config, key);
  const stored = helper === undefined ? undefined : await askHelper(helper, key, env);
  return stored ?? storedIn(config, key) ?? ofJob(registry, env);
}

function ofJob(registry: string, { GITHUB_ACTOR: user = 'x-access-token', GITHUB_TOKEN: password }: NodeJS.ProcessEnv): RegistryCredentials | undefined {
  return registry === GITHUB_REGISTRY && password ? { user, password } : undefined;
}

/** @see https://docs.docker.com/reference/cli/docker/login/ */
function readConfig(env: NodeJS.ProcessEnv): Record<string, unknown> {
  const folder = env.DOCKER_CONFIG || join(env.HOME || homedir(), '.docker');
  try {
    const config = JSON.parse(readFileSync(join(folder, 'config.json'), 'utf8')) as unknown;
    return isObject(config) ? config : {};
  } catch {
    // not signed in, or not by docker
    return {};
  }
}

function storedIn({ auths }: Record<string, unknown>, key: string): RegistryCredentials | undefined {
  const entry = isObject(auths) ? auths[key] : undefined;
  if (!isObject(entry) || !isText(entry.auth)) return undefined;
  const [, user, password] = /^([^:]*):(.*)$/s.exec(Buffer.from(entry.auth, 'base64').toString()) ?? [];
  return user && password ? { user, password } : undefined;
}

function helperOf({ credHelpers, credsStore }: Record<string, unknown>, key: string): string | undefined {
  const own = isObject(credHelpers) ? credHelpers[key] : undefined;
  const helper = own ?? credsStore;
  return isText(helper) && /^[\w.-]+$/.test(helper) ? helper : undefined;
}

/** @see https://github.com/docker/docker-credential-helpers */
function askHelper(helper: string, key: string, env: NodeJS.ProcessEnv): Promise<RegistryCredentials | undefined> {
  return new Promise((resolve) => {
    const child = execFile(`docker-credential-${helper}`, ['get'], { env, timeout: HELPER_MS }, (error, stdout) => {
      resolve(error ? undefined : readCredentials(stdout));
    });
    // a helper that does not exist, or does not read
    child.stdin?.on('error', () => undefined);
    child.stdin?.end(key);
  });
}

function readCredentials(text: string): RegistryCredentials | undefined {
  try {
    const response = JSON.parse(text) as unknown;
    if (!isObject(response) || !isText(response.Username) || !isText(response.Secret)) return undefined;
    // an identity token takes another exchange than a password
    return response.Username === '' || response.Username === '<token>' ? undefined : { user: response.Username, password: response.Secret };
  } catch {
    return undefined;
  }
}
