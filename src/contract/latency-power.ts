/** Computes what a canary can show about its latency, before it runs. Pure. Synthesis and the plan print it. */
import { VerdictTime } from './canary-power';
import { formatDuration } from './duration-text';
import { LatencyAnalysis } from './metric-analysis';
import { caution, FEWEST_LATENCY_BLOCKS, LATENCY_SAMPLE_SIZE, logQuantileEvidence } from './quantile-evidence';

/** What is expected of the traffic. */
export interface LatencyTraffic {
  /** Of both sides together. */
  readonly requestsPerSecond: number;
  /** Canary's share of the requests, between 0 and 1. */
  readonly weight: number;
  /**
   * The share of Canary's responses that are slower than the tolerance allows for Stable's quantile, between 0 and 1. With a quantile of 0.99 and a
   * tolerance of 0.25: slower than 1.25 times Stable's p99. A release as good as Stable has at most 0.01.
   */
  readonly slowShare: number;
  /** The time from one scrape to the next. @default 1000 */
  readonly scrapeMs?: number;
}

/** The 99th percentile of the normal distribution. */
const Z_99 = 2.326;
const DEFAULT_SCRAPE_MS = 1000;
/** A verdict after more blocks is none that anyone waits for. */
const MOST_BLOCKS = 2 ** 24;

/**
 * Computes how long a rollback takes for a release with this share of slow responses. Approximate: the responses are independent, there is a
 * bucket at the tolerance, and Stable, which has more traffic, shows its quantile sooner than Canary.
 */
export function timeToLatencyRollback(traffic: LatencyTraffic, analysis: LatencyAnalysis): VerdictTime {
  if (traffic.slowShare <= 1 - analysis.quantile) return { medianMs: Infinity, p99Ms: Infinity };
  return timeToVerdict(traffic, analysis, analysis.alpha, 1);
}

/** Computes how long an early promotion takes, if this share of Canary's responses is slower than `detect` times Stable's quantile. */
export function timeToLatencyPromotion(traffic: LatencyTraffic, analysis: LatencyAnalysis): VerdictTime {
  if (traffic.slowShare >= 1 - analysis.quantile) return { medianMs: Infinity, p99Ms: Infinity };
  return timeToVerdict(traffic, analysis, analysis.missRate, -1);
}

/** Says what can be seen, for example "at 100 requests a second and a weight of 10 %, 4 % of responses slower than 1.25 times Stable's p99 take 1 min to see". */
export function describeLatencyDetection(traffic: LatencyTraffic, analysis: LatencyAnalysis): string {
  const { medianMs, p99Ms } = timeToLatencyRollback(traffic, analysis);
  const rate = `${traffic.requestsPerSecond} ${traffic.requestsPerSecond === 1 ? 'request' : 'requests'} a second`;
  const limit = `${rounded(1 + analysis.tolerance)} times Stable's p${rounded(100 * analysis.quantile)}`;
  const what = `at ${rate} and a weight of ${rounded(100 * traffic.weight)} %, ${rounded(100 * traffic.slowShare)} % of responses slower than ${limit}`;
  if (medianMs === Infinity) return `${what} are never seen`;
  return `${what} take ${formatDuration(medianMs, 'seconds')} to see, and ${formatDuration(p99Ms, 'seconds')} in 1 of 100 canaries`;
}

/** `direction` is 1 if more slow responses are evidence, and -1 if fewer are. */
function timeToVerdict(traffic: LatencyTraffic, analysis: LatencyAnalysis, level: number, direction: 1 | -1): VerdictTime {
  const { scrapeMs = DEFAULT_SCRAPE_MS } = traffic;
  // a block ends with a scrape; without blocks, each scrape is one
  const stepMs = Math.max(1, Math.ceil(analysis.blockMs / scrapeMs)) * scrapeMs;
  const fewest = analysis.blockMs > 0 ? FEWEST_LATENCY_BLOCKS : 1;
  const perStep = traffic.requestsPerSecond * traffic.weight * stepMs / 1000;
  const isEnough = (steps: number, z: number) => {
    const count = perStep * steps / (analysis.blockMs > 0 ? expectedDesignEffect(steps) : 1);
    return logEvidence(count, traffic.slowShare, analysis, direction * z) >= -Math.log(level);
  };
  const least = (z: number) => firstTrue(fewest, (steps) => isEnough(steps, z)) * stepMs;
  return { medianMs: least(0), p99Ms: least(Z_99) };
}

/** The evidence if slow responses are `z` standard deviations fewer than expected. None while they are on the other side of the quantile. */
function logEvidence(count: number, slowShare: number, { alpha, quantile }: LatencyAnalysis, z: number): number {
  const slow = count * slowShare - z * Math.sqrt(count * slowShare * (1 - slowShare));
  const expected = count * (1 - quantile);
  const isOnSide = slowShare > 1 - quantile ? slow > expected : slow < expected;
  if (!isOnSide) return 0;
  const below = Math.min(count, count - slow);
  return logQuantileEvidence(quantile, { count, below }, { sampleSize: LATENCY_SAMPLE_SIZE, alpha });
}

/** How many responses count as one although they are independent: the largest of a few variances that so many blocks show, and the caution on top. */
export function expectedDesignEffect(blocks: number): number {
  return (1 + Math.sqrt(2 / (blocks - 1))) * caution(blocks);
}

/** The first number from `least` on for which it is true, if it stays so. Infinity if there is none. */
function firstTrue(least: number, isTrue: (value: number) => boolean): number {
  let [low, high] = [least - 1, least];
  while (!isTrue(high)) {
    if (high > MOST_BLOCKS) return Infinity;
    [low, high] = [high, 2 * high];
  }
  while (high - low > 1) {
    const middle = Math.floor((low + high) / 2);
    if (isTrue(middle)) high = middle;
    else low = middle;
  }
  return high;
}

function rounded(value: number): string {
  return String(Number(value.toPrecision(6)));
}
