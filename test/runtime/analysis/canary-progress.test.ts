import { AnalyzedMetricManifest } from '../../../src/contract/analysis-manifest';
import { DEFAULT_ERROR_ANALYSIS, DEFAULT_LATENCY_ANALYSIS } from '../../../src/contract/metric-analysis';
import { isShown, judgementOf, MetricProgress, nameOf, NO_PROGRESS, withNewWeight, withScrape } from '../../../src/runtime/analysis/canary-progress';
import { Scrape } from '../../../src/runtime/analysis/counters';

const metric = { kind: 'command', name: 'counters', command: { kind: 'bash', line: 'true' }, intervalMs: 5000, timeoutMs: 5000, lateMs: 60_000 } as const;
const expected = { requestsPerSecond: 1000, stableErrorRate: 0.001, canaryErrorRate: 0.05 };
const ERRORS: AnalyzedMetricManifest = { metric, errors: DEFAULT_ERROR_ANALYSIS, expected };
const SECOND = 1000;

/** The counters after so many seconds, with so many errors per second. */
function scrapeAt(second: number, canaryErrors: number, stableErrors: number, measured = second): Scrape {
  const side = (requests: number, errors: number) => ({ requests: requests * measured, errors: errors * measured, measuredAtMs: measured * SECOND });
  return { atMs: second * SECOND, canary: side(100, canaryErrors), stable: side(900, stableErrors) };
}

/** Scrapes once a second. */
function scraped(from: number, to: number, errors: [number, number], start: MetricProgress, since = 0): MetricProgress {
  let progress = start;
  for (let second = from; second <= to; second += 1) progress = withScrape(progress, scrapeAt(second, ...errors), ERRORS, since);
  return progress;
}

test('counts what happened with the current weight, for people', () => {
  const progress = scraped(0, 10, [1, 2], NO_PROGRESS);
  expect([progress.canary, progress.stable]).toEqual([{ requests: 1000, errors: 10 }, { requests: 9000, errors: 20 }]);
  expect(progress.measuredMs).toBe(10 * SECOND);
});

test('with a new weight the evidence continues, and what is counted for people begins anew', () => {
  const before = scraped(0, 14, [20, 1], NO_PROGRESS);
  const { towards } = judgementOf(before, ERRORS);
  expect(towards.rollBack).toBeGreaterThan(0);
  const after = withNewWeight(before, 10);
  expect([after.canary.requests, after.measuredMs]).toEqual([0, 0]);
  expect(judgementOf(after, ERRORS).reason).toContain('nothing was measured with this weight yet');
  const resumed = scraped(15, 16, [20, 1], after, 15 * SECOND);
  expect(judgementOf(resumed, ERRORS).towards.rollBack).toBeGreaterThanOrEqual(towards.rollBack);
});

test('what was measured before the weight changed is no baseline', () => {
  const progress = withScrape(NO_PROGRESS, scrapeAt(20, 1, 1, 9), ERRORS, 10 * SECOND);
  expect(judgementOf(progress, ERRORS)).toMatchObject({ verdict: 'inconclusive', reason: 'errors: the metric source has not measured since the weight changed' });
  expect(progress.state.baseline).toBeUndefined();
  expect(withScrape(progress, scrapeAt(21, 1, 1, 10), ERRORS, 10 * SECOND).state.baseline).toBeDefined();
});

test('a problem of the source is the reason, and no verdict, however strong the evidence was', () => {
  const bad = scraped(0, 60, [20, 1], NO_PROGRESS);
  expect(judgementOf(bad, ERRORS).verdict).toBe('rollBack');
  const blind = withScrape(bad, { atMs: 61 * SECOND, problem: 'the command ended with exit code 7' }, ERRORS, 0);
  expect(judgementOf(blind, ERRORS)).toMatchObject({ verdict: 'inconclusive', reason: 'errors: the command ended with exit code 7' });
});

test('a bad release would have been seen if enough was measured, over all weights', () => {
  const long = scraped(0, 300, [0, 1], NO_PROGRESS);
  expect([isShown(scraped(0, 5, [0, 1], NO_PROGRESS), ERRORS, 10), isShown(long, ERRORS, 10)]).toEqual([false, true]);
  const next = withNewWeight(long, 10);
  expect(isShown(next, ERRORS, 50)).toBe(true);
  // nothing is known of what is not expected
  expect(isShown(long, { metric, errors: DEFAULT_ERROR_ANALYSIS }, 10)).toBe(false);
});

test('a source without data shows nothing, however long it is read', () => {
  let progress = NO_PROGRESS;
  for (let second = 0; second < 3600; second += 5) progress = withScrape(progress, { atMs: second * SECOND }, ERRORS, 0);
  expect(isShown(progress, ERRORS, 10)).toBe(false);
});

test('a metric is called by what it judges', () => {
  expect([nameOf(ERRORS), nameOf({ metric, latency: { ...DEFAULT_LATENCY_ANALYSIS, quantile: 0.995 } })]).toEqual(['errors', 'latency (p99.5)']);
});
