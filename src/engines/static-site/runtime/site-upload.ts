import { mkdir, mkdtemp, rm, symlink, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join, resolve } from 'node:path';
import { SiteBucket } from './site-bucket';
import { headersOf, SiteHeaders } from './site-headers';
import { SiteFile } from '../../published-files/runtime/site-files';
import { HeaderRuleManifest } from '../manifest';

/** Files that are uploaded by one process of the CLI, because they have the same headers. */
export interface HeaderClass {
  readonly headers: SiteHeaders;
  readonly paths: readonly string[];
}

/** How many processes of the CLI upload at the same time; each makes 10 requests at a time. */
const PARALLEL = 3;

/** Puts files with the same headers together: a site of thousands of files needs a dozen processes. */
export function headerClasses(paths: readonly string[], rules: readonly HeaderRuleManifest[]): HeaderClass[] {
  const classes = new Map<string, { headers: SiteHeaders; paths: string[] }>();
  for (const path of paths) {
    const headers = headersOf(path, rules);
    const key = JSON.stringify([headers.contentType, headers.cacheControl]);
    const found = classes.get(key) ?? { headers, paths: [] };
    found.paths.push(path);
    classes.set(key, found);
  }
  return [...classes.values()];
}

/**
 * Uploads files of a folder. Links lead to the files of each class: so the CLI gets a plain folder, and no name of a file is taken for a
 * pattern.
 *
 * @param own the texts of files that are not in the folder, by path
 */
export async function uploadFiles(
  bucket: SiteBucket, from: string, to: string, files: readonly SiteFile[], rules: readonly HeaderRuleManifest[], own: ReadonlyMap<string, string>,
): Promise<void> {
  const staged = await mkdtemp(join(tmpdir(), 'delivery-upload-'));
  try {
    const classes = headerClasses(files.map(({ path }) => path), rules);
    const folders = await Promise.all(classes.map(async ({ headers, paths }, index) => {
      const folder = join(staged, String(index));
      for (const path of paths) await stage(join(folder, path), resolve(from, path), own.get(path));
      return { folder, headers };
    }));
    for (let first = 0; first < folders.length; first += PARALLEL) {
      const uploads = folders.slice(first, first + PARALLEL).map(({ folder, headers }) => bucket.upload(folder, to, headers));
      // the folder is needed until the last process has ended
      const failed = (await Promise.allSettled(uploads)).find((one) => one.status === 'rejected');
      if (failed) throw failed.reason;
    }
  } finally {
    await rm(staged, { recursive: true, force: true });
  }
}

async function stage(at: string, file: string, text: string | undefined): Promise<void> {
  await mkdir(dirname(at), { recursive: true });
  if (text === undefined) await symlink(file, at);
  else await writeFile(at, text);
}
