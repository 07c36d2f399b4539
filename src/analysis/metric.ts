import { cloudWatchMetric, CloudWatchMetricOptions } from './cloudwatch-metric';
import { commandMetric, CommandMetricOptions } from './command-metric';
import { haproxyMetric, HaproxyMetricOptions } from './haproxy-metric';
import { prometheusMetric, PrometheusMetricOptions } from './prometheus-metric';
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

  /**
   * Reads counters from Prometheus: raw samples with the time at which Prometheus scraped them. Increases are added up series by series, so
   * instances may come, go and restart. What selects nothing is inconclusive, also if a label does not exist.
   *
   * @see https://prometheus.io/docs/prometheus/latest/querying/basics/#instant-vector-selectors
   * @param options where Prometheus is, and what selects the counters
   */
  public static prometheus(options: PrometheusMetricOptions): Metric {
    return new Metric(prometheusMetric(options));
  }

  /**
   * Reads the counters of HAProxy itself, from its statistics page or its runtime API. A request counts as failed if the response has a
   * status of 500 or more, is missing, broken or late, or if the server was not reached. There are no latencies.
   *
   * @see https://docs.haproxy.org/2.6/management.html#9.1
   * @param options where the statistics are, and which servers have the releases
   */
  public static haproxy(options: HaproxyMetricOptions): Metric {
    return new Metric(haproxyMetric(options));
  }

  /**
   * Reads counters from CloudWatch with the AWS CLI: of the two versions of a Lambda alias, or of two target groups. The jobs need the
   * permission `cloudwatch:GetMetricData`, and `lambda:GetAlias` for an alias. CloudWatch reports whole minutes, a minute or more after
   * their end, so a bad release is seen some minutes later than with the other sources. There are no latencies.
   *
   * @see https://docs.aws.amazon.com/AmazonCloudWatch/latest/APIReference/API_GetMetricData.html
   * @param options the alias or the target groups, and the region
   */
  public static cloudWatch(options: CloudWatchMetricOptions): Metric {
    return new Metric(cloudWatchMetric(options));
  }

  /** @internal */
  public readonly _manifest: MetricManifest;

  private constructor(manifest: MetricManifest) {
    this._manifest = manifest;
  }
}
