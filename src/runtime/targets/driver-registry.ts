import { AwsCdkDriver } from './aws-cdk/aws-cdk-driver';
import { EcsBlueGreenDriver } from './ecs/ecs-blue-green-driver';
import { EcsDriver } from './ecs/ecs-driver';
import { GitOpsDriver } from './git-ops/git-ops-driver';
import { GithubPagesDriver } from './github-pages/github-pages-driver';
import { KubernetesDriver } from './kubernetes/kubernetes-driver';
import { KubernetesSlotsDriver } from './kubernetes/kubernetes-slots-driver';
import { LambdaDriver } from './lambda/lambda-driver';
import { NpmDriver } from './npm/npm-driver';
import { PackageRegistryDriver } from './package-registry/package-registry-driver';
import { ServerContainersDriver } from './servers/server-containers-driver';
import { ServerSlotsDriver } from './servers/server-slots-driver';
import { ServersDriver } from './servers/servers-driver';
import { StaticSiteDriver } from './static-site/static-site-driver';
import { TargetDriver } from './target-driver';
import { DriverManifest } from '../../contract/target-manifest';
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
