import fc from 'fast-check';
import { logBeta } from '../../src/contract/log-beta';
import { ErrorCounts, Independence, logEvidence, logFactor, RateRatioTest, testOfAtLeast, testOfAtMost } from '../../src/contract/rate-ratio';

const EQUAL: RateRatioTest = testOfAtMost(1);
const INDEPENDENCE: readonly Independence[] = ['errors', 'blocks'];
const independences = fc.constantFrom(...INDEPENDENCE);
const share = fc.double({ min: 0.001, max: 0.999, noNaN: true });
const limit = fc.double({ min: 0.5, max: 3, noNaN: true });

/** The probability that an error is Canary's. */
const errorShare = (ratio: number, requestShare: number) => ratio * requestShare / (ratio * requestShare + 1 - requestShare);

interface Truth {
  readonly ratio: number;
  readonly requestShare: number;
  readonly clusters: readonly number[];
  readonly independence: Independence;
}

/** The expected factor if the errors come in clusters of these sizes, each on one side. Exact: all divisions are enumerated. */
function expectedFactor(test: RateRatioTest, bet: number, { ratio, requestShare, clusters, independence }: Truth): number {
  const chance = errorShare(ratio, requestShare);
  const total = clusters.reduce((sum, size) => sum + size, 0);
  let sum = 0;
  for (let division = 0; division < 2 ** clusters.length; division += 1) {
    const own = clusters.map((_, index) => Math.floor(division / 2 ** index) % 2 === 1);
    const canaryErrors = clusters.reduce((errors, size, index) => errors + (own[index] ? size : 0), 0);
    const probability = own.reduce((product, isCanary) => product * (isCanary ? chance : 1 - chance), 1);
    sum += probability * Math.exp(logFactor(test, bet, { requestShare, canaryErrors, stableErrors: total - canaryErrors }, independence));
  }
  return sum;
}

describe('a bet', () => {
  it('is the formula of the documentation: r^c / (s r + 1 - s)^n', () => {
    const factor = logFactor(EQUAL, 5, { requestShare: 0.1, canaryErrors: 3, stableErrors: 4 }, 'errors');
    expect(factor).toBeCloseTo(3 * Math.log(5) - 7 * Math.log(1.4), 12);
  });

  it('of a block is that of its only error', () => {
    fc.assert(fc.property(share, limit, fc.constantFrom(0, 1), (requestShare, nullRatio, canaryErrors) => {
      const counts: ErrorCounts = { requestShare, canaryErrors, stableErrors: 1 - canaryErrors };
      const test = testOfAtMost(nullRatio);
      const of = (ratio: number, independence: Independence) => logFactor(test, ratio, counts, independence);
      for (const { ratio } of test.alternatives) expect(of(ratio, 'blocks')).toBeCloseTo(of(ratio, 'errors'), 9);
    }));
  });

  it('wins nothing on average at the limit of the null hypothesis', () => {
    const tests = fc.constantFrom(testOfAtMost, testOfAtLeast);
    fc.assert(fc.property(share, limit, independences, tests, (requestShare, nullRatio, independence, make) => {
      const test = make(nullRatio);
      const truth: Truth = { ratio: nullRatio, requestShare, clusters: [1, 1, 1, 1], independence };
      for (const { ratio } of test.alternatives) expect(expectedFactor(test, ratio, truth)).toBeCloseTo(1, 6);
    }));
  });

  it('loses on average within the null hypothesis', () => {
    const part = fc.double({ min: 0.01, max: 0.95, noNaN: true });
    fc.assert(fc.property(share, limit, part, independences, (requestShare, nullRatio, factor, independence) => {
      for (const [test, ratio] of [[testOfAtMost(nullRatio), nullRatio * factor], [testOfAtLeast(nullRatio), nullRatio / factor]] as const) {
        const truth: Truth = { ratio, requestShare, clusters: [1, 1, 1], independence };
        for (const bet of test.alternatives) expect(expectedFactor(test, bet.ratio, truth)).toBeLessThan(1);
      }
    }));
  });

  it('of a block wins nothing on average, however the errors of the block cluster', () => {
    const sizes = fc.array(fc.integer({ min: 1, max: 1000 }), { minLength: 1, maxLength: 6 });
    fc.assert(fc.property(share, limit, sizes, (requestShare, nullRatio, clusters) => {
      const test = testOfAtMost(nullRatio);
      const truth: Truth = { ratio: nullRatio, requestShare, clusters, independence: 'blocks' };
      for (const { ratio } of test.alternatives) expect(expectedFactor(test, ratio, truth)).toBeCloseTo(1, 6);
    }));
  });

  it('on each error wins if they cluster: the reason for blocks', () => {
    expect(expectedFactor(EQUAL, 5, { ratio: 1, requestShare: 0.05, clusters: [20], independence: 'errors' })).toBeGreaterThan(1000);
  });

  it('is worth nothing without errors, or without traffic on one side', () => {
    for (const independence of INDEPENDENCE) {
      expect(logFactor(EQUAL, 5, { requestShare: 0.1, canaryErrors: 0, stableErrors: 0 }, independence)).toBe(0);
      for (const requestShare of [0, 1]) expect(logFactor(EQUAL, 5, { requestShare, canaryErrors: 3, stableErrors: 3 }, independence)).toBe(0);
    }
  });
});

describe('the evidence', () => {
  it.each([EQUAL, testOfAtLeast(2)])('is 1 before the first error: the weights add up', (test) => {
    expect(logEvidence(test, test.alternatives.map(() => 0))).toBeCloseTo(0, 12);
  });

  it('of all ratios, weighted as a uniform prior does, is the closed form of Lindon and Malek', () => {
    // 30 of 200 errors are Canary's, which has 10 % of the requests: B(31, 171) / (B(1, 1) 0.1^30 0.9^170)
    const counts: ErrorCounts = { requestShare: 0.1, canaryErrors: 30, stableErrors: 170 };
    const steps = 20_000;
    const probabilities = Array.from({ length: steps }, (_, index) => (index + 0.5) / steps);
    const alternatives = probabilities.map((p) => ({ ratio: p / (1 - p) * 9, weight: 1 / steps }));
    const test: RateRatioTest = { nullRatio: 1, alternatives };
    const evidence = logEvidence(test, alternatives.map(({ ratio }) => logFactor(test, ratio, counts, 'errors')));
    const closed = logBeta(31, 171) - logBeta(1, 1) - 30 * Math.log(0.1) - 170 * Math.log(0.9);
    expect(closed).toBeCloseTo(-0.315153054195196, 10); // mpmath, 40 digits
    expect(evidence).toBeCloseTo(closed, 6);
  });

  it('does not depend on how counts are split into intervals', () => {
    fc.assert(fc.property(share, fc.array(fc.tuple(fc.nat(1000), fc.nat(1000)), { minLength: 1, maxLength: 10 }), (requestShare, parts) => {
      const at = (canaryErrors: number, stableErrors: number) => logFactor(EQUAL, 3, { requestShare, canaryErrors, stableErrors }, 'errors');
      const [canary, stable] = [0, 1].map((side) => parts.reduce((sum, part) => sum + part[side], 0));
      const split = parts.reduce((sum, [c, s]) => sum + at(c, s), 0);
      expect(Math.abs(split - at(canary, stable))).toBeLessThan(1e-8 * (1 + canary + stable));
    }));
  });

  it('is finite and exact after 10^9 errors', () => {
    const bets = EQUAL.alternatives.map(({ ratio }) => logFactor(EQUAL, ratio, { requestShare: 0.05, canaryErrors: 1e8, stableErrors: 9e8 }, 'errors'));
    // 10^8 ln 2 - 10^9 ln 1.05, the largest of the bets by far, and its weight
    expect(logEvidence(EQUAL, bets)).toBeCloseTo(1e8 * Math.log(2) - 1e9 * Math.log1p(0.05) + Math.log(0.3), 4);
    // one error more makes a difference
    const one = logFactor(EQUAL, 2, { requestShare: 0.05, canaryErrors: 1e8 + 1, stableErrors: 9e8 }, 'errors') - bets[1];
    expect(one).toBeCloseTo(Math.log(2) - Math.log1p(0.05), 5);
  });

  it('grows with each error of Canary, and falls with each of Stable', () => {
    fc.assert(fc.property(share, fc.nat(50), fc.nat(50), independences, (requestShare, canaryErrors, stableErrors, independence) => {
      const at = (more: Partial<ErrorCounts>) => {
        const counts = { requestShare, canaryErrors, stableErrors: stableErrors + 1, ...more };
        return logEvidence(EQUAL, EQUAL.alternatives.map(({ ratio }) => logFactor(EQUAL, ratio, counts, independence)));
      };
      expect(at({ canaryErrors: canaryErrors + 1 })).toBeGreaterThan(at({}));
      expect(at({ stableErrors: stableErrors + 2 })).toBeLessThanOrEqual(at({}));
    }));
  });
});
