import { commandMetric, CommandMetricOptions } from './command-metric';
import { MetricManifest } from '../contract/metric-manifest';

/**
 * A source of counters that compare a canary with Stable: how many requests each of them got, and how many of these failed. What says
 * nothing about the release is inconclusive, and never a verdict: a source that does not respond, missing or old data, a reset counter.
 */
export class Metric {
  /**
   * Reads the counters from the output of a command. It prints one JSON document, at most 64 KiB, on standard output:
   *
   *     {
   *       "canary": { "requests": 500, "errors": 2 },
   *       "stable": { "requests": 9500, "errors": 11 }
   *     }
   *
   * `requests` and `errors` are counters that only grow; `requests` include the `errors`. Each side may add `measuredAt` (RFC 3339; default:
   * when the command began) and `latency`, a cumulative histogram `{ "boundsMs": [100, 250], "below": [420, 490], "count": 500 }`. Other
   * members are not allowed. A side without data is left out.
   *
   * bash runs the line in the project's directory as it runs `deploy`, with the variables of the release and of the environment, and its
   * secrets: `DELIVERY_SLOT` is the slot of the canary. An exit code other than 0 is inconclusive.
   *
   * @param line the command line that bash runs
   * @param options how often it runs, and for how long
   */
  public static command(line: string, options: CommandMetricOptions = {}): Metric {
    return new Metric(commandMetric(line, options));
  }

  /** @internal */
  public readonly _manifest: MetricManifest;

  private constructor(manifest: MetricManifest) {
    this._manifest = manifest;
  }
}
