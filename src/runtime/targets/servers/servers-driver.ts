import { randomBytes } from 'node:crypto';
import { collect, restoreHosts } from './host-batches';
import { HostOutput } from './host-log';
import { ReleaseTar, ServerHost } from './server-host';
import { preflightServers } from './servers-preflight';
import { batchesOf, describeHosts, HostReading, HostState, isDone, listed, liveOf, obsolete, pointerFor, pointerTo, releaseName } from './servers-steps';
import { withSsh } from './ssh-session';
import { ServersDriverManifest } from '../../../contract/servers-manifest';
import { DriverCall } from '../../../contract/target-manifest';
import { RuntimeContext } from '../../context';
import { ArtifactError } from '../../errors';
import { Artifact, Release, sameRelease } from '../../release';
import { EngineError } from '../engine-error';
import { DriverRequest, Intent, LiveRelease, TargetDriver } from '../target-driver';

/** For a preflight. */
const PATIENCE_MS = 120_000;
/** What the hosts serve is extra information: a rollback does not wait long for it. */
const LIVE_PATIENCE_MS = 20_000;
/** What the hosts serve after a failure is for people. */
const FAILED_PATIENCE_MS = 3_000;
/** Uploads share one line. */
const UPLOADS_AT_ONCE = 4;

/** A host with what it said when this process took over. */
interface Claimed {
  readonly host: ServerHost;
  readonly state: HostState;
}

/**
 * Puts releases on hosts over ssh: each in a folder of its own, and the link `current` leads to one of them. Every host has the release before the first
 * one is switched. Each step may be repeated, so a process that is killed, and a call whose result is unknown, are repeated in the same way.
 */
export class ServersDriver implements TargetDriver {
  public readonly place: string;

  constructor(private readonly context: RuntimeContext, private readonly settings: ServersDriverManifest) {
    this.place = `${settings.directory} on ${listed(settings.hosts.map(({ name }) => name))}`;
  }

  public async preflight(intent: Intent): Promise<void> {
    const { context, settings } = this;
    await preflightServers({
      context,
      settings,
      intent,
      withHosts: (work) => this.withHosts(context.clock.now() + PATIENCE_MS, work),
      artifactOf: (release) => this.artifactOf(release),
    });
  }

  public secretHelp(name: string): string | undefined {
    if (name !== this.settings.privateKeyVariable) return undefined;
    return 'It holds the private key of the account on the hosts, without a passphrase, as ssh-keygen writes it. See docs/targets/servers.md';
  }

  /** A host that is down for long must not keep the others on a bad release: it is named when the others are back. */
  public async checkReachable(): Promise<void> {
    await this.withHosts(this.context.clock.now() + PATIENCE_MS, async (hosts) => {
      const readings = await this.readings(hosts);
      const [first] = readings;
      if (readings.every(({ state }) => state === undefined)) throw new EngineError(first?.error ?? 'unavailable', first?.why ?? 'there is no host');
    });
  }

  public async call(call: DriverCall, request: DriverRequest): Promise<string> {
    switch (call) {
      case 'deploy': return this.withHosts(request.giveUpAt, (hosts) => (request.isRestore ? this.restore(hosts, request) : this.deploy(hosts, request)));
      case 'rollback': return this.withHosts(request.giveUpAt, (hosts) => this.restore(hosts, request));
      case 'promote':
      case 'setWeight': throw new EngineError('rejected', 'hosts without a proxy have no slots');
    }
  }

  /** Restores a release, and restarts it also where it runs already: its services are not reached. */
  public restoreAnew(request: DriverRequest): Promise<string> {
    return this.withHosts(request.giveUpAt, (hosts) => this.restore(hosts, request, true));
  }

  public async liveRelease(): Promise<LiveRelease> {
    try {
      return await this.withHosts(this.context.clock.now() + LIVE_PATIENCE_MS, async (hosts) => liveOf(await this.readings(hosts)));
    } catch (error) {
      if (error instanceof EngineError) return { kind: 'unknown', why: error.message, error: error.kind };
      throw error;
    }
  }

  /** Every host has the release, and Stable, before the first one is switched. The first host that fails stops it. */
  private async deploy(hosts: readonly ServerHost[], request: DriverRequest): Promise<string> {
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
  private async restore(hosts: readonly ServerHost[], { leaving, release, stable }: DriverRequest, isAnew = false): Promise<string> {
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
  private async toRestore(host: ServerHost, release: Release, isAnew: boolean): Promise<(Claimed & { readonly pointer: string }) | undefined> {
    const claimed = await this.claimOne(host);
    const pointer = await this.existing(claimed, release);
    return !isAnew && isDone(claimed.state, pointer) ? undefined : { ...claimed, pointer };
  }

  /** @param from where the pointer must lead now; undefined if that does not matter */
  private async move(
    { host }: Claimed, to: string, release: Release, { from, isAlone }: { readonly from?: string; readonly isAlone: boolean },
  ): Promise<void> {
    const { log } = this.context;
    const title = `${host.name}: current leads to ${to}`;
    const output = isAlone ? undefined : new HostOutput(log);
    if (!output) log.group(title);
    try {
      await host.switchTo(to, from);
      await host.activate(to, release, output ?? log);
    } finally {
      if (output) output.show(title);
      else log.endGroup();
    }
  }

  /** What was wrong, and what each host serves now. */
  private async failure(hosts: readonly ServerHost[], failed: readonly EngineError[]): Promise<EngineError> {
    const what = failed.map(({ message }) => message.replace(/\.$/, '')).join('; ');
    return new EngineError(failed[0]!.kind, `${what}. Now ${describeHosts(await this.readings(hosts, FAILED_PATIENCE_MS))}`);
  }

  private async finish(hosts: readonly ServerHost[], pointer: string | undefined, release: Release, changed: number): Promise<string> {
    const readings = await this.readings(hosts);
    const isRight = ({ state }: HostReading) => state !== undefined && isDone(state, pointer ?? pointerFor(release, state) ?? '');
    if (!readings.every(isRight)) throw new EngineError('conflict', `someone else changed the hosts meanwhile. Now ${describeHosts(readings)}`);
    const all = listed(hosts.map(({ name }) => name));
    return changed === 0 ? `${all} served ${release.version} already` : `${all} ${hosts.length > 1 ? 'serve' : 'serves'} ${release.version}`;
  }

  private readings(hosts: readonly ServerHost[], patienceMs?: number): Promise<HostReading[]> {
    return Promise.all(hosts.map((host) => host.reading(patienceMs)));
  }

  private async claimOne(host: ServerHost): Promise<Claimed> {
    return { host, state: await host.claim() };
  }

  /** All hosts, or nothing is changed. */
  private async claim(hosts: readonly ServerHost[]): Promise<Claimed[]> {
    const failed: EngineError[] = [];
    const claimed = collect(await Promise.allSettled(hosts.map((host) => this.claimOne(host))), failed);
    if (failed.length > 0) throw await this.failure(hosts, failed);
    return claimed;
  }

  /** Uploads a release to the hosts that do not have it. Returns its pointer. */
  private async provide(claimed: readonly Claimed[], release: Release): Promise<string> {
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
  private async existing({ host, state }: Claimed, release: Release): Promise<string> {
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
  private async removeOld(claimed: readonly Claimed[], protectedPointers: readonly string[], stable: Release | undefined): Promise<void> {
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

  private withHosts<T>(giveUpAt: number, work: (hosts: readonly ServerHost[]) => Promise<T>): Promise<T> {
    const { context, settings } = this;
    const token = randomBytes(12).toString('hex');
    return withSsh(context, settings, giveUpAt, ({ connections }) => work(connections.map((connection) => (
      new ServerHost({ environment: context.environment, log: context.log, settings, connection, token, giveUpAt, now: () => context.clock.now() })
    ))));
  }
}
