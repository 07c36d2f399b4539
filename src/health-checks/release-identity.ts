import { formatDuration } from '../contract/duration-text';
import { ReleaseIdentityManifest } from '../contract/manifest';
import { Duration, positiveMilliseconds } from '../validation/duration';
import { OptionNames, optionsOf } from '../validation/option-types';
import { invalid, show } from '../validation/validation-error';

/** The time until a release is visible after its command has ended. */
const PROPAGATION = Duration.seconds(60);

/**
 * Options that describe how long the old release may still respond.
 */
export interface ReleaseIdentityOptions {
  /**
   * The time for which the old release may still respond after a command of the target has ended, because the platform deploys or
   * switches asynchronously, or because of a cache. Until the new release has responded once, a response of the old release only delays
   * the result for this time; after that it is unhealthy. If the failed release never responded, a rollback watches the restored release
   * for the same time, because the failed release may still appear.
   *
   * The value must be more than 0, and at most the `deadline` of the health check. Set it short if the target's commands end only when
   * users see the release.
   *
   * @default Duration.seconds(60) - or the deadline of the health check, if that is shorter
   */
  readonly propagation?: Duration;
}

const OPTIONS: OptionNames<ReleaseIdentityOptions> = { propagation: true };

/**
 * Describes which part of a response identifies the release, so that a response of the old release is detected.
 *
 * A response identifies a release if the value equals the release's version (a leading `v` is ignored, and so is the package in
 * `package@1.2.3`) or its commit sha (all digits, or at least the first 7).
 */
export class ReleaseIdentity {
  /**
   * Reads the release from a value in the JSON body of the response.
   *
   * @param path dotted path into the body: `version`, or `build.commit`
   * @param options how long the old release may still respond
   */
  public static json(path: string, options: ReleaseIdentityOptions = {}): ReleaseIdentity {
    jsonPath('ReleaseIdentity.json path', path);
    return new ReleaseIdentity({ kind: 'json', path }, propagationOf('ReleaseIdentity.json', options));
  }

  /**
   * Reads the release from a header of the response.
   *
   * @param name the name of the header: `x-release`; case is ignored
   * @param options how long the old release may still respond
   */
  public static header(name: string, options: ReleaseIdentityOptions = {}): ReleaseIdentity {
    headerName('ReleaseIdentity.header name', name);
    return new ReleaseIdentity({ kind: 'header', name: name.toLowerCase() }, propagationOf('ReleaseIdentity.header', options));
  }

  /** @internal */
  public readonly _manifest: ReleaseIdentityManifest;

  /** @internal Undefined for the default. */
  public readonly _propagationMs?: number;

  private constructor(manifest: ReleaseIdentityManifest, propagationMs: number | undefined) {
    this._manifest = manifest;
    this._propagationMs = propagationMs;
  }
}

function propagationOf(factory: string, options: ReleaseIdentityOptions): number | undefined {
  const { propagation } = optionsOf(factory, options, OPTIONS, '{ propagation: Duration.seconds(60) }');
  return propagation === undefined ? undefined : positiveMilliseconds(`${factory} propagation`, propagation, PROPAGATION);
}

/**
 * Returns how long a check with this deadline waits for the new release.
 *
 * @param given undefined for the default
 */
export function propagationWithin(option: string, given: number | undefined, deadlineMs: number): number {
  if (given === undefined) return Math.min(PROPAGATION.toMilliseconds(), deadlineMs);
  if (given <= deadlineMs) return given;
  invalid(option, `its propagation ${formatDuration(given, 'exact')} is longer than the check's deadline (${formatDuration(deadlineMs, 'exact')})`,
    `Set ${formatDuration(deadlineMs, 'exact')} or less, or increase deadline`);
}

/** Rejects any other value, which would silently identify nothing. */
export function releaseIdentity(option: string, value: ReleaseIdentity): ReleaseIdentityManifest {
  const given: unknown = value;
  const manifest = (given as Partial<ReleaseIdentity> | null)?._manifest;
  if (manifest?.kind === 'json' || manifest?.kind === 'header') return manifest;
  const path = typeof given === 'object' ? (given as { readonly json?: unknown } | null)?.json : given;
  invalid(option, `${show(given)} is not a ReleaseIdentity`, `Write ReleaseIdentity.json(${show(typeof path === 'string' ? path : 'version')}) or ReleaseIdentity.header('x-release')`);
}

export function jsonPath(option: string, path: unknown): void {
  if (typeof path === 'string' && path !== '' && path.split('.').every((key) => key !== '')) return;
  invalid(option, `${show(path)} is not a path`, 'Write the keys separated by dots, for example build.version');
}

export function headerName(option: string, name: unknown): void {
  // RFC 9110: a token
  if (typeof name === 'string' && /^[!#$%&'*+.^_`|~0-9A-Za-z-]+$/.test(name)) return;
  invalid(option, `${show(name)} is not the name of a header`, 'Write a name such as x-release');
}
