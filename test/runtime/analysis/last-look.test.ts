import { DEFAULT_ERROR_ANALYSIS } from '../../../src/contract/metric-analysis';
import { atLeastProbability } from '../../../src/runtime/analysis/binomial';
import { lastLook } from '../../../src/runtime/analysis/last-look';

const EACH_ERROR = { ...DEFAULT_ERROR_ANALYSIS, tolerance: 0, blockMs: 0 };
const STABLE = { requests: 324_000, errors: 324 };

describe('the binomial distribution', () => {
  // scipy.stats.binom.sf(least - 1, trials, chance), SciPy 1.14
  test.each([
    [3, 3, 0.5, 0.125],
    [1, 10, 0.1, 0.6513215599],
    [0, 10, 0.1, 1],
    [11, 10, 0.1, 0],
    [60, 396, 0.1, 0.0008],
  ])('P(X >= %d of %d, each with %d) is %d', (least, trials, chance, expected) => {
    expect(atLeastProbability(least, trials, chance)).toBeCloseTo(expected, expected > 0.01 ? 9 : 3);
  });

  it('adds up to 1 with that of the others', () => {
    for (const [least, trials, chance] of [[5, 20, 0.3], [500, 1000, 0.5], [1, 1e9, 1e-9], [500_050_000, 1e9, 0.5]] as const) {
      const others = atLeastProbability(trials - least + 1, trials, 1 - chance);
      expect(atLeastProbability(least, trials, chance) + others).toBeCloseTo(1, 6);
    }
  });

  it('is that of the normal distribution for 10^9 trials', () => {
    // 3 standard deviations above the mean: 0.00135
    expect(atLeastProbability(5e8 + 3 * Math.sqrt(1e9 / 4), 1e9, 0.5)).toBeCloseTo(0.00135, 5);
  });
});

describe('the last look', () => {
  it('finds twice the errors, which the evidence for many looks often does not', () => {
    expect(lastLook({ requests: 36_000, errors: 72 }, STABLE, EACH_ERROR)).toBe(
      "errors: at the end of the canary, 72 of 396 errors are Canary's. As good a release has so many in at most 0.05 % of all canaries",
    );
  });

  it('accepts what the tolerance accepts', () => {
    expect(lastLook({ requests: 36_000, errors: 36 }, STABLE, EACH_ERROR)).toBeUndefined();
    expect(lastLook({ requests: 36_000, errors: 72 }, STABLE, { ...EACH_ERROR, tolerance: 1 })).toBeUndefined();
  });

  it('says nothing where the errors of a block depend on each other', () => {
    expect(lastLook({ requests: 36_000, errors: 36_000 }, STABLE, DEFAULT_ERROR_ANALYSIS)).toBeUndefined();
  });

  it('says nothing where one side has no requests', () => {
    expect(lastLook({ requests: 0, errors: 0 }, STABLE, EACH_ERROR)).toBeUndefined();
    expect(lastLook({ requests: 36_000, errors: 72 }, { requests: 0, errors: 0 }, EACH_ERROR)).toBeUndefined();
  });
});
