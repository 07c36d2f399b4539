import { CanaryTraffic, TrafficOptions } from './canary-traffic';
import { Figure, Measurement, Outcome, Table } from './measurement';
import { Random, seeded } from './network-loss';
import { binomialInterval, quantile } from './statistics';
import { Plot } from './svg-plot';
import { timeToPromotion, timeToRollback } from '../src/contract/canary-power';
import { DEFAULT_ERROR_ANALYSIS, ErrorAnalysis } from '../src/contract/error-analysis';
import { logErrorEvidence, noErrorEvidence, withErrors } from '../src/runtime/analysis/error-evidence';
import { MetricInterval } from '../src/runtime/analysis/metric-interval';

const HEALTHY = 1500;
const BAD = 300;
const HOUR_MS = 3_600_000;
const SEED = 20_261_128;
const CONFIDENCE = 0.99;
/** Each error counts. */
const PLAIN: ErrorAnalysis = { ...DEFAULT_ERROR_ANALYSIS, blockMs: 0 };
/** One-sided, at 5 %. */
const Z_95 = 1.6449;
/** With fewer errors, even a textbook does not use the z-test. */
const FEWEST_ERRORS = 10;

const HEALTHY_TRAFFIC: readonly TrafficOptions[] = [
  ...[1, 10, 100, 1000].flatMap((requestsPerSecond) => (
    [0.001, 0.01].map((stableErrorRate) => ({ requestsPerSecond, stableErrorRate, weight: 0.05, ratio: 1 }))
  )),
  ...[{ errors: 5, seconds: 2 }, { errors: 20, seconds: 3 }, { errors: 20, seconds: 5 }, { errors: 20, seconds: 10 }].flatMap((bursts) => (
    [0.05, 0.5].map((weight) => ({ requestsPerSecond: 100, stableErrorRate: 0.001, weight, ratio: 1, bursts }))
  )),
];
const BAD_TRAFFIC: readonly TrafficOptions[] = [
  ...[100, 1000].flatMap((requestsPerSecond) => [2, 5, 50].map((ratio) => ({ requestsPerSecond, stableErrorRate: 0.001, weight: 0.05, ratio }))),
  ...[10, 50].map((ratio) => ({ requestsPerSecond: 100, stableErrorRate: 0.001, weight: 0.1, ratio })),
];

export interface HealthyCase extends TrafficOptions {
  readonly canaries: number;
  /** How many were taken back by each judge. */
  readonly alarms: { readonly default: number; readonly plain: number; readonly zTest: number };
  /** Until the default judge promotes, in seconds; Infinity for those it does not promote in an hour. */
  readonly promotedAfter: readonly number[];
}

export interface BadCase extends TrafficOptions {
  readonly canaries: number;
  /** Until a rollback, in seconds; Infinity for those that are not found in an hour. */
  readonly foundAfter: { readonly default: readonly number[]; readonly plain: readonly number[] };
  /** How many the default judge would have promoted before. */
  readonly promotedFirst: number;
}

/** (k) How many healthy canaries are taken back although they are judged every second, and how soon bad ones are. */
export const canaryVerdicts: Measurement = {
  letter: 'k',
  name: 'canary-verdicts',
  title: `canaries of one hour, judged every second: ${HEALTHY.toLocaleString('en')} healthy and ${BAD.toLocaleString('en')} bad ones a case`,

  run(say) {
    const random = seeded(SEED);
    const healthy = HEALTHY_TRAFFIC.map((traffic) => {
      say(`healthy: ${describe(traffic)}`);
      return healthyCanaries(traffic, HEALTHY, random);
    });
    const bad = BAD_TRAFFIC.map((traffic) => {
      say(`${traffic.ratio} times the errors: ${describe(traffic)}`);
      return badCanaries(traffic, BAD, random);
    });
    return Promise.resolve(report(healthy, bad));
  },
};

export function healthyCanaries(traffic: TrafficOptions, canaries: number, random: Random): HealthyCase {
  const alarms = { default: 0, plain: 0, zTest: 0 };
  const promotedAfter: number[] = [];
  for (let canary = 0; canary < canaries; canary += 1) {
    const judges = { default: new Judge(DEFAULT_ERROR_ANALYSIS), plain: new Judge(PLAIN), zTest: new ZTest() };
    const all = new CanaryTraffic(traffic, random);
    for (const interval of anHour(all)) for (const judge of [judges.default, judges.plain, judges.zTest]) judge.see(interval);
    for (const name of ['default', 'plain', 'zTest'] as const) alarms[name] += judges[name].rolledBackAfter < Infinity ? 1 : 0;
    promotedAfter.push(judges.default.promotedAfter);
  }
  return { ...traffic, canaries, alarms, promotedAfter };
}

export function badCanaries(traffic: TrafficOptions, canaries: number, random: Random): BadCase {
  const foundAfter: { default: number[]; plain: number[] } = { default: [], plain: [] };
  let promotedFirst = 0;
  for (let canary = 0; canary < canaries; canary += 1) {
    const [blocks, plain] = [new Judge(DEFAULT_ERROR_ANALYSIS), new Judge(PLAIN)];
    const all = new CanaryTraffic(traffic, random);
    for (const interval of anHour(all)) {
      blocks.see(interval);
      plain.see(interval);
      if (Math.max(blocks.rolledBackAfter, plain.rolledBackAfter) < Infinity) break;
    }
    foundAfter.default.push(blocks.rolledBackAfter);
    foundAfter.plain.push(plain.rolledBackAfter);
    promotedFirst += blocks.promotedAfter < blocks.rolledBackAfter ? 1 : 0;
  }
  return { ...traffic, canaries, foundAfter, promotedFirst };
}

function* anHour(traffic: CanaryTraffic): Generator<MetricInterval> {
  for (let interval = traffic.next(); interval.toMs <= HOUR_MS; interval = traffic.next()) yield interval;
}

/** The runtime's own judge. It looks on after a verdict, so that each of both is seen. */
class Judge {
  public rolledBackAfter = Infinity;
  public promotedAfter = Infinity;
  private evidence;

  constructor(private readonly analysis: ErrorAnalysis) {
    this.evidence = noErrorEvidence(analysis);
  }

  public see(interval: MetricInterval): void {
    if (this.rolledBackAfter < Infinity) return;
    const { rollbackBets } = this.evidence;
    this.evidence = withErrors(this.evidence, interval, this.analysis);
    if (this.evidence.rollbackBets === rollbackBets) return;
    const { rollback, promotion } = logErrorEvidence(this.evidence, this.analysis);
    if (rollback >= -Math.log(this.analysis.alpha)) this.rolledBackAfter = interval.toMs / 1000;
    if (promotion >= -Math.log(this.analysis.missRate)) this.promotedAfter = Math.min(this.promotedAfter, interval.toMs / 1000);
  }
}

/** What many do: the test of two proportions, which allows one look, at every second. */
class ZTest {
  public rolledBackAfter = Infinity;
  private readonly canary = { requests: 0, errors: 0 };
  private readonly stable = { requests: 0, errors: 0 };

  public see({ toMs, canary, stable }: MetricInterval): void {
    for (const [sum, { requests, errors }] of [[this.canary, canary], [this.stable, stable]] as const) {
      sum.requests += requests;
      sum.errors += errors;
    }
    const errors = this.canary.errors + this.stable.errors;
    if (this.rolledBackAfter < Infinity || errors < FEWEST_ERRORS || this.canary.requests === 0) return;
    const pooled = errors / (this.canary.requests + this.stable.requests);
    const deviation = Math.sqrt(pooled * (1 - pooled) * (1 / this.canary.requests + 1 / this.stable.requests));
    const difference = this.canary.errors / this.canary.requests - this.stable.errors / this.stable.requests;
    if (difference > Z_95 * deviation) this.rolledBackAfter = toMs / 1000;
  }
}

function report(healthy: readonly HealthyCase[], bad: readonly BadCase[]): Outcome {
  return {
    figures: figures(healthy, bad),
    table: tableOf(healthy, bad),
    notes: [
      `The runtime's own statistics with their defaults (alpha ${DEFAULT_ERROR_ANALYSIS.alpha}, tolerance ${DEFAULT_ERROR_ANALYSIS.tolerance}, detect ${DEFAULT_ERROR_ANALYSIS.detect}, `
      + `blocks of ${DEFAULT_ERROR_ANALYSIS.blockMs / 1000} s); "each error" is the same without blocks. The seed is fixed. All judges see the same traffic, scraped once a second.`,
      'Bursts: geometrically distributed numbers of errors of one client, all on the same side, spread over the given time, so that some cross the border of two blocks.',
      `The z-test: one-sided, at 5 %, from ${FEWEST_ERRORS} errors on. Healthy canaries are watched for the whole hour, also after a promotion. `
      + `"So at most": with ${100 * CONFIDENCE} % confidence.`,
    ],
    data: {
      healthy: healthy.map(({ promotedAfter, ...one }) => ({ ...one, promoted: times(promotedAfter) })),
      bad: bad.map(({ foundAfter, ...one }) => ({ ...one, found: { default: times(foundAfter.default), plain: times(foundAfter.plain) } })),
    },
    plot: plot(bad),
  };
}

function figures(healthy: readonly HealthyCase[], bad: readonly BadCase[]): Figure[] {
  const { alpha, missRate } = DEFAULT_ERROR_ANALYSIS;
  const independent = healthy.filter(({ bursts }) => !bursts);
  const isLong = ({ bursts }: TrafficOptions) => bursts !== undefined && 1000 * bursts.seconds > DEFAULT_ERROR_ANALYSIS.blockMs;
  const [short, long] = [healthy.filter((one) => one.bursts && !isLong(one)), healthy.filter(isLong)];
  const total = (cases: readonly HealthyCase[], judge: keyof HealthyCase['alarms']) => ({
    hits: cases.reduce((sum, { alarms }) => sum + alarms[judge], 0), trials: cases.reduce((sum, { canaries }) => sum + canaries, 0),
  });
  const ofAlarms = (what: string, cases: readonly HealthyCase[]): Figure => {
    const { hits, trials } = total(cases, 'default');
    const [, upper] = binomialInterval(hits, trials, CONFIDENCE);
    const measured = `${hits} of ${trials.toLocaleString('en')}, so at most ${oneIn(upper)}`;
    return { what, measured, limit: oneIn(alpha), holds: upper < alpha };
  };
  const without = (judge: keyof HealthyCase['alarms'], cases: readonly HealthyCase[]) => {
    const { hits, trials } = total(cases, judge);
    return share(hits, trials);
  };
  const doubled = bad.filter(({ ratio }) => ratio === DEFAULT_ERROR_ANALYSIS.detect);
  const missed = Math.max(...doubled.map(({ canaries, promotedFirst }) => promotedFirst / canaries));
  return [
    ofAlarms('healthy canaries taken back, independent errors', independent),
    ofAlarms('healthy canaries taken back, errors in bursts that are not longer than a block', short),
    { what: 'healthy canaries taken back, errors in bursts that are twice as long as a block', measured: without('default', long) },
    { what: 'the same, if each error counts: independent; in bursts', measured: `${without('plain', independent)}; ${without('plain', short)}` },
    { what: 'the same, z-test at 5 % at every second: independent; in bursts', measured: `${without('zTest', independent)}; ${without('zTest', short)}` },
    { what: 'releases with twice the errors promoted early: the worst case', measured: `${percent(missed)} %`, limit: `${percent(missRate)} %`, holds: missed <= missRate + 0.02 },
  ];
}

function tableOf(healthy: readonly HealthyCase[], bad: readonly BadCase[]): Table {
  const { canaries } = healthy[0];
  return {
    headers: ['traffic', 'errors', 'default', 'each error', 'z-test', 'formula'],
    rows: [
      ...healthy.map((one) => [
        describe(one), describeErrors(one), share(one.alarms.default, canaries), share(one.alarms.plain, canaries), share(one.alarms.zTest, canaries), '',
      ]),
      ...healthy.filter(({ bursts }) => !bursts).map((one) => [
        describe(one), `${describeErrors(one)}, healthy: promoted after`, found(one.promotedAfter), '', '', seconds(timeToPromotion(rates(one), DEFAULT_ERROR_ANALYSIS).medianMs / 1000),
      ]),
      ...bad.map((one) => [
        describe(one), `${describeErrors(one)}: found after`, found(one.foundAfter.default), found(one.foundAfter.plain), '',
        seconds(timeToRollback(rates(one), DEFAULT_ERROR_ANALYSIS).medianMs / 1000),
      ]),
    ],
    caption: `first the share of ${canaries.toLocaleString('en')} healthy canaries that are taken back within an hour; then times: median, 99th percentile, and the share within an hour`,
  };
}

function rates({ stableErrorRate, ratio, ...traffic }: TrafficOptions) {
  return { ...traffic, stableErrorRate, canaryErrorRate: stableErrorRate * ratio };
}

function describe({ requestsPerSecond, weight }: TrafficOptions): string {
  return `${requestsPerSecond.toLocaleString('en')}/s, weight ${percent(weight)} %`;
}

function describeErrors({ stableErrorRate, ratio, bursts }: TrafficOptions): string {
  if (ratio !== 1) return `${percent(stableErrorRate)} %, times ${ratio}`;
  return bursts ? `${percent(stableErrorRate)} %, in bursts of ${bursts.errors} in ${bursts.seconds} s` : `${percent(stableErrorRate)} %`;
}

function found(after: readonly number[]): string {
  const within = after.filter((time) => time < Infinity).length / after.length;
  return `${seconds(quantile(after, 0.5))}, ${seconds(quantile(after, 0.99))}, ${percent(within)} %`;
}

function times(after: readonly number[]) {
  const finite = (value: number) => (value === Infinity ? null : value);
  const withinAnHour = after.filter((time) => time < Infinity).length / after.length;
  return { p50: finite(quantile(after, 0.5)), p99: finite(quantile(after, 0.99)), withinAnHour };
}

function seconds(value: number): string {
  return value === Infinity ? '-' : `${Math.round(value)} s`;
}

function oneIn(chance: number): string {
  return `1 in ${Number((1 / chance).toPrecision(3)).toLocaleString('en')}`;
}

function share(hits: number, trials: number): string {
  return `${percent(hits / trials)} %`;
}

function percent(value: number): string {
  return String(Number((100 * value).toPrecision(3)));
}

function plot(bad: readonly BadCase[]): Plot {
  return {
    title: 'Canaries that are found, of those with more errors than Stable (weight 5 %, 100 requests a second)',
    x: 'seconds',
    y: '% found',
    series: bad.filter(({ requestsPerSecond, weight }) => requestsPerSecond === 100 && weight === 0.05).map(({ ratio, foundAfter }) => ({
      name: `times ${ratio}`,
      isJoined: true,
      points: Array.from({ length: 121 }, (_, index) => 30 * index)
        .map((second) => [second, 100 * foundAfter.default.filter((time) => time <= second).length / foundAfter.default.length] as const),
    })),
  };
}
