import { randomBytes } from 'node:crypto';
import { collect } from './host-batches';
import { HostOutput } from './host-log';
import { HostLog } from './server-host';
import { Reading } from './servers-steps';
import { SshConnection } from './ssh-connection';
import { SshSettings, withSsh } from './ssh-session';
import { DriverCall } from '../../../contract/target-manifest';
import { RuntimeContext } from '../../../runtime/context';
import { EngineError, mainKindOf } from '../../../runtime/targets/engine-error';
import { DriverRequest, Intent, LiveRelease, TargetDriver } from '../../../runtime/targets/target-driver';

/** For a preflight. */
const PATIENCE_MS = 120_000;
/** What the hosts serve is extra information: a rollback does not wait long for it. */
const LIVE_PATIENCE_MS = 20_000;
/** What the hosts serve after a failure is for people. */
const FAILED_PATIENCE_MS = 3_000;

/** A host, as every driver of hosts uses it. */
export interface DrivenHost<State> {
  readonly name: string;
  /** Never rejects with `EngineError`. */
  reading(patienceMs?: number): Promise<Reading<State>>;
  /** Takes over from an earlier process. */
  claim(): Promise<State>;
}

/** A host with what it said when this process took over. */
export interface Claimed<Host, State> {
  readonly host: Host;
  readonly state: State;
}

/** What the connections of one session are for. */
export interface HostSession {
  readonly connection: SshConnection;
  /** Names this process: a host does what the one that claimed it last wants. */
  readonly token: string;
  /** Milliseconds since the epoch. */
  readonly giveUpAt: number;
}

/** Puts releases on hosts over ssh, without slots. A subclass says what a release is there: a folder, or a container. */
export abstract class HostsDriver<Host extends DrivenHost<State>, State, Settings extends SshSettings> implements TargetDriver {
  public abstract readonly place: string;
  /** Why there is no promotion. */
  protected abstract readonly slotless: string;

  constructor(protected readonly context: RuntimeContext, protected readonly settings: Settings) {}

  public abstract preflight(intent: Intent): Promise<void>;

  protected abstract hostOf(session: HostSession): Host;
  protected abstract liveOn(readings: readonly Reading<State>[]): LiveRelease;
  /** What each host serves, for people. */
  protected abstract describe(readings: readonly Reading<State>[]): string;
  /** The first host that fails stops it. */
  protected abstract deploy(hosts: readonly Host[], request: DriverRequest): Promise<string>;
  /**
   * Takes all hosts back, whatever becomes of one of them.
   *
   * @param isAnew whether the release starts again also where it runs
   */
  protected abstract restore(hosts: readonly Host[], request: DriverRequest, isAnew: boolean): Promise<string>;

  public secretHelp(name: string): string | undefined {
    if (name !== this.settings.privateKeyVariable) return undefined;
    return 'It holds the private key of the account on the hosts, without a passphrase, as ssh-keygen writes it. See docs/targets/servers.md';
  }

  /** A host that is down for long must not keep the others on a bad release: it is named when the others are back. */
  public async checkReachable(): Promise<void> {
    await this.withPatience(async (hosts) => {
      const readings = await this.readings(hosts);
      const [first] = readings;
      if (readings.every(({ state }) => state === undefined)) throw new EngineError(first?.error ?? 'unavailable', first?.why ?? 'there is no host');
    });
  }

  public async call(call: DriverCall, request: DriverRequest): Promise<string> {
    switch (call) {
      case 'deploy': return this.withHosts(request.giveUpAt, (hosts) => (request.isRestore ? this.restore(hosts, request, false) : this.deploy(hosts, request)));
      case 'rollback': return this.withHosts(request.giveUpAt, (hosts) => this.restore(hosts, request, false));
      case 'promote':
      case 'setWeight': throw new EngineError('rejected', this.slotless);
    }
  }

  /** Restores a release, and starts it again also where it runs already: its services are not reached. */
  public restoreAnew(request: DriverRequest): Promise<string> {
    return this.withHosts(request.giveUpAt, (hosts) => this.restore(hosts, request, true));
  }

  public async liveRelease(): Promise<LiveRelease> {
    return this.withHosts(this.context.clock.now() + LIVE_PATIENCE_MS, async (hosts) => this.liveOn(await this.readings(hosts)));
  }

  /** For a preflight. */
  protected withPatience<T>(work: (hosts: readonly Host[]) => Promise<T>): Promise<T> {
    return this.withHosts(this.context.clock.now() + PATIENCE_MS, work);
  }

  protected readings(hosts: readonly Host[], patienceMs?: number): Promise<Reading<State>[]> {
    return Promise.all(hosts.map((host) => host.reading(patienceMs)));
  }

  /** All hosts, or nothing is changed. */
  protected async claim(hosts: readonly Host[]): Promise<Claimed<Host, State>[]> {
    const failed: EngineError[] = [];
    const claimed = collect(await Promise.allSettled(hosts.map((host) => this.claimOne(host))), failed);
    if (failed.length > 0) throw await this.failure(hosts, failed);
    return claimed;
  }

  protected async claimOne(host: Host): Promise<Claimed<Host, State>> {
    return { host, state: await host.claim() };
  }

  /** What was wrong, and what each host serves now. */
  protected async failure(hosts: readonly Host[], failed: readonly EngineError[]): Promise<EngineError> {
    const what = failed.map(({ message }) => message.replace(/\.$/, '')).join('; ');
    return new EngineError(mainKindOf(failed), `${what}. Now ${this.describe(await this.readings(hosts, FAILED_PATIENCE_MS))}`);
  }

  /** Shows what a host prints in a group of its own: as it comes, if no other host changes at the same time. */
  protected async grouped(title: string, isAlone: boolean, work: (output: HostLog) => Promise<void>): Promise<void> {
    const { log } = this.context;
    const output = isAlone ? undefined : new HostOutput(log);
    if (!output) log.group(title);
    try {
      await work(output ?? log);
    } finally {
      if (output) output.show(title);
      else log.endGroup();
    }
  }

  private withHosts<T>(giveUpAt: number, work: (hosts: readonly Host[]) => Promise<T>): Promise<T> {
    const token = randomBytes(12).toString('hex');
    return withSsh(this.context, this.settings, giveUpAt, ({ connections }) => (
      work(connections.map((connection) => this.hostOf({ connection, token, giveUpAt })))
    ));
  }
}
