import { KubernetesDriverManifest } from './manifest';

/** Two sets of Deployments in a namespace, and a Service whose selector decides which of them users reach. */
export interface KubernetesSlotsDriverManifest extends Omit<KubernetesDriverManifest, 'kind'> {
  readonly kind: 'kubernetesSlots';
  /** The Service of the manifests that users reach. */
  readonly service: string;
}
