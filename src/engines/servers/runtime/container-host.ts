import { containerErrorOf } from './container-errors';
import { CHECK, CLAIM, PROBE, PULL, READ, REMOVE, REPLACE } from './container-scripts';
import {
  containerKey,
  ContainerProbe,
  containerProbeIn,
  ContainerReading,
  ContainerState,
  containerStateIn,
  createArguments,
  foldersIn,
  keepsKey,
  ownerOf,
  stopSeconds,
} from './container-steps';
import { AWKWARD } from './host-scripts';
import { HostLog } from './server-host';
import { HostCall, HostScript, SshConnection } from './ssh-connection';
import { COMMAND_VARIABLE } from '../../../contract/environment-variables';
import { RuntimeContext } from '../../../runtime/context';
import { imageOf, Release } from '../../../runtime/release';
import { EngineError } from '../../../runtime/targets/engine-error';
import { withRetries } from '../../../runtime/targets/engine-retries';
import { ServerContainersDriverManifest } from '../containers-manifest';

export interface ContainerHostOptions {
  readonly context: RuntimeContext;
  readonly settings: ServerContainersDriverManifest;
  readonly connection: SshConnection;
  /** Names this process: a host does what the one that claimed it last wants. */
  readonly token: string;
  /** Milliseconds since the epoch. */
  readonly giveUpAt: number;
}

/** How the container of a release is made: always new, as it waits if it is there, or restarted also if it runs. */
export type Making = 'new' | 'kept' | 'anew';

/** A pull may take as long as the command may. */
const PULL_MS = 60 * 60_000;
/** What an engine needs besides the time that a container takes to end. */
const GRACE_MS = 120_000;
/** A new container must run so long before the next hosts follow. */
const STAYS_SECONDS = 3;

/** What each engine calls its version, and the folder with its images. */
const FORMATS = {
  docker: { version: '{{.Server.Version}}', root: '{{.DockerRootDir}}' },
  podman: { version: '{{.Client.Version}}', root: '{{.Store.GraphRoot}}' },
} as const;

/** One host with a container engine: each method is one change or one read, and may be repeated. Rejects with `EngineError`, which names the host. */
export class ContainerHost {
  constructor(private readonly options: ContainerHostOptions) {}

  public get name(): string {
    return this.options.connection.host;
  }

  /** Never rejects with `EngineError`. Without `patienceMs` it may take as long as all else. */
  public async reading(patienceMs = Infinity): Promise<ContainerReading> {
    const { context: { clock }, giveUpAt } = this.options;
    try {
      const printed = await this.run(READ, [], { giveUpAt: Math.min(giveUpAt, clock.now() + patienceMs) });
      return { host: this.name, state: this.stateIn(printed) };
    } catch (error) {
      if (error instanceof EngineError) return { host: this.name, why: error.message, error: error.kind };
      throw error;
    }
  }

  /** @param image that must be possible to restore */
  public async probe(image = ''): Promise<ContainerProbe> {
    const { engine, envFile = '', network = '', volumes } = this.container;
    const { root, version } = FORMATS[engine];
    const printed = await this.run(PROBE, [version, root, AWKWARD, envFile, network, image, ...foldersIn(volumes)]);
    return containerProbeIn(printed, this.container.name, this.owner);
  }

  /** Takes over from an earlier process. */
  public async claim(): Promise<ContainerState> {
    return this.stateIn(await this.run(CLAIM, [this.options.token, this.waitSeconds], { timeoutMs: this.stepMs }));
  }

  /** Makes sure that the host has the image of a release. */
  public async pull(release: Release): Promise<void> {
    const { context, giveUpAt } = this.options;
    const image = imageOf(release)!;
    // the registry may be busy, or down for a moment
    await withRetries({ context, giveUpAt, retried: ['throttled', 'unavailable'] }, () => this.change(PULL, [image], { timeoutMs: PULL_MS }));
  }

  /**
   * Makes the host run a release in place of what it runs now. The image must be there, unless its container is.
   *
   * @param from what must run now; undefined if that does not matter
   */
  public async replace(release: Release, making: Making, from: string | undefined): Promise<void> {
    const create = createArguments(this.container, release, this.owner, this.variables(release));
    const grace = String(stopSeconds(this.container));
    await this.change(REPLACE, [this.waitSeconds, grace, containerKey(release)!, from ?? 'any', making, this.owner, ...create], { timeoutMs: this.stepMs });
  }

  /** Waits until the container runs well. Its output goes to `output` if it does not. */
  public async check(release: Release, isVerified: boolean, output: HostLog): Promise<void> {
    const { hostCheck = '', hostCheckMs } = this.options.settings;
    const stays = isVerified ? 0 : STAYS_SECONDS;
    const seconds = Math.max(1, Math.ceil(hostCheckMs / 1000));
    const variables = Object.entries(this.variables(release)).map(([name, value]) => `${name}=${value}`);
    const args = [this.container.envFile ?? '', String(stays), String(seconds), hostCheck, ...variables];
    await this.change(CHECK, args, { timeoutMs: hostCheckMs + GRACE_MS, onLine: (line) => output.commandOutput(line) });
  }

  /** @param what as `obsoleteOn` returns it */
  public async remove(what: readonly string[]): Promise<void> {
    await this.change(REMOVE, [this.waitSeconds, ...what], { timeoutMs: PULL_MS });
  }

  /** Whether a release can be started again without its image. */
  public keeps(state: ContainerState, release: Release): boolean {
    const key = containerKey(release);
    return key !== undefined && keepsKey(state, key);
  }

  private change(script: HostScript, args: readonly string[], call?: Partial<HostCall>): Promise<string> {
    return this.run(script, [this.options.token, ...args], call);
  }

  private async run(script: HostScript, args: readonly string[], call: Partial<HostCall> = {}): Promise<string> {
    const { connection, giveUpAt, settings } = this.options;
    try {
      return await connection.run(script, [this.container.name, this.container.engine, ...args], { giveUpAt, repeatsTimeouts: true, ...call });
    } catch (error) {
      throw containerErrorOf(error, settings);
    }
  }

  private stateIn(printed: string): ContainerState {
    return containerStateIn(printed, this.container.name, this.owner);
  }

  /** What the container and `hostCheck` find in their process environment. */
  private variables({ sha, version }: Release): Record<string, string> {
    const { environment } = this.options.context;
    const { ENVIRONMENT, SHA, VERSION } = COMMAND_VARIABLE;
    return { ...environment.variables, [ENVIRONMENT]: environment.name, [VERSION]: version, [SHA]: sha };
  }

  /** How long a step waits for an earlier one: as long as that one takes at most. */
  private get waitSeconds(): string {
    return String(stopSeconds(this.container) + GRACE_MS / 2000);
  }

  private get stepMs(): number {
    return this.container.stopMs * 2 + GRACE_MS * 2;
  }

  private get owner(): string {
    return ownerOf(this.options.context);
  }

  private get container() {
    return this.options.settings.container;
  }
}
