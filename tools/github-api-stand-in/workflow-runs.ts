import { RejectedRequest } from './response';

export type RunStatus = 'queued' | 'requested' | 'waiting' | 'pending' | 'in_progress' | 'completed';
export type RunConclusion = 'success' | 'failure' | 'neutral' | 'cancelled' | 'skipped' | 'timed_out' | 'action_required';

export interface StoredJob {
  readonly id: number;
  readonly name: string;
  readonly attempt: number;
  readonly status: RunStatus;
  readonly conclusion: RunConclusion | null;
  /** @default 'GitHub Actions 1' */
  readonly runner?: string;
  readonly createdAt: string;
  readonly startedAt: string;
  readonly completedAt: string | null;
}

export interface StoredRun {
  readonly id: number;
  /** Of the workflow, as `.github/workflows/<file>`. */
  readonly path: string;
  /** The workflow's name. */
  readonly name: string;
  /** `run-name`, else what GitHub makes up. */
  readonly displayTitle: string;
  readonly attempt: number;
  readonly event: string;
  readonly status: RunStatus;
  readonly conclusion: RunConclusion | null;
  readonly headBranch: string;
  readonly headSha: string;
  /** The login. */
  readonly actor: string;
  readonly createdAt: string;
  /** When this attempt began. */
  readonly startedAt: string;
  readonly updatedAt: string;
  /** Of all attempts. */
  readonly jobs: readonly StoredJob[];
}

/** A job, by its name in an attempt. */
export type JobChange = Partial<Omit<StoredJob, 'id' | 'name'>> & { readonly name: string };
/** What is said of a run; the rest stays as it was. Jobs that are not named stay too. */
export type RunChange = Partial<Omit<StoredRun, 'id' | 'jobs'>> & { readonly jobs?: readonly JobChange[] };

export interface StoredWorkflow {
  readonly id: number;
  readonly path: string;
  readonly name: string;
  /** The names of its inputs, where they are known. */
  readonly inputs?: readonly string[];
}

const FOLDER = '.github/workflows/';

/** The workflows of a repository and their runs. */
export class WorkflowRuns {
  private readonly workflows: StoredWorkflow[] = [];
  private readonly runs = new Map<number, StoredRun>();
  private lastRunId = 9_000_000_000;
  private lastJobId = 25_000_000_000;

  constructor(private readonly timestamp: () => string) {}

  public addWorkflow(file: string, name: string, inputs?: readonly string[]): StoredWorkflow {
    const path = pathOf(file);
    const known = this.workflows.find((workflow) => workflow.path === path);
    if (known) return known;
    const workflow = { id: 7001 + this.workflows.length, path, name, ...(inputs && { inputs }) };
    this.workflows.push(workflow);
    return workflow;
  }

  /** By its id, or its file's name. */
  public workflow(idOrFile: string): StoredWorkflow | undefined {
    return this.workflows.find(({ id, path }) => String(id) === idOrFile || path === pathOf(idOrFile));
  }

  /** An unknown run begins queued. */
  public set(id: number, change: RunChange): StoredRun {
    const now = this.timestamp();
    const { jobs = [], ...rest } = change;
    const before = this.runs.get(id) ?? this.fresh(id, change.path ?? 'deploy.yml', change.name);
    const isNewAttempt = rest.attempt !== undefined && rest.attempt > before.attempt;
    const run: StoredRun = {
      ...before,
      ...(isNewAttempt && { startedAt: now, status: 'queued', conclusion: null }),
      ...rest,
      path: rest.path ? pathOf(rest.path) : before.path,
      updatedAt: rest.updatedAt ?? now,
    };
    const stored = { ...run, jobs: jobs.reduce((all, job) => this.withJob(all, job, run.attempt), run.jobs) };
    this.runs.set(id, stored);
    return stored;
  }

  public run(id: number): StoredRun | undefined {
    return this.runs.get(id);
  }

  public delete(id: number): void {
    this.runs.delete(id);
  }

  /** Oldest first. */
  public runsOf({ path }: StoredWorkflow): StoredRun[] {
    return [...this.runs.values()].filter((run) => run.path === path).sort((a, b) => a.id - b.id);
  }

  /** For a run that a test does not number itself. */
  public nextRunId(): number {
    return ++this.lastRunId;
  }

  private fresh(id: number, file: string, name?: string): StoredRun {
    const now = this.timestamp();
    const workflow = this.addWorkflow(file, name ?? file.replace(/^.*\/|\.ya?ml$/g, ''));
    return {
      id,
      path: workflow.path,
      name: workflow.name,
      displayTitle: workflow.name,
      attempt: 1,
      event: 'push',
      status: 'queued',
      conclusion: null,
      headBranch: 'main',
      headSha: '0'.repeat(40),
      actor: 'octocat',
      createdAt: now,
      startedAt: now,
      updatedAt: now,
      jobs: [],
    };
  }

  private withJob(jobs: readonly StoredJob[], { name, ...change }: JobChange, runAttempt: number): StoredJob[] {
    const now = this.timestamp();
    const attempt = change.attempt ?? runAttempt;
    const at = jobs.findIndex((job) => job.name === name && job.attempt === attempt);
    const before = jobs[at] ?? {
      id: ++this.lastJobId, name, attempt, status: 'queued', conclusion: null, createdAt: now, startedAt: now, completedAt: null,
    };
    const job: StoredJob = {
      ...before,
      ...(change.status === 'in_progress' && before.status !== 'in_progress' && { startedAt: now }),
      ...(change.status === 'completed' && { completedAt: now }),
      ...change,
    };
    return at < 0 ? [...jobs, job] : jobs.map((other, index) => (index === at ? job : other));
  }
}

/** The filter `created`: a time, `>=`, `>`, `<=`, `<` and a time, or two with `..` between. A `*` is open. */
export function isWithin(at: string, range: string): boolean {
  const time = Date.parse(at);
  const [, comparison, one] = /^(>=|>|<=|<)(.+)$/.exec(range) ?? [];
  if (comparison) {
    const bound = timeOf(one);
    return { '>=': time >= bound, '>': time > bound, '<=': time <= bound, '<': time < bound }[comparison] ?? false;
  }
  const [from, to = from] = range.split('..');
  return (from === '*' || time >= timeOf(from)) && (to === '*' || time <= endOf(to));
}

function timeOf(text: string): number {
  const time = Date.parse(text);
  if (Number.isNaN(time)) throw new RejectedRequest(422, `"${text}" is no date`);
  return time;
}

/** A day alone means all of it. */
function endOf(text: string): number {
  return timeOf(text) + (/^\d{4}-\d\d-\d\d$/.test(text) ? 24 * 3_600_000 - 1 : 0);
}

function pathOf(file: string): string {
  return file.startsWith(FOLDER) ? file : `${FOLDER}${file}`;
}
