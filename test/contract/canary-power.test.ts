import { CanaryTraffic as SimulatedTraffic } from '../../bench/canary-traffic';
import { seeded } from '../../bench/network-loss';
import { median, quantile } from '../../bench/statistics';
import { CanaryTraffic, describeDetection, timeToPromotion, timeToRollback } from '../../src/contract/canary-power';
import { DEFAULT_ERROR_ANALYSIS, ErrorAnalysis } from '../../src/contract/metric-analysis';
import { logErrorEvidence, noErrorEvidence, withErrors } from '../../src/runtime/analysis/error-evidence';

const TRAFFIC: CanaryTraffic = { requestsPerSecond: 100, weight: 0.1, stableErrorRate: 0.001, canaryErrorRate: 0.05 };
const PLAIN: ErrorAnalysis = { ...DEFAULT_ERROR_ANALYSIS, blockMs: 0 };
const DEFAULT = DEFAULT_ERROR_ANALYSIS;

/** Until the evidence is there, in milliseconds, for 100 canaries. */
function simulated(traffic: CanaryTraffic, analysis: ErrorAnalysis, which: 'rollback' | 'promotion'): number[] {
  const { requestsPerSecond, weight, stableErrorRate, canaryErrorRate } = traffic;
  const random = seeded(7);
  const need = Math.log(1 / (which === 'rollback' ? analysis.alpha : analysis.missRate));
  return Array.from({ length: 100 }, () => {
    const all = new SimulatedTraffic({ requestsPerSecond, weight, stableErrorRate, ratio: canaryErrorRate / stableErrorRate }, random);
    let evidence = noErrorEvidence(analysis);
    for (;;) {
      const interval = all.next();
      evidence = withErrors(evidence, interval, analysis);
      if (logErrorEvidence(evidence, analysis)[which] >= need) return interval.toMs;
    }
  });
}

describe('the time until a verdict', () => {
  it.each<[string, CanaryTraffic, ErrorAnalysis, 'rollback' | 'promotion']>([
    ['5 % errors', TRAFFIC, DEFAULT, 'rollback'],
    ['5 % errors, each counts', TRAFFIC, PLAIN, 'rollback'],
    ['5 % errors of a large service', { ...TRAFFIC, requestsPerSecond: 1000 }, DEFAULT, 'rollback'],
    ['five times the errors', { ...TRAFFIC, weight: 0.05, canaryErrorRate: 0.005 }, DEFAULT, 'rollback'],
    ['five times the errors at a weight of one half', { ...TRAFFIC, weight: 0.5, canaryErrorRate: 0.005 }, DEFAULT, 'rollback'],
    ['a healthy release', { ...TRAFFIC, weight: 0.25, canaryErrorRate: 0.001 }, DEFAULT, 'promotion'],
    ['a healthy release, each error counts', { ...TRAFFIC, weight: 0.25, canaryErrorRate: 0.001 }, PLAIN, 'promotion'],
  ])('of %s is about that of the simulation', (_, traffic, analysis, which) => {
    const times = simulated(traffic, analysis, which);
    const { medianMs, p99Ms } = which === 'rollback' ? timeToRollback(traffic, analysis) : timeToPromotion(traffic, analysis);
    expect(medianMs / median(times)).toBeGreaterThan(0.67);
    expect(medianMs / median(times)).toBeLessThan(1.7);
    // 100 canaries show a 99th percentile only roughly
    expect(p99Ms).toBeGreaterThan(0.7 * quantile(times, 0.98));
    expect(p99Ms).toBeLessThan(3 * quantile(times, 0.98));
  });

  it.each([[1000, 35, 59], [5000, 45, 90], [10_000, 50, 60], [15_000, 75, 90], [30_000, 150, 150]])(
    // bench/judges/sequential.ts over 600 canaries
    'with a scrape every %d ms is about that of the simulation: %d s, and %d s in 1 of 100', (scrapeMs, medianS, p99S) => {
      const { medianMs, p99Ms } = timeToRollback({ ...TRAFFIC, scrapeMs }, DEFAULT);
      expect(medianMs / (1000 * medianS)).toBeGreaterThan(0.8);
      expect(medianMs / (1000 * medianS)).toBeLessThan(1.5);
      expect(p99Ms / (1000 * p99S)).toBeGreaterThan(0.7);
      expect(p99Ms / (1000 * p99S)).toBeLessThan(1.5);
    },
  );

  it('is shorter with more traffic, more weight, and more errors', () => {
    const time = (more: Partial<CanaryTraffic>) => timeToRollback({ ...TRAFFIC, ...more }, DEFAULT).medianMs;
    expect(time({ requestsPerSecond: 1000 })).toBeLessThan(time({}));
    expect(time({ weight: 0.01 })).toBeGreaterThan(time({}));
    expect(time({ canaryErrorRate: 0.005 })).toBeGreaterThan(time({}));
  });

  it('is infinite if there is nothing to see', () => {
    const never = { medianMs: Infinity, p99Ms: Infinity };
    expect(timeToRollback({ ...TRAFFIC, canaryErrorRate: 0.001 }, DEFAULT)).toEqual(never);
    expect(timeToPromotion({ ...TRAFFIC, canaryErrorRate: 0.002 }, DEFAULT)).toEqual(never);
    expect(timeToPromotion({ ...TRAFFIC, canaryErrorRate: 0, stableErrorRate: 0 }, DEFAULT)).toEqual(never);
  });

  it('is said in words', () => {
    expect(describeDetection({ ...TRAFFIC, requestsPerSecond: 1, weight: 0.05 }, DEFAULT)).toMatchInlineSnapshot('"at 1 request a second and a weight of 5 %, 5 % errors take 34 min 21 s to see, and 1 h 13 min in 1 of 100 canaries"');
    expect(describeDetection(TRAFFIC, DEFAULT)).toMatchInlineSnapshot('"at 100 requests a second and a weight of 10 %, 5 % errors take 43 s to see, and 57 s in 1 of 100 canaries"');
    expect(describeDetection({ ...TRAFFIC, canaryErrorRate: 0 }, DEFAULT)).toBe('at 100 requests a second and a weight of 10 %, 0 % errors are never seen');
  });

  it('of a huge service is computed at once', () => {
    const { medianMs } = timeToRollback({ ...TRAFFIC, requestsPerSecond: 1e6 }, DEFAULT);
    // at most a factor of 10 for each block
    expect(medianMs).toBeGreaterThan(15_000);
    expect(medianMs).toBeLessThan(60_000);
  });
});
