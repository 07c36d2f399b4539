import { fieldIn, itemsIn, textIn } from '../../../runtime/json-value';
import { safeLine } from '../../../runtime/reporting/untrusted-text';
import { StaticSiteDriverManifest } from '../manifest';

/** As the CLI prints it. Only the path of one origin is changed; everything else is written back as it was read. */
export type DistributionConfig = Readonly<Record<string, unknown>>;

type Settings = Pick<StaticSiteDriverManifest, 'bucket' | 'origin'>;

export type FoundOrigin =
  | { readonly kind: 'origin'; readonly id: string; readonly path: string }
  | { readonly kind: 'problem'; readonly option: 'bucket' | 'distribution' | 'origin'; readonly why: string; readonly fix: string };

/** Returns the origin whose path says which release is live. */
export function originOf(config: DistributionConfig, { bucket, origin }: Settings): FoundOrigin {
  const all = itemsIn(fieldIn(config.Origins, 'Items'));
  const ids = all.map((one) => textIn(one, 'Id'));
  const ofBucket = all.filter((one) => isOfBucket(textIn(one, 'DomainName'), bucket));
  const found = origin === undefined ? ofBucket : all.filter((one) => textIn(one, 'Id') === origin);
  if (found.length === 0 && origin !== undefined) {
    return { kind: 'problem', option: 'origin', why: `it has no origin ${origin}`, fix: `Name one of its origins: ${shown(ids)}` };
  }
  if (found.length === 0) {
    return { kind: 'problem', option: 'bucket', why: `none of its origins (${shown(ids)}) is the bucket ${bucket}`, fix: 'Add the bucket as an origin, correct bucket, or name the origin with the option origin' };
  }
  if (found.length > 1) {
    return { kind: 'problem', option: 'origin', why: `several of its origins are the bucket ${bucket}`, fix: `Name the one to use with the option origin: ${shown(found.map((one) => textIn(one, 'Id')))}` };
  }
  const [one] = found;
  const id = textIn(one, 'Id');
  if (!isOfBucket(textIn(one, 'DomainName'), bucket)) {
    return { kind: 'problem', option: 'origin', why: `its origin ${id} is ${safeLine(textIn(one, 'DomainName'))}, not the bucket ${bucket}`, fix: 'Name an origin of the bucket, or correct bucket' };
  }
  if (!isUsed(config, id)) {
    return { kind: 'problem', option: 'distribution', why: `none of its cache behaviors uses the origin ${id}, so users would not get the site`, fix: 'Let a cache behavior use the origin' };
  }
  return { kind: 'origin', id, path: textIn(one, 'OriginPath') };
}

/** The configuration with another path of the origin. */
export function withOriginPath(config: DistributionConfig, settings: Settings, path: string): DistributionConfig {
  const found = originOf(config, settings);
  const origins = config.Origins as Readonly<Record<string, unknown>>;
  const items = itemsIn(origins.Items).map((one) => (found.kind === 'origin' && textIn(one, 'Id') === found.id ? { ...one as object, OriginPath: path } : one));
  return { ...config, Origins: { ...origins, Items: items } };
}

/** `bucket.s3.amazonaws.com`, with or without a region, or its website. */
function isOfBucket(domain: string, bucket: string): boolean {
  if (!domain.startsWith(`${bucket}.`)) return false;
  return /^s3(?:[.-](?:website|dualstack|accelerate))?(?:[.-][a-z0-9-]+)?\.amazonaws\.com(?:\.cn)?$/.test(domain.slice(bucket.length + 1));
}

/** By a cache behavior, or by an origin group of one. */
function isUsed(config: DistributionConfig, id: string): boolean {
  const behaviors = [config.DefaultCacheBehavior, ...itemsIn(fieldIn(config.CacheBehaviors, 'Items'))];
  const groups = itemsIn(fieldIn(config.OriginGroups, 'Items')).filter((group) => itemsIn(fieldIn(fieldIn(group, 'Members'), 'Items')).some((member) => textIn(member, 'OriginId') === id));
  const targets = [id, ...groups.map((group) => textIn(group, 'Id'))];
  return behaviors.some((behavior) => targets.includes(textIn(behavior, 'TargetOriginId')));
}

function shown(ids: readonly string[]): string {
  return ids.length === 0 ? 'none' : ids.map((id) => safeLine(id, 80)).join(', ');
}
