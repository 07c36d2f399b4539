import { ok, Operations, Refused } from './answer';
import { Listing } from './listing';
import { Rendering } from './rendering';
import { Repository } from './repository';

/** What runs have uploaded. */
export function artifactOperations(repository: Repository, listing: Listing, rendering: () => Rendering): Operations {
  return {
    'actions/get-artifact': ({ parameters }) => {
      const artifact = repository.artifacts.find(({ id }) => id === Number(parameters.artifact_id));
      if (!artifact) throw new Refused(404, 'Not Found');
      return ok(rendering().artifact(artifact));
    },
    'actions/delete-artifact': ({ parameters }) => {
      if (!repository.deleteArtifact(Number(parameters.artifact_id))) throw new Refused(404, 'Not Found');
      return { status: 204 };
    },
    'actions/list-workflow-run-artifacts': ({ request, parameters }) => listing.page(
      request,
      repository.artifacts.filter(({ runId, name }) => runId === Number(parameters.run_id) && (!request.query.name || request.query.name === name)),
      (artifact) => rendering().artifact(artifact),
      (artifacts, total) => ({ total_count: total, artifacts }),
    ),
  };
}
