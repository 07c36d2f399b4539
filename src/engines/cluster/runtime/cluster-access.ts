import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Kubectl } from './kubectl';
import { AwsCli } from '../../../runtime/aws/aws-cli';
import { RuntimeContext } from '../../../runtime/context';
import { EngineError } from '../../../runtime/targets/engine-error';
import { ClusterAccessManifest } from '../manifest';

/** A response of the API server takes no longer. */
const REQUEST_TIMEOUT = '30s';
const SIGN_IN_MS = 60_000;

/** Gets the file of the kubeconfig; undefined if it is the machine's own. It may name the fix of an error. */
export type SigningIn = (kubeconfig: Promise<string | undefined>) => Promise<string | undefined>;

/** @param folder only this process can read it */
export type Work<T> = (kubectlOf: (namespace: string) => Kubectl, folder: string) => Promise<T>;

/**
 * Signs in to the cluster as long as `work` lasts. What it writes for that is in a folder of its own, which others cannot read, and which is removed at
 * the end. Rejects with `EngineError` if the sign-in fails.
 */
export async function withKubectl<T>(
  context: RuntimeContext, access: ClusterAccessManifest, giveUpAt: number, work: Work<T>, signingIn: SigningIn = (kubeconfig) => kubeconfig,
): Promise<T> {
  const folder = await mkdtemp(join(tmpdir(), 'delivery-kubernetes-'));
  try {
    const kubeconfig = await signingIn(signIn(context, access, folder, giveUpAt));
    const optionsOf = (namespace: string) => [
      ...kubeconfig === undefined ? [] : ['--kubeconfig', kubeconfig],
      ...access.context === undefined ? [] : ['--context', access.context],
      '--namespace', namespace,
      '--request-timeout', REQUEST_TIMEOUT,
    ];
    return await work((namespace) => new Kubectl(context, optionsOf(namespace)), folder);
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}

/** Returns the kubeconfig to use; undefined if it is the machine's own. */
async function signIn(context: RuntimeContext, settings: ClusterAccessManifest, folder: string, giveUpAt: number): Promise<string | undefined> {
  const { eksCluster, kubeconfigVariable } = settings;
  const file = join(folder, 'kubeconfig');
  if (kubeconfigVariable !== undefined) {
    await writeFile(file, kubeconfigIn(context.processEnv[kubeconfigVariable] ?? '', kubeconfigVariable), { mode: 0o600 });
    return file;
  }
  if (eksCluster === undefined) return undefined;
  await writeFile(file, '', { mode: 0o600 });
  await updateKubeconfig(context, settings, file, giveUpAt);
  return file;
}

/** The secret as it is, or in base64, as many keep files of several lines. */
export function kubeconfigIn(secret: string, name: string): string {
  if (secret.trim() === '') throw new EngineError('signedOut', `the environment variable ${name} is empty`);
  const decoded = /^[\s\w+/=]+$/.test(secret) ? Buffer.from(secret, 'base64').toString('utf8') : secret;
  if (/["']?clusters["']?\s*:/.test(decoded)) return decoded;
  throw new EngineError('signedOut', `the environment variable ${name} holds no kubeconfig`);
}

/** The AWS CLI writes a kubeconfig whose tokens it makes itself. */
async function updateKubeconfig(
  context: RuntimeContext, { eksCluster, region }: ClusterAccessManifest, file: string, giveUpAt: number,
): Promise<void> {
  const args = ['--name', eksCluster!, '--kubeconfig', file];
  await new AwsCli(context, region).command({ service: 'eks', operation: 'update-kubeconfig', args, giveUpAt, timeoutMs: SIGN_IN_MS });
}
