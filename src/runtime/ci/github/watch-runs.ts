import { GithubApi } from './api';
import { GithubEventLog } from './event-log';
import { readRuns, readWorkflowJobs } from './workflow-run';
import { DeploymentWorkflowManifest, Manifest } from '../../../contract/manifest';
import { AlertLog } from '../../monitoring/alert-log';
import { CiAlerts, WaitingApproval } from '../ci-runtime';
import { Run } from '../run';

/** How many earlier runs are read to compute the actual interval of the watch. */
const KNOWN_RUNS = 20;
/** How many waiting runs of a workflow are read. */
const WAITING_RUNS = 10;

export interface GithubAlertsOptions {
  readonly api: GithubApi;
  readonly project?: string;
  readonly serverUrl?: string;
  readonly run: Pick<Run, 'id' | 'sha' | 'processId'>;
}

export function githubAlerts({ api, project, run, serverUrl }: GithubAlertsOptions): CiAlerts {
  return {
    log: new AlertLog({ eventLog: new GithubEventLog({ api, project, serverUrl }), sha: run.sha, processId: run.processId }),
    acquire: async () => () => undefined,
    earlierRuns: (workflow) => watchRuns(api, workflow, run.id),
  };
}

/** When GitHub started the watch, newest first and without this run, in milliseconds since the epoch. One request. */
async function watchRuns(api: GithubApi, workflow: string, thisRun: number): Promise<number[]> {
  const runs = await readRuns(api, workflow, { per_page: KNOWN_RUNS + 1 });
  return runs.filter(({ id }) => id !== thisRun).map(({ createdAt = '' }) => Date.parse(createdAt)).sort((a, b) => b - a);
}

/** The jobs that wait for an approval, by the environment's name. Takes one request per workflow and one per waiting run. */
export async function waitingApprovals(api: GithubApi, { monitoring }: Pick<Manifest, 'monitoring'>): Promise<Map<string, WaitingApproval>> {
  const found = new Map<string, WaitingApproval>();
  for (const workflow of monitoring?.deploymentWorkflows ?? []) {
    for (const run of await readRuns(api, workflow.file, { status: 'waiting', per_page: WAITING_RUNS })) {
      for (const { name, status, startedAt } of await readWorkflowJobs(api, run.id)) {
        const job = approvedJob(workflow, name);
        if (!job || status !== 'waiting') continue;
        const since = Date.parse(startedAt ?? run.createdAt ?? '');
        const other = found.get(job.environment);
        if (!other || since < other.since) found.set(job.environment, { what: job.what, since, url: run.url });
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
