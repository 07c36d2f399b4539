import { mkdirSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { basename, join } from 'node:path';
import { ControlServer, Delivered } from './control-server';
import { journeyTo, Push } from './journey';
import { CallRecord, LocalService } from './local-service';
import { commitRelease, git, Project } from './project';
import { IMPATIENT, PATIENT, Patience, RehearsedManifest, rehearsedManifest } from './rehearsed-manifest';
import { ReplacedSteps } from './replaced-steps';
import { isEverHealthy, RehearsalError, Scenario } from './scenario';
import { Seen } from './users';
import { keyOf, Manifest, secretNames } from '../../src/contract/manifest';
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
  /** Issues and comments of the channel that writes them. */
  readonly issues: readonly string[];
  readonly seconds: number;
}

const API_ERRORS = 3;
/** Those that nothing has closed yet. */
const open = new Set<World>();

/** Ends every process of the rehearsals and removes their files, at once: this process is about to end. */
export function abandonWorlds(): void {
  for (const world of open) world.abandon();
}

/** One repository on a GitHub of this machine, with a local service for each environment. Scenarios follow one another in it. */
export class World {
  public static async open(project: Project, environment: string): Promise<World> {
    const root = mkdtempSync(join(tmpdir(), 'delivery-rehearsal-'));
    const services = new Map<string, LocalService>();
    for (const { name } of project.manifest.environments) services.set(name, await LocalService.start(name));
    const control = await ControlServer.start(services);
    const rehearse = (patience: Patience) => rehearsedManifest(project.manifest, (name) => {
      const { candidateUrl: candidate, usersUrl: users } = services.get(name)!;
      return { candidate, users, control: control.url };
    }, patience);
    const rehearsed = rehearse(PATIENT);
    const impatient = rehearse(IMPATIENT).manifest;
    for (const service of services.values()) service.checks = rehearsed.checks;
    const repository = join(root, 'repository');
    mkdirSync(repository);
    project.copyTo(repository, rehearsed.manifest);
    const name = `rehearsal/${basename(project.root).replace(/[^\w.-]+/g, '-')}`;
    const api = await GithubStandIn.start({ repository: name, rateLimit: 100_000 });
    return new World({ project, environment, root, repository, name, services, control, rehearsed, impatient, api });
  }

  public readonly replaced: ReplacedSteps;
  public readonly notes: readonly string[];
  private readonly actions: GithubActions;
  private readonly service: LocalService;
  private releases = 0;
  private stable: string | undefined;
  private approves = true;
  /** The run of the environment. */
  private current: WorkflowRun | undefined;

  private constructor(private readonly options: {
    readonly project: Project;
    readonly environment: string;
    readonly root: string;
    readonly repository: string;
    readonly name: string;
    readonly services: ReadonlyMap<string, LocalService>;
    readonly control: ControlServer;
    readonly rehearsed: RehearsedManifest;
    /** For releases that never become healthy. */
    readonly impatient: Manifest;
    readonly api: GithubStandIn;
  }) {
    const { api, environment, name, project, rehearsed, repository, root, services } = options;
    this.service = services.get(environment) ?? fail(project, environment);
    this.notes = rehearsed.notes;
    this.replaced = new ReplacedSteps(() => project.workflows.values());
    this.actions = new GithubActions({
      root,
      repository,
      repositoryName: name,
      api,
      secrets: Object.fromEntries(secretNames(project.manifest).map((secret) => [secret, 'rehearsed-secret'])),
      environments: { [this.githubEnvironment]: { approve: () => Promise.resolve(this.approves) } },
      replaceStep: this.replaced.replace,
      onEvent: (event, run) => this.onEvent(event, run),
    });
    open.add(this);
  }

  private onEvent: (event: RunEvent, run: WorkflowRun) => void = () => undefined;

  /** Deploys the first release, which is good. Throws `RehearsalError` if it does not become Stable. */
  public async begin(): Promise<void> {
    const { run, version } = await this.deploy();
    if (this.service.live === version && this.lastState() === 'stable') {
      this.stable = version;
      return;
    }
    const messages = Object.values(run.jobs).flatMap(({ annotations }) => annotations).filter(({ level }) => level === 'error').map(({ message }) => message);
    throw new RehearsalError(`a good release does not become Stable in ${this.options.environment} in this rehearsal: ${messages.slice(0, 3).join(' ') || `the run ends with ${run.conclusion}`}`);
  }

  /** Whether another scenario can follow: the environment is as after a good release. */
  public get isClean(): boolean {
    return this.stable !== undefined && this.service.live === this.stable && ['stable', 'rolledBack', 'failed', undefined].includes(this.lastState());
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
      live: this.service.live,
      calls: this.service.calls.slice(calls),
      delivered: control.delivered.slice(delivered),
      issues: this.issues().slice(issues),
      seconds: (Date.now() - begun) / 1000,
    };
    if (outcome.phases.at(-1)?.state === 'stable' && this.service.live === version) this.stable = version;
    return outcome;
  }

  public async close(): Promise<void> {
    const { api, control, root, services } = this.options;
    this.actions.cleanUp();
    open.delete(this);
    await api.stop();
    await control.stop();
    for (const service of services.values()) await service.stop();
    rmSync(root, { recursive: true, force: true });
  }

  public abandon(): void {
    this.actions.cleanUp();
    rmSync(this.options.root, { recursive: true, force: true });
  }

  /** Makes the next release, and does what takes it to the environment. */
  private async deploy(scenario?: Scenario): Promise<{ readonly run: RunRecord; readonly version: string }> {
    const { environment, impatient, project, rehearsed, repository } = this.options;
    this.releases += 1;
    const manifest = scenario && !isEverHealthy(scenario.release) ? impatient : rehearsed.manifest;
    project.writeManifest(repository, manifest);
    const sha = commitRelease(repository, manifest, `feat: release ${this.releases}`);
    const pushes = journeyTo(project.manifest, environment, this.releases);
    const version = versionOf(pushes.at(-1)!, sha);
    if (scenario) this.prepare(scenario, version);
    let run: RunRecord | undefined;
    for (const push of pushes) run = await this.push(push, sha);
    this.reset();
    return { run: run!, version };
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
    service.setKind(version, release);
    const atFirstProbe = (act: () => void) => {
      let isDone = false;
      service.onProbe = (probed) => {
        if (probed !== version || isDone) return;
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
      case 'cancel': return atFirstProbe(() => this.current!.cancel());
      case 'cancel-deploy': return atCall(() => this.current!.cancel());
      case 'lost-runner': return atFirstProbe(() => this.current!.loseRunner(deployJob));
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
      case 'restore-fails': service.onCall = () => (service.live === version ? 'fails' : 'works'); return;
      case 'rejected': this.approves = false;
    }
  }

  private reset(): void {
    this.onEvent = () => undefined;
    this.service.onCall = () => 'works';
    this.service.onProbe = () => undefined;
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
    const key = keyOf(environment, project.manifest.project?.name);
    return api.deployments().filter(({ payload }) => typeof payload === 'object' && (payload.record as { environment?: string } | undefined)?.environment === key);
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
  return ref.startsWith('refs/tags/') ? ref.slice('refs/tags/'.length) : sha.slice(0, 7);
}

/** An entry of the ledger is a status: `baking: ...`, or `rollingBack, command failed: ...`. */
function phasesOf({ statuses }: StoredDeployment): PhaseRecord[] {
  return statuses.flatMap(({ description }) => {
    const [, state, marks = '', note = ''] = /^([A-Za-z]+)((?:, [a-z ]+)*):(?: (.*))?$/s.exec(description) ?? [];
    return state === undefined ? [] : [{ state, note: `${marks.replace(/^, (.*)$/, '$1. ')}${note}` }];
  });
}
