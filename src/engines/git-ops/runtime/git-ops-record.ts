import { createHash } from 'node:crypto';
import { isObject, isOptionalText, isText, parseJson } from '../../../runtime/json-value';
import { Release } from '../../../runtime/release';
import { safeLine } from '../../../runtime/reporting/untrusted-text';
import { LiveRelease } from '../../../runtime/targets/target-driver';
import { isReleaseName, releaseName } from '../../published-files/runtime/release-name';

/** The file that says whose folder it is, and which release it holds. It has no extension of a manifest, so that no controller reads it as one. */
export const MARKER = '.projen-delivery';
/** The engine's name of a folder that is not there. */
export const NO_FOLDER = '(none)';

const OBJECT = /^[0-9a-f]{40,64}$/;

/** What the file says of the release. */
export interface ReleaseRecord {
  /** Its commit and its files. */
  readonly name: string;
  readonly version: string;
  readonly sha: string;
  readonly digest?: string;
  /** The tree of the folder without the file: what is not this tree, someone changed. */
  readonly files: string;
}

/** What the file says. */
export interface Marker {
  /** Who owns the folder. */
  readonly owner: string;
  /** Undefined where a person made the file, to hand the folder over. */
  readonly release?: ReleaseRecord;
}

/** The folder of the delivery, at a commit. */
export interface FolderState {
  readonly tree: string;
  /** The tree without the file. */
  readonly files: string;
  /** Undefined where there is no such file, or one that was spoilt. */
  readonly marker?: Marker;
  /** A file besides, for people; undefined if there is none. */
  readonly example?: string;
}

/** Identifies the files where no artifact does: their identifiers, by path. */
export function digestOf(files: ReadonlyMap<string, string>): string {
  return createHash('sha256').update([...files].map(([path, blob]) => `${path}\0${blob}`).sort().join('\n')).digest('hex');
}

export function recordOf({ artifact, sha, version }: Release, files: string, digest: string): ReleaseRecord {
  return { name: releaseName({ sha }, digest), version, sha, ...(artifact && { digest }), files };
}

/** The same release has the same text. */
export function markerText({ owner, release }: Marker): string {
  return `${JSON.stringify({ owner, ...(release && { release }) }, undefined, 2)}\n`;
}

/** Undefined for what has another form. Anyone who can write to the repository may have made it. */
export function readMarker(text: string): Marker | undefined {
  const value = parseJson(text);
  if (!isObject(value) || !isText(value.owner) || safeLine(value.owner) !== value.owner) return undefined;
  const { owner, release } = value;
  return release === undefined ? { owner } : isRecord(release) ? { owner, release } : undefined;
}

function isRecord(value: unknown): value is ReleaseRecord {
  if (!isObject(value) || !isText(value.name) || !isText(value.version) || !isText(value.sha)) return false;
  if (!isText(value.files) || !isOptionalText(value.digest)) return false;
  const { digest, files, name, sha, version } = value;
  if (!/^\S{1,200}$/.test(version) || safeLine(version) !== version || !/^[0-9a-f]{7,64}$/.test(sha) || !OBJECT.test(files)) return false;
  return isReleaseName(name) && name.startsWith(`${sha}-`) && (digest === undefined || /^[0-9a-f]{64}$/.test(digest));
}

/** What the folder says is live, unless someone changed it. */
export function releaseIn(folder: FolderState | undefined): ReleaseRecord | undefined {
  const release = folder?.marker?.release;
  return release?.files === folder?.files ? release : undefined;
}

/** The release that a commit of the branch holds. */
export function liveOf(folder: FolderState | undefined, path: string, at: string): LiveRelease {
  const shown = `commit ${at}`;
  if (!folder) return { kind: 'foreign', engineId: NO_FOLDER, shown: `no folder ${path} in ${shown}` };
  const release = releaseIn(folder);
  if (!release) return { kind: 'foreign', engineId: folder.tree, shown: `${path} in ${shown}` };
  const { digest, name, sha, version } = release;
  return { kind: 'release', release: { version, sha, ...(digest !== undefined && { digest }) }, engineId: name, shown };
}

/** What a commit of the history must hold to restore a release. */
export type Wanted = { readonly is: 'release'; readonly begins: string } | { readonly is: 'tree'; readonly tree: string };

/** Undefined for a release that was never in the repository. */
export function wantedOf({ artifact, engineId, sha }: Release): Wanted | undefined {
  if (engineId !== undefined && OBJECT.test(engineId)) return { is: 'tree', tree: engineId };
  if (engineId !== undefined) return isReleaseName(engineId) ? { is: 'release', begins: engineId } : undefined;
  return { is: 'release', begins: artifact ? releaseName({ sha }, artifact.digest) : `${sha}-` };
}

/** Whether the folder holds exactly what is to be restored. */
export function holds(folder: FolderState | undefined, wanted: Wanted): boolean {
  if (wanted.is === 'tree') return folder?.tree === wanted.tree;
  return releaseIn(folder)?.name.startsWith(wanted.begins) ?? false;
}

/** The message of a commit. The trailers name the release, for people and for a search of the history. */
export function messageOf(path: string, release: ReleaseRecord | undefined, isRestore: boolean): string {
  const title = `${isRestore ? 'Restore' : 'Deploy'} ${release?.version ?? 'what was there before'} in ${path}`;
  const trailers = { 'Delivery-Path': path, 'Delivery-Release': release?.name, 'Delivery-Version': release?.version, 'Delivery-Sha': release?.sha, 'Delivery-Digest': release?.digest };
  return `${title}\n\n${Object.entries(trailers).flatMap(([name, value]) => (value === undefined ? [] : [`${name}: ${value}`])).join('\n')}\n`;
}

/** Whether the trailers of a commit name the release: what it holds is read afterwards. */
export function names(message: string, path: string, { begins }: Extract<Wanted, { readonly is: 'release' }>): boolean {
  const lines = message.split('\n');
  return lines.includes(`Delivery-Path: ${path}`) && lines.some((line) => line.startsWith(`Delivery-Release: ${begins}`));
}
