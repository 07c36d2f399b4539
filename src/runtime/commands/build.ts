import { Command } from './command';
import { DIGEST } from '../../contract/outputs';
import { ownRelease } from '../ci/run';
import { ConfigurationError } from '../errors';
import { buildImage } from '../images/build-image';
import { noteBuiltImage } from '../images/built-images';
import { imagePresence } from '../images/image-presence';
import { imageOf } from '../release';
import { DELIVERY, unlessEjected } from '../reporting/command-line';

/** Builds the image of the current commit once, and pushes it once. Everything after it deploys the image by its digest. */
export const build: Command = {
  name: 'build',
  summary: 'build the image of HEAD and push it, for deployments by its digest',
  environment: 'optional',
  changes: false,
  options: {},
  examples: [`${DELIVERY} build`],

  run: async ([context]) => {
    const { log, manifest, outputs, root, run } = context!;
    if (!manifest.image) {
      throw new ConfigurationError(`this project deploys no image, so there is nothing to build. ${unlessEjected('Set artifact: Artifact.image({ ... }) in the options of the delivery', 'Set image in .projen/delivery.json')}.`);
    }
    const release = ownRelease(run, root);
    const artifact = await buildImage(context!, release);
    const image = imageOf({ artifact })!;
    const found = await imagePresence(context!, { ...release, artifact });
    if (found.kind === 'gone') {
      throw new ConfigurationError(`${image} is not in the registry, though the build names this digest. Push the image before the build ends, and name the digest of its manifest, which docker push prints: that of --iidfile is another one.`);
    }
    if (found.kind === 'unknown') log.warning('The image was not checked', `Whether the registry has ${image} is unknown: ${found.reason}.`);
    if (!run.inCi) noteBuiltImage(context!, release.sha, artifact);
    outputs.set({ [DIGEST]: artifact.digest });
    log.notice('Built', image);
    return 0;
  },
};
