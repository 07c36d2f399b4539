import { FileAsset, ImageAsset } from './stack-assets';
import { AwsCli } from '../../../runtime/aws/aws-cli';
import { EngineError } from '../../../runtime/targets/engine-error';

/** The calls of the bucket and the repository that the CDK's bootstrap stack makes, typed. Rejects with `EngineError` and `InterruptedError`. */
export class AssetsApi {
  /** @param cliOf the CLI for a region */
  constructor(private readonly cliOf: (region?: string) => AwsCli, private readonly giveUpAt: number) {}

  /** Whether the object is in the bucket. */
  public hasFile({ bucket, key, region }: FileAsset): Promise<boolean> {
    return isThere(this.read('s3api', 'head-object', ['--bucket', bucket, '--key', key], '{size:ContentLength}', region));
  }

  /** Whether the repository has an image with the tag. */
  public hasImage({ region, repository, tag }: ImageAsset): Promise<boolean> {
    const args = ['--repository-name', repository, '--image-ids', `imageTag=${tag}`];
    return isThere(this.read('ecr', 'describe-images', args, 'imageDetails[0].{digest:imageDigest}', region));
  }

  private read(service: string, operation: string, args: readonly string[], query: string, region?: string): Promise<unknown> {
    return this.cliOf(region).read({ service, operation, args, query, giveUpAt: this.giveUpAt });
  }
}

async function isThere(call: Promise<unknown>): Promise<boolean> {
  try {
    await call;
    return true;
  } catch (error) {
    if (error instanceof EngineError && /\(?404\)?|NoSuchKey|NoSuchBucket|Not Found|(Image|Repository)NotFoundException/.test(error.message)) return false;
    throw error;
  }
}
