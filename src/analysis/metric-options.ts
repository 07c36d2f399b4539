import { MetricSourceManifest } from '../contract/metric-manifest';
import { Duration, positiveMilliseconds, probeInterval } from '../validation/duration';
import { OptionNames } from '../validation/option-types';

/**
 * Options that all metric sources share: how often they are read, and how old their data may be.
 */
export interface MetricOptions {
  /**
   * The time from the start of one scrape to the start of the next; at least 1 second. Scrapes never overlap: a slow one delays the next.
   *
   * @default - 5 seconds; 30 seconds for CloudWatch
   */
  readonly interval?: Duration;

  /**
   * The time that one scrape may take. A scrape that takes longer is inconclusive.
   *
   * @default - 5 seconds; 30 seconds for commands and CloudWatch
   */
  readonly timeout?: Duration;

  /**
   * The greatest age of a measurement. An older one is inconclusive. Set at least twice the interval in which the source itself measures.
   *
   * @default - 1 minute; 5 minutes for CloudWatch
   */
  readonly maxAge?: Duration;
}

export const METRIC_OPTIONS: OptionNames<MetricOptions> = { interval: true, timeout: true, maxAge: true };

type Times = Omit<MetricSourceManifest, 'name'>;

const SECONDS = { intervalMs: 5_000, timeoutMs: 5_000, lateMs: 60_000 };

/** @param within the prefix of an option's name in messages */
export function metricTimes(within: string, { interval, maxAge, timeout }: MetricOptions, defaults: Partial<Times> = {}): Times {
  const { intervalMs, lateMs, timeoutMs } = { ...SECONDS, ...defaults };
  return {
    intervalMs: probeInterval(`${within} interval`, interval, Duration.seconds(intervalMs / 1000)),
    timeoutMs: positiveMilliseconds(`${within} timeout`, timeout ?? Duration.seconds(timeoutMs / 1000), Duration.seconds(5)),
    lateMs: positiveMilliseconds(`${within} maxAge`, maxAge ?? Duration.seconds(lateMs / 1000), Duration.minutes(1)),
  };
}
