import { ContainerHost, Making } from './container-host';
import { containerKey, ContainerReading, ContainerState, describeContainers, foundKey, liveContainerOf, obsoleteOn, runsKey } from './container-steps';
import { collect, restoreHosts } from './host-batches';
import { Claimed, HostsDriver, HostSession } from './hosts-driver';
import { preflightContainers } from './server-containers-preflight';
import { batchesOf, listed } from './servers-steps';
import { RuntimeContext } from '../../../runtime/context';
import { Release, sameRelease } from '../../../runtime/release';
import { EngineError } from '../../../runtime/targets/engine-error';
import { DriverRequest, Intent, LiveRelease } from '../../../runtime/targets/target-driver';
import { ServerContainersDriverManifest } from '../containers-manifest';

/** Pulls share one registry. */
const PULLS_AT_ONCE = 4;

type ClaimedHost = Claimed<ContainerHost, ContainerState>;

interface Move extends ClaimedHost {
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
export class ServerContainersDriver extends HostsDriver<ContainerHost, ContainerState, ServerContainersDriverManifest> {
  public readonly place: string;
  protected readonly slotless = 'a container on a host has no slots';

  constructor(context: RuntimeContext, settings: ServerContainersDriverManifest) {
    super(context, settings);
    this.place = `the container ${settings.container.name} on ${listed(settings.hosts.map(({ name }) => name))}`;
  }

  public async preflight(intent: Intent): Promise<void> {
    const { context, settings } = this;
    await preflightContainers({ context, settings, intent, withHosts: (work) => this.withPatience(work) });
  }

  protected hostOf(session: HostSession): ContainerHost {
    return new ContainerHost({ context: this.context, settings: this.settings, ...session });
  }

  protected liveOn(readings: readonly ContainerReading[]): LiveRelease {
    return liveContainerOf(readings);
  }

  protected describe(readings: readonly ContainerReading[]): string {
    return describeContainers(readings);
  }

  protected async deploy(hosts: readonly ContainerHost[], { release, stable }: DriverRequest): Promise<string> {
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

  protected async restore(hosts: readonly ContainerHost[], { leaving, release, stable }: DriverRequest, isAnew: boolean): Promise<string> {
    const key = this.keyOf(release);
    const { changed, failed } = await restoreHosts({
      hosts,
      atOnce: this.settings.atOnce,
      isBad: leaving !== undefined && !(stable && sameRelease(leaving, stable)),
      find: async (host): Promise<ClaimedHost | undefined> => {
        const claimed = await this.claimOne(host);
        if (!isAnew && runsKey(claimed.state, key)) return undefined;
        if (!host.keeps(claimed.state, release)) await host.pull(release);
        return claimed;
      },
      move: (one, isAlone) => this.move({ ...one, release, making: isAnew ? 'anew' : 'kept', isAlone }),
    });
    if (failed.length > 0) throw await this.failure(hosts, failed);
    return this.finish(hosts, release, changed);
  }

  private async move({ from, host, isAlone, making, release }: Move): Promise<void> {
    await this.grouped(`${host.name}: ${this.settings.container.name} runs ${release.version}`, isAlone, async (output) => {
      await host.replace(release, making, from);
      await host.check(release, making !== 'new', output);
    });
  }

  private async finish(hosts: readonly ContainerHost[], release: Release, changed: number): Promise<string> {
    const readings = await this.readings(hosts);
    const key = this.keyOf(release);
    if (!readings.every(({ state }) => state !== undefined && runsKey(state, key))) {
      throw new EngineError('conflict', `the hosts do not run ${release.version}. Now ${describeContainers(readings)}`);
    }
    const all = listed(hosts.map(({ name }) => name));
    return changed === 0 ? `${all} ran ${release.version} already` : `${all} ${hosts.length > 1 ? 'run' : 'runs'} ${release.version}`;
  }

  private async pull(hosts: readonly ContainerHost[], claimed: readonly ClaimedHost[], release: Release): Promise<void> {
    const failed: EngineError[] = [];
    for (const batch of batchesOf(claimed, PULLS_AT_ONCE)) collect(await Promise.allSettled(batch.map(({ host }) => host.pull(release))), failed);
    if (failed.length > 0) throw await this.failure(hosts, failed);
  }

  /** That old releases stay is no reason to stop a deployment. */
  private async removeOld(claimed: readonly ClaimedHost[], needed: readonly Release[]): Promise<void> {
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
}
