import { GithubApi } from './api';
import { readWorkflowJobs } from './workflow-run';
import { DeploymentWorkflowManifest, Manifest } from '../../../contract/manifest';
import { isNumber, isObject, isText } from '../../json-value';
import { WaitingApproval } from '../ci-runtime';

interface ApiRun {
  readonly id: number;
  readonly html_url: string;
  readonly created_at: string;
}

/** So many runs before say how often the watch really runs. */
const KNOWN_RUNS = 20;
/** More that wait at once are not looked at. */
const WAITING_RUNS = 10;

/** When GitHub started the watch, newest first and without this run, in milliseconds since the epoch. One request. */
export async function watchRuns(api: GithubApi, workflow: string, thisRun: number): Promise<number[]> {
  const runs = await listRuns(api, workflow, { per_page: KNOWN_RUNS + 1 });
  return runs.filter(({ id }) => id !== thisRun).map(({ created_at: at }) => Date.parse(at)).sort((a, b) => b - a);
}

/** By the environment's name: what waits there for a person. A request for each workflow, and one for each run that waits. */
export async function waitingApprovals(api: GithubApi, { monitoring }: Pick<Manifest, 'monitoring'>): Promise<Map<string, WaitingApproval>> {
  const found = new Map<string, WaitingApproval>();
  for (const workflow of monitoring?.deploymentWorkflows ?? []) {
    for (const run of await listRuns(api, workflow.file, { status: 'waiting', per_page: WAITING_RUNS })) {
      for (const { name, status, startedAt } of await readWorkflowJobs(api, run.id)) {
        const job = approvedJob(workflow, name);
        if (!job || status !== 'waiting') continue;
        const since = Date.parse(startedAt ?? run.created_at);
        const other = found.get(job.environment);
        if (!other || since < other.since) found.set(job.environment, { what: job.what, since, url: run.html_url });
      }
    }
  }
  return found;
}

/** The job of that name that may wait for an approval. */
function approvedJob({ deployments, rollbacks }: DeploymentWorkflowManifest, name: string): Pick<WaitingApproval, 'what'> & { readonly environment: string } | undefined {
  if (Object.hasOwn(deployments, name)) return { what: 'deployment', environment: deployments[name]! };
  return Object.hasOwn(rollbacks, name) ? { what: 'rollback', environment: rollbacks[name]! } : undefined;
}

async function listRuns(api: GithubApi, workflow: string, filter: Record<string, string | number>): Promise<ApiRun[]> {
  const { data } = await api.request<{ readonly workflow_runs: ApiRun[] }>({
    what: `list the runs of ${workflow}`,
    route: 'GET /repos/{owner}/{repo}/actions/workflows/{workflow_id}/runs',
    permission: 'actions: read',
    parameters: { workflow_id: workflow, ...filter },
    isAnswer: isRunList,
    patienceMs: 20_000,
  });
  return data.workflow_runs;
}

function isRunList(data: unknown): data is { readonly workflow_runs: ApiRun[] } {
  return isObject(data) && Array.isArray(data.workflow_runs)
    && data.workflow_runs.every((run) => isObject(run) && isNumber(run.id) && isText(run.html_url) && isText(run.created_at));
}
