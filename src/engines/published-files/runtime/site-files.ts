import { createHash } from 'node:crypto';
import { readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { TarMember } from '../../../runtime/artifacts/tar-members';
import { safeLine } from '../../../runtime/reporting/untrusted-text';
import { EngineError } from '../../../runtime/targets/engine-error';

/** A file of the site, on this machine. `path` is relative to the site's root, with slashes. */
export interface SiteFile {
  readonly path: string;
  readonly size: number;
  /** In hex: the ETag that S3 gives an object, unless it is encrypted with a key of KMS or uploaded in parts. */
  readonly md5: string;
}

/** S3's limit for a key, in bytes. */
const LONGEST_KEY = 1_024;

/** Returns the files of the site, in one order on every machine. Rejects with `EngineError` if they cannot be a site. */
export async function readSite(folder: string, place: SitePlace): Promise<SiteFile[]> {
  const paths = await readSitePaths(folder, place);
  const files: SiteFile[] = [];
  for (const path of paths) {
    const bytes = await readFile(join(folder, path));
    files.push({ path, size: bytes.length, md5: createHash('md5').update(bytes).digest('hex') });
  }
  return files;
}

/** Where the files are. */
export interface SitePlace {
  /** The target, for messages. */
  readonly target: string;
  /** The option that names the folder. @default 'directory' */
  readonly option?: string;
  /** The folder, for people. */
  readonly shown: string;
  /** How much longer a name is in S3. @default - the files do not go to S3 */
  readonly prefixLength?: number;
}

/** As `readSite`: the paths alone. */
export async function readSitePaths(folder: string, place: SitePlace): Promise<string[]> {
  const paths = await pathsIn(folder, '', place);
  checkPaths(paths, place);
  return paths;
}

function checkPaths(paths: readonly string[], place: SitePlace): void {
  const { prefixLength } = place;
  if (paths.length === 0) throw refused(place, `is empty. Build ${place.option === undefined ? 'the site' : 'the files'} there`);
  const long = prefixLength === undefined ? undefined : paths.find((path) => Buffer.byteLength(path) + prefixLength > LONGEST_KEY);
  if (long !== undefined) throw refused(place, `holds ${safeLine(long, 80)}, whose name is too long for S3 (${LONGEST_KEY} bytes with the prefix)`);
}

/** As `readSite`, for files that are packed in an artifact. Throws `EngineError` if they cannot be a site. Returns their paths. */
export function sitePathsIn(members: readonly TarMember[], place: SitePlace): string[] {
  const paths = members.filter(({ type }) => type !== 'folder').map(({ name, type }) => {
    checkName(name, name, place);
    // tar writes a file that has a second name as a hard link
    if (type !== 'file' && type !== 'hardlink') throw irregular(name, place);
    return name;
  });
  checkPaths(paths, place);
  return paths;
}

function checkName(name: string, path: string, place: SitePlace): void {
  if (/\p{Cc}|\uFFFD/u.test(name)) throw refused(place, `holds ${safeLine(path, 80)}, whose name no URL can have. Rename it`);
}

/** It may lead out of the folder, to a file that is not meant for users. */
function irregular(path: string, place: SitePlace): EngineError {
  return refused(place, `holds ${safeLine(path, 80)}, which is no regular file (a link, for example). Copy the file there`);
}

async function pathsIn(folder: string, within: string, place: SitePlace): Promise<string[]> {
  const entries = await entriesOf(join(folder, within), place);
  const paths: string[] = [];
  for (const entry of [...entries].sort((a, b) => (a.name < b.name ? -1 : 1))) {
    const path = `${within}${entry.name}`;
    checkName(entry.name, path, place);
    if (entry.isDirectory()) paths.push(...await pathsIn(folder, `${path}/`, place));
    else if (entry.isFile()) paths.push(path);
    else throw irregular(path, place);
  }
  return paths;
}

async function entriesOf(folder: string, place: SitePlace) {
  try {
    return await readdir(folder, { withFileTypes: true });
  } catch (error) {
    throw refused(place, `cannot be read (${(error as NodeJS.ErrnoException).code}). Build the site there`);
  }
}

function refused({ option = 'directory', shown, target }: SitePlace, why: string): EngineError {
  return new EngineError('rejected', `${target} ${option}: ${shown} ${why}`);
}
