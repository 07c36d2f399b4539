import { execFileSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { existsSync, mkdirSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { parse } from 'yaml';
import { ALARM, EngineKind, ENGINES, Kind, prepareRepository, PreparedRepository } from './pipeline';
import { Behaviour, Service } from './service';
import { Registry } from '../../../test/runtime/images/registry';
import { AlarmStandIn } from '../../aws-cli-stand-in/alarm-stand-in';
import { EcsStandIn } from '../../aws-cli-stand-in/ecs-stand-in';
import { SiteStandIn } from '../../aws-cli-stand-in/site-stand-in';
import { SlotsStandIn } from '../../aws-cli-stand-in/slots-stand-in';
import { AwsStandIn } from '../../aws-cli-stand-in/stand-in';
import { CaddySlotsStandIn } from '../../caddy-stand-in/stand-in';
import { DockerStandIn } from '../../docker-stand-in/stand-in';
import { GITHUB_TIMES, GithubActions, JobRecord, RunEvent, RunRecord, Workflow, WorkflowEvent, WorkflowRun } from '../../github-actions-emulator';
import { PagesStandIn } from '../../github-api-stand-in/pages-stand-in';
import { GithubStandIn } from '../../github-api-stand-in/stand-in';
import { StoredRun } from '../../github-api-stand-in/workflow-runs';
import { ServerSlotsStandIn } from '../../haproxy-stand-in/stand-in';
import { DEPLOYMENTS_TOKEN, FollowedRepository } from '../../kubectl-stand-in/followed-repository';
import { KubectlStandIn } from '../../kubectl-stand-in/stand-in';
import { NpmStandIn, TOKEN } from '../../npm-stand-in/stand-in';
import { PRIVATE_KEY, SshStandIn } from '../../ssh-stand-in/stand-in';
import { hasSlots, hasWeights } from '../strategies';

/** A place in the course of a process of the runtime. */
export interface Point {
  /** Run, job and command: `1001.1 deploy_production: deploy production`. */
  readonly where: string;
  /** `after POST /deployments/#/statuses verifying` */
  readonly name: string;
  /** How often there was one of this name in this process. Others do not count: a machine that is slow may probe once more. */
  readonly nth: number;
  /** Distinguishes what is in the files of its job by then: outputs, summaries, the home folder. Absent unless `CrashWorld.comparesLeft`. */
  readonly left?: string;
}

/** What happens at a point. */
export type How =
  /** The process alone dies, as when the machine is out of memory: the job goes on with its next step. */
  | 'SIGKILL'
  /** Likewise, and a command that it had started stays half way until the job's steps are over; then it does the other half. */
  | 'SIGKILL, command lives'
  /** The machine is gone, with everything on it. */
  | 'runner lost'
  /** The machine loses its connection to GitHub and is paused; it continues after everything else has ended. */
  | 'runner paused'
  /** A person cancels the run: GitHub sends SIGINT, later SIGTERM, later SIGKILL. */
  | 'cancelled'
  /** Likewise, with GitHub's own times, while a command does not listen to any signal. */
  | 'cancelled, command stubborn'
  /** A signal to this process only. */
  | 'SIGINT'
  | 'SIGTERM';

export interface End extends Point {
  readonly how: How;
  /** Whether the command that is under way then stays half way. */
  readonly holds?: boolean;
}

/** What a world can be put back to. */
export interface Saved {
  readonly machine: string;
  readonly deployments: ReturnType<GithubStandIn['deployments']>;
  readonly lastRun: number;
}

export interface Ran {
  readonly record: RunRecord;
  readonly points: Point[];
}

/** A repository on GitHub with the service that it delivers. Its runs execute the jobs that were synthesized for it. */
export class CrashWorld {
  public static async create(root: string, kind: Kind): Promise<CrashWorld> {
    mkdirSync(root);
    const registry = kind.engine !== undefined && ENGINES[kind.engine].hasImages ? await Registry.start() : undefined;
    const service = await Service.start(join(root, 'machine'));
    const deployments = kind.engine === 'gitOps' ? await FollowedRepository.start(service.machine) : undefined;
    const world = new CrashWorld(root, kind, service, registry, deployments);
    await world.aws?.listen?.();
    await world.begin();
    return world;
  }

  public api!: GithubStandIn;
  /** Whether points have a digest of what is left there. */
  public comparesLeft = false;
  /** Whether a person approves the jobs of rollbacks. */
  public approves = true;
  private readonly times = { ...SHORT };
  private actions!: GithubActions;
  private lastRun = FIRST_RUN;
  private worlds = 0;
  private readonly prepared: PreparedRepository;
  /** By tag: the artifacts that hold the files of releases. */
  private artifacts: Readonly<Record<string, number>> = {};
  private readonly aws?: EngineStandIn;
  /** By run: what its jobs check out. */
  private readonly checkedOut = new Map<number, string>();
  /** By clone: what it was at last. */
  private readonly heads = new Map<string, string>();
  /** By file. */
  private readonly workflows = new Map<string, Workflow>();

  private constructor(
    private readonly root: string, public readonly kind: Kind, public readonly service: Service,
    private readonly registry?: Registry, deployments?: FollowedRepository,
  ) {
    this.prepared = prepareRepository({ folder: this.repository, url: service.url, registry: registry?.host, deployments: deployments?.url }, kind);
    for (const { digest, image = digest } of Object.values(this.prepared.built)) registry?.digests.add(image);
    if (kind.engine !== undefined) this.aws = kind.engine === 'gitOps' ? deployments : STAND_INS[kind.engine](service.machine, kind);
    if (kind.alarm) this.aws = new AlarmStandIn(service.machine, ALARM);
  }

  /** Puts everything back to what was saved, or to the beginning. */
  public async begin(saved?: Saved): Promise<void> {
    await this.api?.stop();
    this.service.restore(saved?.machine);
    if (!saved) this.aws?.reset();
    this.lastRun = saved?.lastRun ?? FIRST_RUN;
    // between two runs of the watch there are minutes: what one of them wrote is not of this moment for the next
    const now = () => Date.now() - (this.kind.watches ? BETWEEN_WATCHES_MS : 0);
    this.api = await GithubStandIn.start({ repository: 'acme/shop', now });
    this.aws?.attach?.(this.api);
    this.artifacts = this.keepArtifacts();
    for (const { statuses, ...deployment } of [...saved?.deployments ?? []].reverse()) this.api.addDeployment(deployment, ...statuses);
    for (let run = FIRST_RUN + 1; run <= this.lastRun; run++) this.api.setRun(run, { status: 'completed', conclusion: 'success', createdAt: beganAt(run) });
    this.worlds += 1;
    rmSync(join(this.root, 'runs'), { recursive: true, force: true });
    this.actions = new GithubActions({
      root: join(this.root, 'runs', String(this.worlds)),
      repository: this.repository,
      api: this.api,
      times: this.times,
      environments: { production: { approve: async ({ job }) => job !== 'rollback' || this.approves } },
      ...(this.aws?.serverUrl !== undefined && { serverUrl: this.aws.serverUrl }),
      nextRunId: () => this.nextRun(),
      onEvent: (happened, run) => this.attend(run, happened, [], []),
      secrets: { ...(this.kind.webhook !== undefined && { ALERT_WEBHOOK: this.kind.webhook }), ...(this.kind.engine === 'npm' && { NPM_TOKEN: TOKEN }), ...(this.kind.engine === 'gitOps' && { DEPLOYMENTS_TOKEN }), ...((this.kind.engine === 'servers' || this.kind.engine === 'containers') && { SSH_PRIVATE_KEY: PRIVATE_KEY }) },
      extraEnv: { ...this.aws?.env, SHOP: this.service.machine, NODE_OPTIONS: `--require ${join(__dirname, 'seam.cjs')}`, CRASH_PLAN: this.planFile },
    });
  }

  /** What the job `build` kept: the same ids each time, because the records name them. */
  private keepArtifacts(): Readonly<Record<string, number>> {
    const zips = Object.entries(this.prepared.built).flatMap(([tag, { zip }]) => (zip === undefined ? [] : [{ tag, zip }]));
    return Object.fromEntries(zips.map(({ tag, zip }) => {
      const digest = createHash('sha256').update(zip).digest('hex');
      return [tag, this.api.addArtifact({ runId: FIRST_RUN, name: `delivery-release-${tag}`, digest, content: () => zip }).id];
    }));
  }

  public save(name: string): Saved {
    const machine = join(this.root, `saved ${name}`);
    this.service.save(machine);
    return { machine, deployments: this.api.deployments(), lastRun: this.lastRun };
  }

  /** A person pushes the tag of a release. */
  public push(tag: string, behaviour: Behaviour = 'good', ends: readonly End[] = []): Promise<Ran> {
    this.service.behaviours[tag] = behaviour;
    const event = { name: 'push', ref: `refs/tags/${tag}`, sha: this.prepared.commits[tag] };
    // the plan has no part in this: it changes nothing
    const planned = [new JobRecord('environment_production', 'success', { go: 'true' }, []), new JobRecord('deploy_production', 'failure', {}, [])];
    const { [tag]: built } = this.prepared.built;
    const id = this.artifacts[tag];
    if (built) {
      const parts = { ...(id !== undefined && { 'artifact-id': String(id) }), ...(built.image !== undefined && { 'image-digest': built.image }) };
      planned.push(new JobRecord('build', 'success', { digest: built.digest, ...parts }, []));
    }
    return this.run('deploy.yml', event, ends, Object.fromEntries(planned.map((job) => [job.id, job])));
  }

  /** A person starts `rollback.yml` or `drill.yml`. */
  public dispatch(file: string, inputs: Record<string, string>, ends: readonly End[] = []): Promise<Ran> {
    const event = { name: 'workflow_dispatch', ref: 'refs/heads/main', sha: this.prepared.commits.main, inputs: { environment: 'production', ...inputs } };
    return this.run(file, event, ends);
  }

  /** The number of the run that began last. */
  public get runs(): number {
    return this.lastRun;
  }

  /** What the API says of the runs. */
  public get runRecords(): (StoredRun | undefined)[] {
    return Array.from({ length: this.lastRun - FIRST_RUN }, (_, index) => this.api.run(FIRST_RUN + 1 + index));
  }

  /** How many runs were started through the API. */
  public get started(): number {
    return this.actions.dispatched.length;
  }

  /** The schedule comes round; what the watch starts is over afterwards. */
  public async watch(ends: readonly End[] = []): Promise<Ran> {
    this.workflow('rollback.yml');
    const begun = this.actions.dispatched.length;
    const { record } = await this.run('monitor.yml', { name: 'schedule', ref: 'refs/heads/main', sha: this.prepared.commits.main }, ends);
    await Promise.all(this.actions.dispatched.slice(begun).map((one) => one.record));
    return { record, points: this.points.filter(({ where }) => where.startsWith(`${record.runId}.1 watch: `)) };
  }

  public async stop(): Promise<void> {
    this.service.forgetHeld();
    await Promise.all([this.api.stop(), this.service.stop(), this.registry?.stop(), this.aws?.stop?.()]);
  }

  /** A run of a workflow to its end, whatever happens in it. */
  private async run(file: string, event: WorkflowEvent, ends: readonly End[], done?: Record<string, JobRecord>): Promise<Ran> {
    this.plan(ends);
    const runId = this.nextRun();
    this.checkedOut.set(runId, event.sha);
    const alone: Promise<void>[] = [];
    const run: WorkflowRun = new WorkflowRun({
      actions: this.actions,
      workflow: this.workflow(file),
      event,
      runId,
      attempt: 1,
      previous: done && { record: { runId, attempt: 1, conclusion: 'failure', jobs: done }, which: 'failed' },
      onEvent: (happened) => this.attend(run, happened, ends, alone),
    });
    const record = await run.execute();
    if (alone.length > 0) writeFileSync(this.goFile, '');
    await Promise.all(alone);
    this.service.forgetHeld();
    return { record, points: this.points };
  }

  private nextRun(): number {
    const runId = ++this.lastRun;
    this.api.setRun(runId, { createdAt: beganAt(runId) });
    return runId;
  }

  /** Makes happen what belongs to an end, beside the process's own part. */
  private attend(run: WorkflowRun, happened: RunEvent, ends: readonly End[], alone: Promise<void>[]): void {
    if (happened.kind === 'jobStarted') this.checkOut(run.runId, happened.leg);
    const livesOn = ends.some(({ how, holds }) => holds && how === 'SIGKILL, command lives');
    if (livesOn && happened.kind === 'stepEnded' && happened.step === 'recover production') this.service.finishHeld();
    const how = happened.kind === 'line' ? /^\[crash point\] (.*)$/.exec(happened.text)?.[1] : undefined;
    if (happened.kind !== 'line' || how === undefined) return;
    if (how === 'runner lost') run.loseRunner(happened.job);
    if (how === 'runner paused') alone.push(run.loseContact(happened.job));
    if (how === 'cancelled') {
      run.cancel();
      writeFileSync(this.goFile, '');
    }
  }

  /** A clone for each job of its own: none has anything that another one left. */
  private checkOut(runId: number, leg: string): void {
    const folder = join(this.actions.runsFolder, `${runId}-1`, leg.replace(/[^\w.-]+/g, '_'));
    mkdirSync(folder, { recursive: true });
    const clone = join(this.root, `clone of ${leg}`);
    if (!existsSync(clone)) execFileSync('git', ['clone', '--quiet', this.repository, clone]);
    // the files of an engine's target are in the repository, and each release has its own
    const head = this.checkedOut.get(runId) ?? 'main';
    if (this.heads.get(clone) !== head) {
      // of the others the releases have the same files
      if (this.kind.engine === undefined) writeFileSync(join(clone, '.git/HEAD'), `${head}\n`);
      else execFileSync('git', ['checkout', '--quiet', head], { cwd: clone });
      this.heads.set(clone, head);
    }
    symlinkSync(clone, join(folder, 'work'));
  }

  private workflow(file: string): Workflow {
    const workflow = this.workflows.get(file) ?? this.readWorkflow(file);
    this.workflows.set(file, workflow);
    return this.actions.addWorkflow(file, workflow);
  }

  private readWorkflow(file: string): Workflow {
    const workflow = parse(readFileSync(join(this.repository, '.github/workflows', file), 'utf8')) as Workflow;
    // what `checkOut` did already
    const jobs = Object.entries(workflow.jobs).map(([id, job]) => [id, { ...job, steps: job.steps.filter(({ id: step }) => step !== 'checkout') }]);
    return { ...workflow, jobs: Object.fromEntries(jobs) as Workflow['jobs'] };
  }

  private plan(ends: readonly End[]): void {
    for (const file of [this.logFile, this.goFile]) rmSync(file, { force: true });
    const isStubborn = ends.some(({ how }) => how === 'cancelled, command stubborn');
    Object.assign(this.times, isStubborn ? GITHUB_TIMES : SHORT);
    if (isStubborn) this.service.put('stubborn', 'yes');
    const plan = ends.map(({ holds, how, ...point }) => ({ ...point, how: how.replace(/,.*/, ''), go: this.goFile, gate: holds ? this.service.gate() : undefined }));
    writeFileSync(this.planFile, JSON.stringify({ ends: plan, comparesLeft: this.comparesLeft, log: this.logFile, machine: this.service.machine }));
  }

  private get points(): Point[] {
    if (!existsSync(this.logFile)) return [];
    return readFileSync(this.logFile, 'utf8').trim().split('\n').map((line) => JSON.parse(line) as Point);
  }

  private get repository(): string {
    return join(this.root, 'repository');
  }

  private get planFile(): string {
    return join(this.root, 'plan.json');
  }

  private get logFile(): string {
    return join(this.root, 'points');
  }

  private get goFile(): string {
    return join(this.root, 'go');
  }
}

/** A CLI that is called in place of the engine's. */
interface EngineStandIn {
  readonly env: Readonly<Record<string, string>>;
  readonly reset: () => void;
  /** Absent where its executables do all of it. */
  readonly listen?: () => Promise<void>;
  /** Absent where it has no part in GitHub's API. */
  readonly attach?: (api: GithubStandIn) => void;
  /** Where git reaches the repository. @default - nowhere */
  readonly serverUrl?: string;
  readonly stop?: () => Promise<void>;
}

const STAND_INS: Readonly<Record<Exclude<EngineKind, 'gitOps'>, (machine: string, kind: Kind) => EngineStandIn>> = {
  lambda: (machine) => new AwsStandIn(machine),
  staticSite: (machine) => new SiteStandIn(machine),
  ecs: (machine, { strategy }) => {
    if (!hasSlots(strategy)) return new EcsStandIn(machine);
    // with weights the second release is scaled up, and back in its rollback
    return new SlotsStandIn(machine, hasWeights(strategy) ? { blue: 1, green: 2 } : undefined);
  },
  kubernetes: (machine) => new KubectlStandIn(machine),
  argoRollouts: (machine) => new KubectlStandIn(machine, { objects: {} }),
  githubPages: (machine) => new PagesStandIn(machine),
  npm: (machine) => new NpmStandIn(machine),
  containers: (machine) => new DockerStandIn(machine),
  servers: (machine, { caddy, strategy }) => {
    const standIn = !hasSlots(strategy) ? SshStandIn : caddy ? CaddySlotsStandIn : ServerSlotsStandIn;
    return new standIn(machine);
  },
};
const FIRST_RUN = 1000;
const BETWEEN_WATCHES_MS = 300_000;
/** Long before anything is recorded, in the order of the runs: what a deploy asks about runs must not depend on how fast this machine is. */
function beganAt(run: number): string {
  return `${new Date(Date.UTC(2026, 0, 1) + run * 1000).toISOString().slice(0, -5)}Z`;
}

/** A cancelled step is not given long. Nothing else is shorter than on GitHub: this machine may be slow. */
const SHORT = { ...GITHUB_TIMES, interruptMs: GITHUB_TIMES.interruptMs * 0.02, terminateMs: GITHUB_TIMES.terminateMs * 0.02 };
