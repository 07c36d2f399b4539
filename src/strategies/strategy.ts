import { blueGreen, BlueGreenOptions } from './blue-green';
import { redeploy } from './redeploy';
import { StrategyDefinition, StrategyOptions } from './strategy-definition';

export type { BlueGreenOptions } from './blue-green';
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

  /** @internal */
  public readonly _definition: StrategyDefinition;

  private constructor(definition: StrategyDefinition) {
    this._definition = definition;
  }
}
