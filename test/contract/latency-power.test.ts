import { poisson } from '../../bench/canary-traffic';
import { seeded } from '../../bench/network-loss';
import { median, quantile as quantileOf } from '../../bench/statistics';
import { AnalyzedMetricManifest } from '../../src/contract/analysis-manifest';
import { describeLatencyDetection, LatencyTraffic, timeToLatencyPromotion, timeToLatencyRollback } from '../../src/contract/latency-power';
import { DEFAULT_LATENCY_ANALYSIS, LatencyAnalysis } from '../../src/contract/metric-analysis';
import { isShown, judgementOf, MetricProgress, NO_PROGRESS, withNewWeight, withScrape } from '../../src/runtime/analysis/canary-progress';
import { LatencyCounts, MetricInterval } from '../../src/runtime/analysis/counters';
import { expectedShare, logLatencyEvidence, noLatencyEvidence, withLatency } from '../../src/runtime/analysis/latency-evidence';

const P99: LatencyAnalysis = { ...DEFAULT_LATENCY_ANALYSIS, quantile: 0.99 };
const P90: LatencyAnalysis = { ...DEFAULT_LATENCY_ANALYSIS, quantile: 0.9 };
const TRAFFIC: LatencyTraffic = { requestsPerSecond: 100, weight: 0.1, slowShare: 0.04 };
const BOUNDS = [50, 100, 200];

/** One side of the traffic with these shares of responses above each bound, for 5 s. */
type Side = readonly [requestsPerSecond: number, shares: readonly number[]];

/** Until the evidence is there, in milliseconds. Stable's quantile is between 50 and 100 ms; slow responses take longer than 100, or 200 ms. */
function simulated({ requestsPerSecond, slowShare, weight }: LatencyTraffic, analysis: LatencyAnalysis, which: 'rollback' | 'promotion'): number[] {
  const random = seeded(11);
  const need = -Math.log(which === 'rollback' ? analysis.alpha : analysis.missRate);
  const slow = 1 - analysis.quantile;
  // shares above each bound
  const stableShares = [Math.min(0.9, 4 * slow), 0.1 * slow, 0.05 * slow];
  const canaryShares = which === 'rollback' ? [Math.max(slowShare, 4 * slow), slowShare, slowShare] : [4 * slow, slowShare, slowShare];
  return Array.from({ length: 40 }, () => {
    let evidence = noLatencyEvidence(BOUNDS);
    for (let fromMs = 0; ; fromMs += 5000) {
      const sides: [Side, Side] = [[requestsPerSecond * weight, canaryShares], [requestsPerSecond * (1 - weight), stableShares]];
      evidence = withLatency(evidence, interval(fromMs, ...sides, random), analysis);
      const log = logLatencyEvidence(evidence, analysis);
      if (log && log[which] >= need) return fromMs + 5000;
    }
  });
}

function interval(fromMs: number, canary: Side, stable: Side, random: () => number): MetricInterval {
  const side = ([requests, shares]: Side) => {
    const buckets = [1 - shares[0], shares[0] - shares[1], shares[1] - shares[2], shares[2]]
      .map((share) => poisson(5 * requests * share, random));
    const below = [buckets[0], buckets[0] + buckets[1], buckets[0] + buckets[1] + buckets[2]];
    const count = below[2] + buckets[3];
    return { requests: count, errors: 0, latency: { boundsMs: BOUNDS, below, count } };
  };
  return { fromMs, toMs: fromMs + 5000, canary: side(canary), stable: side(stable) };
}

describe('the time until a verdict on latency', () => {
  it.each<[string, LatencyTraffic, LatencyAnalysis, 'rollback' | 'promotion']>([
    ['4 % slow responses at p99', TRAFFIC, P99, 'rollback'],
    ['2.5 % slow responses at p99', { ...TRAFFIC, slowShare: 0.025 }, P99, 'rollback'],
    ['20 % slow responses at p90', { ...TRAFFIC, requestsPerSecond: 20, slowShare: 0.2 }, P90, 'rollback'],
    ['a healthy release at p99', { ...TRAFFIC, requestsPerSecond: 200, slowShare: 0.001 }, P99, 'promotion'],
    ['a healthy release at p90', { ...TRAFFIC, slowShare: 0.01 }, P90, 'promotion'],
  ])('of %s is about that of the simulation', (_, traffic, analysis, which) => {
    const times = simulated(traffic, analysis, which);
    const { medianMs, p99Ms } = which === 'rollback' ? timeToLatencyRollback(traffic, analysis) : timeToLatencyPromotion(traffic, analysis);
    expect(medianMs / median(times)).toBeGreaterThan(0.67);
    expect(medianMs / median(times)).toBeLessThan(1.7);
    expect(p99Ms).toBeGreaterThan(0.7 * quantileOf(times, 0.97));
    expect(p99Ms).toBeLessThan(3 * quantileOf(times, 0.97));
  });

  it('is longer if scrapes are longer than blocks', () => {
    const outage = { ...TRAFFIC, requestsPerSecond: 1e6, slowShare: 1 };
    expect(timeToLatencyRollback({ ...outage, scrapeMs: 15_000 }, P99)).toEqual({ medianMs: 180_000, p99Ms: 180_000 });
    expect(timeToLatencyRollback({ ...outage, scrapeMs: 2_000 }, P99).medianMs).toBe(72_000);
  });

  it('is at least that of the fewest blocks', () => {
    expect(timeToLatencyRollback({ ...TRAFFIC, requestsPerSecond: 1e6, slowShare: 1 }, P99)).toEqual({ medianMs: 60_000, p99Ms: 60_000 });
  });

  it('is shorter with more traffic, more weight, and more slow responses', () => {
    const time = (more: Partial<LatencyTraffic>) => timeToLatencyRollback({ ...TRAFFIC, requestsPerSecond: 20, ...more }, P99).medianMs;
    expect(time({ requestsPerSecond: 40 })).toBeLessThan(time({}));
    expect(time({ weight: 0.01 })).toBeGreaterThan(time({}));
    expect(time({ slowShare: 0.02 })).toBeGreaterThan(time({}));
  });

  it('is infinite if there is nothing to see', () => {
    const never = { medianMs: Infinity, p99Ms: Infinity };
    expect(timeToLatencyRollback({ ...TRAFFIC, slowShare: 0.01 }, P99)).toEqual(never);
    expect(timeToLatencyPromotion({ ...TRAFFIC, slowShare: 0.01 }, P99)).toEqual(never);
    expect(timeToLatencyRollback({ ...TRAFFIC, requestsPerSecond: 0 }, P99)).toEqual(never);
  });

  it('is said in words', () => {
    expect(describeLatencyDetection(TRAFFIC, P99)).toMatchInlineSnapshot('"at 100 requests a second and a weight of 10 %, 4 % of responses slower than 1.25 times Stable\'s p99 take 1 min 30 s to see, and 3 min 10 s in 1 of 100 canaries"');
    expect(describeLatencyDetection({ ...TRAFFIC, slowShare: 0.01 }, P99)).toBe(
      'at 100 requests a second and a weight of 10 %, 1 % of responses slower than 1.25 times Stable\'s p99 are never seen',
    );
  });
});

describe('what was measured of a latency', () => {
  const metric = { kind: 'command', name: 'counters', command: { kind: 'bash', line: 'true' }, intervalMs: 5000, timeoutMs: 5000, lateMs: 60_000 } as const;
  const LATENCY: AnalyzedMetricManifest = { metric, latency: P99, expectedLatency: { requestsPerSecond: 200, slowShare: 0.04 } };
  const STABLE = [0.04, 0.001, 0.0005];

  /** Each weight is measured for its part of the time that it would need alone. Whether enough was measured, and whether Canary was found. */
  function measured(percents: readonly number[], canaryShares: readonly number[], random: () => number, times = 1) {
    let progress: MetricProgress = NO_PROGRESS;
    let atMs = 0;
    const totals = { canary: NOTHING, stable: NOTHING };
    const scrape = () => ({ atMs, canary: { ...totals.canary, measuredAtMs: atMs }, stable: { ...totals.stable, measuredAtMs: atMs } });
    for (const [index, percent] of percents.entries()) {
      if (index > 0) progress = withNewWeight(progress, percents[index - 1]!);
      progress = withScrape(progress, scrape(), LATENCY, atMs);
      const { p99Ms } = timeToLatencyRollback({ requestsPerSecond: 200, weight: percent / 100, slowShare: 0.04, scrapeMs: 5000 }, P99);
      const enough = p99Ms * times / percents.length;
      for (const endMs = atMs + enough; atMs < endMs;) {
        const next = interval(atMs, [2 * percent, canaryShares], [200 - 2 * percent, STABLE], random);
        atMs = next.toMs;
        for (const side of ['canary', 'stable'] as const) totals[side] = sum(totals[side], next[side].latency!);
        progress = withScrape(progress, scrape(), LATENCY, 0);
        // looked at as long as it is not found; a good one is looked at once, to be fast
        if (canaryShares !== STABLE && judgementOf(progress, LATENCY).verdict === 'rollBack') return { progress, isFound: true, isShown: true };
      }
    }
    const isFound = judgementOf(progress, LATENCY).verdict === 'rollBack';
    return { progress, isFound, isShown: isShown(progress, LATENCY, percents.at(-1)!) };
  }

  const NOTHING = { requests: 0, errors: 0, latency: { boundsMs: BOUNDS, below: [0, 0, 0], count: 0 } };
  function sum(one: typeof NOTHING, { below, count }: LatencyCounts): typeof NOTHING {
    const both = one.latency.below.map((value, index) => value + below[index]);
    return { requests: one.requests + count, errors: 0, latency: { boundsMs: BOUNDS, below: both, count: one.latency.count + count } };
  }

  it.each([[[10]], [[10, 25]]])('at weights of %j: if a good release has shown enough, a bad one would have been found in 99 of 100 canaries', (percents) => {
    const random = seeded(13);
    // in exactly the expected time, half of them have fewer responses, or ones that seem to depend on each other
    const good = Array.from({ length: 40 }, () => measured(percents, STABLE, random, 1.5));
    const bad = Array.from({ length: 100 }, () => measured(percents, [0.04, 0.04, 0.04], random));
    expect(good.filter((one) => one.isShown).length).toBeGreaterThan(30);
    expect(good.filter((one) => one.isFound)).toEqual([]);
    expect(bad.filter((one) => one.isFound).length).toBeGreaterThanOrEqual(97);
  });

  it('shows less if the responses depend on each other', () => {
    const random = seeded(17);
    const bursts = () => (random() < 0.1 ? [0.4, 0.01, 0.005] : [0, 0, 0]);
    let [evidence, fromMs] = [noLatencyEvidence(BOUNDS), 0];
    for (; fromMs < 600_000; fromMs += 5000) evidence = withLatency(evidence, interval(fromMs, [20, bursts()], [180, bursts()], random), P99);
    expect(expectedShare(evidence, P99)).toBeLessThan(0.2);
  });

  it('shows nothing if no bucket is large enough for a slower release, or Stable is above all of them', () => {
    const { progress: { state: { latency } } } = measured([10], STABLE, seeded(19));
    expect(expectedShare(latency!, P99)).toBeGreaterThan(0.5);
    expect(expectedShare(latency!, { ...P99, tolerance: 1.5 })).toBe(0);
    expect(expectedShare(latency!, { ...P99, quantile: 0.9999 })).toBe(0);
  });

  it('shows nothing before there are enough blocks', () => {
    const evidence = withLatency(noLatencyEvidence(BOUNDS), interval(0, [20, STABLE], [180, STABLE], seeded(1)), P99);
    expect(expectedShare(evidence, P99)).toBe(0);
  });
});
