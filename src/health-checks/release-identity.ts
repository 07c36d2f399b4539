import { ReleaseIdentityManifest } from '../contract/manifest';
import { Duration, millisecondsOfGiven, showDuration } from '../validation/duration';
import { OptionNames, optionsOf } from '../validation/option-types';
import { invalid, show } from '../validation/validation-error';

/** How long a release takes to show once its command is done. */
const PROPAGATION = Duration.seconds(60);

/**
 * How a service shows that a new release answers.
 */
export interface ReleaseIdentityOptions {
  /**
   * How long the old release may still answer after a command of the target is done, because the platform deploys or switches
   * asynchronously, or a cache is slow. Until the new release has answered once, an answer of the old one is waited for so long; after that
   * it is a failure. It also is the time for which a restored release is watched where the release that is left never answered: it may still show up.
   * It is more than 0, and at most the health check's `deadline`. An environment whose commands are done only when users see the release sets it short.
   *
   * @default Duration.seconds(60) - or the health check's deadline, where that is shorter
   */
  readonly propagation?: Duration;
}

const OPTIONS: OptionNames<ReleaseIdentityOptions> = { propagation: true };

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
   * @param options how long the old release may still answer
   */
  public static json(path: string, options: ReleaseIdentityOptions = {}): ReleaseIdentity {
    jsonPath('ReleaseIdentity.json path', path);
    return new ReleaseIdentity({ kind: 'json', path }, propagationOf('ReleaseIdentity.json', options));
  }

  /**
   * A header of the answer.
   *
   * @param name the header's name: `x-release`; case does not matter
   * @param options how long the old release may still answer
   */
  public static header(name: string, options: ReleaseIdentityOptions = {}): ReleaseIdentity {
    headerName('ReleaseIdentity.header name', name);
    return new ReleaseIdentity({ kind: 'header', name: name.toLowerCase() }, propagationOf('ReleaseIdentity.header', options));
  }

  /** @internal */
  public readonly _manifest: ReleaseIdentityManifest;

  /**
   * Absent where it is the default.
   *
   * @internal
   */
  public readonly _propagationMs?: number;

  private constructor(manifest: ReleaseIdentityManifest, propagationMs: number | undefined) {
    this._manifest = manifest;
    this._propagationMs = propagationMs;
  }
}

function propagationOf(factory: string, options: ReleaseIdentityOptions): number | undefined {
  const { propagation } = optionsOf(factory, options, OPTIONS, '{ propagation: Duration.seconds(60) }');
  if (propagation === undefined) return undefined;
  const millis = millisecondsOfGiven(`${factory} propagation`, propagation, PROPAGATION);
  if (millis < 1) invalid(`${factory} propagation`, `${showDuration(millis)} leaves no time at all`, 'Give more than 0, for example Duration.seconds(1)');
  return millis;
}

/**
 * How long a check with this deadline waits for the new release.
 *
 * @param given absent where it is the default
 */
export function propagationWithin(option: string, given: number | undefined, deadlineMs: number): number {
  if (given === undefined) return Math.min(PROPAGATION.toMilliseconds(), deadlineMs);
  if (given <= deadlineMs) return given;
  invalid(option, `its propagation ${showDuration(given)} is longer than the check's deadline (${showDuration(deadlineMs)})`,
    `Give ${showDuration(deadlineMs)} or less, or a longer deadline`);
}

/** What an option `release` holds: what is not one would quietly identify nothing. */
export function releaseIdentity(option: string, value: ReleaseIdentity): ReleaseIdentityManifest {
  const given: unknown = value;
  const manifest = (given as Partial<ReleaseIdentity> | null)?._manifest;
  if (manifest?.kind === 'json' || manifest?.kind === 'header') return manifest;
  const path = typeof given === 'object' ? (given as { readonly json?: unknown } | null)?.json : given;
  invalid(option, `${show(given)} is not a ReleaseIdentity`, `Write ReleaseIdentity.json(${show(typeof path === 'string' ? path : 'version')}) or ReleaseIdentity.header('x-release')`);
}

export function jsonPath(option: string, path: unknown): void {
  if (typeof path === 'string' && path !== '' && path.split('.').every((key) => key !== '')) return;
  invalid(option, `${show(path)} is not a path`, 'Write the keys with dots between them, for example build.version');
}

export function headerName(option: string, name: unknown): void {
  // RFC 9110: a token
  if (typeof name === 'string' && /^[!#$%&'*+.^_`|~0-9A-Za-z-]+$/.test(name)) return;
  invalid(option, `${show(name)} is not a header's name`, 'Write a name like x-release');
}
