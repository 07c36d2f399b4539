import { createHash } from 'node:crypto';
import { builtImageOf, imageOf, Release } from '../../../runtime/release';
import { EngineError } from '../../../runtime/targets/engine-error';
import { LambdaApi, LatestCode } from '../../aws/runtime/lambda-api';

/** What a version of the function runs. */
export interface LambdaCode {
  /** For people. */
  readonly shown: string;
  /** What AWS calls the code's SHA-256 where the function has this code; another text where it has other code. */
  sha256(api: LambdaApi, latest: LatestCode): Promise<string>;
  upload(api: LambdaApi, revisionId: string): Promise<void>;
}

export function zipCode(file: string, content: Buffer, shown: string): LambdaCode {
  const sha256 = createHash('sha256').update(content).digest('base64');
  return { shown, sha256: () => Promise.resolve(sha256), upload: (api, revisionId) => api.upload(file, revisionId) };
}

/** The image of a release, by its digest. AWS does not document how the SHA-256 of an image's function follows from the digest, so it is read. */
export function imageCode(release: Release): LambdaCode {
  const [image, built] = [imageOf(release), builtImageOf(release)];
  if (image === undefined || built === undefined) throw new EngineError('rejected', `Target.lambda image: ${release.version} has no container image. Deploy a release that was built with one`);
  const { digest } = built;
  return {
    shown: image,
    // read after `latest`: a change in between has another revision, and the next step is rejected
    sha256: async (api, latest) => (await api.imageDigest() === digest ? latest.codeSha256 : `sha256:${digest}`),
    upload: (api, revisionId) => api.useImage(image, revisionId),
  };
}
