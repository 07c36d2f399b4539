import { isObject, isNumber } from '../../../json-value';
import { Artifact } from '../../../release';
import { GithubApi, GithubError } from '../api';
import { StoredArtifact } from '../../ci-runtime';

/**
 * - `kept`: the CI still has the files
 * - `gone`: they were deleted, or their retention has passed
 * - `unknown`: nobody can say: no id is recorded, or GitHub does not answer this job
 */
export type Whereabouts = 'kept' | 'gone' | 'unknown';

/** Asks GitHub whether it still keeps an artifact. The job needs `permissions: actions: read`. */
export class ArtifactLookup {
  constructor(private readonly api: GithubApi) {}

  /** Never rejects: a plan is not to fail because of a question that it can do without. */
  public async find(artifact: Artifact): Promise<Whereabouts> {
    if (!artifact.id || !/^\d+$/.test(artifact.id)) return 'unknown';
    try {
      const { data } = await this.api.request({
        what: `report whether artifact ${artifact.id} still exists`,
        route: 'GET /repos/{owner}/{repo}/actions/artifacts/{artifact_id}',
        permission: 'actions: read',
        parameters: { artifact_id: Number(artifact.id) },
        isAnswer: (answer): answer is Record<string, unknown> => isObject(answer) && typeof answer.expired === 'boolean',
      });
      return data.expired ? 'gone' : 'kept';
    } catch (error) {
      if (!(error instanceof GithubError)) throw error;
      return error.status === 404 || error.status === 410 ? 'gone' : 'unknown';
    }
  }
}

/** So many runs before are looked at: a run that was cancelled wrote no page. */
const RUNS = 10;
const PATIENCE_MS = 20_000;

interface KeptArtifact {
  readonly id: number;
  readonly name: string;
  readonly expired: boolean;
}

interface Run {
  readonly id: number;
  readonly event: string;
}

/**
 * The newest artifact of this name that a run of the workflow stored. Only runs that the schedule or a person started count: what a pull
 * request uploads may have any name. Rejects with `EventLogError`.
 */
export async function newestArtifact(
  api: GithubApi, { artifact, thisRun, workflow }: { readonly artifact: string; readonly thisRun: number; readonly workflow: string },
): Promise<StoredArtifact | undefined> {
  const { data } = await api.request<{ readonly workflow_runs: Run[] }>({
    what: 'list the runs of the watch',
    route: 'GET /repos/{owner}/{repo}/actions/workflows/{workflow_id}/runs',
    permission: 'actions: read',
    parameters: { workflow_id: workflow, per_page: RUNS },
    isAnswer: (answer): answer is { workflow_runs: Run[] } => isListOf(answer, 'workflow_runs'),
    patienceMs: PATIENCE_MS,
  });
  const before = data.workflow_runs.filter(({ event, id }) => id !== thisRun && (event === 'schedule' || event === 'workflow_dispatch'));
  for (const { id } of before.sort((a, b) => b.id - a.id)) {
    const { data: kept } = await api.request<{ readonly artifacts: KeptArtifact[] }>({
      what: `list the artifacts of run ${id}`,
      route: 'GET /repos/{owner}/{repo}/actions/runs/{run_id}/artifacts',
      permission: 'actions: read',
      parameters: { run_id: id, name: artifact },
      isAnswer: (answer): answer is { artifacts: KeptArtifact[] } => isListOf(answer, 'artifacts'),
      patienceMs: PATIENCE_MS,
    });
    const found = kept.artifacts.find(({ expired, name }) => name === artifact && !expired);
    if (found) return { runId: id, artifactId: found.id };
  }
  return undefined;
}

function isListOf(answer: unknown, key: string): boolean {
  if (!isObject(answer)) return false;
  const list = answer[key];
  return Array.isArray(list) && list.every((one) => isObject(one) && isNumber(one.id));
}
