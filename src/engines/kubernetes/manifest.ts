import { ClusterAccessManifest } from '../cluster/manifest';

export interface KubernetesDriverManifest extends ClusterAccessManifest {
  readonly kind: 'kubernetes';
  /** The folder or file with the manifests, relative to the project's directory. */
  readonly manifests: string;
  readonly namespace: string;
  /** What the objects of the environment are labelled with; it is in the name of the inventory, too. */
  readonly name: string;
  /** Whether what a release no longer has is deleted. */
  readonly prunes: boolean;
  /** Whether PersistentVolumeClaims are deleted, too. */
  readonly prunesVolumes: boolean;
  /** The Rollout of Argo Rollouts that moves the users. @default - none: Deployments are updated in place */
  readonly rollout?: string;
}
