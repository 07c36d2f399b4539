import { createHash } from 'node:crypto';
import { Release } from '../../../runtime/release';
import { LiveRelease } from '../../../runtime/targets/target-driver';

/**
 * What identifies a release in CloudFormation: the digests of its stacks' templates, in the order of the names. A tag would be simpler to read, but
 * CloudFormation copies the stack's tags to every resource, so each release would update all of them.
 */
export interface StackIdentity {
  readonly stackName: string;
  /** Undefined where the credentials decide. */
  readonly region?: string;
  /** Of the template; undefined where the stack does not exist. */
  readonly digest?: string;
}

/** The digest of a template; the same for two texts of the same template. */
export function templateDigest(template: unknown): string {
  return createHash('sha256').update(canonical(template)).digest('hex').slice(0, 16);
}

/** CloudFormation replaces other characters than those of ASCII by `?`. */
function canonical(value: unknown): string {
  return JSON.stringify(sorted(value)).replace(/[\u{80}-\u{10ffff}]/gu, '?');
}

function sorted(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(sorted);
  if (typeof value !== 'object' || value === null) return value;
  return Object.fromEntries(Object.entries(value).sort(([one], [other]) => (one < other ? -1 : 1)).map(([key, item]) => [key, sorted(item)]));
}

const MISSING = 'missing';

/** A line for the ledger: `shop-api@eu-central-1:1f3a5b7c9d0e1f2a shop-db:...`. */
export function engineIdOf(stacks: readonly StackIdentity[]): string {
  return stacks.map((stack) => `${keyOf(stack)}:${stack.digest ?? MISSING}`).sort().join(' ');
}

function keyOf({ region, stackName }: StackIdentity): string {
  return region === undefined ? stackName : `${stackName}@${region}`;
}

/** A release whose stacks the ledger names. */
export interface NamedRelease {
  readonly release: Release;
  readonly engineId: string;
  readonly stacks: readonly StackIdentity[];
}

/** Those of the releases whose stacks are known. */
export function namedBy(releases: readonly Release[]): NamedRelease[] {
  return releases.flatMap((release) => {
    const { engineId } = release;
    const stacks = engineId === undefined ? undefined : stacksIn(engineId);
    return engineId !== undefined && stacks ? [{ release, engineId, stacks }] : [];
  });
}

/** Every stack that one of the releases has, once. */
export function placesOf(named: readonly NamedRelease[]): StackIdentity[] {
  return [...new Map(named.flatMap(({ stacks }) => stacks).map((stack) => [keyOf(stack), stack])).values()];
}

/** The release that the stacks serve: the newest one with these templates. */
export function liveOf(named: readonly NamedRelease[], live: readonly StackIdentity[]): LiveRelease {
  const idLike = ({ stacks }: NamedRelease) => engineIdOf(live.filter((one) => stacks.some((stack) => keyOf(stack) === keyOf(one))));
  const served = named.find((one) => idLike(one) === one.engineId);
  if (!served) return { kind: 'foreign', engineId: named[0] ? idLike(named[0]) : '' };
  const { artifact, sha, version } = served.release;
  return { kind: 'release', engineId: served.engineId, release: { version, sha, ...(artifact && { digest: artifact.digest }) } };
}

/** Reads such a line; undefined for one that another driver wrote. */
function stacksIn(engineId: string): StackIdentity[] | undefined {
  const stacks = engineId.split(' ').map((part) => /^([\w-]+)(?:@([\w-]+))?:(?:([0-9a-f]{16})|missing)$/.exec(part));
  if (!stacks.every((found) => found !== null)) return undefined;
  return stacks.map(([, stackName, region, digest]) => ({ stackName: stackName!, region, digest }));
}
