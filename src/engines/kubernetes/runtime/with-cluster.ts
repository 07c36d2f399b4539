import { Cluster } from './cluster';
import { RuntimeContext } from '../../../runtime/context';
import { SigningIn, withKubectl, Work } from '../../cluster/runtime/cluster-access';
import { KubernetesDriverManifest } from '../manifest';

/** As `withKubectl`, for the namespace of a target. */
export function withCluster<T>(
  context: RuntimeContext, settings: KubernetesDriverManifest, giveUpAt: number, work: (cluster: Cluster) => Promise<T>, signingIn?: SigningIn,
): Promise<T> {
  const cluster: Work<T> = (kubectlOf, folder) => work(new Cluster(kubectlOf(settings.namespace), settings, { folder, giveUpAt }));
  return withKubectl(context, settings, giveUpAt, cluster, signingIn);
}
