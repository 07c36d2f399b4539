import { isObject } from '../../../json-value';
import { Artifact } from '../../../release';
import { GithubApi, GithubError } from '../api';

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
