import { Masker } from './masker';
import { TRACKING_VARIABLE } from './processes';
import { Annotation, StepRecord } from './run-event';
import { RunnerMachine } from './runner-machine';
import { Scalar } from './workflow';

/** As the API names it. */
const RUNNER = 'GitHub Actions 1';

/** What a job's steps share, and change. */
export class JobState {
  /** `job.status`: what the status functions ask for. */
  public status: 'success' | 'failure' | 'cancelled' = 'success';
  /** The `env` of the workflow and the job, and what steps wrote into GITHUB_ENV. */
  public readonly env: Record<string, string> = {};
  public readonly steps: StepRecord[] = [];
  public readonly log: string[] = [];
  public readonly summaries: string[] = [];
  public readonly annotations: Annotation[] = [];
  /** What steps added to the PATH, the newest last. */
  private readonly path: string[] = [];

  constructor(
    public readonly machine: RunnerMachine,
    public readonly masker: Masker,
    public readonly trackingId: string,
    /** github, needs, inputs, vars, secrets, matrix, strategy, and of job what does not change */
    private readonly fixedContexts: Record<string, unknown>,
    private readonly extraEnv: Record<string, string>,
  ) {}

  /** @param stepEnv the step's own variables */
  public contexts(stepEnv: Record<string, string> = {}): Record<string, unknown> {
    const { temp, toolCache } = this.machine;
    return {
      ...this.fixedContexts,
      env: { ...this.env, ...stepEnv },
      job: { ...this.fixedContexts.job as object | undefined, status: this.status },
      runner: { os: 'Linux', arch: 'X64', name: RUNNER, environment: 'github-hosted', temp, tool_cache: toolCache },
      steps: Object.fromEntries(this.steps.filter(({ id }) => id !== '').map(({ id, ...rest }) => [id, rest])),
    };
  }

  /** Later steps look for programs in this folder first. */
  public addPath(folder: string): void {
    if (this.path.includes(folder)) this.path.splice(this.path.indexOf(folder), 1);
    this.path.push(folder);
  }

  /** What a step's process gets. GitHub's own variables cannot be overridden. */
  public processEnv(stepEnv: Record<string, string>, files: Record<string, string>): Record<string, string> {
    const base = { ...this.machine.env, ...this.extraEnv, ...this.env, ...stepEnv };
    return {
      ...base,
      PATH: [...[...this.path].reverse(), base.PATH].join(':'),
      ...this.githubEnv(),
      ...files,
      RUNNER_OS: 'Linux',
      RUNNER_ARCH: 'X64',
      RUNNER_NAME: RUNNER,
      RUNNER_ENVIRONMENT: 'github-hosted',
      RUNNER_TEMP: this.machine.temp,
      RUNNER_TOOL_CACHE: this.machine.toolCache,
      [TRACKING_VARIABLE]: this.trackingId,
    };
  }

  /** `github.token` is no variable: a step must ask for it. */
  private githubEnv(): Record<string, string> {
    const github = this.fixedContexts.github as Record<string, Scalar>;
    const names = Object.keys(github).filter((name) => name !== 'token' && typeof github[name] === 'string');
    return { GITHUB_ACTIONS: 'true', ...Object.fromEntries(names.map((name) => [`GITHUB_${name.toUpperCase()}`, String(github[name])])) };
  }
}
