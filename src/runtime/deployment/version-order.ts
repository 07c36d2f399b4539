/** The parts of a release's name that determine its order. */
interface Version {
  /** The package in `@acme/api@1.2.3` or `api-v1.2.3`; empty without one. */
  readonly prefix: string;
  /** At least one number: `2.1` has two, `v2` has one. */
  readonly numbers: readonly bigint[];
  /** Empty for a full release. */
  readonly prerelease: readonly string[];
}

/** Digits alone may be a short sha or a date, so a version has a `v` or a dot. The part after `+` does not count. */
const VERSION = /^(|.*?[@/_-])(?:v(\d+(?:\.\d+)*)|(\d+(?:\.\d+)+))(?:-([0-9a-z.-]+))?(?:\+[0-9a-z.-]+)?$/i;

/** Python's form: `1.2.3rc1`. */
const PYTHON_PRERELEASE = /(\.\d+)(a|b|rc)(\d+)$/i;

/**
 * Whether a release's name is a lower version than another one's, in the order of semantic versions. Names that cannot be compared are not
 * lower: short shas, versions of different packages, and `v2` with `v2.1.0`, which may mean the same.
 *
 * @see https://semver.org/#spec-item-11
 */
export function isLowerVersion(name: string, than: string): boolean {
  const [version, other] = [versionOf(name), versionOf(than)];
  if (!version || !other || !isOfSamePackage(version, other)) return false;
  const difference = firstDifference(version.numbers, other.numbers);
  if (difference !== 0) return difference < 0;
  return version.numbers.length === other.numbers.length && comparePrereleases(version.prerelease, other.prerelease) < 0;
}

/** Whether a release's name is a prerelease: `v1.2.3-beta.0`. */
export function isPrerelease(name: string): boolean {
  return (versionOf(name)?.prerelease.length ?? 0) > 0;
}

function versionOf(name: string): Version | undefined {
  const [, prefix, withV, plain, prerelease] = VERSION.exec(name.replace(PYTHON_PRERELEASE, '$1-$2.$3')) ?? [];
  const numbers = withV ?? plain;
  if (numbers === undefined) return undefined;
  return { prefix, numbers: numbers.split('.').map(BigInt), prerelease: prerelease?.split('.') ?? [] };
}

/** A project may have started to include its package in its tags, or include it on one release branch only. */
function isOfSamePackage({ prefix }: Version, other: Version): boolean {
  return prefix === '' || other.prefix === '' || prefix.toLowerCase() === other.prefix.toLowerCase();
}

function firstDifference(numbers: readonly bigint[], others: readonly bigint[]): number {
  for (let i = 0; i < Math.min(numbers.length, others.length); i++) {
    if (numbers[i] !== others[i]) return numbers[i] < others[i] ? -1 : 1;
  }
  return 0;
}

/** A prerelease comes before its release; of two prereleases, the first different identifier decides, then their number. */
function comparePrereleases(identifiers: readonly string[], others: readonly string[]): number {
  if (identifiers.length === 0 || others.length === 0) return others.length - identifiers.length;
  const i = identifiers.findIndex((identifier, at) => identifier !== others[at]);
  if (i < 0) return identifiers.length - others.length;
  return others[i] === undefined ? 1 : compareIdentifiers(identifiers[i], others[i]);
}

/** Numbers by value and before words. */
function compareIdentifiers(one: string, other: string): number {
  const [isNumber, isOtherNumber] = [one, other].map((identifier) => /^\d+$/.test(identifier));
  if (isNumber && isOtherNumber) return BigInt(one) < BigInt(other) ? -1 : Number(BigInt(one) > BigInt(other));
  if (isNumber !== isOtherNumber) return isNumber ? -1 : 1;
  return one < other ? -1 : 1;
}
