/** What Analysis makes of its options, and what it rejects, with option, value and fix. */
import { Analysis, Duration, LatencyAnalysisOptions, Metric } from '../../src';

const METRIC = Metric.command('./print-counters');
const anything = (value: unknown) => value as never;

function rejection(act: () => unknown): string {
  try {
    act();
  } catch (error) {
    expect((error as Error).name).toBe('ValidationError');
    return (error as Error).message;
  }
  throw new Error('nothing was rejected');
}

it('the defaults of errors are those of the statistics, and nothing is expected of the traffic', () => {
  const { errors, expected, latency } = Analysis.errors(METRIC)._manifest;
  expect(errors).toEqual({ alpha: 0.001, missRate: 0.05, tolerance: 0.1, detect: 2, blockMs: 5000 });
  expect([expected, latency]).toEqual([undefined, undefined]);
});

it('errors with all options', () => {
  const { errors, expected } = Analysis.errors(METRIC, {
    alpha: 0.01,
    missRate: 0.1,
    tolerance: 0.5,
    detect: 3,
    block: Duration.seconds(20),
    expectedRequestsPerSecond: 200,
    expectedErrorRate: 0.002,
    badErrorRate: 0.02,
  })._manifest;
  expect(errors).toEqual({ alpha: 0.01, missRate: 0.1, tolerance: 0.5, detect: 3, blockMs: 20_000 });
  expect(expected).toEqual({ requestsPerSecond: 200, stableErrorRate: 0.002, canaryErrorRate: 0.02 });
});

it('latency is the 99th percentile by default', () => {
  expect(Analysis.latency(METRIC)._manifest.latency)
    .toEqual({ alpha: 0.001, missRate: 0.05, tolerance: 0.25, detect: 2, blockMs: 5000, quantile: 0.99 });
  expect(Analysis.latency(METRIC, { quantile: 0.5, detect: 4 })._manifest.latency).toMatchObject({ quantile: 0.5, detect: 4 });
  const expected = (options: LatencyAnalysisOptions) => (
    Analysis.latency(METRIC, { expectedRequestsPerSecond: 100, ...options })._manifest.expectedLatency
  );
  const all = [{}, { quantile: 0.9 }, { quantile: 0.5 }, { badSlowShare: 0.02 }].map(expected);
  expect(all.map((one) => one?.slowShare)).toEqual([0.04, 0.4, 0.75, 0.02]);
});

it.each<[string, () => unknown, string]>([
  ['a metric that is none', () => Analysis.errors(anything('./print-counters')), 'Analysis.errors metric: \'./print-counters\' is not a Metric. Write Metric.command('],
  ['no metric', () => Analysis.latency(anything(undefined)), 'Analysis.latency metric: undefined is not a Metric.'],
  ['alpha of 0', () => Analysis.errors(METRIC, { alpha: 0 }), 'Analysis.errors alpha: 0 is not between 0 and 1. Set for example 0.001'],
  ['alpha in per cent', () => Analysis.errors(METRIC, { alpha: 5 }), 'Analysis.errors alpha: 5 is not between 0 and 1.'],
  ['missRate of 1', () => Analysis.latency(METRIC, { missRate: 1 }), 'Analysis.latency missRate: 1 is not between 0 and 1. Set for example 0.05'],
  ['a negative tolerance', () => Analysis.errors(METRIC, { tolerance: -0.1 }), 'Analysis.errors tolerance: -0.1 is not a share of 0 or more. Set for example 0.1'],
  ['a tolerance as text', () => Analysis.errors(METRIC, { tolerance: anything('0.1') }), 'Analysis.errors tolerance: \'0.1\' is not a share'],
  ['detect within the tolerance', () => Analysis.errors(METRIC, { tolerance: 1, detect: 2 }), 'Analysis.errors detect: 2 is not larger than 1 + tolerance, which is 2. Set for example 4'],
  ['a short block', () => Analysis.errors(METRIC, { block: Duration.millis(999) }), 'Analysis.errors block: 999 ms is shorter than 1 second. Set Duration.seconds(5)'],
  ['a block that is a number', () => Analysis.errors(METRIC, { block: anything(5) }), 'Analysis.errors block: 5 is not a Duration.'],
  ['a slow share of a good release', () => Analysis.latency(METRIC, { badSlowShare: 0.01 }), 'Analysis.latency badSlowShare: 0.01 is not more than 1 - quantile, which is 0.01: a good release may have as many slow responses. Set a share that only a bad release has'],
  ['a slow share in per cent', () => Analysis.latency(METRIC, { badSlowShare: 4 }), 'Analysis.latency badSlowShare: 4 is not between 0 and 1. Set for example 0.04'],
  ['no requests for a latency', () => Analysis.latency(METRIC, { expectedRequestsPerSecond: -1 }), 'Analysis.latency expectedRequestsPerSecond: -1 is not a number of requests.'],
  ['a quantile in per cent', () => Analysis.latency(METRIC, { quantile: 99 }), 'Analysis.latency quantile: 99 is not between 0 and 1. Set for example 0.99, the 99th percentile'],
  ['no requests', () => Analysis.errors(METRIC, { expectedRequestsPerSecond: 0 }), 'Analysis.errors expectedRequestsPerSecond: 0 is not a number of requests.'],
  ['an error rate in per cent', () => Analysis.errors(METRIC, { expectedRequestsPerSecond: 10, expectedErrorRate: 1 }), 'Analysis.errors expectedErrorRate: 1 is not between 0 and 1.'],
  ['a bad rate that is tolerated', () => Analysis.errors(METRIC, { expectedRequestsPerSecond: 10, expectedErrorRate: 0.01, badErrorRate: 0.011 }), 'Analysis.errors badErrorRate: 0.011 is tolerated'],
  ['a rate without requests', () => Analysis.errors(METRIC, { badErrorRate: 0.1 }), 'Analysis.errors badErrorRate: it has no effect without expectedRequestsPerSecond. Set expectedRequestsPerSecond, or remove it'],
])('%s is rejected', (_, act, message) => {
  expect(rejection(act)).toContain(message);
});
