import { ClusterAccessManifest } from '../cluster/manifest';

export interface GitOpsDriverManifest {
  readonly kind: 'gitOps';
  /** The URL of the repository that a controller follows. */
  readonly repository: string;
  readonly branch: string;
  /** The folder in the repository that belongs to the delivery. */
  readonly path: string;
  /** The folder with the files of a release, relative to the project's directory. */
  readonly manifests: string;
  /** Who owns the folder. */
  readonly name: string;
  /** The environment variable with the token. */
  readonly tokenVariable: string;
  /** The user name for the token. */
  readonly user: string;
  /** What applies the folder to a cluster. @default - it is not read */
  readonly follows?: GitOpsControllerManifest;
}

export interface GitOpsControllerManifest {
  readonly kind: 'argoCd' | 'flux';
  /** Of the Application or the Kustomization. */
  readonly name: string;
  readonly namespace: string;
  readonly cluster: ClusterAccessManifest;
}
