/** The judges that our own is compared with, re-implemented: each does what its documentation says, and what its own tests expect. */
import { ArgoRollouts } from '../../bench/judges/argo-rollouts';
import { Flagger } from '../../bench/judges/flagger';
import { CanaryJudge } from '../../bench/judges/judge';
import { isHigh, Kayenta } from '../../bench/judges/kayenta';
import { shiftBetween } from '../../bench/judges/mann-whitney';
import { ZTest } from '../../bench/judges/z-test';

const Z_95 = 1.959964;

/** Until a rollback, where Canary has this share of errors in each second. Stable has 0.1 % of 900 requests a second. */
function rolledBackAfter(judge: CanaryJudge, errorShare: (second: number) => number): number {
  for (let second = 0; second < 3600; second += 1) {
    const errors = Math.floor(100 * errorShare(second));
    // Stable's errors vary a little from minute to minute
    const stableErrors = second % 10 < 9 || second % 600 === 599 ? 1 : 0;
    const [canary, stable] = [{ requests: 100, errors }, { requests: 900, errors: stableErrors }];
    judge.see({ fromMs: 1000 * second, toMs: 1000 * (second + 1), canary, stable });
  }
  return judge.rolledBackAfter;
}

describe("Kayenta's Mann-Whitney test", () => {
  // figures of its own MannWhitneySuite; the second ones are R's
  it('has the published interval of a small sample', () => {
    const { lower, upper, estimate } = shiftBetween([10, 20, 30, 40], [1, 2, 3, 4], Z_95);
    expect(lower).toBeCloseTo(6, 5);
    expect(upper).toBeCloseTo(39, 5);
    expect(estimate).toBeGreaterThan(17);
    expect(estimate).toBeLessThan(28);
  });

  it("has R's interval of samples with ties", () => {
    const control = [
      1.5, 6, 5, 2.5, 2.5, 2, 2, 3.5, 3, 3, 3, 2, 3, 8, 4, 2.5, 3, 2.5, 2.5, 2, 2.5, 2, 2, 2.5, 3.5, 3, 1.5, 5, 2.5, 5.5,
      2, 2.5, 3.5, 2, 2.5, 4, 2, 2, 2, 2, 5.5, 4.5, 4, 3, 3, 3.5, 2.5, 3, 2.5, 4, 6, 2, 5, 6, 3.5, 3, 54.5, 3, 5, 6,
      3.5, 4.5, 2.5, 2, 6, 5, 2.5, 3.5, 2, 3, 2.5, 3.5, 3.5, 2.5, 3, 4.5, 3, 15.5, 5, 2.5, 3, 4, 3.5, 4, 4, 2, 4.5, 2.5, 4, 3,
    ];
    const experiment = [
      2.5, 2.5, 2, 2.5, 3.5, 2, 3.5, 1.5, 3, 3, 2.5, 3.5, 2, 2.5, 2, 2, 5, 3, 2, 1.5, 2, 4, 3, 2.5, 3, 2, 2, 2, 2.5, 3.5,
      1.5, 1.5, 3.5, 2, 2.5, 2.5, 3, 3.5, 2.5, 6.5, 2.5, 4, 2.5, 3, 2.5, 6.5, 2.5, 3, 1.5, 2, 2.5, 3, 7.5, 1.5, 2, 4, 2.5, 2, 2.5, 3.5,
      4, 2.5, 3, 2.5, 2, 3.5, 3, 16.5, 3, 3, 7, 4.5, 5, 2, 3.5, 6, 1.5, 3, 2.5, 4, 3, 1.5, 5, 3, 2.5, 5.5, 3, 1.5, 2.5, 6,
    ];
    const { lower, upper, estimate } = shiftBetween(experiment, control, Z_95);
    expect(lower).toBeCloseTo(-0.500002521696696, 4);
    expect(upper).toBeCloseTo(-3.486287505871302e-5, 4);
    expect(estimate).toBeCloseTo(-0.4999393907180323, 3);
  });

  it('judges high only what is higher by more than its tolerance', () => {
    const values = Array.from({ length: 60 }, (_, index) => 10 + index % 7);
    expect(isHigh(values.map((value) => 2 * value), values)).toBe(true);
    expect(isHigh(values.map((value) => value / 2), values)).toBe(false);
    expect(isHigh(values, values)).toBe(false);
    expect(isHigh([], values)).toBe(false);
    expect(isHigh([0, 0, 0], [0, 0, 0])).toBe(false);
  });
});

describe('a judge', () => {
  it.each<[string, () => CanaryJudge, number]>([
    ['Kayenta: at the end of the hour', () => new Kayenta(), 3600],
    ['Flagger: interval x threshold', () => new Flagger(), 600],
    ['Argo Rollouts: the fourth failed measurement', () => new ArgoRollouts(), 1200],
    ['the z-test: from ten errors on', () => new ZTest(), 1],
  ])('takes an outage back: %s', (_, make, after) => {
    expect(rolledBackAfter(make(), () => 1)).toBe(after);
  });

  it.each<[string, () => CanaryJudge]>([
    ['Kayenta', () => new Kayenta()], ['Flagger', () => new Flagger()], ['Argo Rollouts', () => new ArgoRollouts()], ['the z-test', () => new ZTest()],
  ])('takes no release back that has no errors: %s', (_, make) => {
    expect(rolledBackAfter(make(), () => 0)).toBe(Infinity);
  });

  it('Flagger and Argo Rollouts: does not take a failed check back, and sees nothing below its fixed limit', () => {
    // 2 % in every second minute
    expect(rolledBackAfter(new Flagger(), (second) => (Math.floor(second / 60) % 2 === 0 ? 0.02 : 0))).toBe(19 * 60);
    expect(rolledBackAfter(new Flagger(), () => 0.01)).toBe(Infinity);
    expect(rolledBackAfter(new ArgoRollouts(), () => 0.04)).toBe(Infinity);
    expect(rolledBackAfter(new ArgoRollouts(), () => 0.06)).toBe(1200);
  });
});
