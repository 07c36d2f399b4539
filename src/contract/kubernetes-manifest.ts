export interface KubernetesDriverManifest {
  readonly kind: 'kubernetes';
  /** The folder or file with the manifests, relative to the project's directory. */
  readonly manifests: string;
  readonly namespace: string;
  /** What the objects of the environment are labelled with; it is in the name of the inventory, too. */
  readonly name: string;
  /** Of the kubeconfig. @default - its current context */
  readonly context?: string;
  /** The environment variable with a kubeconfig. @default - the kubeconfig of the machine */
  readonly kubeconfigVariable?: string;
  /** The cluster of Amazon EKS that the AWS CLI signs in to. @default - none */
  readonly eksCluster?: string;
  /** Whether what a release no longer has is deleted. */
  readonly prunes: boolean;
  /** Whether PersistentVolumeClaims are deleted, too. */
  readonly prunesVolumes: boolean;
  /** The Rollout of Argo Rollouts that moves the users. @default - none: Deployments are updated in place */
  readonly rollout?: string;
  /** Of the cluster of Amazon EKS. @default - the one that the AWS CLI is configured for */
  readonly region?: string;
}
