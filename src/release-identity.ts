import { ReleaseIdentityManifest } from './manifest';
import { refuse, show } from './refusal';

/**
 * Where an answer says which release it comes from, so that "the old version still answers" is noticed.
 *
 * The answer identifies a release when it equals its version (a leading `v` is ignored, and the package in `package@1.2.3`) or its commit sha
 * (full, or 7 digits and more).
 */
export class ReleaseIdentity {
  /**
   * A value in the answer's JSON body.
   *
   * @param path dotted path into the body: `version`, or `build.commit`
   */
  public static json(path: string): ReleaseIdentity {
    jsonPath('ReleaseIdentity.json path', path);
    return new ReleaseIdentity({ kind: 'json', path });
  }

  /**
   * A header of the answer.
   *
   * @param name the header's name: `x-release`; case does not matter
   */
  public static header(name: string): ReleaseIdentity {
    headerName('ReleaseIdentity.header name', name);
    return new ReleaseIdentity({ kind: 'header', name: name.toLowerCase() });
  }

  /** @internal */
  public readonly _manifest: ReleaseIdentityManifest;

  private constructor(manifest: ReleaseIdentityManifest) {
    this._manifest = manifest;
  }
}

/** What an option `release` holds: what is not one would quietly identify nothing. */
export function releaseIdentity(option: string, value: ReleaseIdentity): ReleaseIdentityManifest {
  const given: unknown = value;
  const manifest = (given as Partial<ReleaseIdentity> | null)?._manifest;
  if (manifest?.kind === 'json' || manifest?.kind === 'header') return manifest;
  const path = typeof given === 'object' ? (given as { readonly json?: unknown } | null)?.json : given;
  refuse(option, `${show(given)} is not a ReleaseIdentity`, `Write ReleaseIdentity.json(${show(typeof path === 'string' ? path : 'version')}) or ReleaseIdentity.header('x-release')`);
}

export function jsonPath(option: string, path: unknown): void {
  if (typeof path === 'string' && path !== '' && path.split('.').every((key) => key !== '')) return;
  refuse(option, `${show(path)} is not a path`, 'Write the keys with dots between them, for example build.version');
}

export function headerName(option: string, name: unknown): void {
  // RFC 9110: a token
  if (typeof name === 'string' && /^[!#$%&'*+.^_`|~0-9A-Za-z-]+$/.test(name)) return;
  refuse(option, `${show(name)} is not a header's name`, 'Write a name like x-release');
}
