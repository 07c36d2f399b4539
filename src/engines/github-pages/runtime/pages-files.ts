import { stat } from 'node:fs/promises';
import { join } from 'node:path';
import { DOMAIN_FILE, NO_JEKYLL } from './github-pages-steps';
import { SiteCommit, SiteRepository } from '../../../runtime/ci/pages';
import { safeLine } from '../../../runtime/reporting/untrusted-text';
import { EngineError } from '../../../runtime/targets/engine-error';

/** GitHub rejects a push with a larger file. @see https://docs.github.com/en/repositories/working-with-files/managing-large-files/about-large-files-on-github */
const LARGEST_FILE = 100 * 1024 ** 2;
/** @see https://docs.github.com/en/pages/getting-started-with-github-pages/github-pages-limits */
const LARGEST_SITE = 1024 ** 3;

export interface SizedFile {
  readonly path: string;
  /** In bytes. */
  readonly size: number;
}

export interface OwnFile {
  readonly path: string;
  readonly text: string;
}

/** The file that names the release. Nothing else: the same files of the same commit are the same release, whatever its version is called. */
export function releaseFileOf(path: string, sha: string): OwnFile {
  return { path, text: `${JSON.stringify({ sha })}\n` };
}

/** Stores the files of a site, and what the target adds to them. Rejects with `EngineError` and `PagesError`. */
export async function storeSite(
  repository: SiteRepository, folder: string, paths: readonly string[], own: OwnFile,
): Promise<ReadonlyMap<string, string>> {
  await checkSizes(folder, paths);
  const files = new Map(await repository.store(folder, paths));
  files.set(own.path, await repository.storeText(own.text));
  files.set(NO_JEKYLL, await repository.storeText(''));
  return files;
}

/** Returns the tree of a commit with the custom domain that the site has: a branch without the file would take it away. */
export async function treeWithDomain(repository: SiteRepository, { id, tree }: SiteCommit, domain: string | undefined): Promise<string> {
  if (domain === undefined || (await repository.filesOf(id)).has(DOMAIN_FILE)) return tree;
  return repository.treeWith(id, new Map([[DOMAIN_FILE, await repository.storeText(`${domain}\n`)]]));
}

/** As `treeWithDomain`, for files: the domain is the one of the files that are live. A plan may not read the settings of the site. */
export function withDomainOf(live: ReadonlyMap<string, string>, files: ReadonlyMap<string, string>): ReadonlyMap<string, string> {
  const domain = live.get(DOMAIN_FILE);
  return domain === undefined || files.has(DOMAIN_FILE) ? files : new Map([...files, [DOMAIN_FILE, domain]]);
}

/** Rejects with `EngineError`. */
export async function checkSizes(folder: string, paths: readonly string[]): Promise<void> {
  checkLimits(await Promise.all(paths.map(async (path) => ({ path, size: (await stat(join(folder, path))).size }))));
}

/** Throws `EngineError` for files that GitHub does not take. */
export function checkLimits(files: readonly SizedFile[]): void {
  let total = 0;
  for (const { path, size } of files) {
    total += size;
    if (size > LARGEST_FILE) throw tooLarge(`holds ${safeLine(path, 80)} with ${megabytes(size)}, and GitHub takes files of at most 100 MB. Put it into a release of GitHub, and link to it`);
  }
  if (total > LARGEST_SITE) throw tooLarge(`has ${megabytes(total)}, and a site of GitHub Pages has at most 1 GB. Use Target.staticSite`);
}

function tooLarge(why: string): EngineError {
  return new EngineError('rejected', `Target.githubPages directory: the site ${why}`);
}

const megabytes = (bytes: number) => `${Math.ceil(bytes / 1024 ** 2)} MB`;
