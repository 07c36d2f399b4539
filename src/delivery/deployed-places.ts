import { Environment } from './environment';
import { arnOf, settingsOf } from './environment-login';
import { DriverManifest } from '../contract/manifest';
import { ServersDriverManifest } from '../engines/servers/manifest';
import { ServerSlotsDriverManifest } from '../engines/servers/slots-manifest';
import { accountOf } from '../login/aws-login';
import { invalid, show } from '../validation/validation-error';

/** What a target with a driver deploys to. */
interface Place {
  /** At least one is also among the other's where the places may be the same one. */
  readonly keys: readonly Key[];
  readonly ownFix: string;
}

interface Key {
  readonly name: string;
  /** For people. */
  readonly shown: string;
  /** Whether it is unique in AWS. Otherwise each account and region may have one. */
  readonly isGlobal: boolean;
  /** Whether what is below it, after a slash, is a part of it. */
  readonly isFolder?: boolean;
}

/** Rejects a place that another environment deploys to: each would replace the other's release, and report it as changed by hand. */
export function checkPlace(environment: Environment, others: readonly Environment[]): void {
  const other = others.find((one) => isSharedBy(environment, one) === true);
  if (other === undefined) return;
  const { ownFix, shown } = sharedPlace(environment, other);
  invalid(`environment ${show(environment.name)} target`, `${show(other.name)} deploys ${shown}, too, so each would replace the other's release`, ownFix);
}

/** Warns where only the credentials show whether two environments deploy to one place. */
export function placeWarnings(environments: readonly Environment[]): string[] {
  const pairs = environments.flatMap((environment, i) => environments.slice(0, i).map((other) => ({ environment, other })));
  return pairs.filter(({ environment, other }) => isSharedBy(environment, other) === undefined).map(({ environment, other }) => {
    const { ownFix, shown } = sharedPlace(environment, other);
    return `${show(other.name)} and ${show(environment.name)} both deploy ${shown}: if their credentials are of one account and region, each replaces the other's release. `
      + `${ownFix}. Or set login, or account and region in each target`;
  });
}

/** What messages say of two environments that share a place. */
function sharedPlace(one: Environment, other: Environment): { readonly ownFix: string; readonly shown: string } {
  return { shown: sharedKeys(one, other)[0]!.shown, ownFix: placeOf(one.target.driver!)!.ownFix };
}

/** Of two keys that overlap, the narrower one. */
function sharedKeys({ target: { driver: mine } }: Environment, { target: { driver: theirs } }: Environment): Key[] {
  if (mine === undefined || theirs === undefined) return [];
  const [myKeys, theirKeys] = [placeOf(mine)?.keys ?? [], placeOf(theirs)?.keys ?? []];
  return myKeys.flatMap((key) => theirKeys.flatMap((their) => (contains(their, key) ? [key] : contains(key, their) ? [their] : [])));
}

/** Undefined if it depends on the credentials. */
function isSharedBy(one: Environment, other: Environment): boolean | undefined {
  const shared = sharedKeys(one, other);
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
      keys: [local(`lambda ${driver.functionName}:${driver.alias}`, `the alias ${driver.alias} of the function ${driver.functionName}`)],
      ownFix: 'Give each environment an alias or a function of its own',
    };
    case 'ecs': return {
      keys: [serviceOf(driver.cluster, driver.service)],
      ownFix: 'Give each environment a service of its own',
    };
    case 'ecsBlueGreen': return {
      keys: [global(driver.listener, `the listener ${driver.listener}`), serviceOf(driver.cluster, driver.services.blue), serviceOf(driver.cluster, driver.services.green)],
      ownFix: 'Give each environment two services and a listener or a rule of its own',
    };
    case 'staticSite': return {
      keys: [
        ...driver.distribution === undefined ? [] : [global(`distribution ${driver.distribution}`, `the distribution ${driver.distribution}`)],
        // each deletes the old releases of its prefix, and does not know which one the other serves
        global(`prefix ${driver.bucket}/${driver.prefix}`, `the prefix ${driver.prefix} of the bucket ${driver.bucket}`),
      ],
      ownFix: driver.distribution === undefined ? 'Give each environment a prefix of its own, or leave prefix out' : 'Give each environment a distribution and a prefix of its own',
    };
    // a repository has one site
    case 'githubPages': return {
      keys: [global('github-pages', 'the GitHub Pages site of the repository')],
      ownFix: 'Publish one environment to GitHub Pages, and use Target.staticSite for the others',
    };
    case 'gitOps': return {
      keys: [{ ...global(`git ${driver.repository.toLowerCase().replace(/\.git$/, '')} ${driver.branch}/${driver.path}`, `the folder ${driver.path} of ${driver.repository}`), isFolder: true }],
      ownFix: 'Give each environment a path of its own',
    };
    // a kubeconfig of a secret may be of another cluster in each environment
    case 'kubernetes':
    case 'kubernetesSlots': return {
      keys: driver.eksCluster !== undefined ? [local(`eks ${driver.eksCluster} ${driver.namespace}`, `the namespace ${driver.namespace} of the cluster ${driver.eksCluster}`)]
        : driver.context !== undefined && driver.kubeconfigVariable === undefined ? [global(`context ${driver.context} ${driver.namespace}`, `the namespace ${driver.namespace} of the context ${driver.context}`)]
          : [],
      ownFix: 'Give each environment a namespace of its own',
    };
    case 'npm': return {
      keys: [driver.distTag, driver.candidateTag].map((tag) => global(`npm ${driver.registry}${driver.packageName} ${tag}`, `the tag ${tag} of ${driver.packageName}`)),
      ownFix: 'Give each environment a distTag and a candidateTag of its own',
    };
    case 'packageRegistry': return {
      keys: [global(`${driver.registry.ecosystem} ${driver.registry.index}${driver.registry.packageName}`, `the package ${driver.registry.packageName}`)],
      ownFix: 'Verify a package on one environment only',
    };
    case 'servers': return {
      keys: directoriesOf(driver),
      ownFix: 'Give each environment a directory or hosts of its own',
    };
    case 'serverContainers': return {
      keys: driver.hosts.map(({ address, name, port }) => global(`container ${address}:${port} ${driver.container.name}`, `the container ${driver.container.name} on ${name}`)),
      ownFix: 'Give each environment a container name or hosts of its own',
    };
    case 'serverSlots': return {
      keys: [
        ...directoriesOf(driver),
        ...proxyPlacesOf(driver),
      ],
      ownFix: `Give each environment a directory and ${driver.proxy.kind === 'haproxy' ? 'a backend' : 'upstreams'}, or hosts, of its own`,
    };
    case 'awsCdk': return {
      keys: driver.stacks?.map((stack) => ({ ...local(`app/${stack.replace(/\/\*$/, '')}`, `the stack or stage ${stack}`), isFolder: true }))
        ?? [{ ...local('app', 'all stacks of the app'), isFolder: true }],
      ownFix: 'Name the stacks of each environment in stacks',
    };
    default: return undefined;
  }
}

const contains = (key: Key, other: Key) => key.name === other.name || (key.isFolder === true && other.name.startsWith(`${key.name}/`));
const global = (name: string, shown: string): Key => ({ name, shown, isGlobal: true });
const local = (name: string, shown: string): Key => ({ name, shown, isGlobal: false });

function directoriesOf({ directory, hosts }: Pick<ServersDriverManifest, 'directory' | 'hosts'>): Key[] {
  return hosts.map(({ address, name, port }) => global(`servers ${address}:${port}${directory}`, `${directory} on ${name}`));
}

/** Each environment gives the servers of the other one in the same proxy the weight 0. */
function proxyPlacesOf({ hosts, proxy }: ServerSlotsDriverManifest): Key[] {
  return (proxy.hosts ?? hosts).flatMap(({ address, name, port }) => (proxy.kind === 'haproxy'
    ? [global(`haproxy ${address}:${port} ${proxy.backend}`, `the backend ${proxy.backend} of HAProxy on ${name}`)]
    : [...proxy.blue, ...proxy.green].map((dial) => global(`caddy ${address}:${port} ${dial}`, `the upstream ${dial} of Caddy on ${name}`))));
}

/** An ARN and a name of a cluster may be of the same one. */
const serviceOf = (cluster: string, service: string): Key => local(`service ${cluster.split('/').at(-1)}/${service}`, `the service ${service} of the cluster ${cluster}`);

/** The account of the credentials, if the options say it. */
function ownerOf({ login, target }: Environment): string | undefined {
  return settingsOf(target.driver).account ?? arnOf(target.driver)?.account ?? (login && accountOf(login.role));
}

function regionOf({ login, target }: Environment): string | undefined {
  return settingsOf(target.driver).region ?? arnOf(target.driver)?.region ?? login?.region;
}
