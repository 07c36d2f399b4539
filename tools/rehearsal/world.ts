import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { basename, join } from 'node:path';
import { Checkout } from './checkout';
import { Delivered } from './control-server';
import { journeyTo, Push } from './journey';
import { recordLiveSlot } from './live-slot';
import { LocalService } from './local-service';
import { OwnCommands } from './own-commands';
import { OwnService } from './own-service';
import { commitRelease, git, Project } from './project';
import { ReplacedSteps } from './replaced-steps';
import { isEverHealthy, RehearsalError, Scenario } from './scenario';
import { CallRecord } from './service';
import { Services, startServices } from './services';
import { Seen } from './users';
import { Manifest, secretNames } from '../../src/contract/manifest';
import { GithubActions, RunEvent, RunRecord, WorkflowRejected, WorkflowRun } from '../github-actions-emulator';
import { StoredDeployment } from '../github-api-stand-in/repository';
import { GithubStandIn } from '../github-api-stand-in/stand-in';

/** A state that the ledger recorded. */
export interface PhaseRecord {
  readonly state: string;
  readonly note: string;
}

export interface Outcome {
  readonly scenario: Scenario;
  readonly environment: string;
  /** The release that was rehearsed, and the one that was live before. */
  readonly version: string;
  readonly before: string;
  /** The last run: what a person sees in GitHub. */
  readonly run: RunRecord;
  /** Empty if the environment was never touched. */
  readonly phases: readonly PhaseRecord[];
  /** What users get at the end. */
  readonly live: string | undefined;
  readonly calls: readonly CallRecord[];
  readonly users: Seen;
  readonly delivered: readonly Delivered[];
  /** The slot that the project's own commands gave to users. */
  readonly slot?: string;
  /** Issues and comments of the channel that writes them. */
  readonly issues: readonly string[];
  readonly seconds: number;
}

const TAGS = 'refs/tags/';
const TASK = 'delivery';
const API_ERRORS = 3;
/** Those that nothing has closed yet. */
const open = new Set<World>();

/** Ends every process of the rehearsals and removes their files, at once: this process is about to end. */
export function abandonWorlds(): void {
  for (const world of open) world.abandon();
}

/** One repository on a GitHub of this machine, with a local service for each environment. Scenarios follow one another in it. */
export class World {
  /** @param own the environment whose own commands are executed; by default none */
  public static async open(project: Project, environment: string, own?: OwnCommands): Promise<World> {
    const root = mkdtempSync(join(tmpdir(), 'delivery-rehearsal-'));
    try {
      const repository = join(root, 'repository');
      const checkout = own && Checkout.copy(project, repository, own.before);
      const services = await startServices(project.manifest, own);
      if (!checkout) project.copyTo(repository, services.rehearsed.manifest);
      const name = `rehearsal/${basename(project.root).replace(/[^\w.-]+/g, '-')}`;
      const api = await GithubStandIn.start({ repository: name, rateLimit: 100_000 });
      return new World({ ...services, project, environment, root, repository, name, checkout, api });
    } catch (error) {
      rmSync(root, { recursive: true, force: true });
      throw error;
    }
  }

  public readonly replaced: ReplacedSteps;
  public readonly notes: readonly string[];
  private readonly actions: GithubActions;
  private readonly service: LocalService | OwnService;
  private releases = 0;
  private stable: string | undefined;
  private approves = true;
  /** The run of the environment. */
  private current: WorkflowRun | undefined;

  private constructor(private readonly options: Services & {
    readonly project: Project;
    readonly environment: string;
    readonly root: string;
    readonly repository: string;
    readonly name: string;
    /** Where the project's own commands are executed. */
    readonly checkout: Checkout | undefined;
    readonly api: GithubStandIn;
  }) {
    const { all, api, checkout, environment, name, project, rehearsed, repository, root, secrets } = options;
    this.service = all.get(environment) ?? fail(project, environment);
    this.notes = rehearsed.notes;
    this.replaced = new ReplacedSteps(() => project.workflows.values(), {
      builds: checkout !== undefined, ...(checkout && { inPlace: (workspace: string) => checkout.linkInstalled(workspace) }),
    });
    this.actions = new GithubActions({
      root,
      repository,
      repositoryName: name,
      api,
      secrets: { ...Object.fromEntries(secretNames(project.manifest).map((secret) => [secret, 'rehearsed-secret'])), ...secrets },
      environments: { [this.githubEnvironment]: { approve: () => Promise.resolve(this.approves) } },
      replaceStep: this.replaced.replace,
      onEvent: (event, run) => this.onEvent(event, run),
    });
    open.add(this);
  }

  private onEvent: (event: RunEvent, run: WorkflowRun) => void = () => undefined;

  /**
   * Deploys the first release. Throws `RehearsalError` if it does not become Stable.
   *
   * @param slot the one that users are on
   */
  public async begin(slot?: string): Promise<void> {
    const isInUse = this.service instanceof OwnService && await this.service.responds();
    if (slot !== undefined || isInUse) await this.recordLive(slot);
    const { run, version } = await this.deploy();
    if (await this.service.live() === version && this.lastState() === 'stable') {
      this.stable = version;
      return;
    }
    const messages = Object.values(run.jobs).flatMap(({ annotations }) => annotations).filter(({ level }) => level === 'error').map(({ message }) => message);
    const hint = this.options.checkout && slot === undefined && this.service.calls.some((call) => call.slot !== undefined) ? ' If users are on a slot already, name it with --slot.' : '';
    throw new RehearsalError(`${this.options.checkout ? 'the release before' : 'a good release'} does not become Stable in ${this.options.environment} in this rehearsal: ${messages.slice(0, 3).join(' ') || `the run ends with ${run.conclusion}`}${hint}`);
  }

  /** The slot that users are on, where the project's own commands moved them. */
  public get slot(): string | undefined {
    return this.service instanceof OwnService ? this.service.slot : undefined;
  }

  private async recordLive(slot: string | undefined): Promise<void> {
    const { api, environment, name, project: { manifest }, repository } = this.options;
    const { strategy } = manifest.environments.find((one) => one.name === environment)!;
    const sha = git(repository, 'rev-parse', 'HEAD');
    const version = await this.service.live();
    // an earlier rehearsal may have left it: a version names one commit only
    this.releases = Number(/1\.0\.(\d+)/.exec(version ?? '')?.[1] ?? 0);
    await recordLiveSlot(api, { slot, version, environment, strategy: strategy.kind, sha, repository: name, project: manifest.project?.name });
  }

  /** Whether another scenario can follow: the environment is as after a good release. */
  public get isClean(): boolean {
    return this.stable !== undefined && this.service.commanded === this.stable && ['stable', 'rolledBack', 'failed', undefined].includes(this.lastState());
  }

  public async rehearse(scenario: Scenario): Promise<Outcome> {
    const { api, control, environment } = this.options;
    const before = this.stable!;
    const begun = Date.now();
    const [calls, delivered] = [this.service.calls.length, control.delivered.length];
    const [deployments, issues] = [this.deployments().length, this.issues().length];
    this.service.users.forget();
    this.service.users.start();
    const { run, version } = await this.deploy(scenario);
    const users = this.service.users.seen;
    this.service.users.stop();
    const live = await this.service.live();
    api.clearFaults();
    api.readLag = 0;
    const mine = this.deployments().slice(0, this.deployments().length - deployments);
    const outcome: Outcome = {
      scenario,
      environment,
      version,
      before,
      run,
      users,
      phases: mine.reverse().flatMap(phasesOf),
      live,
      calls: this.service.calls.slice(calls),
      ...(this.slot !== undefined && { slot: this.slot }),
      delivered: control.delivered.slice(delivered),
      issues: this.issues().slice(issues),
      seconds: (Date.now() - begun) / 1000,
    };
    if (outcome.phases.at(-1)?.state === 'stable' && live === version) this.stable = version;
    return outcome;
  }

  public async close(): Promise<void> {
    const { all, api, control, root } = this.options;
    this.actions.cleanUp();
    open.delete(this);
    await api.stop();
    await control.stop();
    for (const service of all.values()) await service.stop();
    rmSync(root, { recursive: true, force: true });
  }

  public abandon(): void {
    this.actions.cleanUp();
    rmSync(this.options.root, { recursive: true, force: true });
  }

  /** Makes the next release, and does what takes it to the environment. */
  private async deploy(scenario?: Scenario): Promise<{ readonly run: RunRecord; readonly version: string }> {
    const { impatient, rehearsed } = this.options;
    const pushes = this.nextPushes();
    const sha = this.commit(scenario ? 'checkout' : 'before', scenario && !isEverHealthy(scenario.release) ? impatient : rehearsed.manifest);
    const version = versionOf(pushes.at(-1)!, sha);
    if (this.service instanceof OwnService) this.service.know({ version, sha });
    if (scenario) this.prepare(scenario, version);
    let run: RunRecord | undefined;
    for (const push of pushes) run = await this.push(push, sha);
    this.reset();
    return { run: run!, version };
  }

  /** What takes the next release to the environment. The checkout may have tags of its own. */
  private nextPushes(): Push[] {
    const { checkout, environment, project } = this.options;
    for (;;) {
      this.releases += 1;
      const pushes = journeyTo(project.manifest, environment, this.releases);
      if (!checkout || !pushes.some(({ ref }) => ref.startsWith(TAGS) && checkout.hasTag(ref.slice(TAGS.length)))) return pushes;
    }
  }

  private commit(release: 'before' | 'checkout', manifest: Manifest): string {
    const { checkout, project, repository } = this.options;
    const title = `feat: release ${this.releases}`;
    if (checkout) return checkout.commit(release, manifest, title);
    project.writeManifest(repository, manifest);
    return commitRelease(repository, manifest, title);
  }

  private async push({ environment, ref }: Push, sha: string): Promise<RunRecord> {
    const { project, repository } = this.options;
    const tag = /^refs\/tags\/(.+)$/.exec(ref)?.[1];
    if (tag !== undefined) git(repository, 'tag', tag, sha);
    const { file, workflow } = project.jobsOf(environment);
    this.actions.addWorkflow(file, workflow);
    const paths = (workflow.on as { push?: { paths?: string[] } }).push?.paths ?? [];
    const changed = [...paths.filter((path) => !path.startsWith('!')).map((path) => path.replaceAll('*', 'rehearsal')), 'rehearsal.txt'];
    try {
      this.current = this.actions.trigger(workflow, { name: 'push', ref, sha, changed });
    } catch (error) {
      if (!(error instanceof WorkflowRejected)) throw error;
      throw new RehearsalError(`${file} has parts that the emulator does not execute: ${error.reasons.slice(0, 5).join('; ')}`);
    }
    if (!this.current) throw new RehearsalError(`a push of ${ref} does not start ${file}. Look at its triggers.`);
    return this.current.execute();
  }

  /** What goes wrong begins when the release that is rehearsed reaches the environment. */
  private prepare({ fault, release }: Scenario, version: string): void {
    const { api, environment, project } = this.options;
    const { service } = this;
    const { deployJob, monitorJob } = project.jobsOf(environment);
    if (service instanceof LocalService && release !== 'own') service.setKind(version, release);
    const onceLive = (act: () => void) => {
      let isDone = false;
      service.onLive = (live) => {
        if (live !== version || isDone) return;
        isDone = true;
        act();
      };
    };
    const atCall = (act: () => void) => {
      service.onCall = (call, called) => {
        if (call === 'deploy' && called === version) act();
        return 'works';
      };
    };
    const requests = { path: /\/deployments/, times: API_ERRORS } as const;
    switch (fault) {
      case 'none': return;
      case 'cancel': return onceLive(() => this.current!.cancel());
      case 'cancel-deploy': return atCall(() => this.current!.cancel());
      case 'lost-runner': return onceLive(() => this.current!.loseRunner(deployJob));
      case 'lost-monitor': {
        if (!monitorJob) throw new RehearsalError(`no job monitors ${environment}, so its runner cannot be lost`);
        this.onEvent = (event, run) => {
          if (event.kind === 'line' && event.job === monitorJob && event.step.startsWith('monitor')) run.loseRunner(monitorJob);
        };
        return;
      }
      case 'api-500': return atCall(() => api.fail({ ...requests, misbehaviour: { kind: 'status', status: 500 } }));
      case 'api-reset': return atCall(() => api.fail({ ...requests, misbehaviour: { kind: 'reset' } }));
      case 'api-lag': return atCall(() => { api.readLag = 2; });
      case 'deploy-fails': service.onCall = (call, called) => (call === 'deploy' && called === version ? 'fails' : 'works'); return;
      case 'promote-fails': service.onCall = (call, called) => (call === 'promote' && called === version ? 'fails' : 'works'); return;
      // it fails once the new release is live
      case 'restore-fails': service.onCall = () => (service.commanded === version ? 'fails' : 'works'); return;
      case 'rejected': this.approves = false;
    }
  }

  private reset(): void {
    this.onEvent = () => undefined;
    this.service.onCall = () => 'works';
    this.service.onLive = () => undefined;
    this.approves = true;
  }

  /** As the deploy job names it. */
  private get githubEnvironment(): string {
    const { environment, project } = this.options;
    const { deployJob, workflow } = project.jobsOf(environment);
    const named = workflow.jobs[deployJob]!.environment;
    return typeof named === 'string' ? named : named?.name ?? environment;
  }

  /** The records of the environment, newest first. */
  private deployments(): StoredDeployment[] {
    const { api, environment, project } = this.options;
    const { project: subproject } = project.manifest;
    // as the runtime names the records of a subproject
    const ours = subproject === undefined ? TASK : `${TASK}:${subproject.name}`;
    return api.deployments().filter((one) => one.task === ours && one.environment === environment);
  }

  private lastState(): string | undefined {
    return this.deployments().slice(0, 1).flatMap(phasesOf).at(-1)?.state;
  }

  private issues(): string[] {
    return this.options.api.issues.flatMap(({ title, comments }) => [`issue: ${title}`, ...(comments ?? []).map(({ body }) => `comment: ${body.split('\n')[0]}`)]);
  }
}

function fail(project: Project, environment: string): never {
  throw new RehearsalError(`there is no environment "${environment}". There is: ${project.manifest.environments.map(({ name }) => name).join(', ')}`);
}

/** As the runtime names a release: the tag, else the short sha. */
function versionOf({ ref }: Push, sha: string): string {
  return ref.startsWith(TAGS) ? ref.slice(TAGS.length) : sha.slice(0, 7);
}

/** An entry of the ledger is a status: `baking: ...`, or `rollingBack, command failed: ...`. */
function phasesOf({ statuses }: StoredDeployment): PhaseRecord[] {
  return statuses.flatMap(({ description }) => {
    const [, state, marks = '', note = ''] = /^([A-Za-z]+)((?:, [a-z ]+)*):(?: (.*))?$/s.exec(description) ?? [];
    return state === undefined ? [] : [{ state, note: `${marks.replace(/^, (.*)$/, '$1. ')}${note}` }];
  });
}
