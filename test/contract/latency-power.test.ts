import { poisson } from '../../bench/canary-traffic';
import { seeded } from '../../bench/network-loss';
import { median, quantile as quantileOf } from '../../bench/statistics';
import { describeLatencyDetection, LatencyTraffic, timeToLatencyPromotion, timeToLatencyRollback } from '../../src/contract/latency-power';
import { DEFAULT_LATENCY_ANALYSIS, LatencyAnalysis } from '../../src/contract/metric-analysis';
import { logLatencyEvidence, noLatencyEvidence, withLatency } from '../../src/runtime/analysis/latency-evidence';

const P99: LatencyAnalysis = { ...DEFAULT_LATENCY_ANALYSIS, quantile: 0.99 };
const P90: LatencyAnalysis = { ...DEFAULT_LATENCY_ANALYSIS, quantile: 0.9 };
const TRAFFIC: LatencyTraffic = { requestsPerSecond: 100, weight: 0.1, slowShare: 0.04 };
const BOUNDS = [50, 100, 200];

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
      const side = (requests: number, shares: readonly number[]) => {
        const buckets = [1 - shares[0], shares[0] - shares[1], shares[1] - shares[2], shares[2]]
          .map((share) => poisson(5 * requests * share, random));
        const below = [buckets[0], buckets[0] + buckets[1], buckets[0] + buckets[1] + buckets[2]];
        const count = below[2] + buckets[3];
        return { requests: count, errors: 0, latency: { boundsMs: BOUNDS, below, count } };
      };
      const [canary, stable] = [side(requestsPerSecond * weight, canaryShares), side(requestsPerSecond * (1 - weight), stableShares)];
      evidence = withLatency(evidence, { fromMs, toMs: fromMs + 5000, canary, stable }, analysis);
      const log = logLatencyEvidence(evidence, analysis);
      if (log && log[which] >= need) return fromMs + 5000;
    }
  });
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
