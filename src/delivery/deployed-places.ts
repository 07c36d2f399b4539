import { Environment } from './environment';
import { arnOf } from './environment-login';
import { DriverManifest } from '../contract/manifest';
import { accountOf } from '../login/aws-login';
import { invalid, show } from '../validation/validation-error';

/** What a target with a driver deploys to. */
interface Place {
  /** For people. */
  readonly shown: string;
  /** Equal where the places may be the same one. */
  readonly keys: readonly Key[];
  readonly ownFix: string;
}

interface Key {
  readonly name: string;
  /** Whether it is unique in AWS. Otherwise each account and region may have one. */
  readonly isGlobal: boolean;
}

/** Rejects a place that another environment deploys to: each would replace the other's release, and report it as changed by hand. */
export function checkPlace(environment: Environment, others: readonly Environment[]): void {
  const other = others.find((one) => isSharedBy(environment, one) === true);
  if (other === undefined) return;
  const { ownFix, shown } = placeOf(environment.target.driver!)!;
  invalid(`environment ${show(environment.name)} target`, `${shown} is what ${show(other.name)} deploys, too, so each would replace the other's release`, ownFix);
}

/** Warns where only the credentials show whether two environments deploy to one place. */
export function placeWarnings(environments: readonly Environment[]): string[] {
  const pairs = environments.flatMap((environment, i) => environments.slice(0, i).map((other) => ({ environment, other })));
  return pairs.filter(({ environment, other }) => isSharedBy(environment, other) === undefined).map(({ environment, other }) => {
    const { ownFix, shown } = placeOf(environment.target.driver!)!;
    return `${show(other.name)} and ${show(environment.name)} both deploy ${shown}: if their credentials are of one account and region, each replaces the other's release. `
      + `${ownFix}. Or set login, or account and region in each target`;
  });
}

/** Undefined if it depends on the credentials. */
function isSharedBy(one: Environment, other: Environment): boolean | undefined {
  const [mine, theirs] = [one.target.driver, other.target.driver];
  if (mine === undefined || theirs === undefined) return false;
  const theirKeys = new Set(placeOf(theirs)?.keys.map(({ name }) => name));
  const shared = placeOf(mine)?.keys.filter(({ name }) => theirKeys.has(name)) ?? [];
  if (shared.length === 0) return false;
  if (shared.some(({ isGlobal }) => isGlobal)) return true;
  const known = [[ownerOf(one), ownerOf(other)], [regionOf(one), regionOf(other)]];
  if (known.some(([a, b]) => a !== undefined && b !== undefined && a !== b)) return false;
  return known.every(([a, b]) => a !== undefined && b !== undefined) ? true : undefined;
}

/** Undefined for a driver whose places are not compared. */
function placeOf(driver: DriverManifest): Place | undefined {
  switch (driver.kind) {
    case 'lambda': return {
      shown: `the alias ${driver.alias} of the function ${driver.functionName}`,
      keys: [local(`lambda ${driver.functionName}:${driver.alias}`)],
      ownFix: 'Give each environment an alias or a function of its own',
    };
    case 'ecs': return {
      shown: `the service ${driver.service} of the cluster ${driver.cluster}`,
      keys: [serviceOf(driver.cluster, driver.service)],
      ownFix: 'Give each environment a service of its own',
    };
    case 'ecsBlueGreen': return {
      shown: `the services ${driver.services.blue} and ${driver.services.green} of the cluster ${driver.cluster}, behind the listener ${driver.listener}`,
      keys: [global(driver.listener), serviceOf(driver.cluster, driver.services.blue), serviceOf(driver.cluster, driver.services.green)],
      ownFix: 'Give each environment two services and a listener or a rule of its own',
    };
    case 'staticSite': return {
      shown: driver.distribution === undefined ? `the prefix ${driver.prefix} of the bucket ${driver.bucket}` : `the distribution ${driver.distribution}`,
      keys: [global(`site ${driver.distribution ?? `${driver.bucket}/${driver.prefix}`}`)],
      ownFix: driver.distribution === undefined ? 'Give each environment a prefix of its own, or leave prefix out' : 'Give each environment a distribution of its own',
    };
    case 'awsCdk': return {
      shown: driver.stacks === undefined ? 'all stacks of the app' : `the stacks ${driver.stacks.join(', ')}`,
      keys: (driver.stacks ?? ['*']).map((stack) => local(`stack ${stack}`)),
      ownFix: 'Name the stacks of each environment in stacks',
    };
    default: return undefined;
  }
}

const global = (name: string): Key => ({ name, isGlobal: true });
const local = (name: string): Key => ({ name, isGlobal: false });

/** An ARN and a name of a cluster may be of the same one. */
const serviceOf = (cluster: string, service: string): Key => local(`service ${cluster.split('/').at(-1)}/${service}`);

/** The account of the credentials, if the options say it. */
function ownerOf({ login, target }: Environment): string | undefined {
  return target.driver?.account ?? arnOf(target.driver)?.account ?? (login && accountOf(login.role));
}

function regionOf({ login, target }: Environment): string | undefined {
  return target.driver?.region ?? arnOf(target.driver)?.region ?? login?.region;
}
