import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { preflightGithubPages } from './github-pages-preflight';
import { adoptedName, digestOf, liveAt, LiveCommit, liveOf, messageOf, moveStep, namesOf, obsolete, RELEASES } from './github-pages-steps';
import { checkLimits, checkSizes, releaseFileOf, storeSite, treeWithDomain, withDomainOf } from './pages-files';
import { DriverCall } from '../../../contract/target-manifest';
import { CiPages, PagesBuild, PagesError, RefMove, SiteCommit, SiteRepository } from '../../../runtime/ci/pages';
import { RuntimeContext } from '../../../runtime/context';
import { ConfigurationError } from '../../../runtime/errors';
import { Release } from '../../../runtime/release';
import { EngineError, isUncertain, pause, unlessUncertain } from '../../../runtime/targets/engine-error';
import { DriverRequest, Intent, LiveRelease, PlannedChange, TargetDriver } from '../../../runtime/targets/target-driver';
import { fileChanges } from '../../published-files/runtime/file-changes';
import { releaseName } from '../../published-files/runtime/release-name';
import { readSitePaths, SitePlace, sitePathsIn } from '../../published-files/runtime/site-files';
import { GithubPagesDriverManifest } from '../manifest';

/** For a preflight. */
const PATIENCE_MS = 120_000;
/** What the engine serves is extra information: a rollback does not wait long for it. */
const LIVE_PATIENCE_MS = 15_000;
/** Between two looks at what changes, or after a call whose result is uncertain. GITHUB_TOKEN has 1,000 requests an hour. */
const POLL_MS = 3_000;
/** Old releases that are deleted by one deployment. */
const MOST_DELETED = 3;

/**
 * Keeps each release as a commit of its own, and moves the branch that GitHub Pages serves to a commit with the same files. Each step reads the
 * state, decides (`github-pages-steps.ts`) and makes at most one change. So a process that is killed, and a call whose result is unknown, are
 * repeated in the same way.
 */
export class GithubPagesDriver implements TargetDriver {
  public readonly place = 'the GitHub Pages site';

  constructor(private readonly context: RuntimeContext, private readonly settings: GithubPagesDriverManifest) {}

  public async preflight(intent: Intent): Promise<void> {
    const { context: { clock, environment, run }, pages, settings } = this;
    const giveUpAt = clock.now() + PATIENCE_MS;
    await preflightGithubPages({ pages, engine: asEngine, environment: environment.name, giveUpAt, intent, ref: run.ref, settings });
    if (intent.kind !== 'rollback') await this.checkFiles(intent.release);
  }

  /** An artifact is placed later, so its tar is read. Rejects with `ConfigurationError`. */
  private async checkFiles(release: Release): Promise<void> {
    const { context: { artifacts, environment, manifest }, settings: { directory } } = this;
    try {
      const members = manifest.artifact && release.artifact && await artifacts.membersBelow(release.artifact, directory);
      const paths = members ? sitePathsIn(members, this.files) : await readSitePaths(this.folder, this.files);
      this.checkPaths(paths);
      if (members) checkLimits(members.map(({ name, size }) => ({ path: name, size })));
      else await checkSizes(this.folder, paths);
    } catch (error) {
      if (!(error instanceof EngineError)) throw error;
      throw new ConfigurationError(`${environment.name}: ${error.message}. Nothing was changed.`);
    }
  }

  public async checkReachable(): Promise<void> {
    await this.live(this.context.clock.now() + PATIENCE_MS);
  }

  public async changes(release: Release, giveUpAt: number): Promise<readonly PlannedChange[]> {
    const { context: { artifacts, directory, manifest }, settings: { branch } } = this;
    const read = (root: string) => this.open(giveUpAt, async (repository) => {
      const commit = await repository.fetchCommit(this.ref);
      const before = commit === undefined ? new Map<string, string>() : await repository.filesOf(commit.id);
      const after = await this.store(repository, root, release);
      return fileChanges(before, withDomainOf(before, after));
    });
    if (!manifest.artifact || !release.artifact) return read(directory);
    const folder = await mkdtemp(join(tmpdir(), `delivery-${branch.replace(/\W/g, '-')}-`));
    try {
      await artifacts.place(release.artifact, manifest.artifact.paths, folder);
      return await read(folder);
    } finally {
      await rm(folder, { recursive: true, force: true });
    }
  }

  public async call(call: DriverCall, request: DriverRequest): Promise<string> {
    const { release, slot } = request;
    switch (call) {
      case 'deploy': {
        const name = await this.keep(request);
        await this.deleteOld(name, request);
        if (slot !== undefined) return `${release.version} is complete in ${RELEASES}${name}`;
        return this.move(name, request, false);
      }
      case 'setWeight': throw new EngineError('rejected', 'GitHub Pages cannot split its traffic');
      case 'promote': return this.move(await this.existing(request), request, false);
      case 'rollback': return this.move(await this.existing(request), request, true);
    }
  }

  public async liveRelease(): Promise<LiveRelease> {
    if (!this.context.ci.pages) return { kind: 'unknown', why: 'the site can be read only in a job, with its GITHUB_TOKEN', error: 'signedOut' };
    return liveOf(await this.live(this.context.clock.now() + LIVE_PATIENCE_MS), this.settings.branch);
  }

  /** Returns the name of the release whose files are complete in the repository. Pushes them if they are not there. */
  private async keep({ giveUpAt, release }: DriverRequest): Promise<string> {
    const { context: { directory, log } } = this;
    for (;;) {
      const made = await this.open(giveUpAt, async (repository): Promise<string | undefined> => {
        const files = await this.store(repository, directory, release);
        const digest = release.artifact?.digest ?? digestOf(files);
        const name = releaseName(release, digest);
        const ref = `${RELEASES}${name}`;
        const tree = await repository.tree(files);
        const stored = (await repository.refs([ref])).size === 0 ? undefined : (await this.commits(giveUpAt, [ref])).get(ref);
        if (stored?.tree === tree) {
          log.line(`${ref} holds the ${files.size} files of ${release.version}`);
          return name;
        }
        if (stored) throw new EngineError('conflict', `${ref} has other files than the release: someone else put them there. Delete it: git push origin :${ref}`);
        const { sha, version } = release;
        const record = { version, sha, ...(release.artifact && { digest }) };
        log.line(`push ${files.size} files to ${ref}`);
        // what another process pushed at the same moment is read next
        await this.unlessUncertain(async () => {
          const to = await repository.commit(tree, messageOf(name, record, tree));
          await this.push(repository, [{ ref, from: undefined, to }]);
        }, giveUpAt);
        return undefined;
      });
      if (made !== undefined) return made;
    }
  }

  /** Moves the branch, and waits until the site is built from it. A deployment gives way to someone else's change; a rollback does not. */
  private async move(wanted: string, request: DriverRequest, isRestore: boolean): Promise<string> {
    const { context: { clock, log }, pages, settings: { branch } } = this;
    const { giveUpAt, release } = request;
    let from: { readonly commit: string | undefined } | undefined;
    let isMoved = false;
    // git outlives a process that is killed: a restore replaces the commit that such a push expects, even where the release is live already
    let isFenced = !isRestore;
    let first: string | undefined;
    let known: { readonly commit: string; readonly since: number } | undefined;
    let [requests, requestedAt] = [0, 0];
    let buildBefore: PagesBuild | undefined;
    for (let isFirst = true; ; isFirst = false) {
      const live = await this.patiently(giveUpAt, () => this.live(giveUpAt));
      if (isFirst) first = live?.commit.id;
      if (isFirst && !isRestore) from = { commit: first };
      isFenced ||= live?.commit.id !== first;
      if (live && known?.commit !== live.commit.id) [known, requests] = [{ commit: live.commit.id, since: clock.now() }, 0];
      const build = live?.name === wanted ? await this.patiently(giveUpAt, () => asEngine(() => pages.build())) : undefined;
      const now = clock.now();
      const times = { sinceMs: now - (known?.since ?? now), sinceRequestMs: now - requestedAt, leftMs: giveUpAt - now };
      switch (moveStep({ live, wanted, from, isFenced, build, requests, buildBefore, ...times })) {
        case 'done': return `${branch} ${isMoved ? 'serves' : 'already served'} ${release.version} from commit ${live!.commit.id.slice(0, 7)}`;
        case 'elsewhere': throw new EngineError('conflict', `someone else moved ${branch} from ${shown(from?.commit)} to ${shown(live?.commit.id)} meanwhile`);
        case 'failed': throw new EngineError('rejected', `GitHub Pages did not build the site: ${build?.error ?? 'it does not say why'}`);
        case 'move':
          isMoved ||= live?.name !== wanted;
          isFenced = await this.movedOrRefused(wanted, live, giveUpAt) || isFenced;
          continue;
        case 'request':
          [requests, requestedAt, buildBefore] = [requests + 1, now, build];
          log.line(`request a build of ${branch}`);
          if (await this.unlessUncertain(() => asEngine(() => pages.requestBuild()), giveUpAt)) await this.awaitBuild('the build was requested', live!, build, giveUpAt);
          continue;
        case 'wait': await this.awaitBuild('GitHub Pages builds the site', live!, build, giveUpAt);
      }
    }
  }

  private async awaitBuild(why: string, live: LiveCommit, build: PagesBuild | undefined, giveUpAt: number): Promise<void> {
    if (!this.hasTime(giveUpAt)) {
      const last = build?.status === 'failed' && build.commit === live.commit.id ? `. The last build failed: ${build.error ?? 'it does not say why'}` : '';
      throw new EngineError('overdue', `GitHub Pages has not built ${this.settings.branch} from commit ${shown(live.commit.id)} within the command's time limit${last}`);
    }
    await pause(this.context, why, POLL_MS);
  }

  /** Repeats a read while GitHub or the network fails and there is time: nothing was found out, and nothing was changed. */
  private async patiently<T>(giveUpAt: number, read: () => Promise<T>): Promise<T> {
    for (;;) {
      try {
        return await read();
      } catch (error) {
        if (!(error instanceof EngineError) || !['throttled', 'timeout', 'unavailable'].includes(error.kind) || !this.hasTime(giveUpAt)) throw error;
        await pause(this.context, error.message, POLL_MS);
      }
    }
  }

  /** Whether the state can be read again after a pause. */
  private hasTime(giveUpAt: number): boolean {
    return this.context.clock.now() + POLL_MS < giveUpAt;
  }

  /** Returns whether every push is refused, where the release is live already: then nothing can move the branch. */
  private async movedOrRefused(wanted: string, live: LiveCommit | undefined, giveUpAt: number): Promise<boolean> {
    try {
      await this.unlessUncertain(() => this.publish(wanted, live, giveUpAt), giveUpAt);
      return false;
    } catch (error) {
      if (!(error instanceof EngineError) || live?.name !== wanted || !['accessDenied', 'full', 'rejected'].includes(error.kind)) throw error;
      this.context.log.line(`the release is live, and no push can move it: ${error.message}`);
      return true;
    }
  }

  /** Moves the branch from what is live to a new commit with the files of a release. */
  private async publish(name: string, live: LiveCommit | undefined, giveUpAt: number): Promise<void> {
    const { context: { log }, pages, settings: { branch } } = this;
    await this.open(giveUpAt, async (repository) => {
      const stored = await repository.fetchCommit(`${RELEASES}${name}`);
      // what someone else put on the branch has no other reference yet
      const source = stored ?? (live !== undefined && adoptedName(live.commit.id) === name ? await repository.fetchCommit(this.ref) : undefined);
      if (source === undefined) throw new EngineError('notFound', `the repository has no ${RELEASES}${name}`);
      const tree = await treeWithDomain(repository, source, (await pages.site())?.domain);
      const commit = await repository.commit(tree, messageOf(name, liveAt(source).record, tree, live?.commit.id ?? 'nothing'));
      const moves: RefMove[] = [{ ref: this.ref, from: live?.commit.id, to: commit }, ...await this.keepForeign(repository, live)];
      log.line(`move ${branch} from ${shown(live?.commit.id)} to ${commit.slice(0, 7)}`);
      await this.push(repository, moves);
    });
  }

  /** What someone else put on the branch stays, so that it can be restored. */
  private async keepForeign(repository: SiteRepository, live: LiveCommit | undefined): Promise<RefMove[]> {
    if (!live || live.record || adoptedName(live.commit.id) !== live.name) return [];
    const ref = `${RELEASES}${live.name}`;
    if ((await repository.refs([ref])).has(ref) || (await repository.fetchCommit(this.ref))?.id !== live.commit.id) return [];
    return [{ ref, from: undefined, to: live.commit.id }];
  }

  /** The name of a release that was published before. */
  private async existing({ giveUpAt, release }: DriverRequest): Promise<string> {
    const { settings: { branch } } = this;
    const refs = await this.patiently(giveUpAt, () => this.open(giveUpAt, (repository) => repository.refs([this.ref, `${RELEASES}*`])));
    const stored = [...refs.keys()].filter((ref) => ref.startsWith(RELEASES)).map((ref) => ref.slice(RELEASES.length));
    const head = refs.get(this.ref);
    const names = namesOf(release, stored);
    const found = names.find((name) => stored.includes(name)) ?? (head === undefined ? undefined : names.find((name) => name === adoptedName(head)));
    if (found === undefined) throw new EngineError('notFound', `neither ${branch} nor a reference below ${RELEASES} has the site of ${release.version} (${release.sha.slice(0, 7)})`);
    return found;
  }

  /** Deletes what is older than the newest `keep` releases. That it fails is no reason to stop a deployment. */
  private async deleteOld(name: string, { giveUpAt, stable }: DriverRequest): Promise<void> {
    const { context: { log }, settings: { keep } } = this;
    try {
      await this.open(giveUpAt, async (repository) => {
        const refs = await repository.refs([`${RELEASES}*`]);
        if (refs.size <= keep) return;
        const commits = await this.commits(giveUpAt, [this.ref, `${RELEASES}*`]);
        const head = commits.get(this.ref);
        const stored = new Map([...commits].filter(([ref]) => ref.startsWith(RELEASES)).map(([ref, commit]) => [ref.slice(RELEASES.length), commit]));
        const kept = new Set([name, ...head ? [liveAt(head).name] : [], ...stable ? namesOf(stable, [...stored.keys()]) : []]);
        for (const old of obsolete(stored, keep, kept).slice(0, MOST_DELETED)) {
          log.line(`delete the old release ${RELEASES}${old}`);
          await this.push(repository, [{ ref: `${RELEASES}${old}`, from: stored.get(old)!.id, to: undefined }]);
        }
      });
    } catch (error) {
      if (!(error instanceof EngineError)) throw error;
      log.line(`old releases stay for now: ${error.message}`);
    }
  }

  /** What the branch leads to. */
  private async live(giveUpAt: number): Promise<LiveCommit | undefined> {
    const head = (await this.commits(giveUpAt, [this.ref])).get(this.ref);
    return head && liveAt(head);
  }

  private commits(giveUpAt: number, patterns: readonly string[]): Promise<ReadonlyMap<string, SiteCommit>> {
    return asEngine(() => this.pages.commits(this.settings.branch, giveUpAt, patterns));
  }

  private async store(repository: SiteRepository, root: string, { sha }: Release): Promise<ReadonlyMap<string, string>> {
    const { directory, releaseFile } = this.settings;
    const folder = join(root, directory);
    const paths = await readSitePaths(folder, this.files);
    this.checkPaths(paths);
    return storeSite(repository, folder, paths, releaseFileOf(releaseFile, sha));
  }

  private checkPaths(paths: readonly string[]): void {
    const { directory, releaseFile } = this.settings;
    if (paths.includes(releaseFile)) {
      throw new EngineError('rejected', `Target.githubPages directory: ${directory} holds ${releaseFile}, which the target writes. Remove it, or set releaseFile to another name`);
    }
    const ofGit = paths.find((path) => path.split('/').some((part) => part.toLowerCase() === '.git'));
    if (ofGit !== undefined) throw new EngineError('rejected', `Target.githubPages directory: ${directory} holds ${ofGit}, which is a part of a git repository. Remove it`);
  }

  /** A move that came too late changes nothing: the state is read again. */
  private async push(repository: SiteRepository, moves: readonly RefMove[]): Promise<void> {
    if (!await asEngine(() => repository.push(moves))) throw new EngineError('conflict', `someone else moved ${moves.map(({ ref }) => ref).join(' or ')} meanwhile`);
  }

  private open<T>(giveUpAt: number, work: (repository: SiteRepository) => Promise<T>): Promise<T> {
    if (giveUpAt <= this.context.clock.now()) throw new EngineError('timeout', 'the command\'s time limit has passed');
    return asEngine(() => this.pages.open(this.settings.branch, giveUpAt, work));
  }

  /** Without time left, its error counts. */
  private unlessUncertain(change: () => Promise<void>, giveUpAt: number): Promise<boolean> {
    return unlessUncertain(change, (why) => pause(this.context, why, POLL_MS), (error) => isUncertain(error) && this.hasTime(giveUpAt));
  }

  private get pages(): CiPages {
    const { ci: { pages }, environment: { name } } = this.context;
    if (pages) return pages;
    throw new ConfigurationError(`${name}: Target.githubPages: it publishes only from a job of GitHub Actions, with the job's token. Start the workflow, or pass the token to the step: env: { GITHUB_TOKEN: \${{ github.token }} }. Nothing was changed.`);
  }

  private get ref(): string {
    return `refs/heads/${this.settings.branch}`;
  }

  private get folder(): string {
    return join(this.context.directory, this.settings.directory);
  }

  private get files(): SitePlace {
    return { target: 'Target.githubPages', shown: this.settings.directory };
  }
}

const shown = (commit: string | undefined) => commit?.slice(0, 7) ?? 'nothing';

async function asEngine<T>(call: () => Promise<T>): Promise<T> {
  try {
    return await call();
  } catch (error) {
    if (error instanceof PagesError) throw new EngineError(error.kind, error.message);
    throw error;
  }
}
