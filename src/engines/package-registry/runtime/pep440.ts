/** A version of Python's packages. @see https://peps.python.org/pep-0440/ */
interface Pep440 {
  readonly epoch: number;
  readonly release: readonly number[];
  /** `a`, `b` or `rc`, and its number. */
  readonly pre?: readonly [string, number];
  readonly post?: number;
  readonly dev?: number;
}

const VERSION = new RegExp([
  '^v?(?:(?<epoch>\\d+)!)?(?<release>\\d+(?:\\.\\d+)*)',
  '(?:[-_.]?(?<pre>alpha|a|beta|b|preview|pre|c|rc)[-_.]?(?<preNumber>\\d+)?)?',
  '(?<post>-(?<postAlone>\\d+)|[-_.]?(?:post|rev|r)[-_.]?(?<postNumber>\\d+)?)?',
  '(?<dev>[-_.]?dev[-_.]?(?<devNumber>\\d+)?)?$',
].join(''), 'i');

const LABELS: Readonly<Record<string, string>> = { alpha: 'a', a: 'a', beta: 'b', b: 'b', preview: 'rc', pre: 'rc', c: 'rc', rc: 'rc' };

function parse(text: string): Pep440 | undefined {
  const groups = VERSION.exec(text.trim())?.groups;
  if (!groups) return undefined;
  const { dev, devNumber, epoch, post, postAlone, postNumber, pre, preNumber, release } = groups;
  return {
    epoch: Number(epoch ?? 0),
    release: release!.split('.').map(Number),
    ...(pre !== undefined && { pre: [LABELS[pre.toLowerCase()]!, Number(preNumber ?? 0)] as const }),
    ...(post !== undefined && { post: Number(postAlone ?? postNumber ?? 0) }),
    ...(dev !== undefined && { dev: Number(devNumber ?? 0) }),
  };
}

/** One spelling for all that mean the same: `1.2.3b0` for `v1.2.3-beta.0`; undefined if it is not a version. A local version is none of a registry. */
export function normalized(text: string): string | undefined {
  const version = parse(text);
  if (!version) return undefined;
  const { dev, epoch, post, pre, release } = version;
  return `${epoch === 0 ? '' : `${epoch}!`}${release.join('.')}${pre ? pre.join('') : ''}${post === undefined ? '' : `.post${post}`}${dev === undefined ? '' : `.dev${dev}`}`;
}

export function isPrerelease(text: string): boolean {
  const version = parse(text);
  return version !== undefined && (version.pre !== undefined || version.dev !== undefined);
}

/** Negative if the first is lower; 0 also for `1.2` and `1.2.0`. Both must be versions. */
export function compareVersions(one: string, other: string): number {
  const [a, b] = [keyOf(parse(one)), keyOf(parse(other))];
  for (let i = 0; i < Math.max(a.length, b.length); i++) {
    const difference = (a[i] ?? 0) - (b[i] ?? 0);
    if (difference !== 0) return difference;
  }
  return 0;
}

const LONGEST_RELEASE = 16;
const ORDER = ['a', 'b', 'rc'];

/** dev comes before a, a before b, b before rc, and that before the version itself; post comes after it. */
function keyOf(version: Pep440 | undefined): number[] {
  if (!version) return [-1];
  const { dev, epoch, post, pre, release } = version;
  const numbers = Array.from({ length: LONGEST_RELEASE }, (_, i) => release[i] ?? 0);
  const stage = pre ? ORDER.indexOf(pre[0]) : dev !== undefined && post === undefined ? -1 : ORDER.length;
  return [epoch, ...numbers, stage, pre?.[1] ?? 0, post ?? -1, dev ?? Number.MAX_SAFE_INTEGER];
}
