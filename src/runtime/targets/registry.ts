import { AwsCdkDriver } from './aws-cdk/aws-cdk-driver';
import { EcsBlueGreenDriver } from './ecs/ecs-blue-green-driver';
import { EcsDriver } from './ecs/ecs-driver';
import { LambdaDriver } from './lambda/lambda-driver';
import { StaticSiteDriver } from './static-site/static-site-driver';
import { TargetDriver } from './target-driver';
import { DriverManifest } from '../../contract/target-manifest';
import { RuntimeContext } from '../context';

type Kind = DriverManifest['kind'];
/** The settings of each kind. */
type Settings = { readonly [kind in Kind]: Extract<DriverManifest, { readonly kind: kind }> };

/** Every driver that this runtime knows. */
export const DRIVERS: { readonly [kind in Kind]: (context: RuntimeContext, settings: Settings[kind]) => TargetDriver } = {
  awsCdk: (context, settings) => new AwsCdkDriver(context, settings),
  ecs: (context, settings) => new EcsDriver(context, settings),
  ecsBlueGreen: (context, settings) => new EcsBlueGreenDriver(context, settings),
  lambda: (context, settings) => new LambdaDriver(context, settings),
  staticSite: (context, settings) => new StaticSiteDriver(context, settings),
};

/** The driver of the environment's target; undefined where its commands are command lines only. */
export function driverOf(context: RuntimeContext): TargetDriver | undefined {
  const { driver } = context.environment.target;
  return driver && open(context, driver.kind, driver);
}

function open<K extends Kind>(context: RuntimeContext, kind: K, settings: Settings[K]): TargetDriver {
  return DRIVERS[kind](context, settings);
}
