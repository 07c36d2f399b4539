/** What synthesis makes of the analysis of a canary: its time limits, what it prints about detection, and what it rejects. */
import { Analysis, CanaryOptions, CanaryStep, Duration, ErrorAnalysisOptions, LatencyAnalysisOptions, Metric, Strategy, Target, WithoutVerdict } from '../../src';
import { longestForwardMs } from '../../src/contract/time-budget';
import { deliver, environment, plainProject, synthesize } from '../test-project';

const METRIC = Metric.command('./print-counters');
const STEPS = [CanaryStep.weight(5, { atLeast: Duration.minutes(2) }), CanaryStep.weight(25)];
const anything = (value: unknown) => value as never;

function canary(errors: ErrorAnalysisOptions = {}, options: Partial<CanaryOptions> = {}): Strategy {
  return Strategy.canary({ steps: STEPS, candidateUrl: 'https://{slot}.example.com', analysis: [Analysis.errors(METRIC, errors)], ...options });
}

function synthesized(strategy: Strategy) {
  const project = plainProject();
  const said: string[] = [];
  for (const level of ['info', 'warn'] as const) project.logger[level] = (...text: unknown[]) => { said.push(`${level}: ${text.join(' ')}`); };
  deliver(project, { target: Target.commands({ deploy: './deploy', setWeight: './set-weight' }), environments: [environment('production', { strategy })] });
  return { environment: synthesize(project).manifest.environments[0]!, said: said.filter((line) => line.includes('canary')).join('\n') };
}

function rejection(act: () => unknown): string {
  try {
    act();
  } catch (error) {
    expect((error as Error).name).toBe('ValidationError');
    return (error as Error).message;
  }
  throw new Error('nothing was rejected');
}

it('the manifest says how each weight is judged, and the alpha is divided among the analyses', () => {
  const { strategy } = synthesized(canary({}, { analysis: [Analysis.errors(METRIC), Analysis.latency(METRIC)] })).environment;
  expect(strategy.weights).toEqual([{ percent: 5, atLeastMs: 120_000, atMostMs: 600_000 }, { percent: 25, atLeastMs: 60_000, atMostMs: 600_000 }]);
  expect(strategy.analysis).toMatchObject({
    withoutVerdict: 'promoteIfShown',
    metrics: [{ metric: { kind: 'command' }, errors: { alpha: 0.0005 } }, { metric: { kind: 'command' }, latency: { alpha: 0.0005, quantile: 0.99 } }],
  });
});

it('a step takes at most maxDuration, by default 10 minutes or its atLeast, and the time limits count it', () => {
  const steps = [CanaryStep.weight(5, { atLeast: Duration.minutes(20) }), CanaryStep.weight(25)];
  const most = (options: Partial<CanaryOptions>) => synthesized(canary({}, { steps, ...options })).environment;
  expect(most({}).strategy.weights!.map(({ atMostMs }) => atMostMs)).toEqual([1_200_000, 1_200_000]);
  const [short, long] = [most({ maxDuration: Duration.minutes(20) }), most({ maxDuration: Duration.minutes(30) })];
  expect(longestForwardMs(long) - longestForwardMs(short)).toBe(2 * 10 * 60_000);
});

it('synthesis says how soon each weight shows a bad release', () => {
  const { said } = synthesized(canary({ expectedRequestsPerSecond: 100 }));
  expect(said).toMatch(/info: projen-delivery: the canary on 'production': at 100 requests a second and a weight of 5 %, 5 % errors take .+ to see, and .* in 1 of 100 canaries/);
  expect(said).toContain('a weight of 25 %');
  expect(said).not.toContain('warn');
});

it('a balancer that splits by request lets each error count, so a bad release is seen sooner', () => {
  const analysisOf = (errors: ErrorAnalysisOptions) => synthesized(canary({ expectedRequestsPerSecond: 100, ...errors }));
  const [each, blocks] = [analysisOf({ splitsByRequest: true }), analysisOf({ splitsByRequest: false })];
  expect(each.environment.strategy.analysis?.metrics[0]!.errors).toMatchObject({ blockMs: 0 });
  expect(blocks.environment.strategy.analysis?.metrics[0]!.errors).toMatchObject({ blockMs: 5000 });
  expect(each.said).toContain('a weight of 25 %, 5 % errors take 10 s to see');
  expect(blocks.said).not.toContain('take 10 s to see');
});

it('rare measurements show a bad release later, and synthesis says so', () => {
  const said = (interval: Duration) => {
    const analysis = [Analysis.errors(Metric.command('./print-counters', { interval }), { expectedRequestsPerSecond: 100 })];
    return synthesized(canary({}, { analysis })).said;
  };
  expect(said(Duration.seconds(1))).toMatchInlineSnapshot(`
"info: projen-delivery: the canary on 'production': at 100 requests a second and a weight of 5 %, 5 % errors take 40 s to see, and 1 min 11 s in 1 of 100 canaries
info: projen-delivery: the canary on 'production': at 100 requests a second and a weight of 25 %, 5 % errors take 59 s to see, and 1 min 6 s in 1 of 100 canaries"
`);
  expect(said(Duration.seconds(15))).toMatchInlineSnapshot(`
"info: projen-delivery: the canary on 'production': at 100 requests a second and a weight of 5 %, 5 % errors take 1 min 30 s to see, and 1 min 45 s in 1 of 100 canaries
info: projen-delivery: the canary on 'production': at 100 requests a second and a weight of 25 %, 5 % errors take 2 min 30 s to see, and 2 min 30 s in 1 of 100 canaries"
`);
});

it('a canary that cannot see a bad release in its time is rejected', () => {
  const steps = [CanaryStep.weight(5)];
  const act = () => canary({ expectedRequestsPerSecond: 1 }, { steps, maxDuration: Duration.minutes(2) });
  expect(rejection(act)).toMatch(
    /^Strategy\.canary analysis: at 1 request a second and a weight of 5 %, 5 % errors take \d+ min.* to see, and .*; its step takes at most 2 min\. Set a longer maxDuration, larger weights, or a larger badErrorRate/,
  );
  expect(() => canary({ expectedRequestsPerSecond: 1 }, { steps, maxDuration: Duration.hours(2) })).not.toThrow();
});

it('where a step may be halted because too little is measured, synthesis warns, unless an option decides', () => {
  expect(synthesized(canary()).said).toContain('is not known whether enough was measured. Set expectedRequestsPerSecond in Analysis.errors, or withoutVerdict');
  const short = { expectedRequestsPerSecond: 10 };
  const steps = [CanaryStep.weight(5, { atLeast: Duration.seconds(10) }), CanaryStep.weight(50)];
  expect(synthesized(canary(short, { steps, maxDuration: Duration.minutes(3) })).said).toMatch(/warn: .*has too little time: at 10 requests a second .* and the step takes at most 3 min/);
  expect(synthesized(canary({}, { withoutVerdict: WithoutVerdict.HALT })).said).not.toContain('warn');
});

it('a latency uses the rate that the errors expect, and synthesis says what it shows', () => {
  const both = (latency: LatencyAnalysisOptions = {}, errors: ErrorAnalysisOptions = { expectedRequestsPerSecond: 100 }) => (
    canary({}, { analysis: [Analysis.errors(METRIC, errors), Analysis.latency(METRIC, latency)] })
  );
  const { environment: { strategy }, said } = synthesized(both());
  expect(strategy.analysis?.metrics[1]!.expectedLatency).toEqual({ requestsPerSecond: 100, slowShare: 0.04 });
  expect(said).toMatch(/a weight of 5 %, 4 % of responses slower than 1\.25 times Stable's p99 take .+ to see, and .+ in 1 of 100 canaries/);
  expect(said).not.toContain('warn');
  expect(synthesized(both({ expectedRequestsPerSecond: 50, badSlowShare: 0.1 })).environment.strategy.analysis?.metrics[1]!.expectedLatency)
    .toEqual({ requestsPerSecond: 50, slowShare: 0.1 });
  // without any of it, such a step may be halted
  expect(synthesized(canary({}, { analysis: [Analysis.latency(METRIC)] })).said).toContain('Set expectedRequestsPerSecond in Analysis.latency, or withoutVerdict');
  expect(rejection(() => both({ badSlowShare: 0.1 }, {}))).toBe('Analysis.latency badSlowShare: it has no effect without expectedRequestsPerSecond. Set expectedRequestsPerSecond, or remove it');
});

it('a latency that cannot show a bad release in its time is rejected', () => {
  const act = () => canary({}, { analysis: [Analysis.latency(METRIC, { expectedRequestsPerSecond: 1 })], maxDuration: Duration.minutes(10) });
  expect(rejection(act)).toMatch(
    /^Strategy\.canary analysis: at 1 request a second and a weight of 25 %, 4 % of responses slower than 1\.25 times Stable's p99 take .* to see, and .*; all its steps together take at most 20 min\. Set a longer maxDuration, larger weights, or a larger badSlowShare in Analysis\.latency/,
  );
});

it('an analysis sees the release alone, so no warning says that only Stable is probed', () => {
  expect(synthesized(canary({ expectedRequestsPerSecond: 100 }, { candidateUrl: undefined })).said).not.toContain('warn');
});

it.each([['PROMOTE', 'promote'], ['ROLL_BACK', 'rollBack'], ['HALT', 'halt']] as const)('withoutVerdict %s', (name, word) => {
  expect(synthesized(canary({}, { withoutVerdict: WithoutVerdict[name] })).environment.strategy.analysis?.withoutVerdict).toBe(word);
});

it('a canary that takes longer than a job may with its analysis is rejected', () => {
  expect(rejection(() => synthesized(canary({}, { maxDuration: Duration.hours(3) })))).toContain('GitHub ends a job after 6 h');
});

it.each<[string, () => unknown, string]>([
  ['an empty list', () => canary({}, { analysis: [] }), 'Strategy.canary analysis: the list is empty. Add Analysis.errors('],
  ['no list', () => canary({}, { analysis: anything(Analysis.errors(METRIC)) }), 'Strategy.canary analysis: an Analysis is not a list. Write [Analysis.errors('],
  ['a metric in place of an analysis', () => canary({}, { analysis: [anything(METRIC)] }), 'Strategy.canary analysis: a Metric is not an Analysis. Write Analysis.errors('],
  ['maxDuration shorter than a step', () => canary({}, { maxDuration: Duration.minutes(1) }), 'Strategy.canary maxDuration: 1 min is shorter than the atLeast of a step, 2 min.'],
  ['maxDuration of nothing', () => canary({}, { steps: [CanaryStep.weight(5, { atLeast: Duration.millis(0) })], maxDuration: Duration.millis(0) }), 'Strategy.canary maxDuration: 0 s is shorter than 1 second.'],
  ['maxDuration as a number', () => canary({}, { maxDuration: anything(10) }), 'Strategy.canary maxDuration: 10 is not a Duration. Write Duration.minutes(10)'],
  ['block where each error counts', () => canary({ splitsByRequest: true, block: Duration.seconds(5) }), 'Analysis.errors block: it has no effect with splitsByRequest, where each error counts by itself. Remove one of them'],
  ['splitsByRequest as a text', () => canary({ splitsByRequest: anything('false') }), 'Analysis.errors splitsByRequest: \'false\' is neither true nor false.'],
  ['maxDuration without analysis', () => Strategy.canary({ steps: STEPS, maxDuration: Duration.minutes(10) }), 'Strategy.canary maxDuration: it has no effect without analysis. Add analysis: ['],
  ['withoutVerdict without analysis', () => Strategy.canary({ steps: STEPS, withoutVerdict: WithoutVerdict.HALT }), 'Strategy.canary withoutVerdict: it has no effect without analysis.'],
  ['an unknown withoutVerdict', () => canary({}, { withoutVerdict: anything('wait') }), 'Strategy.canary withoutVerdict: \'wait\' is not known. Write WithoutVerdict.PROMOTE, '],
])('%s is rejected', (_, act, message) => {
  expect(rejection(act)).toContain(message);
});
