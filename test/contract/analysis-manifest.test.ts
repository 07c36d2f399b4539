import { AnalyzedMetricManifest, detectionsOf, longestStepMs, MeasuredPart, shownBy, trafficAt } from '../../src/contract/analysis-manifest';
import { timeToRollback } from '../../src/contract/canary-power';
import { timeToLatencyRollback } from '../../src/contract/latency-power';
import { DEFAULT_ERROR_ANALYSIS, DEFAULT_LATENCY_ANALYSIS } from '../../src/contract/metric-analysis';

const metric = { kind: 'command', name: 'counters', command: { kind: 'bash', line: 'true' }, intervalMs: 5000, timeoutMs: 5000, lateMs: 60_000 } as const;
const expected = { requestsPerSecond: 100, stableErrorRate: 0.001, canaryErrorRate: 0.05 };
const ERRORS: AnalyzedMetricManifest = { metric, errors: DEFAULT_ERROR_ANALYSIS, expected };

function times(percent: number) {
  return timeToRollback(trafficAt(expected, percent, metric), DEFAULT_ERROR_ANALYSIS);
}

test('a weight that is measured for the time of a rollback shows a bad release', () => {
  const { medianMs, p99Ms } = times(5);
  expect(shownBy(ERRORS, [{ percent: 5, ms: medianMs }]).half).toBeCloseTo(1);
  expect(shownBy(ERRORS, [{ percent: 5, ms: p99Ms }]).most).toBeCloseTo(1);
  expect(shownBy(ERRORS, [{ percent: 5, ms: p99Ms / 2 }]).most).toBeCloseTo(0.5);
});

test('the parts of several weights add up', () => {
  const parts = [{ percent: 5, ms: times(5).p99Ms / 2 }, { percent: 25, ms: times(25).p99Ms / 2 }];
  expect(shownBy(ERRORS, parts).most).toBeCloseTo(1);
});

test('fewer requests than expected show less, and more do not show more', () => {
  const { p99Ms } = times(5);
  const requests = 100 * 0.05 * p99Ms / 1000;
  const most = (canaryRequests: number) => shownBy(ERRORS, [{ percent: 5, ms: p99Ms, canaryRequests }]).most;
  expect([most(requests / 4), most(requests), most(10 * requests), most(0)].map((share) => Number(share.toFixed(6)))).toEqual([0.25, 1, 1, 0]);
});

test('what is not expected shows nothing', () => {
  const part = [{ percent: 5, ms: 1e9 }];
  expect(shownBy({ metric, errors: DEFAULT_ERROR_ANALYSIS }, part)).toEqual({ half: 0, most: 0 });
  expect(shownBy({ metric, latency: LATENCY.latency }, part)).toEqual({ half: 0, most: 0 });
});

const expectedLatency = { requestsPerSecond: 100, slowShare: 0.04 };
const LATENCY = { metric, latency: { ...DEFAULT_LATENCY_ANALYSIS, quantile: 0.99 }, expectedLatency } satisfies AnalyzedMetricManifest;

test('a latency that is measured for the time of a rollback shows a bad release, and its parts add up', () => {
  const timesOf = (percent: number) => timeToLatencyRollback({ ...expectedLatency, weight: percent / 100, scrapeMs: 5000 }, LATENCY.latency);
  expect(shownBy(LATENCY, [{ percent: 10, ms: timesOf(10).medianMs }]).half).toBeCloseTo(1);
  const parts: MeasuredPart[] = [{ percent: 10, ms: timesOf(10).p99Ms / 2 }, { percent: 25, ms: timesOf(25).p99Ms / 2 }];
  expect(shownBy(LATENCY, parts).most).toBeCloseTo(1);
  // half as many responses that count show half as much
  expect(shownBy(LATENCY, [{ ...parts[0]!, canaryRequests: 10 * parts[0]!.ms / 1000 / 2 }]).most).toBeCloseTo(0.25);
});

test('a step takes its atLeast, or longer until there is a verdict', () => {
  expect([longestStepMs({ atLeastMs: 5 }), longestStepMs({ atLeastMs: 5, atMostMs: 7 })]).toEqual([5, 7]);
});

test('each weight has a sentence about the latency that it shows', () => {
  const [, second] = detectionsOf({ metrics: [LATENCY], withoutVerdict: 'halt' }, [{ percent: 5 }, { percent: 10 }]);
  expect(second).toBe('at 100 requests a second and a weight of 10 %, 4 % of responses slower than 1.25 times Stable\'s p99 take 1 min 30 s to see, and 3 min 10 s in 1 of 100 canaries');
});

test('each weight has a sentence about what it shows', () => {
  const all = detectionsOf({ metrics: [ERRORS, { metric, errors: DEFAULT_ERROR_ANALYSIS }], withoutVerdict: 'halt' }, [{ percent: 5 }, { percent: 25 }]);
  expect(all.map((text) => /a weight of (\d+) %, 5 % errors take/.exec(text)?.[1])).toEqual(['5', '25']);
});
