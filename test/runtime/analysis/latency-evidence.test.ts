import { MetricInterval } from '../../../src/runtime/analysis/counters';
import { logEvidenceOfFaster, logEvidenceOfSlower } from '../../../src/runtime/analysis/latency-comparison';
import {
  DEFAULT_LATENCY_ANALYSIS, expectedShare, LatencyAnalysis, LatencyEvidence, logLatencyEvidence, noLatencyEvidence, withLatency,
  withoutOpenLatencyBlock,
} from '../../../src/runtime/analysis/latency-evidence';

const ANALYSIS: LatencyAnalysis = { ...DEFAULT_LATENCY_ANALYSIS, quantile: 0.9 };
const BOUNDS = [100, 200];
const NONE = noLatencyEvidence(BOUNDS);

/** A second with 50 responses of Canary and 100 of Stable; the same share of both took at most the bounds. */
function second(index: number, [canary, stable] = [50, 100]): MetricInterval {
  const side = (count: number) => ({ requests: count, errors: 0, latency: { boundsMs: BOUNDS, below: [0.92 * count, count], count } });
  return { fromMs: 1000 * index, toMs: 1000 * (index + 1), canary: side(canary), stable: side(stable) };
}

function after(seconds: number, counts?: [number, number], analysis = ANALYSIS): LatencyEvidence {
  return Array.from({ length: seconds }, (_, index) => second(index, counts)).reduce((evidence, one) => withLatency(evidence, one, analysis), NONE);
}

describe('a block', () => {
  it('is complete after its time, and not before', () => {
    expect([4, 5, 9, 10].map((seconds) => after(seconds).canary.blocks)).toEqual([0, 1, 1, 2]);
    expect([after(5).canary.count, after(5).stable.count, after(5).open]).toEqual([250, 500, undefined]);
  });

  it('is each interval where all responses count as independent', () => {
    expect(after(3, undefined, { ...ANALYSIS, blockMs: 0 }).canary.blocks).toBe(3);
  });

  it('that is open can be dropped: a part of it was not counted', () => {
    const dropped = withoutOpenLatencyBlock(after(8));
    expect([dropped.canary, dropped.open]).toEqual([after(5).canary, undefined]);
  });
});

describe('too few blocks', () => {
  it('are no evidence, on either side: at least 12 are needed', () => {
    expect([59, 60].map((seconds) => logLatencyEvidence(after(seconds), ANALYSIS) !== undefined)).toEqual([false, true]);
    for (const counts of [[0, 100], [50, 0]] as [number, number][]) expect(logLatencyEvidence(after(60, counts), ANALYSIS)).toBeUndefined();
  });

  it('count as nothing that was expected', () => {
    expect([expectedShare(after(59), ANALYSIS), expectedShare(after(60), ANALYSIS)]).toEqual([0, 1]);
  });
});

it('buckets that cannot show a slower release count as nothing that was expected', () => {
  // Stable's quantile is at most 100 ms: 25 % more is within 200 ms, three times as much is in no bucket
  expect([0.25, 1, 2].map((tolerance) => expectedShare(after(60), { ...ANALYSIS, tolerance }))).toEqual([1, 1, 0]);
});

describe('a bound that is just so many times another one', () => {
  const canary = { count: 1000, below: [500, 800, 1000] };
  const stable = { count: 10_000, below: [9_600, 9_900, 10_000] };
  const comparison = { quantile: 0.9, boundsMs: [100, 125, 400], canary, stable, tuning: { sampleSize: 1000, alpha: 0.001 } };

  it('shows what is slower: of Canary too few took at most that', () => {
    expect(logEvidenceOfSlower(comparison, 1.25)).toBe(logEvidenceOfSlower(comparison, 1.2));
    expect(logEvidenceOfSlower(comparison, 1.25)).toBeGreaterThan(logEvidenceOfSlower(comparison, 1.26));
  });

  it('shows what is faster: of Canary enough took at most that', () => {
    const swapped = { ...comparison, canary: { count: 1000, below: [990, 1000, 1000] }, stable: { count: 10_000, below: [100, 200, 9_990] } };
    expect(logEvidenceOfFaster(swapped, 0.8)).toBe(logEvidenceOfFaster(swapped, 0.9));
    expect(logEvidenceOfFaster(swapped, 0.8)).toBeGreaterThan(logEvidenceOfFaster(swapped, 0.79));
  });
});
