import { TriggerManifest } from '../../../contract/manifest';
import { RefPattern } from '../../../delivery/ref-pattern';
import { ReleaseBranch } from '../workflows/release-branches';

type TagTrigger = Extract<TriggerManifest, { kind: 'tag' }>;

/** A number that no pattern contains by chance. */
const ANY_OTHER = '7919';

/**
 * Returns a tag that projen may give to a release of a branch and that matches a trigger; undefined if there is none.
 *
 * @param projectPrefix the project's `releaseTagPrefix`: up to 0.103 projen uses it for every branch
 */
export function projenReleaseTag({ pattern, except }: TagTrigger, branch: ReleaseBranch, projectPrefix: string): string | undefined {
  const isWanted = (tag: string) => fits(pattern, tag) && !(except !== undefined && fits(except, tag));
  const numbers = numbersLike(`${pattern} ${except ?? ''}`);
  for (const prefix of new Set([branch.tagPrefix ?? projectPrefix, projectPrefix])) {
    for (const version of versions(branch, numbers)) {
      const tag = `${prefix}v${version}`;
      if (isWanted(tag)) return tag;
    }
  }
  return undefined;
}

/** Matches like GitHub's filter: `*` matches anything without a slash. */
function fits(text: string, tag: string): boolean {
  const { wildcard, prefix, suffix } = new RefPattern(text);
  if (!wildcard) return tag === text;
  if (tag.length < prefix.length + suffix.length || !tag.startsWith(prefix) || !tag.endsWith(suffix)) return false;
  return !tag.slice(prefix.length, tag.length - suffix.length).includes('/');
}

/**
 * Returns versions that a branch may release. A pattern has at most one `*`, so numbers that begin or end like those in the pattern, and one
 * other number, represent all versions.
 */
function* versions({ majorVersion, minorVersion, minMajorVersion = 0, prerelease }: ReleaseBranch, numbers: readonly string[]): Generator<string> {
  const least = String(Math.max(1, minMajorVersion));
  const majors = majorVersion === undefined ? [least, ...numbers].filter((number) => Number(number) >= minMajorVersion) : [String(majorVersion)];
  const minors = minorVersion === undefined ? ['2', ...numbers] : [String(minorVersion)];
  const ends = prerelease ? ['0', ...numbers].map((number) => `-${prerelease}.${number}`) : [''];
  for (const major of majors) {
    for (const minor of minors) {
      for (const patch of ['3', ...numbers]) {
        for (const end of ends) yield `${major}.${minor}.${patch}${end}`;
      }
    }
  }
}

function numbersLike(text: string): string[] {
  const named = text.match(/\d+/g) ?? [];
  const like = named.flatMap((digits) => [digits, `1${digits}`, `${digits}1`]);
  return [...new Set(['0', ...like, ANY_OTHER])].filter((number) => /^(?:0|[1-9]\d*)$/.test(number));
}
