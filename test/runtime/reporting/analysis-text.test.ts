import { AnalysisReport } from '../../../src/runtime/analysis/analysis-report';
import { analysisSection, chartOf, latencyText, progressOf } from '../../../src/runtime/reporting/analysis-text';

const COUNTED = { canary: { requests: 412, errors: 3 }, stable: { requests: 8021, errors: 1, latency: 'p99 at most 250 ms' } };
const REPORT: AnalysisReport = {
  percent: 5,
  metrics: [{ name: 'errors', ...COUNTED, verdict: 'inconclusive', towards: { rollBack: 0.089, promote: 0.999 } }],
  evidence: [{ atMs: 0, rollBack: 0 }, { atMs: 60_000, rollBack: 0.5 }, { atMs: 120_000, rollBack: 0.089 }],
};

test('one line per measurement: weight, both sides, and the evidence, rounded down because 100 % is a verdict', () => {
  const [{ towards, verdict }] = REPORT.metrics as [AnalysisReport['metrics'][number]];
  expect(progressOf(5, COUNTED, [{ name: 'errors', reason: 'why', towards, verdict }])).toBe(
    '5 % of the traffic · Canary: 412 requests, 3 errors (0.73 %) · Stable: 8,021 requests, 1 error (0.012 %), p99 at most 250 ms · errors: 8 % of what a rollback needs, 99 % of what a promotion needs',
  );
});

test('without evidence the line says why', () => {
  const counted = { canary: { requests: 0, errors: 0 }, stable: { requests: 1, errors: 0 } };
  expect(progressOf(5, counted, [{ name: 'errors', reason: 'errors: the metric source has no data of Canary', towards: { rollBack: 0, promote: 0 }, verdict: 'inconclusive' }])).toBe(
    '5 % of the traffic · Canary: 0 requests, 0 errors · Stable: 1 request, 0 errors (0 %) · errors: the metric source has no data of Canary',
  );
});

test('the summary has a table, and a chart with the line of the decision', () => {
  const section = analysisSection([REPORT]);
  expect(section).toContain('| 5 % | errors | 412 requests, 3 errors (0.73 %) | 8,021 requests, 1 error (0.012 %), p99 at most 250 ms | 8 % | 99 % | no verdict |');
  expect(section).toContain(['```mermaid', 'xychart-beta', '  title "Evidence against the release: 100 % is a rollback"', '  x-axis "Minutes since the first step" 0.67 --> 2.00',
    '  y-axis "%" 0 --> 110', '  line [0, 50, 8]', '  line [100, 100, 100]', '```'].join('\n'));
  expect(analysisSection([])).toBe('');
});

test('a long canary has as many points as a chart can show, in equal distances', () => {
  const points = Array.from({ length: 1000 }, (_, index) => ({ atMs: 5000 * index, rollBack: index / 1000 }));
  const values = /line \[(.*)\]/.exec(chartOf(points)!)![1]!.split(', ').map(Number);
  expect([values.length, values[19], values.at(-1)]).toEqual([40, 49, 99]);
});

test('a single point is no chart', () => {
  expect([chartOf([]), chartOf([{ atMs: 0, rollBack: 0 }])]).toEqual([undefined, undefined]);
});

test('a quantile is known by its bucket', () => {
  const latency = { boundsMs: [100, 250], below: [90, 99], count: 100 };
  expect([latencyText('p90', 0.9, latency), latencyText('p99', 0.99, latency), latencyText('p99.9', 0.999, latency), latencyText('p99', 0.99, { ...latency, count: 0 })])
    .toEqual(['p90 at most 100 ms', 'p99 at most 250 ms', 'p99.9 more than 250 ms', undefined]);
});
