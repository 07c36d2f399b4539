import { GitOpsDriverManifest } from './git-ops-manifest';
import { GithubPagesDriverManifest } from './github-pages-manifest';
import { KubernetesDriverManifest } from './kubernetes-manifest';
import { KubernetesSlotsDriverManifest } from './kubernetes-slots-manifest';
import { NpmDriverManifest } from './npm-manifest';
import { PackageRegistryDriverManifest } from './package-registry-manifest';
import { ServerContainersDriverManifest } from './server-containers-manifest';
import { ServerSlotsDriverManifest } from './server-slots-manifest';
import { ServersDriverManifest } from './servers-manifest';

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

export interface AwsCdkDriverManifest {
  readonly kind: 'awsCdk';
  /** The folder of the cloud assembly, relative to the project's directory. */
  readonly assembly: string;
  /** As `cdk list` prints them; `Stage` and `Stage/*` are all stacks of a stage. @default - all, if there is one stack or one stage */
  readonly stacks?: readonly string[];
  /** Of stacks that name none. @default - the one that the AWS CLI is configured for */
  readonly region?: string;
  /** The account that the credentials must belong to. @default - any, for stacks that name none */
  readonly account?: string;
  /** How many stacks are deployed at the same time. @default 1 */
  readonly concurrency?: number;
  /** `review`: the plan prepares change sets, and the deployment executes exactly those. @default - the deployment makes its own */
  readonly changeSet?: 'review';
  /** The aliases that a rollback moves back first. @default - none */
  readonly fastPath?: readonly LambdaAliasManifest[];
  /** The watch looks for drift so often. @default - never */
  readonly driftIntervalMs?: number;
}

/** An alias of a function that the app defines. One of `functionName` and `output` is set. */
export interface LambdaAliasManifest {
  readonly alias: string;
  readonly functionName?: string;
  /** The output with the function's name or ARN: the name of the stack, a dot, the key. */
  readonly output?: string;
}

export interface LambdaDriverManifest {
  readonly kind: 'lambda';
  readonly functionName: string;
  /** The alias that users invoke. */
  readonly alias: string;
  /** The zip file, relative to the project's directory. @default - the function runs the release's container image */
  readonly code?: string;
  /** @default - the one that the AWS CLI is configured for */
  readonly region?: string;
  /** The account that the credentials must belong to. @default - any */
  readonly account?: string;
  /** The event that a new version is invoked with before users see it. @default - it is not invoked */
  readonly testEvent?: unknown;
}

export interface StaticSiteDriverManifest {
  readonly kind: 'staticSite';
  readonly bucket: string;
  /** The folder with the files, relative to the project's directory. */
  readonly directory: string;
  /** What the keys of all releases begin with, for example `releases/production/`. */
  readonly prefix: string;
  /** The id of the CloudFront distribution. @default - an object in the bucket names the live release */
  readonly distribution?: string;
  /** The id of the origin. @default - the only one whose domain is the bucket's */
  readonly origin?: string;
  /** The paths to invalidate after each change. */
  readonly invalidationPaths: readonly string[];
  /** How many releases stay in the bucket. */
  readonly keep: number;
  /** The first rule that fits a file and has the header counts; the runtime's own rules come after these. */
  readonly headers: readonly HeaderRuleManifest[];
  /** The file of each release that names it, relative to the site's root. */
  readonly releaseFile: string;
  /** @default - the one that the AWS CLI is configured for */
  readonly region?: string;
  /** The account that the credentials must belong to. @default - any */
  readonly account?: string;
}

/** The headers of files whose path fits the pattern. */
export interface HeaderRuleManifest {
  /** `*` stands for characters of a name, `**` also for folders. Without a slash, for files of this name in every folder. */
  readonly files: string;
  readonly cacheControl?: string;
  readonly contentType?: string;
}

export interface EcsDriverManifest {
  readonly kind: 'ecs';
  /** A name or an ARN. */
  readonly cluster: string;
  readonly service: string;
  /** The container that gets the image. @default - the only one */
  readonly container?: string;
  /** @default - the one that the AWS CLI is configured for */
  readonly region?: string;
  /** The account that the credentials must belong to. @default - any */
  readonly account?: string;
}

/** Two services behind one listener, whose weights decide which of them users reach. */
export interface EcsBlueGreenDriverManifest extends Omit<EcsDriverManifest, 'kind' | 'service'> {
  readonly kind: 'ecsBlueGreen';
  /** The service of each slot. */
  readonly services: { readonly blue: string; readonly green: string };
  /** The ARN of the listener, or of one of its rules. */
  readonly listener: string;
}
