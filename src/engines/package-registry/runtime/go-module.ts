import { isLowerVersion } from '../../../runtime/deployment/version-order';

/** A canonical version of Go. Build metadata is none, except `+incompatible`. @see https://go.dev/ref/mod#versions */
const VERSION = /^v(0|[1-9]\d*)\.(?:0|[1-9]\d*)\.(?:0|[1-9]\d*)(-[0-9A-Za-z-]+(?:\.[0-9A-Za-z-]+)*)?(\+incompatible)?$/;
/** Of a commit without a tag. @see https://go.dev/ref/mod#pseudo-versions */
const PSEUDO = /[-.]\d{14}-[0-9a-f]{12}(?:\+incompatible)?$/;

/** The path of a module without its major version, and that. @see https://go.dev/ref/mod#major-version-suffixes */
interface ModulePath {
  readonly prefix: string;
  /** 2 and more; undefined without a suffix. gopkg.in has `.v1`, too. */
  readonly major?: number;
}

function partsOf(module: string): ModulePath {
  const [, prefix, major] = (module.startsWith('gopkg.in/') ? /^(.+)\.v(\d+)$/ : /^(.+)\/v([1-9]\d*)$/).exec(module) ?? [];
  return prefix === undefined ? { prefix: module } : { prefix, major: Number(major) };
}

/** The version that a release's name is of: `v1.2.3`, `1.2.3`, or `sub/v1.2.3` where the module lies in that folder of its repository. */
function versionIn(module: string, name: string): string | undefined {
  const [, folder, bare] = /^(?:(.+)\/)?v?(\d.*)$/.exec(name) ?? [];
  if (bare === undefined || !VERSION.test(`v${bare}`)) return undefined;
  return folder === undefined || partsOf(module).prefix.endsWith(`/${folder}`) || module.endsWith(`/${folder}`) ? `v${bare}` : undefined;
}

/** Whether a module may have a version of this major: a path without a suffix has v0 and v1. */
function fits(module: string, version: string): boolean {
  const [, digits, , incompatible] = VERSION.exec(version)!;
  const { major } = partsOf(module);
  if (major === undefined) return Number(digits) < 2 || incompatible !== undefined;
  return incompatible === undefined && Number(digits) === major;
}

/** Go's name of a release's version; undefined if it is none of this module. */
export function goVersion(module: string, name: string): string | undefined {
  const version = versionIn(module, name);
  return version !== undefined && fits(module, version) ? version : undefined;
}

/** What is wrong with a version of another major; undefined for other names. */
export function otherMajor(module: string, name: string): string | undefined {
  const version = versionIn(module, name);
  if (version === undefined || fits(module, version)) return undefined;
  const major = Number(VERSION.exec(version)![1]);
  const { prefix } = partsOf(module);
  const path = module.startsWith('gopkg.in/') ? `${prefix}.v${major}` : `${prefix}${major < 2 ? '' : `/v${major}`}`;
  return `${version} is of the module ${path}: name it in Registry.go, and in go.mod`;
}

export function isVersion(text: string): boolean {
  return VERSION.test(text);
}

export function isPseudo(version: string): boolean {
  return PSEUDO.test(version);
}

export function isGoPrerelease(version: string): boolean {
  return VERSION.exec(version)?.[2] !== undefined;
}

export function compareGoVersions(one: string, other: string): number {
  return isLowerVersion(one, other) ? -1 : Number(isLowerVersion(other, one));
}

/** A module path or a version in the path of a URL: an upper-case letter is `!` and the lower-case one. @see https://go.dev/ref/mod#module-proxy */
export function escaped(text: string): string {
  return text.replace(/[A-Z]/g, (letter) => `!${letter.toLowerCase()}`);
}

/** A range of versions that their author withdrew, both ends included. */
export interface Retraction {
  readonly from: string;
  readonly to: string;
  /** Empty where none is given. */
  readonly why: string;
}

/** The retractions in a go.mod. @see https://go.dev/ref/mod#go-mod-file-retract */
export function retractionsIn(goMod: string): Retraction[] {
  const found: Retraction[] = [];
  let isBlock = false;
  let above: string[] = [];
  let ofBlock = '';
  for (const line of goMod.split(/\r?\n/)) {
    const [, code = '', comment = ''] = /^\s*(.*?)\s*(?:\/\/\s*(.*?)\s*)?$/.exec(line) ?? [];
    if (code === '') {
      above = comment === '' ? [] : [...above, comment];
      continue;
    }
    const why = comment || above.join(' ') || ofBlock;
    const spec = isBlock ? code : /^retract\s+([^(].*)$/.exec(code)?.[1];
    const [, single, from = single, to = single] = /^(?:"?(v[^\s",[\]]+)"?|\[\s*"?(v[^\s",]+)"?\s*,\s*"?(v[^\s",\]]+)"?\s*\])$/.exec(spec ?? '') ?? [];
    if (from !== undefined && to !== undefined) found.push({ from, to, why });
    if (/^retract\s*\($/.test(code)) [isBlock, ofBlock] = [true, above.join(' ')];
    if (isBlock && code === ')') [isBlock, ofBlock] = [false, ''];
    above = [];
  }
  return found;
}

/** Why a version was withdrawn; undefined if it was not. */
export function retracted(version: string, retractions: readonly Retraction[]): string | undefined {
  return retractions.find(({ from, to }) => compareGoVersions(from, version) <= 0 && compareGoVersions(version, to) <= 0)?.why;
}
