import { CanaryTraffic, TrafficOptions } from '../../../bench/canary-traffic';
import { seeded } from '../../../bench/network-loss';
import { DEFAULT_ERROR_ANALYSIS } from '../../../src/contract/metric-analysis';
import { CanaryAnalysis, CanaryState, changeWeight, observe, verdictOf, withSharedAlpha } from '../../../src/runtime/analysis/canary-analysis';
import { Counters, Scrape } from '../../../src/runtime/analysis/counters';
import { combined, judge, Judgement } from '../../../src/runtime/analysis/judgement';
import { DEFAULT_LATENCY_ANALYSIS } from '../../../src/runtime/analysis/latency-evidence';

const ERRORS: CanaryAnalysis = { errors: DEFAULT_ERROR_ANALYSIS, lateMs: 30_000 };
const TRAFFIC: TrafficOptions = { requestsPerSecond: 1000, weight: 0.05, stableErrorRate: 0.001, ratio: 1 };

/** The counters of a service, scraped once a second. */
function* scrapes(options: TrafficOptions, seed: number): Generator<Scrape & { canary: Counters; stable: Counters }> {
  const traffic = new CanaryTraffic(options, seeded(seed));
  const totals = { canary: { requests: 0, errors: 0 }, stable: { requests: 0, errors: 0 } };
  for (let atMs = 0; ; atMs += 1000) {
    yield { atMs, canary: { ...totals.canary, measuredAtMs: atMs }, stable: { ...totals.stable, measuredAtMs: atMs } };
    const next = traffic.next();
    for (const side of ['canary', 'stable'] as const) {
      totals[side] = { requests: totals[side].requests + next[side].requests, errors: totals[side].errors + next[side].errors };
    }
  }
}

interface Course {
  readonly state: CanaryState;
  readonly judgement: Judgement;
  readonly seconds: number;
}

/** Judges after each scrape, until there is a verdict. The state is stored in between, as for another process. */
function run(all: Iterable<Scrape>, analysis: CanaryAnalysis, limitS: number, start: CanaryState = {}): Course {
  let [state, seconds, judgement] = [start, -1, verdictOf(start, analysis)];
  for (const scrape of all) {
    state = JSON.parse(JSON.stringify(observe(state, scrape, analysis))) as CanaryState;
    judgement = verdictOf(state, analysis);
    seconds += 1;
    if (judgement.verdict !== 'inconclusive' || seconds >= limitS) break;
  }
  return { state, judgement, seconds };
}

describe('the verdict on errors', () => {
  it('is a rollback for a release with five times the errors', () => {
    const { judgement, seconds } = run(scrapes({ ...TRAFFIC, ratio: 5 }, 1), ERRORS, 600);
    expect(judgement).toEqual({
      verdict: 'rollBack',
      reason: 'errors: Canary is worse than Stable. As good a release shows this in at most 0.1 % of all canaries',
      towards: { rollBack: 1, promote: expect.any(Number) as number },
    });
    expect(seconds).toBeLessThan(300);
  });

  it('is a promotion for a release as good as Stable', () => {
    const { judgement } = run(scrapes(TRAFFIC, 2), ERRORS, 3000);
    expect(judgement).toMatchObject({
      verdict: 'promote', reason: 'errors: Canary is not 2 times as bad as Stable. Such a release shows this in at most 5 % of all canaries',
    });
  });

  it('is a rollback where Stable has no errors at all', () => {
    // Stable without errors, Canary with 5 %
    const traffic = [...Array(60).keys()].map((second): Scrape => ({
      atMs: 1000 * second,
      canary: { requests: 10 * second, errors: Math.floor(second / 2), measuredAtMs: 1000 * second },
      stable: { requests: 90 * second, errors: 0, measuredAtMs: 1000 * second },
    }));
    expect(run(traffic, ERRORS, 100).judgement.verdict).toBe('rollBack');
  });

  it('does not exist where neither side has errors', () => {
    expect(run(scrapes({ ...TRAFFIC, stableErrorRate: 0 }, 3), ERRORS, 300).judgement).toEqual({
      verdict: 'inconclusive', reason: 'errors: 0 % of the evidence that a rollback needs, 0 % for a promotion', towards: { rollBack: expect.closeTo(0, 9) as number, promote: 0 },
    });
  });

  it('does not follow from an outage of both sides', () => {
    const { judgement } = run(scrapes({ ...TRAFFIC, stableErrorRate: 0.9 }, 4), ERRORS, 40);
    expect(judgement).toMatchObject({ verdict: 'inconclusive', towards: { rollBack: 0 } });
  });

  it('does not follow from one client that retries, unless each error counts', () => {
    const burst = (second: number) => (second < 10 ? 0 : 20);
    const traffic = [...Array(30).keys()].map((second): Scrape => ({
      atMs: 1000 * second,
      canary: { requests: 50 * second + burst(second), errors: burst(second), measuredAtMs: 1000 * second },
      stable: { requests: 950 * second, errors: Math.floor(second / 5), measuredAtMs: 1000 * second },
    }));
    expect(run(traffic, ERRORS, 100).judgement.verdict).toBe('inconclusive');
    expect(run(traffic, { ...ERRORS, errors: { ...DEFAULT_ERROR_ANALYSIS, blockMs: 0 } }, 100).judgement.verdict).toBe('rollBack');
  });

  it('is the same if the state is stored, and another process continues', () => {
    const all = [...take(scrapes({ ...TRAFFIC, ratio: 5 }, 5), 300)];
    const half = run(all.slice(0, 20), ERRORS, 1000);
    expect(half.judgement.verdict).toBe('inconclusive');
    const [whole, continued] = [run(all, ERRORS, 1000), run(all.slice(20), ERRORS, 1000, half.state)];
    expect(continued.judgement).toEqual(whole.judgement);
    expect(continued.seconds + 20).toBe(whole.seconds);
  });
});

describe('no verdict is given', () => {
  const enough = [...take(scrapes({ ...TRAFFIC, ratio: 20 }, 6), 60)];
  const before = run(enough.slice(0, 9), ERRORS, 1000);
  const last = enough[9];

  it.each<[string, Scrape, RegExp]>([
    ['without data', { atMs: last.atMs }, /^errors: the metric source has no data of Canary$/],
    ['after a counter reset', { ...last, stable: { ...last.stable, requests: 5 } }, /^errors: the counters of Stable were reset \(requests: \d+, then 5\)$/],
    ['on late data', { ...last, atMs: last.atMs + 31_000 }, /^errors: the data of Canary are 31 s old, more than 30 s$/],
  ])('%s, although there is evidence', (_, scrape, reason) => {
    expect(before.judgement).toMatchObject({ verdict: 'inconclusive' });
    const state = observe(before.state, scrape, ERRORS);
    expect(verdictOf(state, ERRORS)).toEqual({ verdict: 'inconclusive', reason: expect.stringMatching(reason) as string, towards: { rollBack: 0, promote: 0 } });
    // and the evidence is still there when the data are
    const { judgement } = run(enough.slice(10), ERRORS, 1000, state);
    expect(judgement.verdict).toBe('rollBack');
  });

  it('from a block of which a part was not counted', () => {
    const side = (requests: number, errors: number, atMs: number): Counters => ({ requests, errors, measuredAtMs: atMs });
    const scrape = (atMs: number, errors: number, requests: number): Scrape => (
      { atMs, canary: side(requests, errors, atMs), stable: side(9 * requests, 0, atMs) }
    );
    const open = [scrape(0, 0, 100), scrape(1000, 4, 200)].reduce<CanaryState>((state, one) => observe(state, one, ERRORS), {});
    expect(open.errors?.open).toMatchObject({ canaryErrors: 4 });
    expect(observe(open, scrape(2000, 0, 10), ERRORS).errors?.open).toBeUndefined();
    // without a reset the block goes on
    expect(observe(open, { atMs: 2000 }, ERRORS).errors?.open).toMatchObject({ canaryErrors: 4 });
  });

  it('before anything was measured, or without a metric', () => {
    expect(verdictOf({}, ERRORS)).toMatchObject({ verdict: 'inconclusive', reason: 'errors: nothing was measured' });
    expect(verdictOf({}, { lateMs: 1 })).toMatchObject({ verdict: 'inconclusive', reason: 'no metric is analyzed' });
  });

  it('by a change of the weight: the evidence stays, and nothing is compared across it', () => {
    const state = changeWeight(before.state);
    expect(state).toMatchObject({ errors: { rollbackBets: before.state.errors!.rollbackBets, recent: { canary: 0, stable: 0 } } });
    expect(verdictOf(observe(state, last, ERRORS), ERRORS).reason).toBe('errors: the first measurement has nothing to be compared with');
  });
});

describe('the verdict on latency', () => {
  const LATENCY: CanaryAnalysis = { latency: { ...DEFAULT_LATENCY_ANALYSIS, quantile: 0.9 }, lateMs: 30_000 };
  const BOUNDS = [25, 50, 100, 200];
  const FAST = [0.5, 0.94, 0.996, 1];

  /** 50 and 950 responses a second. In the seconds that `slow` chooses, all responses of Canary take longer than 200 ms. */
  function* latencies(canary: readonly number[], slow: (second: number) => boolean = () => false): Generator<Scrape> {
    const totals = { canary: [0, 0, 0, 0], stable: [0, 0, 0, 0] };
    for (let second = 0; ; second += 1) {
      const side = (requests: number, below: readonly number[]): Counters => ({
        requests: requests * second,
        errors: 0,
        measuredAtMs: 1000 * second,
        latency: { boundsMs: BOUNDS, below: [...below], count: requests * second },
      });
      yield { atMs: 1000 * second, canary: side(50, totals.canary), stable: side(950, totals.stable) };
      totals.canary = totals.canary.map((sum, index) => sum + 50 * (slow(second) ? [0, 0, 0, 0] : canary)[index]);
      totals.stable = totals.stable.map((sum, index) => sum + 950 * FAST[index]);
    }
  }

  it('is a rollback for a release that is slower', () => {
    const { judgement } = run(latencies([0.2, 0.6, 0.85, 1]), LATENCY, 300);
    expect(judgement).toMatchObject({ verdict: 'rollBack', reason: expect.stringMatching(/^latency \(p90\): Canary is worse/) as string });
  });

  it('is a promotion for a release that is as fast', () => {
    expect(run(latencies(FAST), LATENCY, 1000).judgement.verdict).toBe('promote');
  });

  it('does not follow from one pause, unless all responses count as independent', () => {
    const pause = (second: number) => second >= 60 && second < 65;
    const careful = { ...LATENCY.latency!, quantile: 0.99, missRate: 1e-9 };
    expect(run(latencies(FAST, pause), { ...LATENCY, latency: careful }, 120).judgement.verdict).toBe('inconclusive');
    expect(run(latencies(FAST, pause), { ...LATENCY, latency: { ...careful, blockMs: 0 } }, 120).judgement.verdict).toBe('rollBack');
  });

  it('needs enough blocks, and histograms of both sides', () => {
    expect(run(latencies(FAST), LATENCY, 50).judgement.reason).toBe('latency (p90): too few blocks of 5 s with responses of both sides to compare');
    const without = [...take(latencies(FAST), 5)].map((scrape) => ({ ...scrape, stable: { ...scrape.stable!, latency: undefined } }));
    const both = { ...LATENCY, ...ERRORS };
    expect(run(without, both, 50).judgement.reason).toBe(
      'errors: 0 % of the evidence that a rollback needs, 0 % for a promotion; latency (p90): the metric source has no latencies of Stable');
  });
});

describe('judgements of several metrics', () => {
  const metric = { name: 'errors', alpha: 0.001, missRate: 0.05, detect: 2 };
  const good = judge(metric, { rollback: -5, promotion: 4 });
  const bad = judge({ ...metric, name: 'latency (p99)' }, { rollback: 7, promotion: -9 });
  const open = judge(metric, { rollback: 3.45387, promotion: 1 });

  it.each<[string, Judgement[], string]>([
    ['one bad metric', [good, bad, open], 'rollBack'], ['one open metric', [good, open], 'inconclusive'], ['only good metrics', [good, good], 'promote'], ['no metric', [], 'inconclusive'],
  ])('with %s', (_, judgements, verdict) => {
    expect(combined(judgements).verdict).toBe(verdict);
  });

  it('share alpha', () => {
    const latency = { ...DEFAULT_LATENCY_ANALYSIS, quantile: 0.99, alpha: 0.009 };
    expect(withSharedAlpha([ERRORS, { latency, lateMs: 1 }, { ...ERRORS, lateMs: 2 }])).toEqual([
      { errors: { ...DEFAULT_ERROR_ANALYSIS, alpha: 0.001 / 3 }, lateMs: 30_000 },
      { latency: { ...latency, alpha: 0.009 / 3 }, lateMs: 1 },
      { errors: { ...DEFAULT_ERROR_ANALYSIS, alpha: 0.001 / 3 }, lateMs: 2 },
    ]);
    expect(withSharedAlpha([ERRORS])).toEqual([ERRORS]);
  });

  it('say how far the evidence is', () => {
    expect(open.reason).toBe('errors: 49 % of the evidence that a rollback needs, 33 % for a promotion');
    expect(combined([good, open])).toMatchObject({ reason: open.reason, towards: { promote: open.towards.promote } });
  });

  it('prefer the rollback if both tests have their evidence: 1.5 times the errors', () => {
    expect(judge(metric, { rollback: 7, promotion: 9 }).verdict).toBe('rollBack');
  });
});

function* take<T>(all: Iterable<T>, count: number): Generator<T> {
  let taken = 0;
  for (const one of all) {
    if (taken >= count) return;
    yield one;
    taken += 1;
  }
}
