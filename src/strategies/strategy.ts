import { StrategyManifest } from '../contract/manifest';
import { Duration, millisecondsOf, showDuration } from '../validation/duration';
import { OptionNames, optionsOf } from '../validation/option-types';
import { invalid } from '../validation/validation-error';

/**
 * Times that every strategy needs.
 */
export interface StrategyOptions {
  /**
   * How long a promoted release is watched before it counts as good. It must end healthy, and is prolonged until it does or fails.
   *
   * @default Duration.seconds(15)
   */
  readonly bake?: Duration;

  /**
   * How long one command of the target may take; then it and its children get SIGTERM, and soon SIGKILL.
   * GitHub ends a cancelled run after 5 minutes: a command that may take longer can be cut off there.
   *
   * @default Duration.minutes(4)
   */
  readonly commandTimeout?: Duration;
}

const REDEPLOY_OPTIONS: OptionNames<StrategyOptions> = { bake: true, commandTimeout: true };

/**
 * How blue/green finds the candidate.
 */
export interface BlueGreenOptions extends StrategyOptions {
  /**
   * Where the slot that has no traffic yet answers; `{slot}` stands for its name (`blue` or `green`):
   * `https://{slot}.example.com`. The health checks' paths are asked there before traffic moves.
   * The deploy command can say it instead: it appends `candidate-url=<url>` to the file that DELIVERY_RESULT names.
   *
   * @default - only the deploy command's exit code speaks for the candidate, unless the command says where it is
   */
  readonly candidateUrl?: string;
}

const BLUE_GREEN_OPTIONS: OptionNames<BlueGreenOptions> = { ...REDEPLOY_OPTIONS, candidateUrl: true };

/** For messages. */
const EXAMPLE = '{ bake: Duration.seconds(30) }';

/**
 * The order in which a release is deployed, verified and given traffic.
 */
export class Strategy {
  /**
   * The new release replaces the old one in place: deploy, verify, bake. Going back deploys the old release again.
   *
   * @param options times
   */
  public static redeploy(options: StrategyOptions = {}): Strategy {
    optionsOf('Strategy.redeploy', options, REDEPLOY_OPTIONS, EXAMPLE);
    return new Strategy({ kind: 'redeploy', ...times('Strategy.redeploy', options) });
  }

  /**
   * Two slots, blue and green, one of which has the traffic: deploy to the other, verify it, promote it (all traffic moves),
   * verify what users see, bake. Going back gives the old slot its traffic again, at once. The target needs a `promote`.
   *
   * @param options times, and where the candidate answers
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
    invalid(`${option} commandTimeout`, `${showDuration(commandTimeoutMs)} is shorter than a second`, 'Give the time that the slowest command may take');
  }
  return { bakeMs, commandTimeoutMs };
}
