import { DriverManifest } from '../contract/manifest';

/** Where AWS keeps what an ARN names. */
export interface ArnPlace {
  readonly account: string;
  readonly region: string;
}

/** The account and the region that the ARNs among the settings of a driver name; undefined if there are none. */
export function arnOf(driver: DriverManifest | undefined): ArnPlace | undefined {
  const arn = driver?.kind === 'ecsBlueGreen' ? driver.listener : driver?.kind === 'ecs' ? driver.cluster : '';
  const [, region, account] = /^arn:[\w-]+:[\w-]+:([\w-]+):(\d{12}):/.exec(arn) ?? [];
  return account === undefined ? undefined : { account, region: region! };
}
