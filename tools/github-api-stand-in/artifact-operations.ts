import { ArtifactStorage } from './artifact-storage';
import { Listing } from './listing';
import { Rendering } from './rendering';
import { Repository, StoredArtifact } from './repository';
import { ok, Operations, RejectedRequest } from './response';

/** What runs have uploaded. */
export function artifactOperations(repository: Repository, listing: Listing, rendering: () => Rendering, storage: ArtifactStorage): Operations {
  const find = (id: string): StoredArtifact => {
    const artifact = repository.artifacts.find((one) => one.id === Number(id));
    if (!artifact) throw new RejectedRequest(404, 'Not Found');
    return artifact;
  };
  return {
    'actions/get-artifact': ({ parameters }) => ok(rendering().artifact(find(parameters.artifact_id))),
    'actions/download-artifact': ({ parameters }) => {
      const { expired, id } = find(parameters.artifact_id);
      if (parameters.archive_format !== 'zip') throw new RejectedRequest(404, 'Not Found');
      if (expired) throw new RejectedRequest(410, 'Artifact has expired');
      return { status: 302, headers: { location: storage.addressOf(id) } };
    },
    'actions/delete-artifact': ({ parameters }) => {
      if (!repository.deleteArtifact(Number(parameters.artifact_id))) throw new RejectedRequest(404, 'Not Found');
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
