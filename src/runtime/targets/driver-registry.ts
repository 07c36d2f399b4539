import { TargetDriver } from './target-driver';
import { DriverManifest } from '../../contract/target-manifest';
import { AwsCdkDriver } from '../../engines/aws-cdk/runtime/aws-cdk-driver';
import { EcsBlueGreenDriver } from '../../engines/ecs/runtime/ecs-blue-green-driver';
import { EcsDriver } from '../../engines/ecs/runtime/ecs-driver';
import { GitOpsDriver } from '../../engines/git-ops/runtime/git-ops-driver';
import { GithubPagesDriver } from '../../engines/github-pages/runtime/github-pages-driver';
import { KubernetesDriver } from '../../engines/kubernetes/runtime/kubernetes-driver';
import { KubernetesSlotsDriver } from '../../engines/kubernetes/runtime/kubernetes-slots-driver';
import { LambdaDriver } from '../../engines/lambda/runtime/lambda-driver';
import { NpmDriver } from '../../engines/npm/runtime/npm-driver';
import { PackageRegistryDriver } from '../../engines/package-registry/runtime/package-registry-driver';
import { ServerContainersDriver } from '../../engines/servers/runtime/server-containers-driver';
import { ServerSlotsDriver } from '../../engines/servers/runtime/server-slots-driver';
import { ServersDriver } from '../../engines/servers/runtime/servers-driver';
import { StaticSiteDriver } from '../../engines/static-site/runtime/static-site-driver';
import { RuntimeContext } from '../context';

type Kind = DriverManifest['kind'];
/** The settings of each kind. */
type Settings = { readonly [kind in Kind]: Extract<DriverManifest, { readonly kind: kind }> };

type Driver<K extends Kind> = new (context: RuntimeContext, settings: Settings[K]) => TargetDriver;

/** Synthesis leaves out those that the repository does not use. They are undefined then. */
const DRIVERS: { readonly [kind in Kind]: Driver<kind> } = {
  awsCdk: AwsCdkDriver,
  ecs: EcsDriver,
  ecsBlueGreen: EcsBlueGreenDriver,
  githubPages: GithubPagesDriver,
  gitOps: GitOpsDriver,
  kubernetes: KubernetesDriver,
  kubernetesSlots: KubernetesSlotsDriver,
  lambda: LambdaDriver,
  npm: NpmDriver,
  packageRegistry: PackageRegistryDriver,
  servers: ServersDriver,
  serverContainers: ServerContainersDriver,
  serverSlots: ServerSlotsDriver,
  staticSite: StaticSiteDriver,
};

/** Every driver that this file has. */
export const PRESENT_DRIVERS: readonly string[] = Object.entries<unknown>(DRIVERS).flatMap(([kind, driver]) => (driver === undefined ? [] : [kind]));

/** Every driver that synthesis left out of this file. */
export const ABSENT_DRIVERS: readonly string[] = Object.keys(DRIVERS).filter((kind) => !PRESENT_DRIVERS.includes(kind));

/** The driver of the environment's target; undefined where its commands are command lines only. The reader of the manifest checked that it is here. */
export function driverOf(context: RuntimeContext): TargetDriver | undefined {
  const { driver } = context.environment.target;
  return driver && open(context, driver.kind, driver);
}

function open<K extends Kind>(context: RuntimeContext, kind: K, settings: Settings[K]): TargetDriver {
  return new DRIVERS[kind](context, settings);
}
