import { AwsCdkDriverManifest } from '../engines/aws-cdk/manifest';
import { EcsBlueGreenDriverManifest, EcsDriverManifest } from '../engines/ecs/manifest';
import { GitOpsDriverManifest } from '../engines/git-ops/manifest';
import { GithubPagesDriverManifest } from '../engines/github-pages/manifest';
import { KubernetesDriverManifest } from '../engines/kubernetes/manifest';
import { KubernetesSlotsDriverManifest } from '../engines/kubernetes/slots-manifest';
import { LambdaDriverManifest } from '../engines/lambda/manifest';
import { NpmDriverManifest } from '../engines/npm/manifest';
import { PackageRegistryDriverManifest } from '../engines/package-registry/manifest';
import { ServerContainersDriverManifest } from '../engines/servers/containers-manifest';
import { ServersDriverManifest } from '../engines/servers/manifest';
import { ServerSlotsDriverManifest } from '../engines/servers/slots-manifest';
import { StaticSiteDriverManifest } from '../engines/static-site/manifest';

/** A command line, ready to be executed. Nothing is interpolated into it. */
export type CommandManifest =
  | { readonly kind: 'exec'; readonly argv: string[] }
  | { readonly kind: 'bash'; readonly line: string };

/** What a driver can be called for. */
export type DriverCall = 'deploy' | 'promote' | 'setWeight' | 'rollback';

/** A call of the target's driver, which is a part of the runtime. */
export interface DriverCallManifest {
  readonly kind: 'driver';
  readonly call: DriverCall;
}

/** A command of a target. */
export type TargetCommandManifest = CommandManifest | DriverCallManifest;

export interface TargetManifest {
  /** Run before `deploy`, never in a rollback. */
  readonly migrate?: CommandManifest;
  readonly deploy: TargetCommandManifest;
  readonly promote?: TargetCommandManifest;
  /** Gives a slot its share of the traffic, in per cent; the other slot gets the rest. */
  readonly setWeight?: TargetCommandManifest;
  readonly rollback?: TargetCommandManifest;
  /** What a person does about a bad release that cannot be taken back: it is halted. @default - a release can be rolled back */
  readonly noRollback?: string;
  /** Run before the first change, so that a rollback does not depend on a registry. */
  readonly warmUp?: CommandManifest;
  /** The engine behind the commands of the kind `driver`. */
  readonly driver?: DriverManifest;
}

/** The settings of a driver. `kind` names a driver that the runtime knows. */
export type DriverManifest =
  | LambdaDriverManifest
  | AwsCdkDriverManifest
  | StaticSiteDriverManifest
  | GithubPagesDriverManifest
  | GitOpsDriverManifest
  | EcsDriverManifest
  | EcsBlueGreenDriverManifest
  | NpmDriverManifest
  | KubernetesDriverManifest
  | KubernetesSlotsDriverManifest
  | PackageRegistryDriverManifest
  | ServersDriverManifest
  | ServerContainersDriverManifest
  | ServerSlotsDriverManifest;

/** The kinds whose engine is AWS. */
const AWS_KINDS = ['awsCdk', 'ecs', 'ecsBlueGreen', 'lambda', 'staticSite'] as const;

export type AwsDriverManifest = Extract<DriverManifest, { readonly kind: typeof AWS_KINDS[number] }>;

export function isAwsDriver(driver: DriverManifest): driver is AwsDriverManifest {
  return (AWS_KINDS as readonly string[]).includes(driver.kind);
}
