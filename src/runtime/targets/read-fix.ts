import { AwsCliVersion, installAwsCli, LEAST_AWS_CLI, LEAST_FOR_ECS_STRATEGIES, LEAST_FOR_UPLOADS } from './aws-cli-versions';
import { EngineErrorKind } from './engine-error';
import { kubernetesFixes } from './kubernetes-fixes';
import { LiveRelease } from './target-driver';
import { DriverManifest } from '../../contract/target-manifest';
import { RuntimeContext } from '../context';

/** The page with the permissions of each target, and the AWS CLI that it needs. */
const ENGINES: Readonly<Record<Exclude<DriverManifest['kind'], 'githubPages' | 'kubernetes' | 'npm' | 'packageRegistry' | 'servers' | 'serverSlots'>, { readonly page: string; readonly least: AwsCliVersion }>> = {
  awsCdk: { page: 'aws-cdk', least: LEAST_AWS_CLI },
  ecs: { page: 'ecs', least: LEAST_AWS_CLI },
  ecsBlueGreen: { page: 'ecs', least: LEAST_FOR_ECS_STRATEGIES },
  lambda: { page: 'lambda', least: LEAST_AWS_CLI },
  staticSite: { page: 'static-site', least: LEAST_FOR_UPLOADS },
};

/** A package that everyone may install is read without a token. */
const OF_NPM: Partial<Record<EngineErrorKind, string>> = {
  signedOut: 'A token that the registry rejects must be replaced, see docs/targets/npm.md',
  accessDenied: 'The token needs the right to read the package, see docs/targets/npm.md',
  cliMissing: 'Install npm 10 or later in setupSteps',
};

/** A job that only reads has the private key only if its environment has the secret. */
const OF_SERVERS: Partial<Record<EngineErrorKind, string>> = {
  signedOut: 'A job that plans or watches has the private key only if its GitHub environment (monitorEnvironment) has the secret, see docs/targets/servers.md',
  accessDenied: 'Compare the key with the one on the host, see docs/targets/servers.md',
  cliMissing: 'Install the OpenSSH client (openssh-client) in setupSteps',
};

/** What a person does if a job that changes nothing could not read the engine. Empty where only another attempt helps. */
export function readFix({ environment: { target: { driver } } }: Pick<RuntimeContext, 'environment'>, kind: EngineErrorKind | undefined): string {
  if (!driver) return '';
  if (driver.kind === 'npm') return (kind && OF_NPM[kind]) ?? '';
  if (driver.kind === 'kubernetes') {
    const isOfSecret = kind === 'signedOut' && driver.kubeconfigVariable !== undefined;
    if (isOfSecret) return `Store it in the monitorEnvironment as well, see docs/targets/kubernetes.md; on a laptop, set ${driver.kubeconfigVariable} to a kubeconfig that is valid`;
    return (kind && kubernetesFixes(driver)[kind]) ?? '';
  }
  // the error names the permission
  if (driver.kind === 'githubPages') return '';
  // it is read without a sign-in and without a tool
  if (driver.kind === 'packageRegistry') return '';
  if (driver.kind === 'servers' || driver.kind === 'serverSlots') return (kind && OF_SERVERS[kind]) ?? '';
  const { least, page } = ENGINES[driver.kind];
  switch (kind) {
    case 'signedOut': return 'Sign in: set login: Login.aws({ role, region, readRole }) in the options of the environment, the job that plans signs in with readRole; '
      + 'on a laptop run aws sso login, or set AWS_PROFILE';
    case 'accessDenied': return `Add the permissions of docs/targets/${page}.md to the role, in a job that plans the readRole of Login.aws`;
    case 'cliMissing': return installAwsCli(least);
    default: return '';
  }
}

/** Why the live release is unknown, and what to do. */
export function whyUnread(context: Pick<RuntimeContext, 'environment'>, { error, why }: Extract<LiveRelease, { readonly kind: 'unknown' }>): string {
  return withFix(why, readFix(context, error));
}

/** The problem and its fix as sentences, without the last dot. */
export function withFix(problem: string, fix: string): string {
  return fix === '' ? problem : `${problem.replace(/\.$/, '')}. ${fix}`;
}
