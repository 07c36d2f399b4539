import { EngineErrorKind } from './engine-error';
import { KubernetesDriverManifest } from '../../contract/kubernetes-manifest';

type Settings = Omit<KubernetesDriverManifest, 'kind'>;

/** The oldest kubectl that the driver is used with: major and minor version. */
export const LEAST_KUBECTL = [1, 26] as const;

/** What a person does, for the kinds of errors that a retry does not help. */
export function kubernetesFixes(settings: Settings): Partial<Record<EngineErrorKind, string>> {
  return {
    signedOut: signInFix(settings),
    accessDenied: 'Give the credentials the Role of docs/targets/kubernetes.md',
    cliMissing: `Install kubectl ${LEAST_KUBECTL.join('.')} or later${settings.eksCluster === undefined ? '' : ', and the AWS CLI,'} in setupSteps`,
  };
}

function signInFix({ eksCluster, kubeconfigVariable }: Settings): string {
  if (kubeconfigVariable !== undefined) return `Store a kubeconfig whose credentials are valid as the secret ${kubeconfigVariable}`;
  if (eksCluster !== undefined) return 'Sign in to AWS: set login: Login.aws({ role, region }), and give the role access to the cluster';
  return 'Set kubeconfigSecret or eksCluster in Target.kubernetes, or sign in before the deployment; on a laptop check kubectl config current-context';
}
