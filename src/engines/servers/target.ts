import { Task } from 'projen';
import { ServerContainersDriverManifest } from './containers-manifest';
import { ServerManifest, ServersDriverManifest } from './manifest';
import { ServerContainer } from './server-container';
import { ServerSlots } from './server-slots';
import { DriverCall, DriverManifest } from '../../contract/target-manifest';
import { artifactPaths } from '../../delivery/artifact-paths';
import { shellLine } from '../../targets/commands';
import { TargetBinding, TargetCapability } from '../../targets/target-binding';
import { TargetCommand } from '../../targets/target-command';
import { Duration } from '../../validation/duration';
import { hostAndPort } from '../../validation/host-and-port';
import { listOf, OptionNames, optionsOf, wholeNumber } from '../../validation/option-types';
import { invalid, show } from '../../validation/validation-error';
import { checkHiddenSecret } from '../../validation/variable-names';

/**
 * Options for a target that deploys to hosts over ssh. The runtime calls the OpenSSH client, which must be installed where the deployment runs. The
 * hosts need a POSIX shell, coreutils, grep and tar, and nothing else.
 *
 * Each release has a folder of its own on every host, and the link `current` leads to one of them. With `container`, each host runs a container of the
 * delivery's image instead.
 */
export interface ServersTargetOptions {
  /** The hosts: names or addresses, with a port if it is not 22. For example `web-1.example.com` or `10.0.0.11:2222`. */
  readonly hosts: string[];

  /**
   * The public keys of all hosts, as `ssh-keyscan` prints them: `web-1.example.com ssh-ed25519 AAAA...`. A host with another key is not
   * connected to.
   */
  readonly hostKeys: string[];

  /**
   * The absolute path of the folder on the hosts that holds the releases. The link `current` in it leads to the live one.
   *
   * @default - required without `container`
   */
  readonly directory?: string;

  /**
   * The folder with the files of a release, relative to the project's directory. It is the delivery's artifact: it is built once and deployed
   * unchanged to every host.
   *
   * @default - required without `container`
   */
  readonly files?: string;

  /**
   * The container that each host runs instead of files. It needs the delivery's image (`Artifact.image`), and a container engine on each host. It
   * replaces `directory`, `files`, `buildTask`, `shared` and `restart`.
   *
   * @default - none: the hosts get files
   */
  readonly container?: ServerContainer;

  /**
   * The task that builds `files`, or its name.
   *
   * @default - the files are already there
   */
  readonly buildTask?: string | Task;

  /** The account on the hosts. */
  readonly user: string;

  /**
   * The name of the secret with the private key of the account, without a passphrase.
   *
   * @default 'SSH_PRIVATE_KEY'
   */
  readonly privateKeySecret?: string;

  /**
   * Files and folders that all releases share, relative to the release's folder. Each release gets a link to `<directory>/shared/<path>`, which must exist.
   *
   * @default - none
   */
  readonly shared?: string[];

  /**
   * The shell line that makes a host serve what `current` leads to, for example `sudo systemctl restart shop`. `sh` runs it on each host, in the folder of
   * the release, with DEPLOY_ENV, DELIVERY_VERSION, DELIVERY_SHA and the environment's variables, and without secrets. It must be idempotent.
   *
   * @default - none: what serves the files reads `current` at each request
   */
  readonly restart?: string;

  /**
   * The shell line that succeeds on a host if the release works there, for example `curl -fsS http://localhost:8080/health`. It is repeated every
   * second until it succeeds or `hostCheckTimeout` has passed. Only then do the next hosts follow.
   *
   * @default - none: the health checks of the environment verify the release when all hosts have it. A container must run, and be healthy if its
   * image has a health check
   */
  readonly hostCheck?: string;

  /**
   * How long `hostCheck` may take to succeed, and a container to become healthy. Requires `hostCheck` or `container`.
   *
   * @default - 30 seconds; 2 minutes with `container`
   */
  readonly hostCheckTimeout?: Duration;

  /**
   * How many hosts change at the same time, 1 to 100.
   *
   * @default 1
   */
  readonly atOnce?: number;

  /**
   * How many releases, or images of releases, stay on each host, 2 to 100. The live release and the rollback point always stay.
   *
   * @default 5
   */
  readonly keep?: number;

  /**
   * Two slots on each host behind a proxy, for `Strategy.blueGreen()` and `Strategy.canary()`. Each slot has releases, a link and
   * shared files of its own, in `<directory>/blue` and `<directory>/green`. `restart` and `hostCheck` then find DELIVERY_SLOT.
   *
   * @default - none: a release replaces the one before it on each host
   */
  readonly slots?: ServerSlots;
}

const OPTIONS: OptionNames<ServersTargetOptions> = {
  hosts: true,
  hostKeys: true,
  directory: true,
  files: true,
  container: true,
  buildTask: true,
  user: true,
  privateKeySecret: true,
  shared: true,
  restart: true,
  hostCheck: true,
  hostCheckTimeout: true,
  atOnce: true,
  keep: true,
  slots: true,
};
const EXAMPLE = '{ hosts: [\'web-1.example.com\'], hostKeys: [\'web-1.example.com ssh-ed25519 AAAA...\'], user: \'deploy\', directory: \'/srv/shop\', files: \'dist\' }';
const STANDARD_PORT = 22;
/** Folders of the system: a release does not belong beside what is there. */
const OF_SYSTEM = /^\/(?:bin|boot|dev|etc|home|lib\w*|proc|root|run|sbin|sys|tmp|usr|var)?$/;

/** What only files need. */
const OF_FILES = ['directory', 'files', 'buildTask', 'shared', 'restart', 'slots'] as const satisfies readonly (keyof ServersTargetOptions)[];

/** Hosts that are reached by ssh. */
export function serversTarget(options: ServersTargetOptions): TargetBinding {
  optionsOf('Target.servers', options, OPTIONS, EXAMPLE);
  const { container, hostCheck, hostCheckTimeout, privateKeySecret = 'SSH_PRIVATE_KEY', slots, user } = options;
  checkHiddenSecret('Target.servers privateKeySecret', 'the given value', privateKeySecret);
  if (typeof user !== 'string' || !/^[A-Za-z_][\w.-]{0,31}$/.test(user)) {
    invalid('Target.servers user', user === undefined ? 'it is missing' : `${show(user)} is not the name of an account`, 'Write the account on the hosts, for example \'deploy\'');
  }
  if (hostCheckTimeout !== undefined && hostCheck === undefined && container === undefined) {
    invalid('Target.servers hostCheckTimeout', 'without hostCheck it has no effect', 'Set hostCheck, or leave it out');
  }
  if (slots !== undefined && !(slots instanceof ServerSlots)) invalid('Target.servers slots', `${show(slots)} is no proxy with slots`, 'Write ServerSlots.haproxy({ backend: \'shop\' })');
  checkContainer(options);
  const hosts = hostsOf(options.hosts);
  const proxies = slots?._definition.hosts === undefined ? undefined : hostsOf(slots._definition.hosts, `ServerSlots.${slots._definition.proxy.kind} hosts`);
  const common: OfEveryHost = {
    hosts,
    hostKeys: hostKeysOf(options.hostKeys, [...hosts, ...proxies ?? []]),
    user,
    privateKeyVariable: privateKeySecret,
    hostCheck: hostCheck === undefined ? undefined : shellLine('Target.servers hostCheck', hostCheck),
    hostCheckMs: timeoutOf(hostCheckTimeout ?? (container === undefined ? Duration.seconds(30) : Duration.minutes(2))),
    atOnce: wholeNumber('Target.servers atOnce', options.atOnce ?? 1, 1, 100),
    keep: wholeNumber('Target.servers keep', options.keep ?? 5, 2, 100),
  };
  const { artifact, driver } = container === undefined ? withFiles(options, common, proxies) : withContainer(container, common);
  const command = (call: DriverCall) => TargetCommand._ofDriver(call, driver);
  return {
    commands: { deploy: command('deploy'), rollback: command('rollback'), ...(slots && { promote: command('promote'), setWeight: command('setWeight') }) },
    capabilities: slots ? [TargetCapability.SLOTS, TargetCapability.WEIGHTS] : [],
    artifact,
    secrets: [privateKeySecret],
    readSecrets: [privateKeySecret],
    commandTimeout: Duration.minutes(15),
  };
}

type OfEveryHost = Omit<ServerContainersDriverManifest, 'container' | 'kind'>;
type OnHosts = Pick<TargetBinding, 'artifact'> & { readonly driver: DriverManifest };

/** The image is the delivery's artifact, so the target has none. */
function withContainer({ _manifest: container }: ServerContainer, common: OfEveryHost): OnHosts {
  return { driver: { kind: 'serverContainers', ...common, container } };
}

function withFiles(options: ServersTargetOptions, common: OfEveryHost, proxies: readonly ServerManifest[] | undefined): OnHosts {
  const { buildTask, restart, slots } = options;
  if (options.files === undefined) invalid('Target.servers files', 'it is missing', 'Name the folder with the files, for example \'dist\', or set container: ServerContainer.docker({ name: \'shop\' })');
  const [files] = artifactPaths([options.files], 'Target.servers files');
  const all: Omit<ServersDriverManifest, 'kind'> = {
    ...common,
    directory: directoryOf(options.directory),
    files,
    shared: sharedOf(options.shared ?? []),
    restart: restart === undefined ? undefined : shellLine('Target.servers restart', restart),
  };
  return {
    driver: slots ? { kind: 'serverSlots', ...all, proxy: { ...slots._definition.proxy, hosts: proxies } } : { kind: 'servers', ...all },
    artifact: { paths: [files], buildTask },
  };
}

/** Rejects what has no effect on a container. */
function checkContainer(options: ServersTargetOptions): void {
  const { container } = options;
  if (container === undefined) return;
  if (!(container instanceof ServerContainer)) invalid('Target.servers container', `${show(container)} is no container`, 'Write ServerContainer.docker({ name: \'shop\' })');
  const given = OF_FILES.find((name) => options[name] !== undefined);
  if (given === 'slots') {
    invalid('Target.servers slots', 'a container has no slots: it replaces the one before it on each host', 'Leave slots or container out, and use Strategy.redeploy() with container');
  }
  if (given !== undefined) invalid(`Target.servers ${given}`, 'with container it has no effect: the image is the release', `Leave ${given} or container out`);
}

function hostsOf(given: readonly string[], option = 'Target.servers hosts'): ServerManifest[] {
  const all = listOf(option, given, '\'web-1.example.com\'');
  if (all.length === 0) invalid(option, 'it names no host', 'Name the hosts: [\'web-1.example.com\']');
  const hosts = all.map((name) => {
    if (typeof name === 'string' && name.includes('@')) invalid(option, `${show(name)} names an account`, `Write '${name.split('@').at(-1)}', and set user: '${name.split('@')[0]}'`);
    const { host, port } = hostAndPort(option, name, { standard: STANDARD_PORT, fix: 'Write a name or an address, for example \'web-1.example.com\' or \'10.0.0.11:2222\'' });
    return { name, address: host, port };
  });
  const twice = hosts.find(({ address, port }, index) => hosts.findIndex((other) => other.address === address && other.port === port) < index);
  if (twice) invalid(option, `${show(twice.name)} is in it twice`, 'Name each host once');
  return hosts;
}

/** As known_hosts and ssh-keyscan write it. */
const HOST_KEY = /^(?:\S+) (?:ssh-ed25519|ssh-rsa|ecdsa-sha2-nistp(?:256|384|521)) [A-Za-z0-9+/]{50,}={0,2}$/;

function hostKeysOf(given: string[], hosts: readonly ServerManifest[]): string[] {
  const option = 'Target.servers hostKeys';
  const scan = ({ address, port }: ServerManifest) => `ssh-keyscan -t ed25519${port === STANDARD_PORT ? '' : ` -p ${port}`} ${address}`;
  const lines = listOf(option, given, '\'web-1.example.com ssh-ed25519 AAAA...\'').map((line) => (typeof line === 'string' ? line.trim() : line));
  const wrong = lines.find((line) => typeof line !== 'string' || !HOST_KEY.test(line) || /^[@|]/.test(line));
  if (wrong !== undefined) invalid(option, `${show(wrong)} is not a line of known_hosts with a host, a type and a key`, `Write what this prints: ${scan(hosts[0]!)}`);
  const names = new Set(lines.flatMap((line) => line.split(' ')[0]!.toLowerCase().split(',')));
  const without = hosts.find((host) => !names.has(knownName(host)));
  if (without) invalid(option, `there is no key of ${show(without.name)}, so it could be any machine`, `Add what this prints, and compare it with the key on the host: ${scan(without)}`);
  return lines;
}

function knownName({ address, port }: ServerManifest): string {
  return port === STANDARD_PORT ? address : `[${address}]:${port}`;
}

function directoryOf(given: string | undefined): string {
  const option = 'Target.servers directory';
  const fix = 'Write a folder of its own: \'/srv/shop\'';
  if (given === undefined) invalid(option, 'it is missing', fix);
  const plain = typeof given === 'string' ? given.replace(/\/+$/, '') : '';
  if (typeof given !== 'string' || (plain !== '' && !/^(?:\/(?!\.{1,2}(?:\/|$))[\w@+.-]+)+$/.test(plain))) {
    invalid(option, `${show(given)} is not an absolute path of letters, digits, '.', '_', '-', '+' and '@'`, fix);
  }
  if (OF_SYSTEM.test(plain || '/')) invalid(option, `${show(given)} is a folder of the system`, fix);
  return plain;
}

function sharedOf(given: string[]): string[] {
  const option = 'Target.servers shared';
  const paths = listOf(option, given, '\'data\'');
  const wrong = paths.find((path) => typeof path !== 'string' || !/^(?!-)(?:(?!\.{1,2}(?:\/|$))[\w@+.-]+\/)*(?!\.{1,2}$)[\w@+.-]+$/.test(path));
  if (wrong !== undefined) invalid(option, `${show(wrong)} is not a path in the folder of a release`, 'Write it relative to that folder, without a slash at its end: \'data\' or \'config/.env\'');
  const nested = paths.find((path, index) => paths.some((other, at) => at !== index && (path === other || path.startsWith(`${other}/`))));
  if (nested !== undefined) invalid(option, `${show(nested)} is shared already by another of its paths`, 'Name it once');
  return paths;
}

function timeoutOf(given: Duration): number {
  const option = 'Target.servers hostCheckTimeout';
  const ms = given.toMilliseconds();
  if (ms < 1_000 || ms > 600_000) invalid(option, `${ms} ms is out of range`, 'Set 1 s to 10 minutes');
  return ms;
}
