import { addressOf, Presence, presenceIn } from './registry-client';
import { ecrOf, EcrRegistry } from '../../contract/manifest';
import { AwsCli } from '../aws/aws-cli';
import { RuntimeContext } from '../context';
import { ArtifactError, ConfigurationError } from '../errors';
import { isObject } from '../json-value';
import { builtImageOf, imageOf, Release } from '../release';
import { EngineError } from '../targets/engine-error';

const ECR_MS = 60_000;

/** Whether the registry still has the image of a release, as far as this job can see. */
export async function imagePresence(context: RuntimeContext, release: Release): Promise<Presence> {
  const image = builtImageOf(release);
  // a release from before the project had images
  if (image === undefined) return { kind: 'gone' };
  const { name, registry } = addressOf(image.image);
  const ecr = ecrOf(registry);
  return ecr ? presenceInEcr(context, ecr, name, image.digest) : presenceIn(image.image, image.digest, context);
}

/** Makes sure that the image is there before anything is changed. Throws `ConfigurationError` or `ArtifactError`. */
export async function requireImage(context: RuntimeContext, release: Release): Promise<void> {
  const { log } = context;
  const image = imageOf(release);
  // adopted: no delivery built it, and the engine has it
  if (image === undefined && release.engineId !== undefined) return;
  if (image === undefined) throw new ConfigurationError(`no image is known of ${release.version}, though this project deploys ${context.manifest.image!.repository}; nothing was changed.`);
  const found = await imagePresence(context, release);
  switch (found.kind) {
    case 'kept': return log.line(`image of ${release.version}: ${image} is in the registry`);
    case 'gone': throw new ArtifactError(`the image of ${release.version}, ${image}, is not in the registry: it was deleted, or its retention has passed. Nothing was changed. Deploy a new commit, and keep images longer.`, { isGone: true });
    case 'unknown':
      if (found.mayPass) throw new ArtifactError(`whether the registry has the image of ${release.version} could not be checked: ${found.reason}. Nothing was changed; run this again.`);
      log.warning(`The image of ${release.version} was not checked`, `Whether ${image} still exists is unknown: ${found.reason}. ${SIGN_IN}`);
  }
}

const SIGN_IN = 'Sign in to the registry in setupSteps (docker login), so that it is checked.';

/** The AWS CLI signs in by itself. */
async function presenceInEcr(context: RuntimeContext, { account, region }: EcrRegistry, name: string, digest: string): Promise<Presence> {
  try {
    const found = await new AwsCli(context, region).read({
      service: 'ecr',
      operation: 'batch-get-image',
      args: ['--registry-id', account, '--repository-name', name, '--image-ids', `imageDigest=sha256:${digest}`],
      query: '{images: images[].imageId.imageDigest, failures: failures[].failureCode}',
      giveUpAt: context.clock.now() + ECR_MS,
    });
    const { failures, images } = isObject(found) ? found : {};
    if (Array.isArray(images) && images.includes(`sha256:${digest}`)) return { kind: 'kept' };
    if (Array.isArray(failures) && failures.includes('ImageNotFound')) return { kind: 'gone' };
    return { kind: 'unknown', reason: `aws ecr batch-get-image responds ${JSON.stringify(failures ?? found)}`, mayPass: false };
  } catch (error) {
    if (!(error instanceof EngineError)) throw error;
    if (error.message.includes('RepositoryNotFoundException')) return { kind: 'gone' };
    return { kind: 'unknown', reason: error.message, mayPass: ['throttled', 'unavailable', 'timeout'].includes(error.kind) };
  }
}
