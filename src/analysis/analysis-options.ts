import { formatDuration } from '../contract/duration-text';
import { Duration, millisecondsOf } from '../validation/duration';
import { OptionNames } from '../validation/option-types';
import { invalid, show } from '../validation/validation-error';

/**
 * Options that all analyses of a canary share.
 */
export interface AnalysisOptions {
  /**
   * The largest probability that a release as good as Stable is ever rolled back, however often it is judged. Between 0 and 1. It is divided
   * by the number of analyses of the canary, so that it holds for all of them together: each of them uses its own value divided by that
   * number.
   *
   * @default 0.001
   */
  readonly alpha?: number;

  /**
   * The largest probability that a release that is `detect` times as bad as Stable is ever promoted early. Between 0 and 1.
   *
   * @default 0.05
   */
  readonly missRate?: number;

  /**
   * How much worse than Stable is accepted, as a share: 0.1 is 10 per cent more errors, or a latency that is 10 per cent longer.
   *
   * @default - 0.1 for errors, 0.25 for the latency
   */
  readonly tolerance?: number;

  /**
   * The regression that an early promotion excludes: 2 is twice the errors, or twice the latency. Larger than 1 + `tolerance`.
   *
   * @default 2
   */
  readonly detect?: number;

  /**
   * What happens within a block counts as one piece of evidence, because errors are rarely independent: set more than the time in which one
   * client retries. At least 1 second. A longer block takes longer to see a bad release.
   *
   * @default Duration.seconds(5)
   */
  readonly block?: Duration;
}

export const ANALYSIS_OPTIONS: OptionNames<AnalysisOptions> = { alpha: true, missRate: true, tolerance: true, detect: true, block: true };

/** What the manifest says of them. */
export interface AnalysisSettings {
  readonly alpha: number;
  readonly missRate: number;
  readonly tolerance: number;
  readonly detect: number;
  readonly blockMs: number;
}

/** Checks the options, and completes them. @param of `Analysis.errors` */
export function settingsOf(of: string, options: AnalysisOptions, defaults: AnalysisSettings): AnalysisSettings {
  const alpha = betweenZeroAndOne(`${of} alpha`, options.alpha ?? defaults.alpha, '0.001');
  const missRate = betweenZeroAndOne(`${of} missRate`, options.missRate ?? defaults.missRate, '0.05');
  const tolerance = options.tolerance ?? defaults.tolerance;
  if (!isNumber(tolerance) || tolerance < 0) invalid(`${of} tolerance`, `${show(tolerance)} is not a share of 0 or more`, 'Set for example 0.1: 10 per cent worse than Stable is accepted');
  const detect = options.detect ?? defaults.detect;
  if (!isNumber(detect) || detect <= 1 + tolerance) {
    invalid(`${of} detect`, `${show(detect)} is not larger than 1 + tolerance, which is ${1 + tolerance}`, `Set for example ${Math.ceil(2 * (1 + tolerance))}: an early promotion excludes a release that is that many times as bad as Stable`);
  }
  const blockMs = millisecondsOf(`${of} block`, options.block, Duration.millis(defaults.blockMs));
  if (blockMs < 1000) invalid(`${of} block`, `${formatDuration(blockMs, 'exact')} is shorter than 1 second`, 'Set Duration.seconds(5), or more than the time in which one client retries');
  return { alpha, missRate, tolerance, detect, blockMs };
}

/** Checks the requests per second of both releases together. @param of `Analysis.errors` */
export function requestsPerSecondOf(of: string, given: number | undefined): number | undefined {
  if (given === undefined || (isNumber(given) && given > 0)) return given;
  invalid(`${of} expectedRequestsPerSecond`, `${show(given)} is not a number of requests`, 'Set the requests per second of Canary and Stable together, for example 100');
}

/** Returns a probability or a rate that is neither 0 nor 1. */
export function betweenZeroAndOne(option: string, value: number, example: string): number {
  if (isNumber(value) && value > 0 && value < 1) return value;
  invalid(option, `${show(value)} is not between 0 and 1`, `Set for example ${example}`);
}

export function isNumber(value: unknown): value is number {
  return typeof value === 'number' && Number.isFinite(value);
}
