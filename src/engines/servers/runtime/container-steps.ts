import { fieldsIn, listed, Reading } from './servers-steps';
import { keyOf } from '../../../contract/manifest';
import { RuntimeContext } from '../../../runtime/context';
import { parseJson, textIn } from '../../../runtime/json-value';
import { builtImageOf, imageOf, Release } from '../../../runtime/release';
import { safeLine } from '../../../runtime/reporting/untrusted-text';
import { LiveRelease } from '../../../runtime/targets/target-driver';
import { ServerContainerManifest } from '../containers-manifest';

/** A container of the delivery on a host, or the one that has its name. What the host says of it is untrusted. */
export interface HostContainer {
  readonly name: string;
  readonly isRunning: boolean;
  /** As the engine was given it. */
  readonly image: string;
  /** The release that it was made for; undefined if this delivery did not make it. */
  readonly made?: MadeRelease;
  /** The other delivery that made it. */
  readonly other?: string;
}

export interface MadeRelease {
  /** The release's name on the host. */
  readonly key: string;
  readonly version: string;
  readonly sha: string;
  readonly digest: string;
}

export interface ContainerState {
  /** The one that has the name of the delivery's container. */
  readonly live?: HostContainer;
  /** Those that wait, stopped. */
  readonly kept: readonly HostContainer[];
  /** The images that deliveries pulled, newest first. */
  readonly images: readonly string[];
  /** Whether a delivery has had a container here. */
  readonly isOwned: boolean;
}

/** What is not as it must be on a host, as `probe` found it. */
export interface ContainerProbe extends ContainerState {
  readonly argument: string;
  readonly user: string;
  readonly missing: readonly string[];
  /** A folder that cannot be written to. */
  readonly closed?: string;
  /** The version of the engine; undefined if it does not respond. */
  readonly engine?: string;
  /** Why the engine does not respond. */
  readonly down?: string;
  readonly freeKb?: number;
  /** The bytes of the image that runs. */
  readonly imageBytes?: number;
  /** The file with variables, if the account cannot read it. */
  readonly unread?: string;
  /** The network, if there is none. */
  readonly unknown?: string;
  /** Folders that are not there. */
  readonly unshared: readonly string[];
  /** Whether the image that must be possible to restore is there. */
  readonly isHeld: boolean;
}

export type ContainerReading = Reading<ContainerState>;

/** The engine's name of a host without a container. */
export const NO_CONTAINER = 'none';
const LABEL = 'projen-delivery';

/** The name of a release on a host: its commit and its image. Undefined if no image is known of it. */
export function containerKey(release: Release): string | undefined {
  const image = builtImageOf(release);
  return image && `${release.sha}-${image.digest.slice(0, 16)}`;
}

/**
 * Whose container it is: the image's repository, without its registry, and the environment: `acme/shop:production`. It is the same on every machine, and
 * stays if the registry moves.
 */
export function ownerOf({ environment, manifest: { image, project } }: Pick<RuntimeContext, 'environment' | 'manifest'>): string {
  return `${image?.repository.replace(/^[^/]*\//, '') ?? ''}:${keyOf(environment.name, project?.name)}`;
}

/** What `create` gets for a release, its image last. */
export function createArguments(
  { envFile, name, network, ports, runOptions, stopMs, volumes }: ServerContainerManifest,
  release: Release,
  owner: string,
  variables: Readonly<Record<string, string>>,
): string[] {
  const { digest } = builtImageOf(release)!;
  const labels = { container: name, owner, release: containerKey(release)!, version: release.version, sha: release.sha, digest };
  return [
    ...runOptions,
    '--pull=never',
    '--restart=unless-stopped',
    `--stop-timeout=${stopSeconds({ stopMs })}`,
    ...Object.entries(labels).map(([label, value]) => `--label=${LABEL}.${label}=${value}`),
    ...envFile === undefined ? [] : [`--env-file=${envFile}`],
    ...Object.entries(variables).map(([variable, value]) => `--env=${variable}=${value}`),
    ...ports.map((port) => `--publish=${port}`),
    ...volumes.map((volume) => `--volume=${volume}`),
    ...network === undefined ? [] : [`--network=${network}`],
    imageOf(release)!,
  ];
}

/** The folders of the host among the volumes. */
export function foldersIn(volumes: readonly string[]): string[] {
  return volumes.filter((volume) => volume.startsWith('/')).map((volume) => volume.split(':')[0]!);
}

export function stopSeconds({ stopMs }: Pick<ServerContainerManifest, 'stopMs'>): number {
  return Math.ceil(stopMs / 1000);
}

/** Reads what `read` and `claim` print. */
export function containerStateIn(printed: string, name: string, owner: string): ContainerState {
  const fields = fieldsIn(printed);
  const all = (fields.get('container') ?? []).flatMap((line) => containerIn(line, owner) ?? []);
  const live = all.find((one) => one.name === name);
  return {
    ...(live && { live }),
    kept: all.filter((one) => one.name !== name && one.made !== undefined),
    images: (fields.get('image') ?? []).filter((image) => IMAGE.test(image)).reverse(),
    isOwned: fields.has('owned'),
  };
}

/** Reads what `probe` prints. */
export function containerProbeIn(printed: string, name: string, owner: string): ContainerProbe {
  const fields = fieldsIn(printed);
  const first = (field: string) => fields.get(field)?.[0];
  const [, free] = /\s(\d+)\s+\d+%\s/.exec(first('disk') ?? '') ?? [];
  const size = /^\d+$/.exec(first('size') ?? '')?.[0];
  const shown = (field: string) => (fields.has(field) ? { [field]: safeLine(first(field) ?? '', 300) } : {});
  return {
    ...containerStateIn(printed, name, owner),
    argument: first('argument') ?? '',
    user: first('user') ?? '',
    missing: fields.get('missing') ?? [],
    ...shown('closed'),
    ...shown('engine'),
    ...shown('down'),
    ...(free !== undefined && { freeKb: Number(free) }),
    ...(size !== undefined && { imageBytes: Number(size) }),
    ...shown('unread'),
    ...shown('unknown'),
    unshared: fields.get('unshared') ?? [],
    isHeld: fields.has('held'),
  };
}

const IMAGE = /^[\w.:/-]+@sha256:[0-9a-f]{64}$/;
const KEY = /^([0-9a-f]{7,64})-([0-9a-f]{16})$/;

function containerIn(line: string, owner: string): HostContainer | undefined {
  const value = parseJson(line);
  const name = textIn(value, 'name').replace(/^\//, '');
  if (name === '') return undefined;
  const image = textIn(value, 'image');
  const found = { name: safeLine(name), isRunning: textIn(value, 'status') === 'running', image: safeLine(image, 400) };
  const other = textIn(value, 'owner');
  // one without this label was made before there was one
  if (other !== '' && other !== owner) return { ...found, other: safeLine(other, 200) };
  const made = madeIn(value, image);
  return { ...found, ...(made && { made }) };
}

/** Anyone can write labels: those that contradict each other, or the image, are none of a delivery. */
function madeIn(value: unknown, image: string): MadeRelease | undefined {
  const [key, version, sha, digest] = [textIn(value, 'release'), textIn(value, 'version'), textIn(value, 'sha'), textIn(value, 'digest')];
  if (!/^\S{1,200}$/.test(version) || safeLine(version) !== version || !/^[0-9a-f]{64}$/.test(digest)) return undefined;
  const [, commit, start] = KEY.exec(key) ?? [];
  return commit !== undefined && commit === sha && digest.startsWith(start!) && image.endsWith(`@sha256:${digest}`) ? { key, version, sha, digest } : undefined;
}

/** Whether a host runs the release. */
export function runsKey({ live }: ContainerState, key: string): boolean {
  return live?.isRunning === true && live.made?.key === key;
}

/** Whether a host can start the release without an image: it runs it, or keeps its container. */
export function keepsKey({ kept, live }: ContainerState, key: string): boolean {
  return [live, ...kept].some((one) => one?.made?.key === key);
}

/** What `replace` expects to find, if nothing else comes first. */
export function foundKey({ live }: ContainerState): string {
  return live === undefined ? 'none' : live.made?.key ?? 'by-hand';
}

/** What to remove from a host, as `remove` takes it: containers that no rollback needs, and all images but the newest `keep`. */
export function obsoleteOn({ images, kept, live }: ContainerState, keep: number, needed: readonly Release[]): string[] {
  const keys = new Set(needed.map(containerKey));
  const protectedImages = new Set([live?.image, ...kept.filter(({ made }) => keys.has(made!.key)).map(({ image }) => image), ...needed.map(imageOf)]);
  const containers = kept.filter(({ made }) => !keys.has(made!.key)).map(({ name }) => name);
  const old = images.filter((image) => !protectedImages.has(image)).slice(Math.max(0, keep - protectedImages.size)).reverse();
  return [...containers.flatMap((name) => ['container', name]), ...old.flatMap((image) => ['image', image])];
}

/** The release that all hosts run. */
export function liveContainerOf(readings: readonly ContainerReading[]): LiveRelease {
  const unread = readings.find(({ state }) => state === undefined);
  if (unread) return { kind: 'unknown', why: unread.why ?? `${unread.host} could not be read`, ...(unread.error && { error: unread.error }) };
  const [first, ...others] = readings.map(({ state }) => state!);
  if (!first) return { kind: 'unknown', why: 'there is no host' };
  if (others.some((one) => identityOf(one) !== identityOf(first))) return { kind: 'split', shares: describeContainers(readings) };
  const engineId = identityOf(first);
  const { live } = first;
  // a container that was stopped serves no one
  if (!live?.made || !live.isRunning) return { kind: 'foreign', engineId, shown: describeContainer(first) };
  const { digest, key, sha, version } = live.made;
  return { kind: 'release', engineId: key, shown: `container of ${version} (${sha.slice(0, 7)})`, release: { version, sha, digest } };
}

function identityOf({ live }: ContainerState): string {
  if (live === undefined) return NO_CONTAINER;
  const what = live.made?.key ?? live.image;
  return live.isRunning ? what : `stopped ${what}`;
}

/** What each host runs, for people: `web-1 and web-2 run v1 (3f2a91c); web-3 runs no container`. */
export function describeContainers(readings: readonly ContainerReading[]): string {
  const groups = new Map<string, string[]>();
  for (const { host, state } of readings) {
    const what = state === undefined ? UNREAD : describeContainer(state);
    groups.set(what, [...groups.get(what) ?? [], host]);
  }
  return [...groups].map(([what, hosts]) => `${listed(hosts)} ${what === UNREAD ? what : `${hosts.length > 1 ? 'run' : 'runs'} ${what}`}`).join('; ');
}

const UNREAD = 'could not be read';

function describeContainer({ live }: ContainerState): string {
  if (live === undefined) return 'no container';
  const maker = live.other === undefined ? 'no delivery' : `another delivery (${live.other})`;
  const what = live.made ? `${live.made.version} (${live.made.sha.slice(0, 7)})` : `a container of ${safeLine(live.image, 160)} that ${maker} made`;
  return live.isRunning ? what : `${what}, stopped`;
}
