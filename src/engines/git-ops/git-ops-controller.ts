import { GitOpsControllerManifest } from './manifest';
import { checkAwsRegion } from '../../validation/aws-name';
import { OptionNames, optionsOf } from '../../validation/option-types';
import { invalid, show } from '../../validation/validation-error';
import { checkHiddenSecret } from '../../validation/variable-names';

/**
 * Options for reading the cluster that a controller brings the repository to. The runtime calls kubectl (version 1.26 or later), which must be installed
 * where the deployment runs.
 */
export interface GitOpsClusterOptions {
  /**
   * The name of the secret with a kubeconfig, as it is or in base64.
   *
   * @default - none: `eksCluster`, or the kubeconfig of the machine
   */
  readonly kubeconfigSecret?: string;

  /**
   * The name of a cluster of Amazon EKS. The AWS CLI signs in to it with the credentials of `Login.aws`.
   *
   * @default - none: `kubeconfigSecret`, or the kubeconfig of the machine
   */
  readonly eksCluster?: string;

  /**
   * The AWS region of `eksCluster`.
   *
   * @default - the one that the AWS CLI is configured for (AWS_REGION)
   */
  readonly region?: string;

  /**
   * The context of the kubeconfig.
   *
   * @default - its current context
   */
  readonly context?: string;
}

/** Options for an Application of Argo CD. */
export interface ArgoCdApplicationOptions extends GitOpsClusterOptions {
  /** The name of the Application. */
  readonly application: string;

  /**
   * The namespace of the Application.
   *
   * @default 'argocd'
   */
  readonly namespace?: string;
}

/** Options for a Kustomization of Flux. */
export interface FluxKustomizationOptions extends GitOpsClusterOptions {
  /** The name of the Kustomization (`kustomize.toolkit.fluxcd.io`). It follows a GitRepository. */
  readonly kustomization: string;

  /**
   * The namespace of the Kustomization.
   *
   * @default 'flux-system'
   */
  readonly namespace?: string;
}

const CLUSTER: OptionNames<GitOpsClusterOptions> = { kubeconfigSecret: true, eksCluster: true, region: true, context: true };
const ARGO_CD: OptionNames<ArgoCdApplicationOptions> = { application: true, namespace: true, ...CLUSTER };
const FLUX: OptionNames<FluxKustomizationOptions> = { kustomization: true, namespace: true, ...CLUSTER };

/**
 * What applies the folder of a repository to a cluster.
 */
export class GitOpsController {
  /**
   * Names an Application of Argo CD that follows the folder. It is read with kubectl, and not through the API of Argo CD.
   *
   * @param options the Application, and how its cluster is read
   */
  public static argoCd(options: ArgoCdApplicationOptions): GitOpsController {
    const { application, namespace = 'argocd', ...cluster } = optionsOf('GitOpsController.argoCd', options, ARGO_CD, '{ application: \'shop\' }');
    return controller('argoCd', 'application', application, namespace, cluster);
  }

  /**
   * Names a Kustomization of Flux that follows the folder.
   *
   * @param options the Kustomization, and how its cluster is read
   */
  public static flux(options: FluxKustomizationOptions): GitOpsController {
    const { kustomization, namespace = 'flux-system', ...cluster } = optionsOf('GitOpsController.flux', options, FLUX, '{ kustomization: \'shop\' }');
    return controller('flux', 'kustomization', kustomization, namespace, cluster);
  }

  /** @internal */
  public static _of(manifest: GitOpsControllerManifest): GitOpsController {
    return new GitOpsController(manifest);
  }

  private constructor(
    /** @internal */
    public readonly _manifest: GitOpsControllerManifest,
  ) {}
}

function controller(kind: GitOpsControllerManifest['kind'], option: string, name: string, namespace: string, cluster: GitOpsClusterOptions): GitOpsController {
  const factory = `GitOpsController.${kind}`;
  if (typeof name !== 'string' || !/^[a-z0-9]([a-z0-9.-]{0,251}[a-z0-9])?$/.test(name)) {
    invalid(`${factory} ${option}`, `${show(name)} is not the name of an object (lower-case letters, digits, - and .)`, 'Write for example \'shop\'');
  }
  if (typeof namespace !== 'string' || !/^[a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?$/.test(namespace)) {
    invalid(`${factory} namespace`, `${show(namespace)} is not valid (lower-case letters, digits and -, at most 63 characters)`, 'Write for example \'flux-system\'');
  }
  const { context, eksCluster, kubeconfigSecret, region } = cluster;
  if (context !== undefined && (typeof context !== 'string' || !/^[^\s\p{Cc}-][^\p{Cc}]*$/u.test(context))) {
    invalid(`${factory} context`, `${show(context)} is not the name of a context`, 'Write one of kubectl config get-contexts');
  }
  if (kubeconfigSecret !== undefined) checkHiddenSecret(`${factory} kubeconfigSecret`, 'the given value', kubeconfigSecret);
  if (eksCluster !== undefined && (typeof eksCluster !== 'string' || !/^[0-9A-Za-z][\w-]{0,99}$/.test(eksCluster))) {
    invalid(`${factory} eksCluster`, `${show(eksCluster)} is not the name of a cluster of Amazon EKS`, 'Write its name, for example \'shop\', and not its ARN');
  }
  if (eksCluster !== undefined && kubeconfigSecret !== undefined) invalid(`${factory} eksCluster`, 'kubeconfigSecret signs in already', 'Leave one of them out');
  if (region !== undefined && eksCluster === undefined) invalid(`${factory} region`, 'without eksCluster it has no effect', 'Set eksCluster, or leave it out');
  if (region !== undefined) checkAwsRegion(`${factory} region`, region);
  return GitOpsController._of({ kind, name, namespace, cluster: { context, kubeconfigVariable: kubeconfigSecret, eksCluster, region } });
}
