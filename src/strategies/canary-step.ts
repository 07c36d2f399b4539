import { WeightManifest } from '../contract/manifest';
import { Duration, millisecondsOf } from '../validation/duration';
import { OptionNames, optionsOf, wholeNumber } from '../validation/option-types';

/**
 * Options for one step of a canary.
 */
export interface CanaryStepOptions {
  /**
   * The time for which the release is probed with this share of the traffic, at least. The step must end healthy; it is extended until it
   * is healthy or fails.
   *
   * @default Duration.minutes(1)
   */
  readonly atLeast?: Duration;
}

const OPTIONS: OptionNames<CanaryStepOptions> = { atLeast: true };

/**
 * A step of a canary: a share of the traffic, and how long the release is judged with it.
 */
export class CanaryStep {
  /**
   * Gives the release a share of the traffic. Stable keeps the rest.
   *
   * @param percent the share in per cent, a whole number from 1 to 99; after the last step the release gets 100 per cent
   * @param options how long the step takes
   */
  public static weight(percent: number, options: CanaryStepOptions = {}): CanaryStep {
    const option = 'CanaryStep.weight percent';
    wholeNumber(option, percent, 1, 99);
    optionsOf('CanaryStep.weight', options, OPTIONS, '{ atLeast: Duration.minutes(2) }');
    return new CanaryStep({ percent, atLeastMs: millisecondsOf('CanaryStep.weight atLeast', options.atLeast, Duration.minutes(1)) });
  }

  /** @internal */
  public readonly _manifest: WeightManifest;

  private constructor(manifest: WeightManifest) {
    this._manifest = manifest;
  }
}
