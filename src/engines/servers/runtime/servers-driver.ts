import { collect, restoreHosts } from './host-batches';
import { Claimed, HostsDriver, HostSession } from './hosts-driver';
import { ReleaseTar, ServerHost } from './server-host';
import { preflightServers } from './servers-preflight';
import { batchesOf, describeHosts, HostReading, HostState, isDone, listed, liveOf, obsolete, pointerFor, pointerTo, releaseName } from './servers-steps';
import { RuntimeContext } from '../../../runtime/context';
import { ArtifactError } from '../../../runtime/errors';
import { Artifact, Release, sameRelease } from '../../../runtime/release';
import { EngineError } from '../../../runtime/targets/engine-error';
import { DriverRequest, Intent, LiveRelease } from '../../../runtime/targets/target-driver';
import { ServersDriverManifest } from '../manifest';

/** Uploads share one line. */
const UPLOADS_AT_ONCE = 4;

type ClaimedHost = Claimed<ServerHost, HostState>;

/**
 * Puts releases on hosts over ssh: each in a folder of its own, and the link `current` leads to one of them. Every host has the release before the first
 * one is switched. Each step may be repeated, so a process that is killed, and a call whose result is unknown, are repeated in the same way.
 */
export class ServersDriver extends HostsDriver<ServerHost, HostState, ServersDriverManifest> {
  public readonly place: string;
  protected readonly slotless = 'hosts without a proxy have no slots';

  constructor(context: RuntimeContext, settings: ServersDriverManifest) {
    super(context, settings);
    this.place = `${settings.directory} on ${listed(settings.hosts.map(({ name }) => name))}`;
  }

  public async preflight(intent: Intent): Promise<void> {
    const { context, settings } = this;
    await preflightServers({
      context,
      settings,
      intent,
      withHosts: (work) => this.withPatience(work),
      artifactOf: (release) => this.artifactOf(release),
    });
  }

  protected hostOf({ connection, giveUpAt, token }: HostSession): ServerHost {
    const { context: { clock, environment, log }, settings } = this;
    return new ServerHost({ environment, log, settings, connection, token, giveUpAt, now: () => clock.now() });
  }

  protected liveOn(readings: readonly HostReading[]): LiveRelease {
    return liveOf(readings);
  }

  protected describe(readings: readonly HostReading[]): string {
    return describeHosts(readings);
  }

  /** Every host has the release, and Stable, before the first one is switched. The first host that fails stops it. */
  protected async deploy(hosts: readonly ServerHost[], request: DriverRequest): Promise<string> {
    const { release, stable } = request;
    const claimed = await this.claim(hosts);
    const pointer = await this.provide(claimed, release);
    // a host that is new has no release to go back to
    if (stable?.artifact) await this.provide(claimed, stable);
    await this.removeOld(claimed, [pointer], stable);
    const todo = claimed.filter(({ state }) => !isDone(state, pointer));
    for (const batch of batchesOf(todo, this.settings.atOnce)) {
      const failed: EngineError[] = [];
      const results = batch.map((one) => this.move(one, pointer, release, { from: one.state.pointer ?? 'none', isAlone: batch.length === 1 }));
      collect(await Promise.allSettled(results), failed);
      if (failed.length > 0) throw await this.failure(hosts, failed);
    }
    return this.finish(hosts, pointer, release, todo.length);
  }

  /** Takes all hosts back, whatever becomes of one of them. */
  protected async restore(hosts: readonly ServerHost[], { leaving, release, stable }: DriverRequest, isAnew: boolean): Promise<string> {
    const { changed, failed } = await restoreHosts({
      hosts,
      atOnce: this.settings.atOnce,
      isBad: leaving !== undefined && !(stable && sameRelease(leaving, stable)),
      find: (host) => this.toRestore(host, release, isAnew),
      move: (one, isAlone) => this.move(one, one.pointer, release, { isAlone }),
    });
    if (failed.length > 0) throw await this.failure(hosts, failed);
    return this.finish(hosts, undefined, release, changed);
  }

  /** A host that must go back, which is claimed; undefined if nothing is left to do there. */
  private async toRestore(host: ServerHost, release: Release, isAnew: boolean): Promise<(ClaimedHost & { readonly pointer: string }) | undefined> {
    const claimed = await this.claimOne(host);
    const pointer = await this.existing(claimed, release);
    return !isAnew && isDone(claimed.state, pointer) ? undefined : { ...claimed, pointer };
  }

  /** @param from where the pointer must lead now; undefined if that does not matter */
  private async move(
    { host }: ClaimedHost, to: string, release: Release, { from, isAlone }: { readonly from?: string; readonly isAlone: boolean },
  ): Promise<void> {
    await this.grouped(`${host.name}: current leads to ${to}`, isAlone, async (output) => {
      await host.switchTo(to, from);
      await host.activate(to, release, output);
    });
  }

  private async finish(hosts: readonly ServerHost[], pointer: string | undefined, release: Release, changed: number): Promise<string> {
    const readings = await this.readings(hosts);
    const isRight = ({ state }: HostReading) => state !== undefined && isDone(state, pointer ?? pointerFor(release, state) ?? '');
    if (!readings.every(isRight)) throw new EngineError('conflict', `someone else changed the hosts meanwhile. Now ${describeHosts(readings)}`);
    const all = listed(hosts.map(({ name }) => name));
    return changed === 0 ? `${all} served ${release.version} already` : `${all} ${hosts.length > 1 ? 'serve' : 'serves'} ${release.version}`;
  }

  /** Uploads a release to the hosts that do not have it. Returns its pointer. */
  private async provide(claimed: readonly ClaimedHost[], release: Release): Promise<string> {
    const artifact = await this.artifactOf(release);
    const pointer = pointerTo(releaseName(release, artifact.digest));
    const missing = claimed.filter(({ state }) => !state.releases.some((name) => pointerTo(name) === pointer));
    if (missing.length === 0) return pointer;
    const tar = await this.tarOf(artifact);
    this.context.log.line(`upload ${release.version} to ${listed(missing.map(({ host }) => host.name))}`);
    const failed: EngineError[] = [];
    for (const batch of batchesOf(missing, UPLOADS_AT_ONCE)) {
      collect(await Promise.allSettled(batch.map(({ host }) => host.put(release, tar))), failed);
    }
    if (failed.length > 0) throw await this.failure(claimed.map(({ host }) => host), failed);
    return pointer;
  }

  /** Where a release is on a host that had it before. A host that lost it, or never had it, gets it again. */
  private async existing({ host, state }: ClaimedHost, release: Release): Promise<string> {
    const found = pointerFor(release, state);
    if (found !== undefined) return found;
    const missing = `${host.name} has no files of ${release.version} (${release.sha.slice(0, 7)})`;
    if (!release.artifact) throw new EngineError('notFound', missing);
    try {
      return await host.put(release, await this.tarOf(release.artifact));
    } catch (error) {
      // the other hosts may have them
      throw error instanceof ArtifactError ? new EngineError('notFound', `${missing}: ${error.message}`) : error;
    }
  }

  /** That old releases stay is no reason to stop a deployment. */
  private async removeOld(claimed: readonly ClaimedHost[], protectedPointers: readonly string[], stable: Release | undefined): Promise<void> {
    const { context: { log }, settings: { keep } } = this;
    const failed: EngineError[] = [];
    const results = await Promise.allSettled(claimed.map(async ({ host, state }) => {
      const old = obsolete(state, keep, [...protectedPointers, stable && pointerFor(stable, state)]);
      if (old.length > 0) await host.remove(old);
    }));
    collect(results, failed);
    for (const { message } of failed) log.line(`old releases stay for now: ${message}`);
  }

  /** The files of a project without an artifact are packed as they are now. */
  private async artifactOf({ artifact }: Release): Promise<Artifact> {
    const { artifacts, directory } = this.context;
    return artifact ?? artifacts.pack({ paths: [this.settings.files] }, directory);
  }

  private async tarOf(artifact: Artifact): Promise<ReleaseTar> {
    return { digest: artifact.digest, file: await this.context.artifacts.tarOf(artifact) };
  }
}
