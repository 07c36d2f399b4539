/** previews.ci.ts finds faults that are planted into the code. */
import { previewManifests } from './preview-manifests';
import { PREVIEW_MUTATIONS } from '../../../tools/model-checker/previews/mutations';
import { noticedBy } from '../../../tools/model-checker/previews/noticed';

const manifests = previewManifests();

it.each(PREVIEW_MUTATIONS.map((mutation) => [mutation.name, mutation] as const))('the model notices: %s', async (_, mutation) => {
  expect(await noticedBy(mutation, { manifests, mostRuns: 100 })).toBeDefined();
});
