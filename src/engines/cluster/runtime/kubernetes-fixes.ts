import { EngineErrorKind } from '../../../runtime/targets/engine-error';
import { ClusterAccessManifest } from '../manifest';

/** What messages name: the option that signs in, and the page with the Role. */
interface Place {
  readonly option: string;
  readonly page: string;
}

const KUBERNETES: Place = { option: 'Target.kubernetes', page: 'kubernetes' };

/** The oldest kubectl that the driver is used with: major and minor version. */
export const LEAST_KUBECTL = [1, 26] as const;

/** What a person does, for the kinds of errors that a retry does not help. */
export function kubernetesFixes(settings: ClusterAccessManifest, place = KUBERNETES): Partial<Record<EngineErrorKind, string>> {
  return {
    signedOut: signInFix(settings, place),
    accessDenied: `Give the credentials the Role of docs/targets/${place.page}.md`,
    cliMissing: `Install kubectl ${LEAST_KUBECTL.join('.')} or later${settings.eksCluster === undefined ? '' : ', and the AWS CLI,'} in setupSteps`,
  };
}

function signInFix({ eksCluster, kubeconfigVariable }: ClusterAccessManifest, { option }: Place): string {
  if (kubeconfigVariable !== undefined) return `Store a kubeconfig whose credentials are valid as the secret ${kubeconfigVariable}`;
  if (eksCluster !== undefined) return 'Sign in to AWS: set login: Login.aws({ role, region }), and give the role access to the cluster';
  return `Set kubeconfigSecret or eksCluster in ${option}, or sign in before the deployment; on a laptop check kubectl config current-context`;
}
