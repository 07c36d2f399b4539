/** Healthy canaries that are judged all the time. `npm run bench -- k` has more of them, and longer ones. The seeds are fixed. */
import { badCanaries, healthyCanaries } from '../../../bench/canary-simulation';
import { poisson } from '../../../bench/canary-traffic';
import { Random, seeded } from '../../../bench/network-loss';
import { LatencyCounts } from '../../../src/runtime/analysis/counters';
import { DEFAULT_LATENCY_ANALYSIS, LatencyAnalysis, logLatencyEvidence, noLatencyEvidence, withLatency } from '../../../src/runtime/analysis/latency-evidence';

describe('errors of healthy releases', () => {
  it('lead to no rollback if they are independent, where a z-test alarms often', () => {
    const { alarms } = healthyCanaries({ requestsPerSecond: 20, weight: 0.1, stableErrorRate: 0.001, ratio: 1 }, 60, seeded(1));
    expect(alarms).toMatchObject({ default: 0, eachError: 0 });
    expect(alarms.zTest).toBeGreaterThan(8);
  });

  it('lead to no rollback if they come in bursts, where counting each error does', () => {
    const bursts = { errors: 20, seconds: 3 };
    const { alarms } = healthyCanaries({ requestsPerSecond: 50, weight: 0.05, stableErrorRate: 0.001, ratio: 1, bursts }, 40, seeded(2));
    expect(alarms.default).toBe(0);
    expect(alarms.eachError).toBeGreaterThan(2);
  });

  it('lead to no rollback if long bursts of many clients overlap: a rest after each block', () => {
    const bursts = { errors: 20, seconds: 5 };
    const { alarms } = healthyCanaries({ requestsPerSecond: 1000, weight: 0.5, stableErrorRate: 0.01, ratio: 1, bursts }, 6, seeded(4));
    expect(alarms.default).toBe(0);
  });

  it('lead to no rollback if they come in bursts, and each request gets a side of its own: each error may count', () => {
    const bursts = { errors: 20, seconds: 10, isSplitByRequest: true };
    const { alarms } = healthyCanaries({ requestsPerSecond: 50, weight: 0.05, stableErrorRate: 0.001, ratio: 1, bursts }, 60, seeded(5));
    expect(alarms).toMatchObject({ default: 0, eachError: 0 });
  });

  it('are found soon if the release is bad, and rarely promoted before', () => {
    const { foundAfter, promotedFirst } = badCanaries({ requestsPerSecond: 100, weight: 0.1, stableErrorRate: 0.001, ratio: 10 }, 30, seeded(3));
    expect(Math.max(...foundAfter.default)).toBeLessThan(600);
    expect(promotedFirst).toBe(0);
  });
});

describe('latencies of healthy releases', () => {
  const BOUNDS = [10, 25, 50, 100, 250];
  /** The shares of the buckets, the one above all bounds included. The 99th percentile is between 50 and 100 ms. */
  const SHARES = [0.5, 0.3, 0.15, 0.045, 0.005, 0];
  const ANALYSIS: LatencyAnalysis = { ...DEFAULT_LATENCY_ANALYSIS, quantile: 0.99 };
  interface Traffic {
    readonly canary?: readonly number[];
    /** The share of the blocks. */
    readonly pauses?: number;
  }

  const CANARIES = 20;
  const BLOCKS = 60;

  /** The counts of a block of 5 s. In a pause, all responses are slow. */
  function block(requests: number, shares: readonly number[], isPaused: boolean, random: Random): LatencyCounts {
    const buckets = (isPaused ? [0, 0, 0, 0, 0, 1] : shares).map((share) => poisson(requests * share, random));
    const sums = buckets.map((_, index) => buckets.slice(0, index + 1).reduce((sum, count) => sum + count, 0));
    return { boundsMs: BOUNDS, below: sums.slice(0, -1), count: sums[BOUNDS.length] };
  }

  /** How many canaries are taken back within 5 minutes, and how many are promoted. */
  function judged(analysis: LatencyAnalysis, { canary = SHARES, pauses = 0 }: Traffic, seed: number) {
    const random = seeded(seed);
    const counted = { rollBack: 0, promote: 0 };
    for (let number = 0; number < CANARIES; number += 1) {
      let evidence = noLatencyEvidence(BOUNDS);
      const reached = { rollBack: false, promote: false };
      for (let index = 0; index < BLOCKS; index += 1) {
        const side = (requests: number, shares: readonly number[]) => (
          { requests, errors: 0, latency: block(requests, shares, random() < pauses, random) }
        );
        const interval = { fromMs: 5000 * index, toMs: 5000 * (index + 1), canary: side(100, canary), stable: side(900, SHARES) };
        evidence = withLatency(evidence, interval, analysis);
        const log = logLatencyEvidence(evidence, analysis);
        if (log && log.rollback >= -Math.log(analysis.alpha)) reached.rollBack = true;
        if (log && log.promotion >= -Math.log(analysis.missRate)) reached.promote = true;
      }
      counted.rollBack += reached.rollBack ? 1 : 0;
      counted.promote += reached.promote ? 1 : 0;
    }
    return counted;
  }

  it('lead to no rollback if they are independent', () => {
    expect(judged(ANALYSIS, {}, 4).rollBack).toBe(0);
  });

  it('lead to no rollback if pauses make many responses slow at once, where counting each response does', () => {
    // 1 % of the blocks: the 99th percentile of both sides is just as high
    expect(judged(ANALYSIS, { pauses: 0.009 }, 5).rollBack).toBe(0);
    expect(judged({ ...ANALYSIS, blockMs: 0 }, { pauses: 0.009 }, 5).rollBack).toBeGreaterThan(1);
  });

  it('are found if 4 % of the responses are slower', () => {
    expect(judged(ANALYSIS, { canary: [0.5, 0.3, 0.15, 0.01, 0, 0.04] }, 6)).toEqual({ rollBack: CANARIES, promote: 0 });
  });
});
