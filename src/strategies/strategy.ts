import { StrategyManifest } from '../contract/manifest';
import { Duration, millisecondsOf, showDuration } from '../validation/duration';
import { OptionNames, optionsOf } from '../validation/option-types';
import { invalid } from '../validation/validation-error';

/**
 * Times that all strategies share.
 */
export interface StrategyOptions {
  /**
   * The time for which a promoted release is watched before it counts as good. The release must be healthy at the end; the bake is
   * extended until it is healthy or fails.
   *
   * @default Duration.seconds(15)
   */
  readonly bake?: Duration;

  /**
   * The time that one command of the target may take. Then the command and its child processes get SIGTERM, and shortly after SIGKILL.
   * GitHub terminates a cancelled run after 5 minutes, so a longer command may be cut off there.
   *
   * @default Duration.minutes(4)
   */
  readonly commandTimeout?: Duration;
}

const REDEPLOY_OPTIONS: OptionNames<StrategyOptions> = { bake: true, commandTimeout: true };

/**
 * Options for blue/green: times, and the URL of the candidate.
 */
export interface BlueGreenOptions extends StrategyOptions {
  /**
   * The URL of the slot without traffic; `{slot}` is replaced by its name (`blue` or `green`): `https://{slot}.example.com`. The health
   * checks probe their paths there before traffic moves. The deploy command can set it instead: it appends `candidate-url=<url>` to the
   * file named by DELIVERY_RESULT.
   *
   * @default - the candidate is verified only by the exit code of the deploy command, unless the command sets the URL
   */
  readonly candidateUrl?: string;
}

const BLUE_GREEN_OPTIONS: OptionNames<BlueGreenOptions> = { ...REDEPLOY_OPTIONS, candidateUrl: true };

/** An example for error messages. */
const EXAMPLE = '{ bake: Duration.seconds(30) }';

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
    optionsOf('Strategy.redeploy', options, REDEPLOY_OPTIONS, EXAMPLE);
    return new Strategy({ kind: 'redeploy', ...times('Strategy.redeploy', options) });
  }

  /**
   * Uses two slots, blue and green, one of which has the traffic: deploys to the other slot, verifies it, promotes it (all traffic
   * moves), verifies the live release, and bakes. A rollback moves the traffic back to the old slot immediately. The target needs a
   * `promote`.
   *
   * @param options times, and the URL of the candidate
   */
  public static blueGreen(options: BlueGreenOptions = {}): Strategy {
    const { candidateUrl } = optionsOf('Strategy.blueGreen', options, BLUE_GREEN_OPTIONS, EXAMPLE);
    return new Strategy({ kind: 'blueGreen', ...times('Strategy.blueGreen', options), candidateUrl });
  }

  /** @internal */
  public readonly _manifest: StrategyManifest;

  private constructor(manifest: StrategyManifest) {
    this._manifest = manifest;
  }
}

function times(option: string, options: StrategyOptions) {
  const bakeMs = millisecondsOf(`${option} bake`, options.bake, Duration.seconds(15));
  const commandTimeoutMs = millisecondsOf(`${option} commandTimeout`, options.commandTimeout, Duration.minutes(4));
  if (commandTimeoutMs < 1000) {
    invalid(`${option} commandTimeout`, `${showDuration(commandTimeoutMs)} is shorter than 1 second`, 'Set the time that the slowest command may take');
  }
  return { bakeMs, commandTimeoutMs };
}
