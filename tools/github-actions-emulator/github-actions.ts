import { execFileSync } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { mkdirSync, symlinkSync } from 'node:fs';
import { join } from 'node:path';
import { AwsRole } from './actions/configure-aws-credentials';
import { ArtifactStore } from './artifact-store';
import { ConcurrencyGroups } from './concurrency';
import { refOf } from './dispatch';
import { starts, UnacceptableInputs, WorkflowEvent } from './event';
import { killUnder } from './processes';
import { Result, RunEvent, RunRecord } from './run-event';
import { GITHUB_TIMES, Times } from './times';
import { Step, Workflow } from './workflow';
import { WorkflowRun } from './workflow-run';
import { Dispatch, GithubStandIn, Permissions, RejectedRequest } from '../github-api-stand-in/stand-in';

export interface GithubActionsOptions {
  /** A folder of the caller's, who also removes it: runs and artifacts lie in it. */
  readonly root: string;
  /** Absolute path of the git repository, bare or not, that is checked out. */
  readonly repository: string;
  /** `owner/name`; the stand-in's. @default 'acme/shop' */
  readonly repositoryName?: string;
  /** The GitHub API. @default - none: an unknown token, and artifacts that no API lists */
  readonly api?: GithubStandIn;
  /** Where git reaches the repository. @default 'https://github.com' */
  readonly serverUrl?: string;
  readonly secrets?: Record<string, string>;
  readonly vars?: Record<string, string>;
  /** What takes the place of a step; undefined: the step is executed. @default - every step is executed */
  readonly replaceStep?: (job: string, step: Step) => StepReplacement | undefined;
  /** @default - every environment exists, without secrets and reviewers, as GitHub makes them at first use */
  readonly environments?: Record<string, EnvironmentSettings>;
  /** The IAM roles that jobs can assume, by ARN. @default - none */
  readonly awsRoles?: Readonly<Record<string, AwsRole>>;
  /** Variables that the runner's image has besides PATH, HOME and GitHub's own: how user tasks learn from tests where things are. */
  readonly extraEnv?: Record<string, string>;
  /**
   * An installed `node_modules` to put beside the workspaces, so that `npx projen@<version> <task>` needs no network. Only where the
   * repository has no package.json: npx looks for `name@version` in the nearest folder upwards with node_modules or a package.json.
   *
   * @default - none
   */
  readonly nodeModules?: string;
  /** @default GITHUB_TIMES */
  readonly times?: Times;
  /** How GitHub reports a job whose runner was lost. @default 'failure' */
  readonly lostAs?: Result;
  /** @default 1001 */
  readonly firstRunId?: number;
  /** How the id of a run comes from the one before. @default - the next number */
  readonly nextRunId?: (last: number) => number;
  /** Sees what happens in every run, at once: it may cancel runs and lose runners. */
  readonly onEvent?: (event: RunEvent, run: WorkflowRun) => void;
}

export interface EnvironmentSettings {
  readonly secrets?: Record<string, string>;
  readonly vars?: Record<string, string>;
  /** The reviewers: every job that names the environment asks. @default - none */
  readonly approve?: (request: { readonly environment: string; readonly job: string; readonly runId: number }) => Promise<boolean>;
}

/** What a step that is not executed leaves behind: it succeeds. */
export interface StepReplacement {
  /** Its line in the log. */
  readonly line: string;
  /** What it does in the workspace of the job. @default - nothing */
  readonly act?: (workspace: string) => void;
}

/** A run that goes on by itself. */
export interface StartedRun {
  readonly run: WorkflowRun;
  readonly record: Promise<RunRecord>;
}

/** GitHub Actions for one repository, on this machine: what its runs share. */
export class GithubActions {
  public readonly groups = new ConcurrencyGroups();
  public readonly artifacts: ArtifactStore;
  public readonly runsFolder: string;
  /** The runs, and attempts of runs, that were asked for through the API, in order. */
  public readonly dispatched: StartedRun[] = [];
  private readonly files = new Map<string, Workflow>();
  private readonly runs = new Map<number, WorkflowRun>();
  private lastRunId: number;

  constructor(private readonly options: GithubActionsOptions) {
    this.runsFolder = join(options.root, 'runs');
    this.artifacts = new ArtifactStore(join(options.root, 'artifacts'), options.api);
    this.lastRunId = (options.firstRunId ?? 1001) - 1;
    mkdirSync(this.runsFolder, { recursive: true });
    // the tag of a release is one that git knows
    if (options.api) options.api.onTag = (name, sha) => execFileSync('git', ['update-ref', `refs/tags/${name}`, sha], { cwd: options.repository });
    if (options.api) options.api.onCancel = (runId) => this.cancelRun(runId);
    if (options.api) options.api.onRerun = (runId, which) => this.rerunRun(runId, which);
    if (options.nodeModules) symlinkSync(options.nodeModules, join(this.runsFolder, 'node_modules'));
  }

  /** What lies at `.github/workflows/<file>`: it can be dispatched through the API from now on. */
  public addWorkflow(file: string, workflow: Workflow): Workflow {
    this.files.set(file, workflow);
    this.api?.addWorkflow(file, workflow.name ?? file);
    if (this.api) this.api.onDispatch = (dispatch) => this.dispatch(dispatch);
    return workflow;
  }

  /** The file's name; of a workflow that was not added, its name. */
  public fileOf(workflow: Workflow): string {
    const [file] = [...this.files].find(([, known]) => known === workflow) ?? [`${workflow.name ?? 'workflow'}.yml`];
    return file;
  }

  /** A new run of the workflow, not yet executed; undefined when the event does not start it. */
  public trigger(workflow: Workflow, event: WorkflowEvent): WorkflowRun | undefined {
    if (!starts(workflow, event)) return undefined;
    this.lastRunId = (this.options.nextRunId ?? ((last) => last + 1))(this.lastRunId);
    return this.newRun(workflow, event, this.lastRunId, 1);
  }

  /** Triggers and executes. Throws when the event does not start the workflow. */
  public async execute(workflow: Workflow, event: WorkflowEvent): Promise<RunRecord> {
    const run = this.trigger(workflow, event);
    if (!run) throw new Error(`${event.name} of ${event.ref} does not start the workflow`);
    return run.execute();
  }

  /** "Re-run failed jobs": those that failed or were cancelled, and all that wait for them. The rest is as it was. */
  public rerunFailed(previous: RunRecord): WorkflowRun {
    return this.rerun(previous, 'failed');
  }

  /** "Re-run all jobs". */
  public rerunAll(previous: RunRecord): WorkflowRun {
    return this.rerun(previous, 'all');
  }

  /** Kills every process that was started in a run, daemons too, with the pids. For the end of a test. */
  public cleanUp(): number[] {
    return killUnder(this.options.root);
  }

  public tokenFor(permissions: Permissions): string {
    return this.api?.token(permissions) ?? `ghs_${randomBytes(18).toString('hex')}`;
  }

  /** A token that no API knows would not help: then nothing listens at that port either. */
  public get serverUrl(): string {
    return this.options.serverUrl ?? 'https://github.com';
  }

  public get apiUrl(): string {
    return this.api?.url ?? 'http://127.0.0.1:9';
  }

  public environment(name: string): EnvironmentSettings {
    return this.options.environments?.[name] ?? {};
  }

  public get api(): GithubStandIn | undefined {
    return this.options.api;
  }

  public get repository(): string {
    return this.options.repository;
  }

  public get repositoryName(): string {
    return this.options.repositoryName ?? 'acme/shop';
  }

  public get secrets(): Record<string, string> {
    return this.options.secrets ?? {};
  }

  public get vars(): Record<string, string> {
    return this.options.vars ?? {};
  }

  public replacementOf(job: string, step: Step): StepReplacement | undefined {
    return this.options.replaceStep?.(job, step);
  }

  public get awsRoles(): Readonly<Record<string, AwsRole>> {
    return this.options.awsRoles ?? {};
  }

  public get extraEnv(): Record<string, string> {
    return this.options.extraEnv ?? {};
  }

  public get times(): Times {
    return this.options.times ?? GITHUB_TIMES;
  }

  public get lostAs(): Result {
    return this.options.lostAs ?? 'failure';
  }

  /** Starts the run; throws as GitHub responds where it would not. */
  private dispatch({ workflow: file, ref: name, inputs, actor }: Dispatch): number {
    const workflow = this.files.get(file)!;
    const { ref, sha } = refOf(this.repository, name);
    const run = this.trigger(workflow, { name: 'workflow_dispatch', ref, sha, inputs: inputs as WorkflowEvent['inputs'], actor });
    if (!run) throw new UnacceptableInputs('Workflow does not have \'workflow_dispatch\' trigger');
    this.begin(run);
    return run.runId;
  }

  private begin(run: WorkflowRun): void {
    const record = run.execute();
    // only a reader of the record notices it
    record.catch(() => undefined);
    this.dispatched.push({ run, record });
  }

  private cancelRun(runId: number): void {
    const run = this.runs.get(runId);
    if (!run || run.record) throw new RejectedRequest(409, 'Cannot cancel a workflow run that is completed.');
    run.cancel();
  }

  private rerunRun(runId: number, which: 'failed' | 'all'): void {
    const previous = this.runs.get(runId)?.record;
    if (!previous) throw new RejectedRequest(403, 'This workflow is already running');
    this.begin(this.rerun(previous, which));
  }

  private rerun(previous: RunRecord, which: 'failed' | 'all'): WorkflowRun {
    const before = this.runs.get(previous.runId);
    if (!before) throw new Error(`there is no run ${previous.runId}`);
    return this.newRun(before.workflow, before.event, previous.runId, previous.attempt + 1, { record: previous, which });
  }

  private newRun(workflow: Workflow, event: WorkflowEvent, runId: number, attempt: number, previous?: { record: RunRecord; which: 'failed' | 'all' }) {
    const run: WorkflowRun = new WorkflowRun({
      actions: this, workflow, event, runId, attempt, previous, onEvent: (happened) => this.options.onEvent?.(happened, run),
    });
    this.runs.set(runId, run);
    return run;
  }
}
