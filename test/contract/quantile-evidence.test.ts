import fc from 'fast-check';
import { logBeta, logGamma } from '../../src/contract/log-beta';
import { leastLogEvidence, logQuantileEvidence } from '../../src/contract/quantile-evidence';
import { Comparison, Distribution, logEvidenceOfFaster, logEvidenceOfSlower } from '../../src/runtime/analysis/latency-comparison';

describe('the beta function', () => {
  // mpmath, 40 digits
  it.each([
    [0.5, 0.5, 1.1447298858494002], [1, 1, 0], [3.5, 0.2, 1.2969650981124708], [9.5, 12, -14.660284594004006], [12, 40.25, -28.341658377811303],
    [60, 0.6, -2.0563740125424532], [0.3, 1e9, -5.1211817561608476], [25.5, 1e9, -472.05411151078854], [1e9, 1e9, -1386294370.2160114],
    [3e8, 7e8, -610864310.71726397], [0.001, 5, 6.9056726570620747],
  ])('of %d and %d is exact', (a, b, exact) => {
    for (const value of [logBeta(a, b), logBeta(b, a)]) expect(Math.abs(value - exact)).toBeLessThan(2e-14 * Math.max(10, Math.abs(exact)));
  });

  it('is that of the gamma function', () => {
    expect(Math.exp(logGamma(6))).toBeCloseTo(120, 9);
    fc.assert(fc.property(fc.double({ min: 0.01, max: 100, noNaN: true }), fc.double({ min: 0.01, max: 100, noNaN: true }), (a, b) => {
      expect(logBeta(a, b)).toBeCloseTo(logGamma(a) + logGamma(b) - logGamma(a + b), 9);
    }));
  });
});

describe('the evidence against a quantile', () => {
  const tuning = { sampleSize: 1000, alpha: 0.001 };

  it('is the figure that confseq publishes', () => {
    // uniform_boundaries_unittest.cpp, TestTwoSidedBetaBinomialMixture: s = 10 and v = 100 at p = 0.2, v_opt = 100
    const count = 100 / (0.2 * 0.8);
    expect(logQuantileEvidence(0.2, { count, below: 0.2 * count + 10 }, { sampleSize: count, alpha: 0.05 })).toBeCloseTo(-0.6941012, 6);
    // and its bound at alpha = 0.05
    expect(logQuantileEvidence(0.2, { count, below: 0.2 * count + 31.4308 }, { sampleSize: count, alpha: 0.05 })).toBeCloseTo(Math.log(20), 4);
  });

  // mpmath, 40 digits
  it.each([
    [0.99, 1e9, 989_900_000, 494.937986593597], [0.99, 1e9, 990_000_000, -8.44935096991158], [0.5, 1e9, 500_100_000, 11.6777032271623],
    [0.99, 1000, 970, 10.5475707100618], [0.999, 1e9, 0, 6907754225.80399],
  ])('at the quantile %d of %d responses, %d below, is exact', (quantile, count, below, exact) => {
    expect(Math.abs(logQuantileEvidence(quantile, { count, below }, tuning) - exact)).toBeLessThan(1e-6 + 1e-12 * exact);
  });

  it('has an expected value of 1 if the value is the quantile', () => {
    for (const quantile of [0.5, 0.9, 0.99]) {
      const count = 60;
      let sum = 0;
      for (let below = 0; below <= count; below += 1) {
        const logDivisions = -Math.log(count + 1) - logBeta(below + 1, count - below + 1);
        const logChance = logDivisions + below * Math.log(quantile) + (count - below) * Math.log(1 - quantile);
        sum += Math.exp(logChance + logQuantileEvidence(quantile, { count, below }, tuning));
      }
      expect(sum).toBeCloseTo(1, 9);
    }
  });

  it('of a range is the least of its numbers', () => {
    const counts = fc.tuple(fc.integer({ min: 1, max: 400 }), fc.nat(400), fc.nat(400));
    fc.assert(fc.property(counts, fc.constantFrom(0.5, 0.9, 0.99), ([count, one, other], quantile) => {
      const [atLeast, atMost] = [Math.min(one, other, count), Math.min(Math.max(one, other), count)];
      const numbers = Array.from({ length: atMost - atLeast + 1 }, (_, index) => atLeast + index);
      const all = numbers.map((below) => logQuantileEvidence(quantile, { count, below }, tuning));
      const least = leastLogEvidence(quantile, { count, atLeast, atMost }, tuning);
      expect(least).toBeLessThanOrEqual(Math.min(...all) + 1e-6);
      // between two whole numbers it can only be a little less
      if (all.length > 1) expect(least).toBeGreaterThan(Math.min(...all) - 1);
      else expect(least).toBeCloseTo(all[0], 9);
    }));
  });
});

describe('the comparison of two sides', () => {
  /** Responses of 1 to 1,000 ms, later by `offset`, with a bucket for each millisecond. */
  const uniform = (offset: number, boundsMs: readonly number[]): Distribution => ({
    count: 1000, below: boundsMs.map((bound) => Math.max(0, Math.min(1000, bound - offset))),
  });

  // confseq, uniform_boundaries_unittest.cpp, QuantileABTest: p-values
  it.each([
    [0.5, 70, 0.814704], [0.5, 85, 0.0838055], [0.5, 100, 0.0054947], [0.9, 55, 0.0340463],
  ])('at %d, later by %d ms, is the p-value that confseq publishes', (quantile, offset, p) => {
    const boundsMs = Array.from({ length: 1101 }, (_, index) => index);
    const comparison: Comparison = {
      quantile, boundsMs, stable: uniform(0, boundsMs), canary: uniform(offset, boundsMs), tuning: { sampleSize: 100, alpha: 0.05 },
    };
    expect(Math.exp(-logEvidenceOfSlower(comparison, 1))).toBeCloseTo(p, 5);
    // the same samples, the other way round
    expect(Math.exp(-logEvidenceOfFaster({ ...comparison, stable: comparison.canary, canary: comparison.stable }, 1))).toBeCloseTo(p, 5);
  });

  const BOUNDS = [10, 25, 50, 100, 250, 500];
  const tuning = { sampleSize: 1000, alpha: 0.001 };
  const all = (count: number, below: readonly number[]): Distribution => ({ count, below: below.map((share) => share * count) });
  const FAST = [0.5, 0.9, 0.995, 1, 1, 1];

  it('sees a quantile that is some buckets higher, and accepts it within the tolerance', () => {
    const comparison = { quantile: 0.99, boundsMs: BOUNDS, stable: all(50_000, FAST), canary: all(3000, [0.4, 0.8, 0.9, 0.96, 0.999, 1]), tuning };
    expect(logEvidenceOfSlower(comparison, 1.25)).toBeGreaterThan(Math.log(1000));
    expect(logEvidenceOfSlower(comparison, 10)).toBeLessThan(0);
  });

  it('does not see a difference within a bucket', () => {
    const comparison = { quantile: 0.99, boundsMs: BOUNDS, stable: all(1e9, FAST), canary: all(1e9, [0.5, 0.9, 0.9901, 1, 1, 1]), tuning };
    expect(logEvidenceOfSlower(comparison, 1)).toBeLessThan(0);
  });

  it('excludes that the quantile doubled, where the buckets show it', () => {
    const shares = [0.2, 0.5, 0.95, 1, 1, 1];
    const comparison = { quantile: 0.9, boundsMs: BOUNDS, stable: all(50_000, shares), canary: all(3000, shares), tuning };
    // Stable's quantile is above 25 ms, and Canary's is at most 50 ms
    expect(logEvidenceOfFaster(comparison, 2)).toBeGreaterThan(Math.log(20));
    expect(logEvidenceOfFaster(comparison, 1.9)).toBeLessThan(0);
  });

  it('is no evidence for both, and none without responses', () => {
    const share = fc.double({ min: 0, max: 1, noNaN: true });
    const shares = fc.array(share, { minLength: 6, maxLength: 6 }).map((values) => [...values].sort((a, b) => a - b));
    const count = fc.integer({ min: 1, max: 100_000 });
    fc.assert(fc.property(shares, shares, count, count, (one, other, canary, stable) => {
      const comparison = { quantile: 0.9, boundsMs: BOUNDS, canary: all(canary, one), stable: all(stable, other), tuning };
      expect(Math.min(logEvidenceOfSlower(comparison, 1), logEvidenceOfFaster(comparison, 1))).toBeLessThan(1e-6);
      const empty = { ...comparison, canary: all(0, one) };
      expect(Math.max(logEvidenceOfSlower(empty, 1), logEvidenceOfFaster(empty, 1))).toBeLessThan(Math.log(1000));
    }), { numRuns: 50 });
  });
});
