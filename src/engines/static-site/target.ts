import { Task } from 'projen';
import { HeaderRuleManifest, StaticSiteDriverManifest } from './manifest';
import { artifactPaths } from '../../delivery/artifact-paths';
import { HealthCheck } from '../../health-checks/health-check';
import { ReleaseIdentity } from '../../health-checks/release-identity';
import { TargetBinding, TargetCapability, TargetContext } from '../../targets/target-binding';
import { TargetCommand } from '../../targets/target-command';
import { AwsNameRule, checkAwsAccount, checkAwsName, checkAwsRegion } from '../../validation/aws-name';
import { Duration } from '../../validation/duration';
import { listOf, OptionNames, optionsOf, wholeNumber } from '../../validation/option-types';
import { needsOutputs } from '../../validation/url';
import { invalid, show } from '../../validation/validation-error';

/**
 * Headers of some files of a site. At least one header must be set.
 */
export interface HeaderRule {
  /**
   * The files, relative to the site's root. `*` stands for any characters of a name, and `**` also for folders. A pattern without a slash
   * fits files of this name in every folder: `*.pdf`, `img/*`, `downloads/**`.
   */
  readonly files: string;

  /**
   * How long browsers and CloudFront keep the files. What a browser keeps, a rollback does not reach.
   *
   * @default - the next rule's, or the target's: a year for files whose name contains a hash, `no-cache` for all others
   */
  readonly cacheControl?: string;

  /**
   * The files' media type.
   *
   * @default - the next rule's, or the one of the file's extension
   */
  readonly contentType?: string;
}

/**
 * Options for a target that deploys a folder of files to an Amazon S3 bucket. The runtime calls the AWS CLI (version 2.23 or 1.37, or
 * later), which must be installed and signed in where the deployment runs.
 *
 * The bucket and the distribution must exist. Each release has a prefix of its own in the bucket, and is uploaded once. The origin path of
 * the distribution says which release is live.
 */
export interface StaticSiteTargetOptions {
  /** The name of the bucket. */
  readonly bucket: string;

  /**
   * The folder with the site's files, relative to the project's directory. It is the delivery's artifact: it is built once and deployed
   * unchanged to every environment.
   */
  readonly directory: string;

  /**
   * The task that builds `directory`, or its name.
   *
   * @default - the folder is already there: the release's own build makes it
   */
  readonly buildTask?: string | Task;

  /**
   * The id of the CloudFront distribution. The target changes the path of one of its origins, and nothing else of it.
   *
   * @default - none: the object `<prefix>live.json` in the bucket names the live release, for a server of your own
   */
  readonly distribution?: string;

  /**
   * The id of the distribution's origin whose path the target changes. Requires `distribution`.
   *
   * @default - the only origin whose domain is the bucket's; if there are several, a deployment fails before it changes anything
   */
  readonly origin?: string;

  /**
   * The paths that CloudFront invalidates after each change, as CloudFront writes them: each begins with a slash, and `*` may be at the
   * end. Requires `distribution`.
   *
   * @default ['/*'] - everything; CloudFront counts it as one path
   */
  readonly invalidationPaths?: string[];

  /**
   * What the keys of the releases begin with. Environments that share a bucket need different prefixes.
   *
   * @default - `releases/<environment>/`
   */
  readonly prefix?: string;

  /**
   * How many releases stay in the bucket, 2 to 1000. Each deployment deletes a few of the oldest beyond it, but never the live release or the
   * rollback point.
   *
   * @default 10
   */
  readonly keep?: number;

  /**
   * Headers of files. For each header, the first rule that fits a file and sets it counts.
   *
   * @default - none: the target's own rules, see `HeaderRule`
   */
  readonly headers?: HeaderRule[];

  /**
   * The name of the file that the target adds to each release. It holds the commit, so that a health check can identify the release that responds.
   *
   * @default 'delivery-release.json'
   */
  readonly releaseFile?: string;

  /**
   * Whether the environment gets a health check of `releaseFile` at its URL. Set it to false if the URL does not lead to the site's root.
   *
   * @default true
   */
  readonly releaseCheck?: boolean;

  /**
   * The AWS region of the bucket.
   *
   * @default - the one that the AWS CLI is configured for (AWS_REGION)
   */
  readonly region?: string;

  /**
   * The id of the AWS account that the credentials must belong to, 12 digits. A deployment with other credentials changes nothing.
   *
   * @default - any account
   */
  readonly account?: string;
}

const OPTIONS: OptionNames<StaticSiteTargetOptions> = {
  bucket: true,
  directory: true,
  buildTask: true,
  distribution: true,
  origin: true,
  invalidationPaths: true,
  prefix: true,
  keep: true,
  headers: true,
  releaseFile: true,
  releaseCheck: 'boolean',
  region: true,
  account: true,
};
const HEADER_RULE: OptionNames<HeaderRule> = { files: true, cacheControl: true, contentType: true };
const EXAMPLE = '{ bucket: \'shop-site\', directory: \'dist\', distribution: \'E1A2B3C4D5E6F7\' }';
/** CloudFront's limit for an origin path is 255 characters, and the name of a release has up to 81. */
const LONGEST_PREFIX = 170;

const BUCKET: AwsNameRule = {
  pattern: /^[a-z0-9](?:[a-z0-9-]|\.(?=[a-z0-9])){1,61}[a-z0-9]$/,
  meaning: 'the name of a bucket (lower-case letters, digits, - and .)',
  example: 'shop-site',
  arn: /^arn:[\w-]+:s3:::([^/]+)/,
};
const DISTRIBUTION: AwsNameRule = {
  pattern: /^E[A-Z0-9]{6,20}$/,
  meaning: 'the id of a distribution, which is not its domain',
  example: 'E1A2B3C4D5E6F7',
  arn: /:distribution\/(\w+)$/,
};
const ORIGIN: AwsNameRule = { pattern: /^[^\p{Cc}]{1,128}$/u, meaning: 'the id of an origin', example: 'site', arn: /(?!)/ };

/** A static site. Its prefix and its health check depend on the environment. */
export function staticSiteTarget(options: StaticSiteTargetOptions): (context: TargetContext) => TargetBinding {
  optionsOf('Target.staticSite', options, OPTIONS, EXAMPLE);
  const { account, buildTask, distribution, origin, region, releaseCheck = true, releaseFile = 'delivery-release.json' } = options;
  checkAwsName('Target.staticSite bucket', options.bucket, BUCKET);
  if (distribution !== undefined) checkAwsName('Target.staticSite distribution', distribution, DISTRIBUTION);
  if (origin !== undefined) checkAwsName('Target.staticSite origin', origin, ORIGIN);
  if (region !== undefined) checkAwsRegion('Target.staticSite region', region);
  if (account !== undefined) checkAwsAccount('Target.staticSite account', account);
  if (typeof releaseFile !== 'string' || !/^[\w-][\w.-]*$/.test(releaseFile)) {
    invalid('Target.staticSite releaseFile', `${show(releaseFile)} is not the name of a file in the site's root`, 'Write a name without folders, for example \'delivery-release.json\'');
  }
  for (const name of ['origin', 'invalidationPaths'] as const) {
    if (options[name] !== undefined && distribution === undefined) invalid(`Target.staticSite ${name}`, 'without a distribution it has no effect', `Set distribution, or leave ${name} out`);
  }
  const [directory] = artifactPaths([options.directory], 'Target.staticSite directory');
  const settings: Omit<StaticSiteDriverManifest, 'prefix'> = {
    kind: 'staticSite',
    bucket: options.bucket,
    directory,
    distribution,
    origin,
    invalidationPaths: distribution === undefined ? [] : invalidationPathsOf(options.invalidationPaths ?? ['/*']),
    keep: wholeNumber('Target.staticSite keep', options.keep ?? 10, 2, 1000),
    headers: listOf('Target.staticSite headers', options.headers ?? [], '{ files: \'*.pdf\', cacheControl: \'max-age=3600\' }').map(headerRuleOf),
    releaseFile,
    region,
    account,
  };
  const given = options.prefix === undefined ? undefined : prefixOf(options.prefix);
  return ({ environment, url }) => {
    const driver: StaticSiteDriverManifest = { ...settings, prefix: given ?? `releases/${environment}/` };
    const command = (call: 'deploy' | 'promote' | 'rollback') => TargetCommand._ofDriver(call, driver);
    return {
      commands: { deploy: command('deploy'), promote: command('promote'), rollback: command('rollback') },
      capabilities: [TargetCapability.SLOTS],
      artifact: { paths: [directory], buildTask },
      commandTimeout: Duration.minutes(15),
      // a URL that only a deployment knows needs outputs, which this target does not have: the environment rejects it
      healthChecks: releaseCheck && !needsOutputs(url) ? [HealthCheck.http(new URL(`/${releaseFile}`, url).href, { name: 'release-file', release: ReleaseIdentity.json('sha') })] : [],
    };
  };
}

function prefixOf(prefix: string): string {
  if (typeof prefix === 'string' && /^(?:[\w.-]+\/)*[\w.-]+\/?$/.test(prefix) && !prefix.split('/').some((part) => part === '.' || part === '..') && prefix.length <= LONGEST_PREFIX) {
    return prefix.endsWith('/') ? prefix : `${prefix}/`;
  }
  invalid('Target.staticSite prefix', `${show(prefix)} is not valid`, `Write folders of letters, digits, '.', '_' and '-', without a leading slash, at most ${LONGEST_PREFIX} characters: releases/shop/`);
}

function invalidationPathsOf(paths: string[]): string[] {
  const option = 'Target.staticSite invalidationPaths';
  const wrong = listOf(option, paths, '\'/*\'').find((path) => typeof path !== 'string' || !/^\/[^*\s]*\*?$/.test(path));
  if (wrong !== undefined) invalid(option, `${show(wrong)} is not a path that CloudFront can invalidate`, 'Begin it with a slash, and write * only at the end: /news/*');
  if (paths.length === 0) invalid(option, 'it names no path, so users would get files of the release before', 'Name the paths that are cached, or leave it out: then all are invalidated');
  return paths;
}

function headerRuleOf(rule: HeaderRule, index: number): HeaderRuleManifest {
  const option = `Target.staticSite headers[${index}]`;
  const { cacheControl, contentType, files } = optionsOf(option, rule, HEADER_RULE, '{ files: \'*.pdf\', cacheControl: \'max-age=3600\' }', option);
  const wrong = (name: string, value: unknown, fix: string): never => invalid(`${option} ${name}`, value === undefined ? 'it is missing' : `${show(value)} is not valid`, fix);
  if (typeof files !== 'string' || !/^[^\p{Cc}]+$/u.test(files) || files.startsWith('/') || /\*{3}/.test(files)) {
    wrong('files', files, 'Write a pattern relative to the site\'s root, without a leading slash: *.pdf or img/**');
  }
  if (cacheControl === undefined && contentType === undefined) invalid(option, `it sets no header of ${show(files)}`, 'Set cacheControl or contentType, or remove the rule');
  if (cacheControl !== undefined && !isMatch(cacheControl, /^[\w-]+(?:=[\w-]+)?(?:, *[\w-]+(?:=[\w-]+)?)*$/)) wrong('cacheControl', cacheControl, 'Write directives of Cache-Control: public, max-age=3600');
  if (contentType !== undefined && !isMatch(contentType, /^[\w.+-]+\/[\w.+-]+(?:; *[\w-]+=[\w.-]+)*$/)) wrong('contentType', contentType, 'Write a media type: text/plain; charset=utf-8');
  return { files, cacheControl, contentType };
}

/** Plain JavaScript may pass a number, which a pattern would take for its text. */
function isMatch(value: unknown, pattern: RegExp): boolean {
  return typeof value === 'string' && pattern.test(value);
}
