import { randomBytes } from 'node:crypto';
import { ContainerHost, Making } from './container-host';
import { containerKey, ContainerReading, ContainerState, describeContainers, foundKey, liveContainerOf, obsoleteOn, runsKey } from './container-steps';
import { collect, restoreHosts } from './host-batches';
import { HostOutput } from './host-log';
import { preflightContainers } from './server-containers-preflight';
import { batchesOf, listed } from './servers-steps';
import { withSsh } from './ssh-session';
import { ServerContainersDriverManifest } from '../../../contract/server-containers-manifest';
import { DriverCall } from '../../../contract/target-manifest';
import { RuntimeContext } from '../../context';
import { Release, sameRelease } from '../../release';
import { EngineError } from '../engine-error';
import { DriverRequest, Intent, LiveRelease, TargetDriver } from '../target-driver';

/** For a preflight. */
const PATIENCE_MS = 120_000;
/** What the hosts run is extra information: a rollback does not wait long for it. */
const LIVE_PATIENCE_MS = 20_000;
/** What the hosts run after a failure is for people. */
const FAILED_PATIENCE_MS = 3_000;
/** Pulls share one registry. */
const PULLS_AT_ONCE = 4;

/** A host with what it said when this process took over. */
interface Claimed {
  readonly host: ContainerHost;
  readonly state: ContainerState;
}

interface Move extends Claimed {
  readonly release: Release;
  readonly making: Making;
  /** What must run now; undefined if that does not matter. */
  readonly from?: string;
  readonly isAlone: boolean;
}

/**
 * Runs the image of a release as a container on hosts, over ssh. Every host has the image, and what a rollback needs, before the first container is
 * replaced. The old container stays, stopped, so that a rollback starts exactly what was verified. Each step may be repeated.
 */
export class ServerContainersDriver implements TargetDriver {
  public readonly place: string;

  constructor(private readonly context: RuntimeContext, private readonly settings: ServerContainersDriverManifest) {
    this.place = `the container ${settings.container.name} on ${listed(settings.hosts.map(({ name }) => name))}`;
  }

  public async preflight(intent: Intent): Promise<void> {
    const { context, settings } = this;
    await preflightContainers({ context, settings, intent, withHosts: (work) => this.withHosts(context.clock.now() + PATIENCE_MS, work) });
  }

  public secretHelp(name: string): string | undefined {
    if (name !== this.settings.privateKeyVariable) return undefined;
    return 'It holds the private key of the account on the hosts, without a passphrase, as ssh-keygen writes it. See docs/targets/servers.md';
  }

  /** A host that is down for long must not keep the others on a bad release: it is named when the others are back. */
  public async checkReachable(): Promise<void> {
    await this.withHosts(this.context.clock.now() + PATIENCE_MS, async (hosts) => {
      const readings = await readingsOf(hosts);
      const [first] = readings;
      if (readings.every(({ state }) => state === undefined)) throw new EngineError(first?.error ?? 'unavailable', first?.why ?? 'there is no host');
    });
  }

  public async call(call: DriverCall, request: DriverRequest): Promise<string> {
    switch (call) {
      case 'deploy': return this.withHosts(request.giveUpAt, (hosts) => (request.isRestore ? this.restore(hosts, request) : this.deploy(hosts, request)));
      case 'rollback': return this.withHosts(request.giveUpAt, (hosts) => this.restore(hosts, request));
      case 'promote':
      case 'setWeight': throw new EngineError('rejected', 'a container on a host has no slots');
    }
  }

  /** Restores a release, and starts it again also where it runs already: its services are not reached. */
  public restoreAnew(request: DriverRequest): Promise<string> {
    return this.withHosts(request.giveUpAt, (hosts) => this.restore(hosts, request, true));
  }

  public async liveRelease(): Promise<LiveRelease> {
    try {
      return await this.withHosts(this.context.clock.now() + LIVE_PATIENCE_MS, async (hosts) => liveContainerOf(await readingsOf(hosts)));
    } catch (error) {
      if (error instanceof EngineError) return { kind: 'unknown', why: error.message, error: error.kind };
      throw error;
    }
  }

  /** The first host that fails stops it. */
  private async deploy(hosts: readonly ContainerHost[], { release, stable }: DriverRequest): Promise<string> {
    const key = this.keyOf(release);
    const claimed = await this.claim(hosts);
    const needed = [release, ...stable ? [stable] : []];
    // what a rollback does not need makes room first
    await this.removeOld(claimed, needed);
    await this.pull(hosts, claimed, release);
    // a host that is new, or lost its container, has no release to go back to
    if (stable && containerKey(stable) !== undefined) await this.pull(hosts, claimed.filter(({ host, state }) => !host.keeps(state, stable)), stable);
    const changed = claimed.filter(({ state }) => !runsKey(state, key)).length;
    for (const batch of batchesOf(claimed, this.settings.atOnce)) {
      const failed: EngineError[] = [];
      const moves = batch.map((one) => this.move({ ...one, release, making: 'new', from: foundKey(one.state), isAlone: batch.length === 1 }));
      collect(await Promise.allSettled(moves), failed);
      if (failed.length > 0) throw await this.failure(hosts, failed);
    }
    return this.finish(hosts, release, changed);
  }

  /** Takes all hosts back, whatever becomes of one of them. */
  private async restore(hosts: readonly ContainerHost[], { leaving, release, stable }: DriverRequest, isAnew = false): Promise<string> {
    const key = this.keyOf(release);
    const { changed, failed } = await restoreHosts({
      hosts,
      atOnce: this.settings.atOnce,
      isBad: leaving !== undefined && !(stable && sameRelease(leaving, stable)),
      find: async (host): Promise<Claimed | undefined> => {
        const state = await host.claim();
        if (!isAnew && runsKey(state, key)) return undefined;
        if (!host.keeps(state, release)) await host.pull(release);
        return { host, state };
      },
      move: (one, isAlone) => this.move({ ...one, release, making: isAnew ? 'anew' : 'kept', isAlone }),
    });
    if (failed.length > 0) throw await this.failure(hosts, failed);
    return this.finish(hosts, release, changed);
  }

  private async move({ from, host, isAlone, making, release }: Move): Promise<void> {
    const { log } = this.context;
    const title = `${host.name}: ${this.settings.container.name} runs ${release.version}`;
    const output = isAlone ? undefined : new HostOutput(log);
    if (!output) log.group(title);
    try {
      await host.replace(release, making, from);
      await host.check(release, making !== 'new', output ?? log);
    } finally {
      if (output) output.show(title);
      else log.endGroup();
    }
  }

  /** What was wrong, and what each host runs now. */
  private async failure(hosts: readonly ContainerHost[], failed: readonly EngineError[]): Promise<EngineError> {
    const what = failed.map(({ message }) => message.replace(/\.$/, '')).join('; ');
    return new EngineError(failed[0]!.kind, `${what}. Now ${describeContainers(await readingsOf(hosts, FAILED_PATIENCE_MS))}`);
  }

  private async finish(hosts: readonly ContainerHost[], release: Release, changed: number): Promise<string> {
    const readings = await readingsOf(hosts);
    const key = this.keyOf(release);
    if (!readings.every(({ state }) => state !== undefined && runsKey(state, key))) {
      throw new EngineError('conflict', `the hosts do not run ${release.version}. Now ${describeContainers(readings)}`);
    }
    const all = listed(hosts.map(({ name }) => name));
    return changed === 0 ? `${all} ran ${release.version} already` : `${all} ${hosts.length > 1 ? 'run' : 'runs'} ${release.version}`;
  }

  /** All hosts, or nothing is changed. */
  private async claim(hosts: readonly ContainerHost[]): Promise<Claimed[]> {
    const failed: EngineError[] = [];
    const claimed = collect(await Promise.allSettled(hosts.map(async (host): Promise<Claimed> => ({ host, state: await host.claim() }))), failed);
    if (failed.length > 0) throw await this.failure(hosts, failed);
    return claimed;
  }

  private async pull(hosts: readonly ContainerHost[], claimed: readonly Claimed[], release: Release): Promise<void> {
    const failed: EngineError[] = [];
    for (const batch of batchesOf(claimed, PULLS_AT_ONCE)) collect(await Promise.allSettled(batch.map(({ host }) => host.pull(release))), failed);
    if (failed.length > 0) throw await this.failure(hosts, failed);
  }

  /** That old releases stay is no reason to stop a deployment. */
  private async removeOld(claimed: readonly Claimed[], needed: readonly Release[]): Promise<void> {
    const failed: EngineError[] = [];
    const results = await Promise.allSettled(claimed.map(async ({ host, state }) => {
      const old = obsoleteOn(state, this.settings.keep, needed);
      if (old.length > 0) await host.remove(old);
    }));
    collect(results, failed);
    for (const { message } of failed) this.context.log.line(`old containers and images stay for now: ${message}`);
  }

  private keyOf(release: Release): string {
    const key = containerKey(release);
    if (key === undefined) throw new EngineError('notFound', `no image is known of ${release.version} (${release.sha.slice(0, 7)})`);
    return key;
  }

  private withHosts<T>(giveUpAt: number, work: (hosts: readonly ContainerHost[]) => Promise<T>): Promise<T> {
    const { context, settings } = this;
    const token = randomBytes(12).toString('hex');
    return withSsh(context, settings, giveUpAt, ({ connections }) => work(connections.map((connection) => (
      new ContainerHost({ context, settings, connection, token, giveUpAt })
    ))));
  }
}

function readingsOf(hosts: readonly ContainerHost[], patienceMs?: number): Promise<ContainerReading[]> {
  return Promise.all(hosts.map((host) => host.reading(patienceMs)));
}
