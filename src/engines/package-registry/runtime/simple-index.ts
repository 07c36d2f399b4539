import { PublishedFile, PublishedVersion } from './package-registry';
import { normalized } from './pep440';
import { fieldIn, isObject, parseJson, textIn } from '../../../runtime/json-value';

/** What an index is asked for: JSON where it has it. @see https://peps.python.org/pep-0691/ */
export const ACCEPT = 'application/vnd.pypi.simple.v1+json, application/vnd.pypi.simple.v1+html;q=0.2, text/html;q=0.1';

/** In lower case, words separated by `-`. @see https://peps.python.org/pep-0503/#normalized-names */
export function normalizedName(name: string): string {
  return name.toLowerCase().replace(/[-_.]+/g, '-');
}

/** The version that a file of the package is of: of `shop-1.2.3-py3-none-any.whl` and `shop-1.2.3.tar.gz` it is `1.2.3`. */
export function versionOfFile(packageName: string, file: string): string | undefined {
  const wheel = /^([^-]+)-([^-]+)(?:-\d[^-]*)?-[^-]+-[^-]+-[^-]+\.whl$/.exec(file);
  if (wheel) return normalizedName(wheel[1]!) === packageName ? normalized(wheel[2]!) : undefined;
  const source = /^(.+)\.(?:tar\.gz|zip|tar\.bz2)$/.exec(file)?.[1];
  // names of old source distributions contain hyphens, too
  for (let at = source?.indexOf('-') ?? -1; source !== undefined && at > 0; at = source.indexOf('-', at + 1)) {
    const version = normalized(source.slice(at + 1));
    if (version !== undefined && normalizedName(source.slice(0, at)) === packageName) return version;
  }
  return undefined;
}

/** The versions in a page of a simple index, JSON or HTML; undefined if it is neither. */
export function versionsIn(packageName: string, text: string, contentType: string): PublishedVersion[] | undefined {
  const files = /json/.test(contentType) ? jsonFiles(text) : /html/.test(contentType) ? htmlFiles(text) : undefined;
  if (!files) return undefined;
  const versions = new Map<string, PublishedFile[]>();
  for (const file of files) {
    const version = versionOfFile(packageName, file.name);
    if (version !== undefined) versions.set(version, [...versions.get(version) ?? [], file]);
  }
  return [...versions].map(([version, all]) => ({ version, files: all }));
}

function jsonFiles(text: string): PublishedFile[] | undefined {
  const files = fieldIn(parseJson(text), 'files');
  if (!Array.isArray(files)) return undefined;
  return files.filter(isObject).map((file) => {
    const yanked = file.yanked ?? false;
    return fileOf(textIn(file, 'filename'), textIn(file.hashes, 'sha256'), yanked === false ? undefined : typeof yanked === 'string' ? yanked : '');
  });
}

/** @see https://peps.python.org/pep-0592/ for `data-yanked` */
function htmlFiles(text: string): PublishedFile[] {
  return [...text.matchAll(/<a\s([^>]*)>([^<]*)<\/a>/gi)].map(([, attributes, name]) => {
    const [, sha256 = ''] = /href\s*=\s*["'][^"']*#sha256=([0-9a-f]{64})/i.exec(attributes!) ?? [];
    const [yanked, , reason = ''] = /\sdata-yanked(\s*=\s*["']([^"']*)["'])?/i.exec(` ${attributes}`) ?? [];
    return fileOf(name!.trim(), sha256, yanked === undefined ? undefined : reason);
  });
}

function fileOf(name: string, sha256: string, withdrawn: string | undefined): PublishedFile {
  return { name, ...(/^[0-9a-f]{64}$/i.test(sha256) && { sha256: sha256.toLowerCase() }), ...(withdrawn !== undefined && { withdrawn }) };
}
