/** How kubectl signs in to a cluster. */
export interface ClusterAccessManifest {
  /** Of the kubeconfig. @default - its current context */
  readonly context?: string;
  /** The environment variable with a kubeconfig. @default - the kubeconfig of the machine */
  readonly kubeconfigVariable?: string;
  /** The cluster of Amazon EKS that the AWS CLI signs in to. @default - none */
  readonly eksCluster?: string;
  /** Of the cluster of Amazon EKS. @default - the one that the AWS CLI is configured for */
  readonly region?: string;
}
