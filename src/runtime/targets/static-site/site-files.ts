import { createHash } from 'node:crypto';
import { readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { SiteFile } from './static-site-steps';
import { safeLine } from '../../reporting/untrusted-text';
import { EngineError } from '../engine-error';

/** S3's limit for a key, in bytes. */
const LONGEST_KEY = 1_024;

/** Returns the files of the site, in one order on every machine. Rejects with `EngineError` if they cannot be a site. */
export async function readSite(folder: string, shown: string, prefixLength: number): Promise<SiteFile[]> {
  const paths = await pathsIn(folder, '', shown);
  if (paths.length === 0) throw refused(shown, 'is empty. Build the site there');
  const long = paths.find((path) => Buffer.byteLength(path) + prefixLength > LONGEST_KEY);
  if (long !== undefined) throw refused(shown, `holds ${safeLine(long, 80)}, whose name is too long for S3 (${LONGEST_KEY} bytes with the prefix)`);
  const files: SiteFile[] = [];
  for (const path of paths) {
    const bytes = await readFile(join(folder, path));
    files.push({ path, size: bytes.length, md5: createHash('md5').update(bytes).digest('hex') });
  }
  return files;
}

async function pathsIn(folder: string, within: string, shown: string): Promise<string[]> {
  const entries = await entriesOf(join(folder, within), shown);
  const paths: string[] = [];
  for (const entry of [...entries].sort((a, b) => (a.name < b.name ? -1 : 1))) {
    const path = `${within}${entry.name}`;
    if (/\p{Cc}|\uFFFD/u.test(entry.name)) throw refused(shown, `holds ${safeLine(path, 80)}, whose name no URL can have. Rename it`);
    if (entry.isDirectory()) paths.push(...await pathsIn(folder, `${path}/`, shown));
    else if (entry.isFile()) paths.push(path);
    // it may lead out of the folder, to a file that is not meant for users
    else throw refused(shown, `holds ${safeLine(path, 80)}, which is no regular file (a link, for example). Copy the file there`);
  }
  return paths;
}

async function entriesOf(folder: string, shown: string) {
  try {
    return await readdir(folder, { withFileTypes: true });
  } catch (error) {
    throw refused(shown, `cannot be read (${(error as NodeJS.ErrnoException).code}). Build the site there`);
  }
}

function refused(shown: string, why: string): EngineError {
  return new EngineError('rejected', `Target.staticSite directory: ${shown} ${why}`);
}
