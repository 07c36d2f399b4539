import { ContainerEngine, ServerContainerManifest } from './containers-manifest';
import { Duration } from '../../validation/duration';
import { listOf, OptionNames, optionsOf } from '../../validation/option-types';
import { invalid, show } from '../../validation/validation-error';

/** Options for the container that each host runs: a container of the delivery's image (`Artifact.image`). */
export interface ServerContainerOptions {
  /** The name of the container: 2 to 63 letters, digits, `_` and `-`. */
  readonly name: string;

  /**
   * The ports to publish, as `--publish` takes them: `127.0.0.1:8080:8080`. Without an address, the port is open to every network of the host.
   *
   * @default - none
   */
  readonly ports?: string[];

  /**
   * The absolute path of a file on each host with `NAME=value` lines for the container, for example its secrets. The account of `user` must be able
   * to read it.
   *
   * @default - none: the container has the variables of the environment only
   */
  readonly envFile?: string;

  /**
   * The volumes, as `--volume` takes them: `/srv/shop/data:/data` or `data:/data:ro`. A folder of the host must exist.
   *
   * @default - none
   */
  readonly volumes?: string[];

  /**
   * The network of the container. It must exist on each host.
   *
   * @default - the default network of the engine
   */
  readonly network?: string;

  /**
   * How long the container may take to end after SIGTERM, 1 s to 5 minutes. Then it is killed.
   *
   * @default Duration.seconds(10)
   */
  readonly stopTimeout?: Duration;

  /**
   * Further options of `docker create` or `podman create`, one word each: `--memory=512m`, `--read-only`.
   *
   * @default - none
   */
  readonly runOptions?: string[];
}

const OPTIONS: OptionNames<ServerContainerOptions> = {
  name: true,
  ports: true,
  envFile: true,
  volumes: true,
  network: true,
  stopTimeout: true,
  runOptions: true,
};

/** What the target sets itself, or cannot work with. */
const OWN_OPTIONS: Readonly<Record<string, string>> = {
  'name': 'Set name',
  'publish': 'Set ports',
  'volume': 'Set volumes',
  'network': 'Set network',
  'net': 'Set network',
  'env-file': 'Set envFile',
  'env': 'Set variables of the environment',
  'stop-timeout': 'Set stopTimeout',
  'restart': 'Leave it out: the container restarts until it is stopped',
  'rm': 'Leave it out: the container stays, so that a rollback can start it again',
  'pull': 'Leave it out: the image is pulled by its digest before',
  'detach': 'Leave it out',
  'interactive': 'Leave it out',
  'tty': 'Leave it out',
};

/**
 * A container on each host, for the option `container` of `Target.servers`. It runs the image of the release by its digest.
 *
 * @example
 * const container = ServerContainer.docker({ name: 'shop', ports: ['127.0.0.1:8080:8080'], envFile: '/etc/shop.env' });
 */
export class ServerContainer {
  /**
   * Runs the container with Docker 20.10 or later.
   *
   * @param options its name, ports, variables, volumes and network
   */
  public static docker(options: ServerContainerOptions): ServerContainer {
    return new ServerContainer(containerOf('docker', options));
  }

  /**
   * Runs the container with Podman 4 or later.
   *
   * @param options its name, ports, variables, volumes and network
   */
  public static podman(options: ServerContainerOptions): ServerContainer {
    return new ServerContainer(containerOf('podman', options));
  }

  /** @internal */
  public readonly _manifest: ServerContainerManifest;

  private constructor(manifest: ServerContainerManifest) {
    this._manifest = manifest;
  }
}

function containerOf(engine: ContainerEngine, options: ServerContainerOptions): ServerContainerManifest {
  const within = `ServerContainer.${engine}`;
  const { envFile, name, network, ports = [], runOptions = [], stopTimeout, volumes = [] } = optionsOf(within, options, OPTIONS, '{ name: \'shop\', ports: [\'127.0.0.1:8080:8080\'] }');
  checkName(`${within} name`, name);
  checkNetwork(`${within} network`, network);
  checkEnvFile(`${within} envFile`, envFile);
  const published = portsOf(`${within} ports`, ports);
  if (published.length > 0 && (network === 'host' || network === 'none')) {
    invalid(`${within} ports`, `with the network ${show(network)} they have no effect`, 'Leave them out, or choose another network');
  }
  return {
    engine,
    name,
    ports: published,
    envFile,
    volumes: volumesOf(`${within} volumes`, volumes),
    network,
    stopMs: stopMsOf(`${within} stopTimeout`, stopTimeout),
    runOptions: runOptionsOf(`${within} runOptions`, runOptions),
  };
}

function checkName(option: string, name: string): void {
  const fix = 'Write a name such as \'shop\'';
  if (name === undefined) invalid(option, 'it is missing', fix);
  if (typeof name !== 'string' || !/^[A-Za-z0-9][\w-]{1,62}$/.test(name)) invalid(option, `${show(name)} is not 2 to 63 letters, digits, '_' and '-'`, fix);
  if (/^[0-9a-f]+$/.test(name)) invalid(option, `${show(name)} can be the beginning of the id of another container`, 'Write a name with a letter after \'f\', or with \'-\'');
}

function checkNetwork(option: string, network: string | undefined): void {
  if (network === undefined || (typeof network === 'string' && /^[A-Za-z0-9][\w.-]{0,127}$/.test(network))) return;
  invalid(option, `${show(network)} is not the name of a network`, 'Write the name that network ls shows, for example \'web\'');
}

function checkEnvFile(option: string, path: string | undefined): void {
  if (path === undefined || (typeof path === 'string' && /^(?:\/(?!\.{1,2}(?:\/|$))[\w@+.-]+)+$/.test(path))) return;
  invalid(option, `${show(path)} is not an absolute path of letters, digits, '.', '_', '-', '+' and '@'`, 'Write the path of a file on the hosts: \'/etc/shop.env\'');
}

function portsOf(option: string, given: readonly string[]): string[] {
  const ports = listOf(option, given, '\'127.0.0.1:8080:8080\'');
  const isPort = (port: string | undefined) => Number(port) >= 1 && Number(port) <= 65_535;
  const published = ports.map((port) => {
    const [, address = '', host, container, protocol = 'tcp'] = (typeof port === 'string' && /^(?:(\d{1,3}(?:\.\d{1,3}){3}|\[[0-9a-f:]+\]):)?(\d{1,5}):(\d{1,5})(?:\/(tcp|udp))?$/.exec(port)) || [];
    if (!isPort(host) || !isPort(container)) {
      invalid(option, `${show(port)} is not an address, a port of the host and a port of the container`, 'Write \'127.0.0.1:8080:8080\', or \'8080:8080\' for every network of the host');
    }
    return `${address}:${host}/${protocol}`;
  });
  const twice = ports.find((_, index) => published.indexOf(published[index]!) < index);
  if (twice !== undefined) invalid(option, `the port of ${show(twice)} is published already by another of them`, 'Name each port of the host once');
  return ports;
}

function volumesOf(option: string, given: readonly string[]): string[] {
  const volumes = listOf(option, given, '\'/srv/shop/data:/data\'');
  const wrong = volumes.find((volume) => typeof volume !== 'string' || !/^(?:\/[^:,\s]*|[A-Za-z0-9][\w.-]*):\/[^:,\s]*(?::(?:ro|rw|z|Z)(?:,(?:ro|rw|z|Z))*)?$/.test(volume));
  if (wrong !== undefined) invalid(option, `${show(wrong)} is not a folder or a volume, and a path in the container`, 'Write \'/srv/shop/data:/data\' or \'data:/data:ro\'');
  return volumes;
}

function runOptionsOf(option: string, given: readonly string[]): string[] {
  const options = listOf(option, given, '\'--memory=512m\'');
  for (const one of options) {
    // eslint-disable-next-line no-control-regex -- a line break is no part of an option
    const [, name] = (typeof one === 'string' && /^--([a-z][a-z-]*)(?:=[^\u0000-\u001f]*)?$/.exec(one)) || [];
    if (name === undefined) invalid(option, `${show(one)} is not a long option in one word`, 'Write \'--memory=512m\' or \'--read-only\'');
    const fix = OWN_OPTIONS[name];
    if (fix !== undefined) invalid(option, `${show(one)} is set by the target`, fix);
  }
  return options;
}

function stopMsOf(option: string, given: Duration = Duration.seconds(10)): number {
  const ms = given.toMilliseconds();
  if (ms < 1_000 || ms > 300_000) invalid(option, `${ms} ms is out of range`, 'Set 1 s to 5 minutes');
  return ms;
}
