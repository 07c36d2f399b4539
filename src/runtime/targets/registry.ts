import { LambdaDriver } from './lambda/lambda-driver';
import { TargetDriver } from './target-driver';
import { DriverManifest } from '../../contract/target-manifest';
import { RuntimeContext } from '../context';

/** Every driver that this runtime knows. */
export const DRIVERS: { readonly [kind in DriverManifest['kind']]: (context: RuntimeContext, settings: DriverManifest) => TargetDriver } = {
  lambda: (context, settings) => new LambdaDriver(context, settings),
};

/** The driver of the environment's target; undefined where its commands are command lines only. */
export function driverOf(context: RuntimeContext): TargetDriver | undefined {
  const { driver } = context.environment.target;
  return driver && DRIVERS[driver.kind](context, driver);
}
