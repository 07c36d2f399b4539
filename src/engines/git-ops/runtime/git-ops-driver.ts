import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { ControllerState } from './controller-state';
import { FollowedCluster } from './followed-cluster';
import { checkFolder, checkFollowed } from './git-ops-preflight';
import { digestOf, FolderState, liveOf, MARKER, messageOf, recordOf, ReleaseRecord, releaseIn, wantedOf } from './git-ops-record';
import { GitOpsRepository, GitOpsRepositoryOptions, Head, sourceOf } from './git-ops-repository';
import { commitStep } from './git-ops-steps';
import { Serving } from './serving';
import { formatDuration } from '../../../contract/duration-text';
import { DriverCall } from '../../../contract/target-manifest';
import { RuntimeContext } from '../../../runtime/context';
import { ConfigurationError } from '../../../runtime/errors';
import { environmentWithoutOurs } from '../../../runtime/processes/command-environment';
import { Release } from '../../../runtime/release';
import { EngineError, isUncertain, unlessUncertain, waitFor } from '../../../runtime/targets/engine-error';
import { PreflightCheck } from '../../../runtime/targets/preflight-check';
import { DriverRequest, Intent, LiveRelease, PlannedChange, TargetDriver } from '../../../runtime/targets/target-driver';
import { withKubectl } from '../../cluster/runtime/cluster-access';
import { kubernetesFixes } from '../../cluster/runtime/kubernetes-fixes';
import { fileChanges } from '../../published-files/runtime/file-changes';
import { readSitePaths, SitePlace, sitePathsIn } from '../../published-files/runtime/site-files';
import { GitOpsDriverManifest } from '../manifest';

/** For a preflight. */
const PATIENCE_MS = 120_000;
/** What the engine serves is extra information: a rollback does not wait long for it. */
const LIVE_PATIENCE_MS = 15_000;
/** The limits of a git command. */
const MOST_GIT_MS = 180_000;
const LEAST_GIT_MS = 5_000;
/** After a push that came too late, or whose result is uncertain. */
const AGAIN_MS = 1_000;
const AUTHOR = { name: 'projen-delivery', email: 'projen-delivery@users.noreply.github.com' };
const PAGE = 'docs/targets/git-ops.md';
const MANIFEST = /\.(?:ya?ml|json)$/;

/**
 * Commits each release to the folder of a repository that a controller follows, and waits until the cluster serves it. Each step reads the state, decides
 * (`git-ops-steps.ts`) and makes at most one change. Nothing is ever forced: a rollback is a commit, too.
 */
export class GitOpsDriver implements TargetDriver {
  public readonly place: string;

  constructor(private readonly context: RuntimeContext, private readonly settings: GitOpsDriverManifest) {
    this.place = `the folder ${settings.path} of ${this.repository.name}`;
  }

  public async preflight(intent: Intent): Promise<void> {
    const { context: { ci, clock, environment, log, run }, settings } = this;
    const { branch, follows, manifests } = settings;
    const token = `Store a token that may write to ${this.repository.name} as the secret ${settings.tokenVariable}, see ${PAGE}`;
    const check = new PreflightCheck(environment.name, 'Target.gitOps', { signedOut: token, accessDenied: token, cliMissing: 'Install git in setupSteps' });
    const giveUpAt = clock.now() + PATIENCE_MS;
    if (run.ref?.type === 'branch' && run.ref.name === branch && ci.repository?.toLowerCase() === this.repository.name.toLowerCase()) {
      check.refuse(`branch: the run was started for ${branch} of this repository, so each release would start the next one`, 'Use another branch, or a repository of its own');
    }
    const defaultBranch = await check.fixed(this.open(giveUpAt, async (repository) => {
      const head = await repository.head();
      if (!head) return check.refuse(`branch: ${this.repository.name} has no branch ${branch}`, 'Create it with a first commit, or correct branch');
      await repository.checkWrite(head);
      checkFolder({ check, head, others: await repository.otherFolders(head), settings });
      return repository.defaultBranch();
    }), `repository: there is no repository ${settings.repository}, or the token in ${settings.tokenVariable} may not read it. Correct repository, or the token`);
    if (intent.kind !== 'rollback') {
      const texts = await check.fixed(this.checkFiles(intent.release).catch((error: unknown) => {
        if (error instanceof EngineError && error.kind === 'rejected') throw new ConfigurationError(`${environment.name}: ${error.message}. Nothing was changed.`);
        throw error;
      }));
      if (texts.length === 0) check.refuse(`manifests: ${manifests} has no YAML or JSON file`, 'Write the manifests there before the release is packed');
    }
    await check.restorable(intent, (needed) => check.fixed(this.problemOf(needed, giveUpAt)));
    if (!follows) return;
    const inCluster = new PreflightCheck(environment.name, 'Target.gitOps', kubernetesFixes(follows.cluster, { option: 'follows', page: 'git-ops' }));
    const followed = await inCluster.fixed(this.withCluster(giveUpAt, (cluster) => cluster.followed()),
      `follows: ${follows.kind === 'flux' ? 'the Kustomization' : 'the Application'} ${follows.name} or what it follows is not in the namespace ${follows.namespace}. Correct follows`);
    checkFollowed({ check: inCluster, defaultBranch, followed, settings });
    for (const { text, title } of followed.warnings) log.warning(title, text);
  }

  public secretHelp(name: string): string | undefined {
    const { follows, tokenVariable } = this.settings;
    if (name === tokenVariable) return `It holds a token that may write to ${this.repository.name}, see ${PAGE}`;
    if (name === follows?.cluster.kubeconfigVariable) return `It holds a kubeconfig, as it is or in base64, of a service account with the Role of ${PAGE}`;
    return undefined;
  }

  public async checkReachable(): Promise<void> {
    const giveUpAt = this.context.clock.now() + PATIENCE_MS;
    await this.open(giveUpAt, (repository) => repository.head());
    if (this.settings.follows) await this.withCluster(giveUpAt, (cluster) => cluster.state());
  }

  public async changes(release: Release, giveUpAt: number): Promise<readonly PlannedChange[]> {
    return this.withFiles(release, (root) => this.open(giveUpAt, async (repository) => {
      const head = await repository.head();
      const before = head ? await repository.folderFiles(head) : new Map<string, string>();
      return fileChanges(before, await this.store(repository, root));
    }));
  }

  public async call(call: DriverCall, request: DriverRequest): Promise<string> {
    if (call === 'promote' || call === 'setWeight') throw new EngineError('rejected', `Target.gitOps has no slots, so it cannot ${call}`);
    const { context, settings: { follows } } = this;
    const { giveUpAt, release } = request;
    const source = call === 'rollback' ? await this.sourceCommits(release, giveUpAt) : undefined;
    return this.open(giveUpAt, async (repository) => {
      const serving = follows && new Serving(context, follows.kind === 'flux' ? 'Flux' : 'Argo CD', request);
      // what ran before does not count against the release; a rollback waits for no cluster before it commits
      if (serving && source === undefined) await this.withCluster(giveUpAt, (cluster) => serving.begin(cluster));
      const { folder, record } = source === undefined ? await this.released(repository, release) : await this.restored(repository, source, release);
      const done = await this.bring(repository, { folder, record, request, isRestore: call === 'rollback' });
      if (!serving) return `${done.said}; the health checks find out when the cluster serves it`;
      const holds = async (revision: string) => {
        const there = revision === done.commit ? folder : await repository.folderOf(revision);
        return there === folder || (typeof there === 'object' && there.tree === folder);
      };
      await this.withCluster(giveUpAt, (cluster) => serving.wait(cluster, done.commit, holds));
      return `${done.said}, and the cluster serves it`;
    });
  }

  public async liveRelease(): Promise<LiveRelease> {
    const { context: { clock }, settings: { branch, follows, path } } = this;
    const giveUpAt = clock.now() + LIVE_PATIENCE_MS;
    return this.open(giveUpAt, async (repository): Promise<LiveRelease> => {
      const head = await repository.head();
      const inRepository = liveOf(head?.folder, path, `${shown(head?.commit)} of ${branch}`);
      const state = follows && await this.stateOrNone(giveUpAt);
      if (!state) return inRepository;
      if (state.live === undefined) return { kind: 'unknown', why: `the cluster is being changed: ${state.why}` };
      const folder = state.live === head?.commit ? head.folder : await repository.folderOf(state.live);
      if (folder === 'unknown') return { kind: 'unknown', why: `the cluster serves the commit ${shown(state.live)}, which ${this.repository.name} does not have: ${state.why}` };
      return liveOf(folder, path, `${shown(state.live)} of ${branch}, which the cluster serves`);
    });
  }

  /** The repository says which release should be live, where the cluster cannot be read. */
  private async stateOrNone(giveUpAt: number): Promise<ControllerState | undefined> {
    try {
      return await this.withCluster(giveUpAt, (cluster) => cluster.state());
    } catch (error) {
      if (!(error instanceof EngineError)) throw error;
      this.context.log.line(`the cluster could not be read, so the repository counts: ${error.message}`);
      return undefined;
    }
  }

  /** The folder with the files of a release on this machine. */
  private async released(repository: GitOpsRepository, release: Release): Promise<{ readonly folder: string; readonly record: ReleaseRecord }> {
    const files = await this.store(repository, this.context.directory);
    const record = recordOf(release, await repository.tree(files), release.artifact?.digest ?? digestOf(files));
    return { folder: await repository.folderWith(record.files, { owner: this.settings.name, release: record }), record };
  }

  /** The folder of the first of these commits of the history that holds the release. */
  private async restored(
    repository: GitOpsRepository, commits: readonly string[], release: Release,
  ): Promise<{ readonly folder: string; readonly record?: ReleaseRecord }> {
    const found: FolderState | undefined = await sourceOf(repository, commits, wantedOf(release)!);
    if (!found) throw new EngineError('notFound', `the commit ${shown(commits[0])} does not hold ${release.version} as it was deployed`);
    return { folder: found.tree, record: releaseIn(found) };
  }

  /** Makes the newest commit of the branch one with the folder. A deployment gives way to someone else's change; a rollback does not. */
  private async bring(
    repository: GitOpsRepository, { folder, isRestore, record, request }: Brought,
  ): Promise<{ readonly commit: string; readonly said: string }> {
    const { context: { log }, settings: { branch, path } } = this;
    const { giveUpAt, release } = request;
    let from: { readonly tree: string | undefined } | undefined;
    // git outlives a process that is killed: after a restore, such a push does not follow the newest commit any more
    let isFenced = !isRestore;
    let first: string | undefined;
    let isPushed = false;
    for (let isFirst = true; ; isFirst = false) {
      const head = await this.patiently(giveUpAt, () => repository.head());
      if (!head) throw new EngineError('notFound', `${this.repository.name} has no branch ${branch}`);
      if (isFirst) [first, from] = [head.commit, isRestore ? undefined : { tree: head.folder?.tree }];
      isFenced ||= head.commit !== first;
      const step = commitStep({ folder: head.folder, wanted: folder, from, isFenced });
      if (step === 'done') return { commit: head.commit, said: `${branch} ${isPushed ? 'has' : 'already had'} ${release.version} in ${path}, commit ${shown(head.commit)}` };
      if (step === 'elsewhere') throw new EngineError('conflict', `someone else changed ${path} in commit ${shown(head.commit)} of ${branch} meanwhile`);
      const isFence = step === 'fence';
      const commit = await repository.commitAfter(head, isFence ? undefined : folder, messageOf(path, record, isRestore));
      log.line(isFence ? `${path} holds ${release.version} already; commit that nothing else follows ${shown(head.commit)}` : `commit ${release.version} to ${path} after ${shown(head.commit)}`);
      try {
        await unlessUncertain(async () => {
          if (await repository.push(head, commit)) isPushed ||= !isFence;
          else throw new EngineError('conflict', `someone else moved ${branch} meanwhile`);
        }, (why) => this.pause(why, giveUpAt));
      } catch (error) {
        if (!isFence || !(error instanceof EngineError) || !['accessDenied', 'full', 'rejected'].includes(error.kind)) throw error;
        log.line(`the release is there, and no push can change that: ${error.message}`);
        isFenced = true;
      }
    }
  }

  /** Where the release to restore is in the history. */
  private async sourceCommits(release: Release, giveUpAt: number): Promise<readonly string[]> {
    const wanted = wantedOf(release);
    const found = wanted ? await this.patiently(giveUpAt, () => GitOpsRepository.find(this.optionsUntil(giveUpAt), wanted)) : [];
    if (found.length === 0) throw new EngineError('notFound', this.missing(release));
    return found;
  }

  private async problemOf(needed: Release, giveUpAt: number): Promise<string | undefined> {
    const wanted = wantedOf(needed);
    const found = wanted ? await GitOpsRepository.find(this.optionsUntil(giveUpAt), wanted) : [];
    if (!wanted || found.length === 0) return this.missing(needed);
    const isThere = await this.open(giveUpAt, async (repository) => await sourceOf(repository, found, wanted) !== undefined);
    return isThere ? undefined : `the commit ${shown(found[0])} of ${this.settings.branch} does not hold ${needed.version} as it was deployed`;
  }

  private missing({ sha, version }: Release): string {
    const { branch, path } = this.settings;
    return `the history of ${branch} has no commit with ${version} (${sha.slice(0, 7)}) in ${path}`;
  }

  /** Repeats a read while the server or the network fails and there is time: nothing was found out, and nothing was changed. */
  private async patiently<T>(giveUpAt: number, read: () => Promise<T>): Promise<T> {
    for (;;) {
      try {
        return await read();
      } catch (error) {
        if (!isUncertain(error)) throw error;
        await this.pause(error.message, giveUpAt);
      }
    }
  }

  private async pause(why: string, giveUpAt: number): Promise<void> {
    const { clock, log } = this.context;
    if (clock.now() + AGAIN_MS >= giveUpAt) throw new EngineError('timeout', why);
    log.line(`${why}; read the state again in ${formatDuration(AGAIN_MS)}`);
    await waitFor(this.context, AGAIN_MS);
  }

  private async open<T>(giveUpAt: number, work: (repository: GitOpsRepository) => Promise<T>): Promise<T> {
    return GitOpsRepository.using(this.optionsUntil(giveUpAt), work);
  }

  private optionsUntil(giveUpAt: number): GitOpsRepositoryOptions {
    const { context: { clock, environment, processEnv }, settings: { branch, path, tokenVariable, user } } = this;
    const token = processEnv[tokenVariable] ?? '';
    if (token === '') throw new EngineError('signedOut', `the environment variable ${tokenVariable} is empty`);
    const leftMs = giveUpAt - clock.now();
    if (leftMs <= 0) throw new EngineError('timeout', 'the command\'s time limit has passed');
    const { name: repository, origin, url } = this.repository;
    return {
      serverUrl: origin,
      repository,
      url,
      branch,
      path,
      user,
      token,
      clock,
      author: AUTHOR,
      secret: tokenVariable,
      env: environmentWithoutOurs(processEnv, environment),
      patienceMs: Math.min(MOST_GIT_MS, Math.max(LEAST_GIT_MS, leftMs)),
    };
  }

  private withCluster<T>(giveUpAt: number, work: (cluster: FollowedCluster) => Promise<T>): Promise<T> {
    const { follows, repository } = this.settings;
    return withKubectl(this.context, follows!.cluster, giveUpAt, (kubectlOf) => work(new FollowedCluster(kubectlOf, follows!, repository, giveUpAt)));
  }

  /** Returns the paths of manifests. Rejects with `EngineError` where the files cannot be a release. An artifact is placed later, so its tar is read. */
  private async checkFiles(release: Release): Promise<string[]> {
    const { context: { artifacts, manifest }, settings: { manifests } } = this;
    const members = manifest.artifact && release.artifact && await artifacts.membersBelow(release.artifact, manifests);
    const paths = members ? sitePathsIn(members, this.files) : await readSitePaths(this.folder(this.context.directory), this.files);
    this.checkPaths(paths);
    return paths.filter((path) => MANIFEST.test(path));
  }

  private async withFiles<T>(release: Release, read: (root: string) => Promise<T>): Promise<T> {
    const { artifacts, directory, manifest } = this.context;
    if (!manifest.artifact || !release.artifact) return read(directory);
    const folder = await mkdtemp(join(tmpdir(), 'delivery-git-ops-'));
    try {
      await artifacts.place(release.artifact, manifest.artifact.paths, folder);
      return await read(folder);
    } finally {
      await rm(folder, { recursive: true, force: true });
    }
  }

  private async store(repository: GitOpsRepository, root: string): Promise<ReadonlyMap<string, string>> {
    const paths = await readSitePaths(this.folder(root), this.files);
    this.checkPaths(paths);
    return repository.store(this.folder(root), paths);
  }

  private checkPaths(paths: readonly string[]): void {
    const { manifests } = this.settings;
    const own = paths.find((path) => path === MARKER || path.endsWith(`/${MARKER}`));
    if (own !== undefined) throw new EngineError('rejected', `Target.gitOps manifests: ${manifests} holds ${own}, which the target writes. Remove it`);
    const ofGit = paths.find((path) => path.split('/').some((part) => part.toLowerCase() === '.git'));
    if (ofGit !== undefined) throw new EngineError('rejected', `Target.gitOps manifests: ${manifests} holds ${ofGit}, which is a part of a git repository. Remove it`);
  }

  private folder(root: string): string {
    return join(root, this.settings.manifests);
  }

  private get files(): SitePlace {
    return { target: 'Target.gitOps', option: 'manifests', shown: this.settings.manifests };
  }

  private get repository(): { readonly name: string; readonly origin: string; readonly url: string } {
    const { origin, pathname } = new URL(this.settings.repository);
    return { name: pathname.replace(/^\/+|\/+$/g, '').replace(/\.git$/, ''), origin, url: this.settings.repository };
  }
}

interface Brought {
  readonly folder: string;
  readonly record?: ReleaseRecord;
  readonly request: DriverRequest;
  readonly isRestore: boolean;
}

const shown = (commit: Head['commit'] | undefined) => commit?.slice(0, 7) ?? 'nothing';
