import { basename, dirname, join, relative } from 'node:path';
import { AssemblyStack, readJson } from './cloud-assembly';
import { isObject, isText } from '../../json-value';

/** An object in the bootstrap bucket. */
export interface FileAsset {
  readonly bucket: string;
  readonly key: string;
  readonly region?: string;
}

/** Where the credentials lead. */
export interface AwsPlace {
  readonly account: string;
  readonly region: string;
}

/** Returns the objects that the stacks need. */
export async function fileAssetsIn(assembly: string, stacks: readonly AssemblyStack[], place: AwsPlace): Promise<FileAsset[]> {
  const found = new Map<string, FileAsset>();
  for (const { asset, stack } of await assetsOf(assembly, stacks)) {
    // the template is published with each deployment
    if (isObject(asset.source) && asset.source.path === basename(stack.templateFile)) continue;
    const region = stack.region ?? place.region;
    for (const destination of Object.values(isObject(asset.destinations) ? asset.destinations : {})) {
      if (!isObject(destination) || !isText(destination.bucketName) || !isText(destination.objectKey)) continue;
      const own = isText(destination.region) ? filled(destination.region, place.account, region) : region;
      const bucket = filled(destination.bucketName, place.account, own);
      found.set(`${bucket}/${destination.objectKey}`, { bucket, key: destination.objectKey, region: own });
    }
  }
  return [...found.values()];
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
