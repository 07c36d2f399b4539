import { GithubApi, GithubError, GithubRequest } from './api';
import { isListOf, isNumber, isObject, isText } from '../../json-value';

/** A run of GitHub Actions. */
export interface WorkflowRun {
  readonly id: number;
  /** What started it: `schedule`, `workflow_dispatch`, ... */
  readonly event?: string;
  /** queued, requested, waiting (for an approval or a timer), pending, in_progress, completed. */
  readonly status: string;
  /** Once it is completed: success, failure, cancelled, timed_out, ... */
  readonly conclusion?: string;
  readonly attempt: number;
  readonly url: string;
  /** The workflow's `run-name`, filled in. */
  readonly title: string;
  /** ISO 8601: when its first attempt began. */
  readonly createdAt?: string;
}

export interface WorkflowJob {
  readonly id?: number;
  readonly name: string;
  /** The name of its runner, if one is assigned. */
  readonly runner?: string;
  readonly status: string;
  readonly conclusion?: string;
  /** ISO 8601. */
  readonly startedAt?: string;
  readonly completedAt?: string;
}

/** Ids order runs too, so a lookup of when a run began is not worth a long wait. */
const BEGINNING_PATIENCE_MS = 10_000;
const LIST_PATIENCE_MS = 20_000;

interface ApiRun {
  readonly id: number;
  readonly event?: unknown;
  readonly status: unknown;
  readonly conclusion: unknown;
  readonly run_attempt: number;
  readonly html_url: string;
  readonly display_title: unknown;
  readonly created_at?: unknown;
}

interface ApiJob {
  readonly id?: unknown;
  readonly name: string;
  readonly runner_name?: unknown;
  readonly status: string;
  readonly conclusion: unknown;
  readonly started_at: unknown;
  readonly completed_at: unknown;
}

/** The newest attempt of a run. Rejects with `GithubError`; 404: the run does not exist. */
export async function readWorkflowRun(api: GithubApi, id: number, patienceMs?: number): Promise<WorkflowRun> {
  const { data } = await api.request({
    what: `report the state of run ${id}`,
    route: 'GET /repos/{owner}/{repo}/actions/runs/{run_id}',
    permission: 'actions: read',
    parameters: { run_id: id },
    isExpected: isRun,
    patienceMs,
  });
  return asRun(data);
}

/** When a run began, in milliseconds since the epoch; undefined if GitHub does not report it. */
export async function runBeganAt(api: GithubApi, id: number): Promise<number | undefined> {
  const run = await readWorkflowRun(api, id, BEGINNING_PATIENCE_MS).catch((error: unknown) => {
    if (error instanceof GithubError) return undefined;
    throw error;
  });
  const time = Date.parse(run?.createdAt ?? '');
  return Number.isNaN(time) ? undefined : time;
}

/** The jobs of the newest attempt of a run. Rejects with `GithubError`. */
export async function readWorkflowJobs(api: GithubApi, runId: number): Promise<WorkflowJob[]> {
  const jobs: ApiJob[] = [];
  for (let page = 1; ; page++) {
    const { data, hasNextPage } = await api.request({
      what: `list the jobs of run ${runId}`,
      route: 'GET /repos/{owner}/{repo}/actions/runs/{run_id}/jobs',
      permission: 'actions: read',
      parameters: { run_id: runId, per_page: 100, page },
      isExpected: isJobList,
    });
    jobs.push(...data.jobs);
    if (!hasNextPage || data.jobs.length === 0) return jobs.map(asJob);
  }
}

/** The newest runs of a workflow that were dispatched. One request, one try. Rejects with `GithubError`. */
export async function readDispatchedRuns(api: GithubApi, workflow: string): Promise<WorkflowRun[]> {
  const { data } = await api.once(listOf(workflow, { event: 'workflow_dispatch', per_page: 100 }));
  return data.workflow_runs.map(asRun);
}

/** The newest runs of a workflow: one page. Rejects with `GithubError`. */
export async function readRuns(api: GithubApi, workflow: string, filter: Record<string, string | number>): Promise<WorkflowRun[]> {
  const { data } = await api.request(listOf(workflow, filter));
  return data.workflow_runs.map(asRun);
}

function listOf(workflow: string, filter: Record<string, string | number>): GithubRequest<{ readonly workflow_runs: ApiRun[] }> {
  return {
    what: `list the runs of ${workflow}`,
    route: 'GET /repos/{owner}/{repo}/actions/workflows/{workflow_id}/runs',
    permission: 'actions: read',
    parameters: { workflow_id: workflow, ...filter },
    isExpected: isRunList,
    patienceMs: LIST_PATIENCE_MS,
  };
}

function asRun({ id, run_attempt: attempt, html_url: url, ...run }: ApiRun): WorkflowRun {
  const [event, conclusion, createdAt] = [run.event, run.conclusion, run.created_at].map(textOf);
  return { id, attempt, url, event, status: textOf(run.status) ?? '', conclusion, title: textOf(run.display_title) ?? '', createdAt };
}

function asJob({ id, name, status, conclusion, runner_name: runner, started_at: startedAt, completed_at: completedAt }: ApiJob): WorkflowJob {
  const times = { startedAt: textOf(startedAt), completedAt: textOf(completedAt) };
  return { id: isNumber(id) ? id : undefined, name, runner: textOf(runner), status, conclusion: textOf(conclusion), ...times };
}

function textOf(value: unknown): string | undefined {
  return isText(value) ? value : undefined;
}

function isRun(data: unknown): data is ApiRun {
  return isObject(data) && isNumber(data.id) && isNumber(data.run_attempt) && isText(data.html_url);
}

function isRunList(data: unknown): data is { readonly workflow_runs: ApiRun[] } {
  return isObject(data) && isListOf(data.workflow_runs, isRun);
}

function isJobList(data: unknown): data is { readonly jobs: ApiJob[] } {
  return isObject(data) && isListOf(data.jobs, isJob);
}

function isJob(data: unknown): data is ApiJob {
  return isObject(data) && isText(data.name) && isText(data.status);
}
