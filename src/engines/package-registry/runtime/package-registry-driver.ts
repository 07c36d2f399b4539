import { mkdtemp, readdir, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { basename, join } from 'node:path';
import { hashesOf } from './file-hashes';
import { InstalledPackage, PackageFile, PackageRegistry, PublishedVersion } from './package-registry';
import { installedOther, latestOf, liveOf, PublicationSituation, publicationStep } from './publication-steps';
import { registryOf } from './registry-of';
import { DriverCall } from '../../../contract/target-manifest';
import { RuntimeContext } from '../../../runtime/context';
import { Release } from '../../../runtime/release';
import { safeLine } from '../../../runtime/reporting/untrusted-text';
import { EngineError, pause } from '../../../runtime/targets/engine-error';
import { PreflightCheck } from '../../../runtime/targets/preflight-check';
import { runSmokeCommand } from '../../../runtime/targets/smoke-command';
import { DriverRequest, Intent, LiveRelease, TargetDriver } from '../../../runtime/targets/target-driver';
import { PackageRegistryDriverManifest } from '../manifest';

/** For a preflight. */
const PATIENCE_MS = 180_000;
/** What the registry serves is extra information. */
const LIVE_PATIENCE_MS = 15_000;
/** Between two looks at the registry; the last one is repeated. */
const PAUSES_MS = [1_000, 2_000, 4_000, 8_000, 15_000];
/** How long the tool of users may not find a version that the registry serves already: another server of it responds. */
const VISIBLE_MS = 5 * 60_000;

/**
 * Waits for a version that someone else publishes, compares its files, installs it into an empty project, and tests it there. It changes nothing, so
 * it can be repeated at any time. What is published cannot be taken back: the manifest's `noRollback` says so.
 */
export class PackageRegistryDriver implements TargetDriver {
  public readonly place: string;
  private readonly registry: PackageRegistry;

  constructor(private readonly context: RuntimeContext, private readonly settings: PackageRegistryDriverManifest) {
    this.registry = registryOf(context, settings.registry);
    this.place = this.registry.place;
  }

  public async preflight({ release }: Intent): Promise<void> {
    const { environment: { name }, clock } = this.context;
    const { packageName, place, toolFix } = this.registry;
    const giveUpAt = clock.now() + PATIENCE_MS;
    const check = new PreflightCheck(name, 'Target.registry', {
      cliMissing: toolFix,
      signedOut: 'The registry must be readable without a sign-in',
      accessDenied: 'The registry must be readable without a sign-in',
      rejected: 'Correct the registry and the package in Target.registry',
    });
    const built = await this.built(release);
    const version = this.versionOf(release, built);
    if (version === undefined) {
      check.refuse(`registry: the release is named ${release.version}, which is no version of ${packageName}`, this.registry.misnamed?.(release) ?? 'Name releases by their version (Trigger.release, Trigger.tag)');
    }
    if (built && built.files.length === 0) {
      check.refuse(`registry: ${this.registry.directory} has no file of ${packageName} ${version}${built.other === undefined ? '' : `, but ${built.other}`}`, 'Correct directory, or leave it out: then no files are compared');
    }
    await check.fixed(this.registry.toolVersion(giveUpAt));
    await check.fixed(this.registry.versions(giveUpAt));
    this.context.log.line(`${place} is read without a sign-in; the release is the version ${version}`);
  }

  public async checkReachable(): Promise<void> {
    await this.registry.versions(this.context.clock.now() + PATIENCE_MS);
  }

  public publishedAs(release: Release): string | undefined {
    return this.versionOf(release, undefined);
  }

  public async identify(release: Release): Promise<string | undefined> {
    return release.engineId ?? this.versionOf(release, await this.built(release));
  }

  public async call(call: DriverCall, request: DriverRequest): Promise<string> {
    if (call !== 'deploy') throw new EngineError('rejected', `${this.place} cannot take a release back, so there is no ${call}`);
    const { release } = request;
    const built = await this.built(release);
    const version = release.engineId ?? this.versionOf(release, built);
    if (version === undefined) throw new EngineError('rejected', `${release.version} is no version of ${this.registry.packageName}`);
    const published = await this.published(version, { built: built?.files, sha: release.sha }, request.giveUpAt);
    const { identity } = await this.test(published, request);
    return `${this.spec(published.version)}${identity === undefined ? '' : ` (${safeLine(identity, 80)})`} is served by ${this.place}, and ${this.settings.smoke === undefined ? 'was installed' : 'passed its test'}`;
  }

  public async liveRelease(known: () => Promise<readonly Release[]>, said?: Release): Promise<LiveRelease> {
    const { registry } = this;
    const giveUpAt = this.context.clock.now() + LIVE_PATIENCE_MS;
    const releases = [...await known(), ...(said ? [said] : [])];
    const versionOf = (release: Release) => release.engineId ?? registry.versionNamed(release);
    const newest = releases[0] && versionOf(releases[0]);
    // the newest one and Stable; older ones are in the list by now
    const expected = new Set([...releases.slice(0, 2), ...(said ? [said] : [])].flatMap((release) => versionOf(release) ?? []));
    const versions = await this.withUnlisted(await registry.versions(giveUpAt), expected, giveUpAt);
    const latest = latestOf(versions, registry, newest !== undefined && registry.isPrerelease(newest));
    return liveOf(latest, releases, versionOf, registry.compare);
  }

  /** A list of versions may be an hour old: those that are missing in it are looked for by their names. */
  private async withUnlisted(listed: readonly PublishedVersion[], expected: Iterable<string>, giveUpAt: number): Promise<PublishedVersion[]> {
    const all = [...listed];
    for (const version of expected) {
      if (all.some((one) => this.registry.compare(one.version, version) === 0)) continue;
      const published = await this.registry.publication(version, giveUpAt);
      if (published && published.files.length > 0) all.push(published);
    }
    return all;
  }

  /** Waits until the registry serves the version. Rejects if it serves something else. */
  private async published(version: string, ours: Pick<PublicationSituation, 'built' | 'sha'>, giveUpAt: number): Promise<PublishedVersion> {
    const { registry } = this;
    const spec = this.spec(version);
    for (let looks = 0; ; looks++) {
      const published = await this.look(version, giveUpAt);
      const next = 'why' in published ? { step: 'wait' as const, why: published.why } : publicationStep({ spec, published: published.found, ...ours });
      if (next.step === 'fail') throw new EngineError('rejected', next.why);
      if (next.step === 'done' && 'found' in published && published.found) return published.found;
      const why = 'why' in next ? next.why : `the registry does not serve ${spec} yet`;
      const pauseMs = PAUSES_MS[Math.min(looks, PAUSES_MS.length - 1)]!;
      if (this.context.clock.now() + pauseMs >= giveUpAt) throw new EngineError('why' in published ? 'unavailable' : 'overdue', `${why}; it was waited for until the time limit of the command. If the publication failed, repeat it; if ${registry.place} is slow, set commandTimeout`);
      await pause(this.context, why, pauseMs, 'registry');
    }
  }

  /** A registry that fails for a while is waited for, too. */
  private async look(version: string, giveUpAt: number): Promise<{ readonly found: PublishedVersion | undefined } | { readonly why: string }> {
    try {
      return { found: await this.registry.publication(version, giveUpAt) };
    } catch (error) {
      if (error instanceof EngineError && ['throttled', 'unavailable', 'timeout'].includes(error.kind)) return { why: error.message };
      throw error;
    }
  }

  /** Installs the version into an empty project, and runs the smoke command there. */
  private async test(published: PublishedVersion, { giveUpAt, release }: DriverRequest): Promise<InstalledPackage> {
    const { context, settings: { smoke } } = this;
    const spec = this.spec(published.version);
    const folder = await mkdtemp(join(tmpdir(), 'delivery-package-'));
    try {
      const project = join(folder, 'project');
      context.log.line(`install ${spec} into an empty project`);
      const installed = await this.install({ version: published.version, folder, project, giveUpAt });
      const other = installedOther(spec, installed, published);
      if (other !== undefined) throw new EngineError('rejected', other);
      if (smoke !== undefined) await runSmokeCommand({ context, line: smoke, release, spec, cwd: project, env: installed.env, giveUpAt });
      return installed;
    } finally {
      await rm(folder, { recursive: true, force: true, maxRetries: 3 });
    }
  }

  private async install(installation: Parameters<PackageRegistry['install']>[0]): ReturnType<PackageRegistry['install']> {
    const visibleUntil = this.context.clock.now() + VISIBLE_MS;
    for (let tries = 0; ; tries++) {
      try {
        return await this.registry.install(installation);
      } catch (error) {
        if (!(error instanceof EngineError) || error.kind !== 'notFound' || this.context.clock.now() >= visibleUntil) throw error;
        await pause(this.context, error.message, PAUSES_MS[Math.min(tries, PAUSES_MS.length - 1)]!, 'registry');
      }
    }
  }

  /** The version of a release: its name says it, or the files that were built. */
  private versionOf(release: Release, built: BuiltFiles | undefined): string | undefined {
    const ofFile = () => built?.files.map(({ name }) => this.registry.versionOfFile(name)).find((version) => version !== undefined);
    return release.engineId ?? this.registry.versionNamed(release) ?? ofFile();
  }

  /** The files that were built for a release; undefined if they are not compared. */
  private async built(release: Release): Promise<BuiltFiles | undefined> {
    const { artifacts, directory, manifest } = this.context;
    const path = this.registry.directory;
    if (path === undefined) return undefined;
    if (!manifest.artifact) return this.filesIn(join(directory, path), release);
    if (!release.artifact) return { files: [] };
    const folder = await mkdtemp(join(tmpdir(), 'delivery-files-'));
    try {
      await artifacts.place(release.artifact, manifest.artifact.paths, folder);
      return await this.filesIn(join(folder, path), release);
    } finally {
      await rm(folder, { recursive: true, force: true });
    }
  }

  private async filesIn(folder: string, release: Release): Promise<BuiltFiles> {
    const { registry } = this;
    const named = registry.versionNamed(release);
    const paths = await readdir(folder, { recursive: registry.isNested ?? false }).catch((): string[] => []);
    const compared = registry.comparedFiles?.(paths.map((path) => basename(path)), named);
    const found = paths.sort().flatMap((path) => {
      const version = registry.versionOfFile(basename(path));
      return version === undefined ? [] : [{ path, version }];
    });
    const isOurs = compared
      ? ({ path }: BuiltPath) => compared.includes(basename(path))
      : ({ version }: BuiltPath) => named === undefined || registry.compare(version, named) === 0;
    const ours = found.filter(isOurs);
    const files = await Promise.all(ours.map(async ({ path }) => ({ name: basename(path), ...hashesOf(await readFile(join(folder, path))) })));
    return { files, ...(ours.length === 0 && found[0] !== undefined && { other: basename(found[0].path) }) };
  }

  private spec(version: string): string {
    return `${this.registry.packageName} ${version}`;
  }
}

interface BuiltPath {
  readonly path: string;
  readonly version: string;
}

interface BuiltFiles {
  readonly files: readonly PackageFile[];
  /** A file of another version. */
  readonly other?: string;
}
