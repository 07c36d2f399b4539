import { ALLOW_DIRTY, Command } from './command';
import { DIGEST } from '../../contract/outputs';
import { ownRelease } from '../ci/run';
import { RuntimeContext } from '../context';
import { checkoutFaults, withLocalChanges } from '../deployment/working-tree';
import { ConfigurationError } from '../errors';
import { buildImage, runBuildLine } from '../images/build-image';
import { noteBuilt } from '../images/built-images';
import { imagePresence } from '../images/image-presence';
import { Artifact, Built, imageOf } from '../release';
import { DELIVERY, unlessEjected } from '../reporting/command-line';

/**
 * Builds the image of the current commit once, and pushes it once. Everything after it deploys the image by its digest. On a laptop it also does
 * what other steps of the job `build` do: what the image contains comes before it, the files that are made with it after it.
 */
export const build: Command = {
  name: 'build',
  summary: 'build the image of HEAD and push it, for deployments by its digest',
  environment: 'optional',
  changes: false,
  options: { ...ALLOW_DIRTY },
  examples: [`${DELIVERY} build`],

  run: async ([context]) => {
    const { log, manifest, outputs, root, run } = context!;
    if (!manifest.image) {
      throw new ConfigurationError(`this project deploys no image, so there is nothing to build. ${unlessEjected('Set artifact: Artifact.image({ ... }) in the options of the delivery', 'Set image in .projen/delivery.json')}.`);
    }
    const release = withLocalChanges(context!, ownRelease(run, root));
    const faults = checkoutFaults(context!, release);
    if (faults.length > 0) throw new ConfigurationError(faults.join('\n'));
    if (!run.inCi) await runBuildLine(context!, manifest.image.buildLine);
    const artifact = await buildImage(context!, release);
    const image = imageOf({ artifact })!;
    const found = await imagePresence(context!, { ...release, artifact });
    if (found.kind === 'gone') {
      throw new ConfigurationError(`${image} is not in the registry, though the build names this digest. Push the image before the build ends, and name the digest of its manifest, which docker push prints: that of --iidfile is another one.`);
    }
    if (found.kind === 'unknown') log.warning('The image was not checked', `Whether the registry has ${image} is unknown: ${found.reason}.`);
    if (!run.inCi) noteBuilt(context!, release, await withFiles(context!, artifact));
    outputs.set({ [DIGEST]: artifact.digest });
    log.notice('Built', image);
    return 0;
  },
};

/** The files are made after the image: they may name it, or be part of it. */
async function withFiles(context: RuntimeContext, image: Artifact): Promise<Built> {
  const { artifacts, directory, manifest: { artifact } } = context;
  if (!artifact) return { artifact: image };
  await runBuildLine(context, artifact.buildLine, imageOf({ image }));
  return { artifact: await artifacts.pack(artifact, directory), image };
}
