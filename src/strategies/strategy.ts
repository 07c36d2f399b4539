import { blueGreen, BlueGreenOptions } from './blue-green';
import { canary, CanaryOptions } from './canary';
import { redeploy } from './redeploy';
import { StrategyDefinition, StrategyOptions } from './strategy-definition';

export type { BlueGreenOptions } from './blue-green';
export type { CanaryOptions } from './canary';
export { WithoutVerdict } from './canary-analysis';
export type { AnalyzedCanaryOptions } from './canary-analysis';
export type { StrategyOptions } from './strategy-definition';

/**
 * The order in which a release is deployed, verified and given traffic.
 */
export class Strategy {
  /**
   * Replaces the old release in place: deploy, verify, bake. A rollback deploys the old release again.
   *
   * @param options times
   */
  public static redeploy(options: StrategyOptions = {}): Strategy {
    return new Strategy(redeploy(options));
  }

  /**
   * Uses two slots, blue and green, one of which has the traffic: deploys to the other slot, verifies it, promotes it (all traffic
   * moves), verifies the live release, and bakes. A rollback moves the traffic back to the old slot immediately. The target needs a
   * `promote`.
   *
   * @param options times, and the URL of the candidate
   */
  public static blueGreen(options: BlueGreenOptions = {}): Strategy {
    return new Strategy(blueGreen(options));
  }

  /**
   * Gives the release its traffic in steps: deploys it beside Stable, verifies it there, then sets one weight after the other, and runs the
   * health checks with each; after the last step the release gets all traffic, and bakes. With an `analysis`, each step also compares the
   * release with Stable. If a check fails or the analysis finds the release worse, the weight is set to 0 first, and Stable is restored. The
   * target needs a `setWeight`. A release without a Stable one beside it gets all traffic at once.
   *
   * @param options steps, their analysis, times, and the URL of the candidate
   */
  public static canary(options: CanaryOptions): Strategy {
    return new Strategy(canary(options));
  }

  /** @internal */
  public readonly _definition: StrategyDefinition;

  private constructor(definition: StrategyDefinition) {
    this._definition = definition;
  }
}
