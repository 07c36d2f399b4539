import { isListOf, isNumber, isObject } from '../../../json-value';
import { Artifact } from '../../../release';
import { StoredArtifact } from '../../ci-runtime';
import { GithubApi, GithubError } from '../api';
import { readRuns } from '../workflow-run';

/**
 * - `kept`: GitHub still has the files
 * - `gone`: they were deleted, or their retention has passed
 * - `unknown`: no id is recorded, or GitHub does not respond to this job
 */
export type Whereabouts = 'kept' | 'gone' | 'unknown';

/** Whether GitHub still has an artifact. The job needs `permissions: actions: read`. Never rejects, because a plan works without the result. */
export async function whereaboutsOf(api: GithubApi, { id }: Artifact): Promise<Whereabouts> {
  if (!id || !/^\d+$/.test(id)) return 'unknown';
  try {
    const { data } = await api.request({
      what: `report whether artifact ${id} still exists`,
      route: 'GET /repos/{owner}/{repo}/actions/artifacts/{artifact_id}',
      permission: 'actions: read',
      parameters: { artifact_id: Number(id) },
      isExpected: (response): response is Record<string, unknown> => isObject(response) && typeof response.expired === 'boolean',
    });
    return data.expired ? 'gone' : 'kept';
  } catch (error) {
    if (!(error instanceof GithubError)) throw error;
    return error.status === 404 || error.status === 410 ? 'gone' : 'unknown';
  }
}

/** How many earlier runs are searched: a cancelled run wrote no page. */
const RUNS = 10;
const PATIENCE_MS = 20_000;

interface KeptArtifact {
  readonly id: number;
  readonly name?: unknown;
  readonly expired?: unknown;
}

/**
 * The newest artifact of this name that a run of the workflow stored. Only runs that the schedule or a person started count, because a
 * pull request can upload any name. Rejects with `EventLogError`.
 */
export async function newestArtifact(
  api: GithubApi, { artifact, thisRun, workflow }: { readonly artifact: string; readonly thisRun: number; readonly workflow: string },
): Promise<StoredArtifact | undefined> {
  const runs = await readRuns(api, workflow, { per_page: RUNS });
  const before = runs.filter(({ event, id }) => id !== thisRun && (event === 'schedule' || event === 'workflow_dispatch'));
  for (const { id } of before.sort((a, b) => b.id - a.id)) {
    const { data } = await api.request<{ readonly artifacts: KeptArtifact[] }>({
      what: `list the artifacts of run ${id}`,
      route: 'GET /repos/{owner}/{repo}/actions/runs/{run_id}/artifacts',
      permission: 'actions: read',
      parameters: { run_id: id, name: artifact },
      isExpected: (response): response is { artifacts: KeptArtifact[] } => isObject(response) && isListOf(response.artifacts, isKept),
      patienceMs: PATIENCE_MS,
    });
    const found = data.artifacts.find(({ expired, name }) => name === artifact && expired === false);
    if (found) return { runId: id, artifactId: found.id };
  }
  return undefined;
}

function isKept(value: unknown): value is KeptArtifact {
  return isObject(value) && isNumber(value.id);
}
