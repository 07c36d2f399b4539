import { createHash } from 'node:crypto';
import { Release } from '../../../runtime/release';
import { safeLine } from '../../../runtime/reporting/untrusted-text';
import { LiveRelease } from '../../../runtime/targets/target-driver';
import { isReleaseName, releaseName } from '../../published-files/runtime/release-name';
import { SiteFile } from '../../published-files/runtime/site-files';

/** An object in the bucket. */
export interface StoredObject {
  readonly key: string;
  readonly size: number;
  readonly etag: string;
}

/** What the bucket says of a release whose files are complete: `<prefix><name>.json`, beside the files in `<prefix><name>/`. */
export interface ReleaseRecord {
  readonly version: string;
  readonly sha: string;
  readonly digest?: string;
  readonly files: number;
  /** Of the listing after the upload: whether an object was changed since. */
  readonly listing: string;
}

/** Where the live release is. */
export interface PointerState {
  /** The path in the bucket, as an origin path has it: `/releases/production/<name>`; empty for the bucket's root. */
  readonly path: string;
  /** Whether a change of the pointer is in effect everywhere. */
  readonly isInEffect: boolean;
}

/** The path of a pointer that names no release. No object has it. */
export const NO_RELEASE = '/(none)';

const RECORD_LIMIT = 64;

/** The release that an origin path leads to; undefined where no delivery put it there. */
export function nameAt(path: string, prefix: string): string | undefined {
  const key = path.replace(/^\//, '');
  const name = key.startsWith(prefix) ? key.slice(prefix.length) : '';
  return isReleaseName(name) ? name : undefined;
}

/** Identifies the files where no artifact does. */
export function digestOf(files: readonly SiteFile[]): string {
  return sha256(files.map(({ md5, path, size }) => `${path}\0${size}\0${md5}`));
}

/** Identifies the objects of a release as they were stored. */
export function listingOf(objects: readonly StoredObject[]): string {
  return sha256(objects.map(({ etag, key, size }) => `${key}\0${size}\0${etag}`));
}

function sha256(lines: readonly string[]): string {
  return createHash('sha256').update([...lines].sort().join('\n')).digest('hex');
}

export type UploadStep =
  | { readonly step: 'done' }
  | { readonly step: 'upload'; readonly files: readonly SiteFile[] }
  | { readonly step: 'fail'; readonly why: string };

/** The next step to a prefix that holds exactly these files. */
export function uploadStep(files: readonly SiteFile[], objects: readonly StoredObject[], folder: string): UploadStep {
  const stored = new Map(objects.map((one) => [one.key.slice(folder.length), one]));
  const wanted = new Set(files.map(({ path }) => path));
  const extra = [...stored.keys()].find((path) => !wanted.has(path));
  if (extra !== undefined) {
    return { step: 'fail', why: `${folder} holds ${safeLine(extra, RECORD_LIMIT)}, which the release does not have: someone else put it there. Remove it` };
  }
  // encrypted with a key of KMS, no ETag is an MD5: then the sizes are compared, and the CLI's checksum protected the upload
  const hasMd5 = files.some(({ md5, path }) => plain(stored.get(path)?.etag) === md5);
  const missing = files.filter(({ md5, path, size }) => {
    const found = stored.get(path);
    if (found?.size !== size) return true;
    return hasMd5 && /^[0-9a-f]{32}$/.test(plain(found.etag)) && plain(found.etag) !== md5;
  });
  return missing.length === 0 ? { step: 'done' } : { step: 'upload', files: missing };
}

/** ETags are in quotes. */
function plain(etag = ''): string {
  return etag.replace(/^"|"$/g, '');
}

export type PointerStep = 'done' | 'move' | 'wait' | 'elsewhere';

/**
 * The next step to a pointer at `wanted`.
 *
 * @param from where it was at first; undefined if it does not matter, as in a rollback
 */
export function pointerStep({ isInEffect, path }: PointerState, wanted: string, from: string | undefined): PointerStep {
  if (path === wanted) return isInEffect ? 'done' : 'wait';
  return from === undefined || path === from ? 'move' : 'elsewhere';
}

/** The release that the pointer leads to. */
export function liveOf({ path }: PointerState, record: ReleaseRecord | undefined): LiveRelease {
  const engineId = path === '' ? '/' : path;
  const shown = path === NO_RELEASE ? 'no release' : `the files at ${safeLine(engineId)}`;
  if (!record) return { kind: 'foreign', engineId, shown };
  const { digest, sha, version } = record;
  return { kind: 'release', release: { version, sha, ...(digest !== undefined && { digest }) }, engineId, shown };
}

/** The path of an adopted release, whose engine id it is. */
export function pathOf({ engineId }: Release): string | undefined {
  return engineId === '/' ? '' : engineId;
}

/** Reads a record. Anyone who can write to the bucket may have written it: undefined where it is none. */
export function recordIn(text: string): ReleaseRecord | undefined {
  const { digest, files, listing, sha, version } = jsonIn(text);
  const isText = (value: unknown, pattern: RegExp): value is string => typeof value === 'string' && pattern.test(value);
  if (!isText(version, /^\S{1,200}$/) || safeLine(version) !== version || !isText(sha, /^[0-9a-f]{7,64}$/)) return undefined;
  if (!isText(listing, /^[0-9a-f]{64}$/) || typeof files !== 'number' || !Number.isInteger(files)) return undefined;
  if (digest !== undefined && !isText(digest, /^[0-9a-f]{64}$/)) return undefined;
  return { version, sha, files, listing, ...(digest !== undefined && { digest }) };
}

/** The fields of a JSON object; none where the text is none. */
export function jsonIn(text: string): Readonly<Record<string, unknown>> {
  try {
    const value: unknown = JSON.parse(text);
    return typeof value === 'object' && value !== null && !Array.isArray(value) ? value as Record<string, unknown> : {};
  } catch {
    return {};
  }
}

/** What is in the bucket, by name. */
export interface StoredRelease {
  readonly name: string;
  /** When it was complete, in ISO 8601; undefined where it is not. */
  readonly completedAt: string | undefined;
}

/** The newest complete release of a commit. */
export function newestOf(releases: readonly StoredRelease[], sha: string): string | undefined {
  return newestFirst(releases.filter(({ completedAt, name }) => completedAt !== undefined && name.startsWith(`${sha}-`)))[0]?.name;
}

/** The names that a release has, or may have if no artifact says which files it has. */
export function namesOf(release: Release, releases: readonly StoredRelease[], prefix: string): string[] {
  const adopted = pathOf(release);
  if (adopted !== undefined) return [nameAt(adopted, prefix)].filter((name) => name !== undefined);
  if (release.artifact) return [releaseName(release, release.artifact.digest)];
  return releases.map(({ name }) => name).filter((name) => name.startsWith(`${release.sha}-`));
}

/** The releases to delete, oldest first: all but the newest `keep`, and never one of `protectedNames`. */
export function obsolete(releases: readonly StoredRelease[], keep: number, protectedNames: ReadonlySet<string>): string[] {
  const kept = releases.filter(({ name }) => protectedNames.has(name)).length;
  const others = newestFirst(releases.filter(({ name }) => !protectedNames.has(name)));
  return others.slice(Math.max(0, keep - kept)).reverse().map(({ name }) => name);
}

/** What was never completed comes last. */
function newestFirst(releases: readonly StoredRelease[]): StoredRelease[] {
  return [...releases].sort((a, b) => (b.completedAt ?? '').localeCompare(a.completedAt ?? '') || a.name.localeCompare(b.name));
}
