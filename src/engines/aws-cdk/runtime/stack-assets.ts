import { basename, dirname, join, relative } from 'node:path';
import { AssemblyStack, readJson } from './cloud-assembly';
import { isObject, isText } from '../../../runtime/json-value';

/** An object in the bootstrap bucket. */
export interface FileAsset {
  readonly bucket: string;
  readonly key: string;
  readonly region?: string;
}

/** A container image in the bootstrap repository. */
export interface ImageAsset {
  readonly repository: string;
  readonly tag: string;
  readonly region?: string;
}

/** Where the credentials lead. */
export interface AwsPlace {
  readonly account: string;
  readonly region: string;
}

/** What the stacks need beside their templates, each once. */
export interface StackAssets {
  readonly files: readonly FileAsset[];
  readonly images: readonly ImageAsset[];
}

/** Returns the assets of the stacks at their destinations. */
export async function stackAssetsIn(assembly: string, stacks: readonly AssemblyStack[], place: AwsPlace): Promise<StackAssets> {
  const files = new Map<string, FileAsset>();
  const images = new Map<string, ImageAsset>();
  for (const { asset, stack } of await assetsOf(assembly, stacks)) {
    // the template is published with each deployment
    if (isObject(asset.source) && asset.source.path === basename(stack.templateFile)) continue;
    for (const destination of valuesOf(asset.destinations)) {
      const { bucketName, imageTag: tag, objectKey: key, repositoryName } = destination;
      const own = stack.region ?? place.region;
      const region = isText(destination.region) ? filled(destination.region, place.account, own) : own;
      if (isText(bucketName) && isText(key)) {
        const bucket = filled(bucketName, place.account, region);
        files.set(`${bucket}/${key}`, { bucket, key, region });
      } else if (isText(repositoryName) && isText(tag)) {
        const repository = filled(repositoryName, place.account, region);
        images.set(`${region}/${repository}:${tag}`, { repository, tag, region });
      }
    }
  }
  return { files: [...files.values()], images: [...images.values()] };
}

/** The first asset whose files are not in the assembly; undefined if all are. */
export async function outsideOf(assembly: string, stacks: readonly AssemblyStack[]): Promise<string | undefined> {
  for (const { asset, folder } of await assetsOf(assembly, stacks)) {
    const { directory, path } = isObject(asset.source) ? asset.source : {};
    const source = isText(path) ? path : directory;
    if (!isText(source)) continue;
    const place = relative(assembly, join(source.startsWith('/') ? '/' : join(assembly, folder), source));
    if (place.startsWith('..') || place.startsWith('/')) return source;
  }
  return undefined;
}

async function assetsOf(assembly: string, stacks: readonly AssemblyStack[]) {
  const found: { readonly asset: Record<string, unknown>; readonly folder: string; readonly stack: AssemblyStack }[] = [];
  for (const stack of stacks) {
    for (const file of stack.assetManifests) {
      const manifest = await readJson(assembly, file);
      const { dockerImages, files } = isObject(manifest) ? manifest : {};
      for (const asset of [...valuesOf(files), ...valuesOf(dockerImages)]) found.push({ asset, folder: dirname(file), stack });
    }
  }
  return found;
}

function valuesOf(value: unknown): Record<string, unknown>[] {
  return isObject(value) ? Object.values(value).filter(isObject) : [];
}

/** The CDK leaves out what only the credentials decide. */
function filled(text: string, account: string, region: string): string {
  return text.replaceAll('${AWS::AccountId}', account).replaceAll('${AWS::Region}', region).replaceAll('${AWS::Partition}', 'aws');
}
