import { EngineErrorKind } from './engine-error';
import { LiveRelease } from './target-driver';
import { AwsDriverManifest, isAwsDriver } from '../../contract/target-manifest';
import { kubernetesFixes } from '../../engines/cluster/runtime/kubernetes-fixes';
import { KubernetesDriverManifest } from '../../engines/kubernetes/manifest';
import { KubernetesSlotsDriverManifest } from '../../engines/kubernetes/slots-manifest';
import { AwsCliVersion, installAwsCli, LEAST_AWS_CLI, LEAST_FOR_ECS_STRATEGIES, LEAST_FOR_UPLOADS } from '../aws/aws-cli-versions';
import { RuntimeContext } from '../context';

interface AwsEngine {
  /** The page with the permissions of the target. */
  readonly page: string;
  /** The AWS CLI that it needs. */
  readonly least: AwsCliVersion;
}

const ENGINES: Readonly<Record<AwsDriverManifest['kind'], AwsEngine>> = {
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
  if (!driver || !kind) return '';
  if (isAwsDriver(driver)) return awsFix(ENGINES[driver.kind], kind);
  switch (driver.kind) {
    case 'npm': return OF_NPM[kind] ?? '';
    case 'kubernetes':
    case 'kubernetesSlots': return kubernetesFix(driver, kind);
    case 'servers':
    case 'serverContainers':
    case 'serverSlots': return OF_SERVERS[kind] ?? '';
    // the error names the permission
    case 'gitOps':
    case 'githubPages':
    // it is read without a sign-in and without a tool
    case 'packageRegistry': return '';
  }
}

function awsFix({ least, page }: AwsEngine, kind: EngineErrorKind): string {
  switch (kind) {
    case 'signedOut': return 'Sign in: set login: Login.aws({ role, region, readRole }) in the options of the environment, the job that plans signs in with readRole; '
      + 'on a laptop run aws sso login, or set AWS_PROFILE';
    case 'accessDenied': return `Add the permissions of docs/targets/${page}.md to the role, in a job that plans the readRole of Login.aws`;
    case 'cliMissing': return installAwsCli(least);
    default: return '';
  }
}

function kubernetesFix(driver: KubernetesDriverManifest | KubernetesSlotsDriverManifest, kind: EngineErrorKind): string {
  const isOfSecret = kind === 'signedOut' && driver.kubeconfigVariable !== undefined;
  if (isOfSecret) return `Store it in the monitorEnvironment as well, see docs/targets/kubernetes.md; on a laptop, set ${driver.kubeconfigVariable} to a kubeconfig that is valid`;
  return kubernetesFixes(driver)[kind] ?? '';
}

/** Why the live release is unknown, and what to do. */
export function whyUnread(context: Pick<RuntimeContext, 'environment'>, { error, why }: Extract<LiveRelease, { readonly kind: 'unknown' }>): string {
  return withFix(why, readFix(context, error));
}

/** The problem and its fix as sentences, without the last dot. */
export function withFix(problem: string, fix: string): string {
  return fix === '' ? problem : `${problem.replace(/\.$/, '')}. ${fix}`;
}
