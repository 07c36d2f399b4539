import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { testCandidate } from './candidate-test';
import { NpmCli } from './npm-cli';
import { identify, preflightNpm, tokenHelp } from './npm-preflight';
import { NpmRegistry } from './npm-registry';
import { DOUBTS, identityIn, liveOf, otherFiles, PackageIdentity, publishStep, TagSituation, tagStep, versionOf } from './npm-steps';
import { packageChanges } from './package-changes';
import { PackageTarball, readTarball, tarballIn } from './package-tarball';
import { DriverCall } from '../../../contract/target-manifest';
import { RuntimeContext } from '../../../runtime/context';
import { Release } from '../../../runtime/release';
import { EngineError, pause, unlessUncertain } from '../../../runtime/targets/engine-error';
import { DriverRequest, Intent, LiveRelease, PlannedChange, TargetDriver } from '../../../runtime/targets/target-driver';
import { NpmDriverManifest } from '../manifest';

/** For a preflight. */
const PATIENCE_MS = 180_000;
/** What the registry serves is extra information: a rollback does not wait long for it. */
const LIVE_PATIENCE_MS = 15_000;
/** Between two looks at what changes, or after a call whose result is uncertain. */
const POLL_MS = 1_000;

/**
 * Publishes a version under a candidate tag, tests it, and moves the tag that users install by. Each step reads the registry, decides
 * (`npm-steps.ts`) and makes at most one change. So a process that is killed, and a call whose result is unknown, are repeated in the
 * same way. A registry may read back what is some seconds old.
 */
export class NpmDriver implements TargetDriver {
  public readonly place: string;
  private readonly cli: NpmCli;

  constructor(private readonly context: RuntimeContext, private readonly settings: NpmDriverManifest) {
    this.cli = new NpmCli(context, settings);
    this.place = `the tag ${settings.distTag} of ${settings.packageName}`;
  }

  public async preflight(intent: Intent): Promise<void> {
    const { cli, context: { environment }, settings } = this;
    await preflightNpm({
      cli,
      registry: this.registry(this.context.clock.now() + PATIENCE_MS),
      environment: environment.name,
      intent,
      settings,
      checksTag: environment.healthChecks.some(({ name }) => name === 'dist-tag'),
      tarballOf: (release) => this.withTarball(release, async (tarball) => tarball),
      pause: (why) => pause(this.context, why, POLL_MS, 'registry'),
    });
  }

  public secretHelp(name: string): string | undefined {
    return name === this.settings.tokenVariable ? tokenHelp(this.settings) : undefined;
  }

  public async checkReachable(): Promise<void> {
    await this.registry(this.context.clock.now() + PATIENCE_MS).tags();
  }

  public async identify(release: Release): Promise<string | undefined> {
    if (release.engineId !== undefined) return release.engineId;
    const registry = this.registry(this.context.clock.now() + PATIENCE_MS);
    return this.withTarball(release, (tarball) => identify(release, registry, tarball));
  }

  /** Compares the package with the version that users get now. */
  public async changes(release: Release, giveUpAt: number): Promise<readonly PlannedChange[]> {
    const registry = this.registry(giveUpAt);
    const live = (await registry.tags())[this.settings.distTag];
    return this.withTarball(release, async (tarball) => {
      if (!tarball) throw new EngineError('notFound', `${this.settings.directory} holds no tarball of ${this.settings.packageName}`);
      return packageChanges(tarball, live === undefined ? undefined : await this.published(registry, live));
    });
  }

  /** What a version of the registry consists of. */
  private async published(registry: NpmRegistry, version: string): Promise<PackageTarball> {
    const folder = await mkdtemp(join(tmpdir(), 'delivery-npm-'));
    try {
      return await readTarball(await registry.download(version, folder), `${this.settings.packageName}@${version}`);
    } finally {
      await rm(folder, { recursive: true, force: true });
    }
  }

  public async call(call: DriverCall, request: DriverRequest): Promise<string> {
    const { giveUpAt, isRestore, release, slot } = request;
    switch (call) {
      case 'deploy': {
        const identity = await this.publish(request);
        const { cli, context, settings } = this;
        await testCandidate({ cli, context, settings, release, identity, giveUpAt, pause: (why) => pause(this.context, why, POLL_MS, 'registry') });
        if (slot !== undefined) return `${release.version} is ${this.spec(identity)}, and passed its test`;
        return this.move(identity, request, isRestore);
      }
      case 'setWeight': throw new EngineError('rejected', 'a registry of npm cannot split its users');
      case 'promote': return this.move(await this.existing(request), request, isRestore);
      case 'rollback': return this.move(await this.existing(request), request, true);
    }
  }

  public async liveRelease(known: () => Promise<readonly Release[]>): Promise<LiveRelease> {
    const registry = this.registry(this.context.clock.now() + LIVE_PATIENCE_MS);
    const version = (await registry.tags())[this.settings.distTag];
    const published = version === undefined ? undefined : await registry.version(version) ?? { version, integrity: '' };
    return liveOf(published, await known());
  }

  /** Returns what the registry holds of the release, under the candidate tag. Publishes it if it is not there. */
  private async publish(request: DriverRequest): Promise<PackageIdentity> {
    return this.withTarball(request.release, async (tarball) => {
      const { log } = this.context;
      const { candidateTag, distTag, packageName, publishes } = this.settings;
      const { giveUpAt, isRestore, release } = request;
      const recorded = identityIn(release);
      const version = recorded?.version ?? tarball?.version ?? versionOf(release);
      if (version === undefined) throw new EngineError('rejected', `${release.version} is no version of npm, and there is no tarball of ${packageName}`);
      const registry = this.registry(giveUpAt);
      const integrity = recorded?.integrity ?? tarball?.integrity;
      const mayPublish = publishes && !isRestore && tarball !== undefined && tarball.integrity === integrity;
      for (let isPublished = false; ;) {
        const next = publishStep({ packageName, version, published: await registry.version(version), integrity, isPublished, mayPublish });
        switch (next.step) {
          case 'fail': throw new EngineError('rejected', next.why);
          case 'wait':
            await pause(this.context, `${packageName}@${version} is not in the registry yet`, POLL_MS, 'registry');
            continue;
          case 'publish':
            log.line(`publish ${packageName}@${version} with the tag ${candidateTag}`);
            isPublished = await this.unlessUncertain(() => registry.publish(tarball!));
            continue;
          case 'done':
        }
        if (isRestore) return next.identity;
        if ((await registry.tags())[distTag] === version) log.line(`${distTag} is ${version} already: users may have it before it is tested`);
        await this.moveTag(registry, candidateTag, version, { givesWay: false, doubts: 0 });
        return next.identity;
      }
    });
  }

  /** Moves the tag that users install by. A deployment gives way to someone else's change; a rollback does not. */
  private async move(identity: PackageIdentity, request: DriverRequest, isRestore: boolean): Promise<string> {
    const { distTag } = this.settings;
    const registry = this.registry(request.giveUpAt);
    const moved = await this.moveTag(registry, distTag, identity.version, { givesWay: !isRestore, doubts: isRestore ? DOUBTS : 0 });
    await this.notices(registry, identity, request);
    return moved ? `${distTag} moved from ${moved.from ?? 'nothing'} to ${this.spec(identity)}` : `${distTag} is ${this.spec(identity)}`;
  }

  /** Returns where the tag was; undefined if it was there already. */
  private async moveTag(
    registry: NpmRegistry, tag: string, wanted: string, how: Pick<TagSituation, 'doubts' | 'givesWay'>,
  ): Promise<{ readonly from: string | undefined } | undefined> {
    let before: string | undefined;
    let readsSinceMove: number | undefined;
    for (let reads = 0, { doubts, givesWay } = how; ; reads++) {
      const now = (await registry.tags())[tag];
      if (reads === 0) before = now;
      switch (tagStep({ now, wanted, before, givesWay, readsSinceMove, doubts })) {
        case 'done': return readsSinceMove === undefined ? undefined : { from: before };
        case 'elsewhere': throw new EngineError('conflict', `someone else moved ${tag} from ${before ?? 'nothing'} to ${now ?? 'nothing'} meanwhile`);
        case 'confirm':
          doubts -= 1;
          await pause(this.context, `${tag} is ${wanted}`, POLL_MS, 'registry');
          continue;
        case 'wait':
          readsSinceMove! += 1;
          await pause(this.context, `${tag} still shows ${now ?? 'nothing'}`, POLL_MS, 'registry');
          continue;
        case 'move':
      }
      this.context.log.line(`move ${tag} from ${now ?? 'nothing'} to ${wanted}`);
      // of a call that failed, nothing is waited for
      readsSinceMove = await this.unlessUncertain(() => registry.moveTag(tag, wanted)) ? 0 : readsSinceMove;
    }
  }

  /** Deprecates the release that is left, and takes that back of the one that users have now. Users have it whether or not this works. */
  private async notices(registry: NpmRegistry, identity: PackageIdentity, { leaving }: DriverRequest): Promise<void> {
    const { log } = this.context;
    const { deprecation, packageName } = this.settings;
    if (deprecation === undefined) return;
    const left = leaving && versionOf(leaving);
    try {
      if ((await registry.version(identity.version))?.deprecated === deprecation) {
        log.line(`remove the deprecation of ${this.spec(identity)}`);
        await registry.deprecate(identity.version, '');
      }
      if (!leaving || left === undefined || left === identity.version) return;
      const published = await registry.version(left);
      if (!published || published.deprecated !== undefined) return;
      if (otherFiles({ packageName, published, integrity: identityIn(leaving)?.integrity }) !== undefined) return;
      log.line(`deprecate ${packageName}@${left}`);
      await registry.deprecate(left, deprecation);
    } catch (error) {
      if (!(error instanceof EngineError)) throw error;
      log.line(`the deprecation is not as it should be: ${error.message}`);
    }
  }

  /** What the registry holds of a release that was published before. */
  private async existing({ giveUpAt, release }: DriverRequest): Promise<PackageIdentity> {
    const { packageName } = this.settings;
    const version = versionOf(release);
    const published = version === undefined ? undefined : await this.registry(giveUpAt).version(version);
    if (!published) throw new EngineError('notFound', `the registry has no ${packageName}@${version ?? release.version}`);
    const why = otherFiles({ packageName, published, integrity: identityIn(release)?.integrity });
    if (why !== undefined) throw new EngineError('rejected', why);
    return published;
  }

  /** Gives `work` the tarball of a release; undefined if it is not on this machine. */
  private async withTarball<T>({ artifact }: Release, work: (tarball: PackageTarball | undefined) => Promise<T>): Promise<T> {
    const { artifacts, directory, manifest } = this.context;
    const { directory: path, packageName } = this.settings;
    const read = async (folder: string) => tarballIn(join(folder, path), path, packageName);
    if (!manifest.artifact) return work(await read(directory));
    if (!artifact) return work(undefined);
    const folder = await mkdtemp(join(tmpdir(), 'delivery-package-'));
    try {
      await artifacts.place(artifact, manifest.artifact.paths, folder);
      return await work(await read(folder));
    } finally {
      await rm(folder, { recursive: true, force: true });
    }
  }

  private spec({ version }: PackageIdentity): string {
    return `${this.settings.packageName}@${version}`;
  }

  private unlessUncertain(change: () => Promise<void>): Promise<boolean> {
    return unlessUncertain(change, (why) => pause(this.context, why, POLL_MS, 'registry'));
  }

  private registry(giveUpAt: number): NpmRegistry {
    return new NpmRegistry(this.cli, this.settings, giveUpAt);
  }
}
