export interface StaticSiteDriverManifest {
  readonly kind: 'staticSite';
  readonly bucket: string;
  /** The folder with the files, relative to the project's directory. */
  readonly directory: string;
  /** What the keys of all releases begin with, for example `releases/production/`. */
  readonly prefix: string;
  /** The id of the CloudFront distribution. @default - an object in the bucket names the live release */
  readonly distribution?: string;
  /** The id of the origin. @default - the only one whose domain is the bucket's */
  readonly origin?: string;
  /** The paths to invalidate after each change. */
  readonly invalidationPaths: readonly string[];
  /** How many releases stay in the bucket. */
  readonly keep: number;
  /** The first rule that fits a file and has the header counts; the runtime's own rules come after these. */
  readonly headers: readonly HeaderRuleManifest[];
  /** The file of each release that names it, relative to the site's root. */
  readonly releaseFile: string;
  /** @default - the one that the AWS CLI is configured for */
  readonly region?: string;
  /** The account that the credentials must belong to. @default - any */
  readonly account?: string;
}

/** The headers of files whose path fits the pattern. */
export interface HeaderRuleManifest {
  /** `*` stands for characters of a name, `**` also for folders. Without a slash, for files of this name in every folder. */
  readonly files: string;
  readonly cacheControl?: string;
  readonly contentType?: string;
}
