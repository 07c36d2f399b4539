/** previews.ci.ts finds faults that are planted into the code. */
import { previewManifests } from './preview-manifests';
import { PREVIEW_MUTATIONS } from '../../../tools/model-checker/previews/mutations';
import { noticedBy } from '../../../tools/model-checker/previews/noticed';
import { taken } from '../../../tools/model-checker/share';

const manifests = previewManifests();

it.each(taken(PREVIEW_MUTATIONS).map((mutation) => [mutation.name, mutation] as const))('the model notices: %s', async (_, mutation) => {
  expect(await noticedBy(mutation, { manifests, mostRuns: 100 })).toBeDefined();
});
