import { AWKWARD, CHECK, CLAIM, MOVED, OVERTAKEN, PROBE, READ, REMOVE, RESTART, RUNS, SWITCH, TAKEN_OVER, UNPACK } from './host-scripts';
import { HostProbe, HostReading, HostState, markerOf, pointerTo, probeIn, releaseName, stateIn } from './servers-steps';
import { HostScript, SshConnection } from './ssh-connection';
import { HostCommandError } from './ssh-error';
import { COMMAND_VARIABLE } from '../../../contract/environment-variables';
import { EnvironmentManifest } from '../../../contract/manifest';
import { Log } from '../../../runtime/ci/log';
import { Release } from '../../../runtime/release';
import { EngineError } from '../../../runtime/targets/engine-error';
import { ServersDriverManifest } from '../manifest';

/** The bytes of a release, on this machine. */
export interface ReleaseTar {
  readonly file: string;
  readonly digest: string;
}

/** Where the output of a host's commands goes. */
export type HostLog = Pick<Log, 'commandOutput' | 'line'>;

export interface ServerHostOptions {
  readonly environment: EnvironmentManifest;
  readonly log: HostLog;
  readonly settings: ServersDriverManifest;
  readonly connection: SshConnection;
  /** Names this process: a host does what the one that claimed it last wants. */
  readonly token: string;
  /** Milliseconds since the epoch. */
  readonly giveUpAt: number;
  readonly now: () => number;
}

/** An upload may take as long as the command may. */
const UPLOAD_MS = 60 * 60_000;
/** A check stops itself. */
const CHECK_GRACE_MS = 30_000;

/** One host: each method is one change or one read, and may be repeated. Rejects with `EngineError`, which names the host. */
export class ServerHost {
  constructor(private readonly options: ServerHostOptions) {}

  public get name(): string {
    return this.options.connection.host;
  }

  /** Never rejects with `EngineError`. Without `patienceMs` it may take as long as all else. */
  public async reading(patienceMs = Infinity): Promise<HostReading> {
    const { connection, giveUpAt, now } = this.options;
    try {
      const call = { giveUpAt: Math.min(giveUpAt, now() + patienceMs), repeatsTimeouts: true };
      return { host: this.name, state: stateIn(await connection.run(READ, [this.directory], call)) };
    } catch (error) {
      if (error instanceof EngineError) return { host: this.name, why: error.message, error: error.kind };
      throw error;
    }
  }

  /** @param place where `current` may have to lead back to, if no delivery made it */
  public async probe(place = ''): Promise<HostProbe> {
    return probeIn(await this.run(PROBE, [this.directory, AWKWARD, place, ...this.options.settings.shared]));
  }

  /** Takes over from an earlier process. */
  public async claim(): Promise<HostState> {
    return stateIn(await this.run(CLAIM, [this.directory, this.options.token]));
  }

  /** Makes the release complete on the host. Returns its pointer. */
  public async put(release: Release, { digest, file }: ReleaseTar): Promise<string> {
    const { connection, giveUpAt, log, settings, token } = this.options;
    const name = releaseName(release, digest);
    const tar = `${this.directory}/.delivery/incoming.${token}`;
    await connection.upload(file, tar, { giveUpAt, timeoutMs: UPLOAD_MS });
    await this.change(UNPACK, [tar, digest, settings.files, name, markerOf(release, digest), ...settings.shared], UPLOAD_MS);
    log.line(`${this.name}: ${pointerTo(name)} holds the files of ${release.version}`);
    return pointerTo(name);
  }

  /**
   * Moves the pointer.
   *
   * @param from where it must lead now; undefined if that does not matter
   */
  public async switchTo(pointer: string, from: string | undefined): Promise<void> {
    await this.change(SWITCH, [from ?? 'any', pointer]);
  }

  /** Runs the commands that follow a move, and notes that the host runs it. */
  public async activate(pointer: string, release: Release, output: HostLog): Promise<void> {
    const { settings: { hostCheck, hostCheckMs, restart } } = this.options;
    const variables = this.variables(release);
    if (restart !== undefined) await this.command(RESTART, [restart, ...variables], output);
    if (hostCheck !== undefined) {
      const seconds = Math.max(1, Math.ceil(hostCheckMs / 1000));
      await this.command(CHECK, [hostCheck, String(seconds), ...variables], output, hostCheckMs + CHECK_GRACE_MS);
    }
    await this.change(RUNS, [pointer]);
  }

  public async remove(names: readonly string[]): Promise<void> {
    await this.change(REMOVE, names, UPLOAD_MS);
  }

  /** A command of the user: its output goes to the log, and its failure says which one it was. */
  private async command(script: HostScript, args: readonly string[], output: HostLog, timeoutMs = UPLOAD_MS): Promise<void> {
    const { connection, giveUpAt, token } = this.options;
    try {
      await connection.run(script, [this.directory, token, ...args], { giveUpAt, timeoutMs, onLine: (line) => output.commandOutput(line) });
    } catch (error) {
      // the command may end with the same code
      throw error instanceof HostCommandError && error.said === TAKEN_OVER ? overtakenBy(error) : error;
    }
  }

  private async change(script: HostScript, args: readonly string[], timeoutMs?: number): Promise<void> {
    await this.run(script, [this.directory, this.options.token, ...args], timeoutMs);
  }

  private async run(script: HostScript, args: readonly string[], timeoutMs?: number): Promise<string> {
    const { connection, giveUpAt } = this.options;
    try {
      return await connection.run(script, args, { giveUpAt, timeoutMs, repeatsTimeouts: true });
    } catch (error) {
      throw overtakenBy(error);
    }
  }

  private variables({ sha, version }: Release): string[] {
    const { environment } = this.options;
    const values = { [COMMAND_VARIABLE.ENVIRONMENT]: environment.name, [COMMAND_VARIABLE.VERSION]: version, [COMMAND_VARIABLE.SHA]: sha };
    return Object.entries({ ...environment.variables, ...values }).map(([name, value]) => `${name}=${value}`);
  }

  private get directory(): string {
    return this.options.settings.directory;
  }
}

function overtakenBy(error: unknown): unknown {
  if (!(error instanceof HostCommandError)) return error;
  const { exitCode, host, said } = error;
  if (exitCode === OVERTAKEN) return new EngineError('overtaken', `${host}: ${said}`);
  return exitCode === MOVED ? new EngineError('conflict', `${host}: ${said}`) : error;
}
