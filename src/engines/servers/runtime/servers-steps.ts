import { parseJson, textIn } from '../../../runtime/json-value';
import { Release } from '../../../runtime/release';
import { safeLine } from '../../../runtime/reporting/untrusted-text';
import { EngineErrorKind } from '../../../runtime/targets/engine-error';
import { LiveRelease } from '../../../runtime/targets/target-driver';

/** What a host says of itself. All of it is untrusted. */
export interface HostState {
  /** Where `current` leads: `releases/<name>`, or a place that a person chose; undefined where there is none. */
  readonly pointer?: string;
  /** Of the release that `current` leads to. */
  readonly marker?: ReleaseMarker;
  /** Where `current` led when the last restart and check succeeded. */
  readonly running?: string;
  /** The names of complete releases, newest first. */
  readonly releases: readonly string[];
}

/** What is not as it must be on a host, as `probe` found it. */
export interface HostProbe extends HostState {
  readonly missing: readonly string[];
  /** Folders that cannot be written to. */
  readonly closed: readonly string[];
  /** Shared paths that are not there. */
  readonly unshared: readonly string[];
  /** The place of the release to go back to, if it is not there. */
  readonly gone?: string;
  readonly isCurrentSolid: boolean;
  readonly argument: string;
  readonly user: string;
  readonly freeKb?: number;
}

export interface ReleaseMarker {
  readonly version: string;
  readonly sha: string;
  readonly digest: string;
}

const NAME = /^[0-9a-f]{7,64}-[0-9a-f]{16}$/;
const POINTER = /^[^\p{Cc}\p{Cf}]{1,400}$/u;
const FOLDER = 'releases/';
/** The engine's name of a host without a pointer. */
export const NO_RELEASE = 'none';

/** The name of a release on a host: its commit and its files. */
export function releaseName({ sha }: Pick<Release, 'sha'>, digest: string): string {
  return `${sha}-${digest.slice(0, 16)}`;
}

export function pointerTo(name: string): string {
  return `${FOLDER}${name}`;
}

export function markerOf({ sha, version }: Pick<Release, 'sha' | 'version'>, digest: string): string {
  return JSON.stringify({ version, sha, digest });
}

/** Reads what `read` and `claim` print. */
export function stateIn(printed: string): HostState {
  const fields = fieldsIn(printed);
  const [pointer] = fields.get('pointer') ?? [];
  const marker = markerIn(fields.get('marker')?.[0] ?? '');
  const [running] = fields.get('running') ?? [];
  return {
    ...(pointer !== undefined && { pointer: POINTER.test(pointer) ? pointer : safeLine(pointer, 400) }),
    ...(marker && { marker }),
    ...(running !== undefined && { running }),
    releases: (fields.get('release') ?? []).filter((name) => NAME.test(name)),
  };
}

/** Reads what `probe` prints. */
export function probeIn(printed: string): HostProbe {
  const fields = fieldsIn(printed);
  const [, free] = /\s(\d+)\s+\d+%\s/.exec(fields.get('disk')?.[0] ?? '') ?? [];
  return {
    ...stateIn(printed),
    missing: fields.get('missing') ?? [],
    closed: fields.get('closed') ?? [],
    unshared: fields.get('unshared') ?? [],
    ...(fields.has('gone') && { gone: fields.get('gone')![0] }),
    isCurrentSolid: fields.has('solid'),
    argument: fields.get('argument')?.[0] ?? '',
    user: fields.get('user')?.[0] ?? '',
    ...(free !== undefined && { freeKb: Number(free) }),
  };
}

/** The values of each field that a script prints, in their order. */
export function fieldsIn(printed: string): Map<string, string[]> {
  const fields = new Map<string, string[]>();
  for (const line of printed.split('\n')) {
    const [, name, value = ''] = /^([a-z]+)(?: (.*))?$/.exec(line) ?? [];
    if (name !== undefined) fields.set(name, [...fields.get(name) ?? [], value]);
  }
  return fields;
}

/** Anyone who can write to the host may have written it: undefined where it is none. */
function markerIn(text: string): ReleaseMarker | undefined {
  const value = parseJson(text);
  const [version, sha, digest] = [textIn(value, 'version'), textIn(value, 'sha'), textIn(value, 'digest')];
  if (!/^\S{1,200}$/.test(version) || safeLine(version) !== version) return undefined;
  return /^[0-9a-f]{7,64}$/.test(sha) && /^[0-9a-f]{64}$/.test(digest) ? { version, sha, digest } : undefined;
}

/**
 * Where a host's pointer must lead for a release that it has; undefined if it does not have it. Of a place that no delivery made, only the host
 * itself can say whether it is there.
 */
export function pointerFor(release: Release, { releases }: Pick<HostState, 'releases'>): string | undefined {
  const { artifact, engineId, sha } = release;
  if (engineId !== undefined) {
    if (engineId === NO_RELEASE || !POINTER.test(engineId)) return undefined;
    return !isOfDelivery(engineId) || releases.some((name) => pointerTo(name) === engineId) ? engineId : undefined;
  }
  const name = releases.find((one) => (artifact ? one === releaseName(release, artifact.digest) : one.startsWith(`${sha}-`)));
  return name === undefined ? undefined : pointerTo(name);
}

/** Whether a delivery made what the pointer leads to. */
function isOfDelivery(pointer: string): boolean {
  return pointer.startsWith(FOLDER) && NAME.test(pointer.slice(FOLDER.length));
}

/** Whether a host serves what it should, and nothing is left to do. A pointer alone is not enough: the restart may not have happened. */
export function isDone({ pointer, running }: HostState, wanted: string): boolean {
  return pointer === wanted && running === wanted;
}

/** Divides hosts into those that change together. */
export function batchesOf<T>(hosts: readonly T[], atOnce: number): T[][] {
  return Array.from({ length: Math.ceil(hosts.length / atOnce) }, (_, n) => hosts.slice(n * atOnce, (n + 1) * atOnce));
}

/** The releases to remove from a host, oldest first: all but the newest `keep`, and never the live one or one of `protectedPointers`. */
export function obsolete({ pointer, releases }: HostState, keep: number, protectedPointers: readonly (string | undefined)[]): string[] {
  const kept = new Set([pointer, ...protectedPointers].filter((one) => one !== undefined));
  return releases.filter((name) => !kept.has(pointerTo(name))).slice(Math.max(0, keep - kept.size)).reverse();
}

/** A host, and what it serves; `why` if that could not be read. */
export interface Reading<State> {
  readonly host: string;
  readonly state?: State;
  readonly why?: string;
  readonly error?: EngineErrorKind;
}

export type HostReading = Reading<HostState>;

/** The release that all hosts serve. */
export function liveOf(readings: readonly HostReading[]): LiveRelease {
  const unread = readings.find(({ state }) => state === undefined);
  if (unread) return { kind: 'unknown', why: unread.why ?? `${unread.host} could not be read`, ...(unread.error && { error: unread.error }) };
  const [first, ...others] = readings.map(({ state }) => state!);
  if (!first) return { kind: 'unknown', why: 'there is no host' };
  const { marker, pointer = NO_RELEASE } = first;
  if (others.some((one) => (one.pointer ?? NO_RELEASE) !== pointer || one.marker?.digest !== marker?.digest)) return { kind: 'split', shares: describeHosts(readings) };
  const shown = pointer === NO_RELEASE ? 'no release' : safeLine(pointer, 120);
  if (!marker) return { kind: 'foreign', engineId: pointer, shown };
  return { kind: 'release', engineId: pointer, shown, release: { version: marker.version, sha: marker.sha, digest: marker.digest } };
}

/** What each host serves, for people: `web-1 and web-2 serve v1 (3f2a91c); web-3 serves v2 (...)`. */
export function describeHosts(readings: readonly HostReading[]): string {
  const groups = new Map<string, string[]>();
  for (const { host, state } of readings) {
    const what = state === undefined ? 'could not be read' : `${describeState(state)}`;
    groups.set(what, [...groups.get(what) ?? [], host]);
  }
  return [...groups].map(([what, hosts]) => `${listed(hosts)} ${what === 'could not be read' ? what : `${hosts.length > 1 ? 'serve' : 'serves'} ${what}`}`).join('; ');
}

function describeState({ marker, pointer, running }: HostState): string {
  if (pointer === undefined) return 'no release';
  const name = marker ? `${marker.version} (${marker.sha.slice(0, 7)})` : safeLine(pointer, 120);
  return marker && running !== pointer ? `${name}, not restarted` : name;
}

/** `a`, `a and b`, `a, b and c`; of many, the first ones. */
export function listed(names: readonly string[]): string {
  const most = 10;
  const shown = names.length > most ? [...names.slice(0, most), `${names.length - most} more`] : names;
  return shown.length < 2 ? shown.join('') : `${shown.slice(0, -1).join(', ')} and ${shown.at(-1)}`;
}
