import { createHash } from 'node:crypto';
import { join } from 'node:path';
import { DistributionPointer } from './distribution-pointer';
import { LivePointer } from './live-pointer';
import { ObjectPointer } from './object-pointer';
import { SiteBucket } from './site-bucket';
import { uploadFiles } from './site-upload';
import { preflightStaticSite } from './static-site-preflight';
import { digestOf, listingOf, liveOf, nameAt, namesOf, newestOf, obsolete, pathOf, pointerStep, uploadStep } from './static-site-steps';
import { DriverCall } from '../../../contract/target-manifest';
import { AwsCli } from '../../../runtime/aws/aws-cli';
import { RuntimeContext } from '../../../runtime/context';
import { ConfigurationError } from '../../../runtime/errors';
import { Release } from '../../../runtime/release';
import { EngineError, isUncertain, pause, unlessUncertain } from '../../../runtime/targets/engine-error';
import { DriverRequest, Intent, LiveRelease, TargetDriver } from '../../../runtime/targets/target-driver';
import { releaseName } from '../../published-files/runtime/release-name';
import { SiteFile, SitePlace, readSite, sitePathsIn } from '../../published-files/runtime/site-files';
import { StaticSiteDriverManifest } from '../manifest';

/** For a preflight. */
const PATIENCE_MS = 120_000;
/** What the engine serves is extra information: a rollback does not wait long for it. */
const LIVE_PATIENCE_MS = 15_000;
/** Between two looks at what changes, or after a call whose result is uncertain. */
const POLL_MS = 1_000;
/** Old releases that are deleted by one deployment. */
const MOST_DELETED = 3;

interface ReleaseFiles {
  readonly files: readonly SiteFile[];
  /** The texts of those that are not in the folder, by path. */
  readonly own: ReadonlyMap<string, string>;
}

/**
 * Uploads each release to a prefix of its own, and moves a pointer to it: the path of a distribution's origin, or an object. Each step
 * reads the state, decides (`static-site-steps.ts`) and makes at most one change. So a process that is killed, and a call whose result is
 * unknown, are repeated in the same way.
 */
export class StaticSiteDriver implements TargetDriver {
  public readonly place: string;
  private readonly cli: AwsCli;

  constructor(private readonly context: RuntimeContext, private readonly settings: StaticSiteDriverManifest) {
    this.cli = new AwsCli(context, settings.region);
    this.place = settings.distribution === undefined ? `the site in the bucket ${settings.bucket}` : `the distribution ${settings.distribution}`;
  }

  public async preflight(intent: Intent): Promise<void> {
    const { cli, context, settings } = this;
    const giveUpAt = context.clock.now() + PATIENCE_MS;
    const bucket = this.bucket(giveUpAt);
    const distribution = settings.distribution === undefined ? undefined : this.distribution(settings.distribution, giveUpAt);
    await preflightStaticSite({ bucket, cli, distribution, environment: context.environment.name, giveUpAt, intent, settings });
    if (intent.kind !== 'rollback') await this.checkFiles(intent.release);
  }

  /** An artifact is placed later, so its tar is read. Rejects with `ConfigurationError`. */
  private async checkFiles(release: Release): Promise<void> {
    const { context: { artifacts, environment, manifest }, settings: { directory } } = this;
    try {
      if (!manifest.artifact || !release.artifact) {await this.files(release);} else {
        const members = await artifacts.membersBelow(release.artifact, directory);
        this.checkOwn(sitePathsIn(members, this.placeOf(release)));
      }
    } catch (error) {
      if (!(error instanceof EngineError)) throw error;
      throw new ConfigurationError(`${environment.name}: ${error.message}. Nothing was changed.`);
    }
  }

  public async checkReachable(): Promise<void> {
    await this.pointer(this.context.clock.now() + PATIENCE_MS).read();
  }

  public async call(call: DriverCall, request: DriverRequest): Promise<string> {
    const { giveUpAt, release, slot } = request;
    const bucket = this.bucket(giveUpAt);
    switch (call) {
      case 'deploy': {
        const name = await this.upload(bucket, release);
        await this.deleteOld(bucket, name, request);
        if (slot !== undefined) return `${release.version} is complete in ${bucket.folderOf(name)}`;
        return this.move(this.pathTo(name), request, { isRestore: false });
      }
      case 'setWeight': throw new EngineError('rejected', 'a static site cannot split its traffic');
      case 'promote': return this.move(await this.existing(bucket, release), request, { isRestore: false });
      case 'rollback': return this.move(await this.existing(bucket, release), request, { isRestore: true });
    }
  }

  public async liveRelease(): Promise<LiveRelease> {
    const giveUpAt = this.context.clock.now() + LIVE_PATIENCE_MS;
    const now = await this.pointer(giveUpAt).read();
    const name = nameAt(now.path, this.settings.prefix);
    return liveOf(now, name === undefined ? undefined : await this.bucket(giveUpAt).record(name));
  }

  /** Returns the name of the release whose files are complete in the bucket. Uploads what is missing. */
  private async upload(bucket: SiteBucket, release: Release): Promise<string> {
    const { context: { log }, settings } = this;
    const { files, own } = await this.files(release);
    const digest = release.artifact?.digest ?? digestOf(files);
    const name = releaseName(release, digest);
    const folder = bucket.folderOf(name);
    for (;;) {
      const objects = await bucket.objects(folder);
      const next = uploadStep(files, objects, folder);
      if (next.step === 'fail') throw new EngineError('conflict', next.why);
      if (next.step === 'upload') {
        log.line(`upload ${next.files.length} of ${files.length} files to ${folder}`);
        await this.unlessUncertain(() => uploadFiles(bucket, this.folder, folder, next.files, settings.headers, own));
        continue;
      }
      const { sha, version } = release;
      const record = { version, sha, ...(release.artifact && { digest }), files: files.length, listing: listingOf(objects) };
      if (!await this.unlessUncertain(() => bucket.complete(name, record))) continue;
      log.line(`${folder} holds the ${files.length} files of ${version}`);
      return name;
    }
  }

  /** The files of the site, and the one that names the release. */
  private async files(release: Release): Promise<ReleaseFiles> {
    const { sha } = release;
    const { releaseFile } = this.settings;
    const found = await readSite(this.folder, this.placeOf(release));
    this.checkOwn(found.map(({ path }) => path));
    // nothing else: the same files of the same commit are the same release, whatever its version is called
    const text = `${JSON.stringify({ sha })}\n`;
    const own: SiteFile = { path: releaseFile, size: Buffer.byteLength(text), md5: createHash('md5').update(text).digest('hex') };
    return { files: [...found, own], own: new Map([[releaseFile, text]]) };
  }

  private checkOwn(paths: readonly string[]): void {
    const { directory, releaseFile } = this.settings;
    if (!paths.includes(releaseFile)) return;
    throw new EngineError('rejected', `Target.staticSite directory: ${directory} holds ${releaseFile}, which the target writes. Remove it, or set releaseFile to another name`);
  }

  private placeOf({ sha }: Release): SitePlace {
    const { directory, prefix } = this.settings;
    return { target: 'Target.staticSite', shown: directory, prefixLength: prefix.length + releaseName({ sha }, '0'.repeat(16)).length + 1 };
  }

  /** Moves the pointer, and waits until users get the release. A deployment gives way to someone else's change; a rollback does not. */
  private async move(path: string, request: DriverRequest, { isRestore }: { readonly isRestore: boolean }): Promise<string> {
    const { log } = this.context;
    const pointer = this.pointer(request.giveUpAt);
    let from: string | undefined;
    let isMoved = false;
    for (let isFirst = true; ; isFirst = false) {
      const now = await pointer.read();
      if (isFirst && !isRestore) from = now.path;
      switch (pointerStep(now, path, from)) {
        case 'elsewhere': throw new EngineError('conflict', `someone else moved ${pointer.name} from ${shown(from)} to ${shown(now.path)} meanwhile`);
        case 'move':
          log.line(`move ${pointer.name} from ${shown(now.path)} to ${shown(path)}`);
          isMoved = true;
          await this.unlessUncertain(() => now.move(path));
          continue;
        case 'wait':
          await pause(this.context, `${pointer.name} is being deployed`, POLL_MS);
          continue;
        case 'done':
      }
      let isRefreshed = false;
      await this.unlessUncertain(async () => { isRefreshed = await now.refresh(); });
      if (isRefreshed) return `${pointer.name} ${isMoved ? 'serves' : 'already served'} ${request.release.version} from ${shown(path)}`;
      await pause(this.context, 'the invalidation is in progress', POLL_MS);
    }
  }

  /** The path of a release that is complete in the bucket. */
  private async existing(bucket: SiteBucket, release: Release): Promise<string> {
    const adopted = pathOf(release);
    if (adopted !== undefined) return adopted;
    const { artifact, sha, version } = release;
    const name = artifact ? releaseName(release, artifact.digest) : newestOf(await bucket.releases(), sha);
    if (name !== undefined && await bucket.record(name)) return this.pathTo(name);
    throw new EngineError('notFound', `the bucket ${bucket.name} has no complete release of ${version} (${sha.slice(0, 7)})`);
  }

  /** Deletes what is older than the newest `keep` releases. That it fails is no reason to stop a deployment. */
  private async deleteOld(bucket: SiteBucket, name: string, { giveUpAt, stable }: DriverRequest): Promise<void> {
    const { log } = this.context;
    const { keep, prefix } = this.settings;
    try {
      const all = await bucket.releases();
      if (all.length <= keep) return;
      const now = await this.pointer(giveUpAt).read();
      const kept = new Set([name, nameAt(now.path, prefix) ?? name, ...stable ? namesOf(stable, all, prefix) : []]);
      for (const old of obsolete(all, keep, kept).slice(0, MOST_DELETED)) {
        log.line(`delete the old release ${bucket.folderOf(old)}`);
        await bucket.delete(old);
      }
    } catch (error) {
      if (!(error instanceof EngineError)) throw error;
      log.line(`old releases stay for now: ${error.message}`);
    }
  }

  /** A part of an upload may be done, even if the rest was throttled: then the state is read again, too. */
  private unlessUncertain(change: () => Promise<void>): Promise<boolean> {
    return unlessUncertain(change, (why) => pause(this.context, why, POLL_MS), (error) => error.kind === 'throttled' || isUncertain(error));
  }

  private pathTo(name: string): string {
    return `/${this.settings.prefix}${name}`;
  }

  private get folder(): string {
    return join(this.context.directory, this.settings.directory);
  }

  private bucket(giveUpAt: number): SiteBucket {
    return new SiteBucket(this.cli, this.settings.bucket, this.settings.prefix, giveUpAt);
  }

  private distribution(distribution: string, giveUpAt: number): DistributionPointer {
    return new DistributionPointer(this.cli, { ...this.settings, distribution }, giveUpAt);
  }

  private pointer(giveUpAt: number): LivePointer {
    const { distribution, prefix } = this.settings;
    return distribution === undefined ? new ObjectPointer(this.bucket(giveUpAt), `${prefix}live.json`) : this.distribution(distribution, giveUpAt);
  }
}

function shown(path: string | undefined): string {
  return path === '' || path === undefined ? '/' : path;
}
