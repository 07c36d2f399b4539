import { BadCase, badCanaries, HealthyCase, healthyCanaries, JudgeName, JUDGES } from './canary-simulation';
import { TrafficOptions } from './canary-traffic';
import { Figure, Measurement, Outcome, Table } from './measurement';
import { seeded } from './network-loss';
import { binomialInterval, quantile } from './statistics';
import { Plot } from './svg-plot';
import { timeToRollback } from '../src/contract/canary-power';
import { DEFAULT_ERROR_ANALYSIS } from '../src/contract/metric-analysis';

const HEALTHY = 10_000;
/** So many healthy canaries for each bad one. */
const PER_BAD = 5;
const SEED = 20_261_128;
const CONFIDENCE = 0.99;
/** One client that retries. */
const BURSTS = { errors: 20, seconds: 3 };
const BASE = { requestsPerSecond: 100, stableErrorRate: 0.001, weight: 0.1, ratio: 1 };

/** Each rate of requests, each error rate, independent and in bursts. */
const GRID: readonly TrafficOptions[] = [undefined, BURSTS].flatMap((bursts) => [1, 10, 100, 1000].flatMap((requestsPerSecond) => (
  [0, 0.001, 0.01].map((stableErrorRate) => ({ ...BASE, requestsPerSecond, stableErrorRate, bursts }))
)));
/** Other weights and bursts, the last ones twice as long as a block. */
const MORE_BURSTS: readonly TrafficOptions[] = [
  { errors: 5, seconds: 2 }, BURSTS, { errors: 20, seconds: 5 }, { errors: 20, seconds: 10 },
].flatMap((bursts) => [0.05, 0.5].map((weight) => ({ ...BASE, weight, bursts })));
/** Clients that retry, behind a balancer that draws the side for each request. */
const SPLIT_BY_REQUEST: readonly TrafficOptions[] = [100, 1000].map((requestsPerSecond) => (
  { ...BASE, requestsPerSecond, bursts: { ...BURSTS, seconds: 10, isSplitByRequest: true } }
));
const BAD_TRAFFIC: readonly TrafficOptions[] = [
  ...[50, 10, 2].map((ratio) => ({ ...BASE, ratio })),
  ...[50, 5, 2].map((ratio) => ({ ...BASE, requestsPerSecond: 1000, weight: 0.05, ratio })),
  { ...BASE, requestsPerSecond: 1, weight: 0.05, ratio: 50 },
];

const NAMES: Readonly<Record<JudgeName, string>> = {
  default: 'default',
  eachError: 'each error',
  noTolerance: 'tolerance 0',
  zTest: 'z-test',
  kayenta: 'Kayenta',
  flagger: 'Flagger',
  argoRollouts: 'Argo Rollouts',
};

/** (k) How many healthy canaries are taken back although they are judged every second, and how soon bad ones are. */
export const canaryVerdicts: Measurement = {
  letter: 'k',
  name: 'canary-verdicts',
  title: 'canaries of one hour, judged every second',
  trials: { usual: HEALTHY, what: 'healthy canaries a setting' },

  run(say, { trials: healthyCount = HEALTHY } = {}) {
    const random = seeded(SEED);
    const healthy = [...GRID, ...MORE_BURSTS, ...SPLIT_BY_REQUEST].map((traffic) => {
      say(`healthy: ${describe(traffic)}, ${describeErrors(traffic)}`);
      return healthyCanaries(traffic, healthyCount, random);
    });
    const bad = BAD_TRAFFIC.map((traffic) => {
      say(`${traffic.ratio} times the errors: ${describe(traffic)}`);
      return badCanaries(traffic, Math.max(1, Math.round(healthyCount / PER_BAD)), random);
    });
    return Promise.resolve(report(healthy, bad));
  },
};

function report(healthy: readonly HealthyCase[], bad: readonly BadCase[]): Outcome {
  const { alpha, blockMs, detect, tolerance } = DEFAULT_ERROR_ANALYSIS;
  return {
    figures: [...healthyFigures(healthy), ...badFigures(bad)],
    table: tableOf(healthy, bad),
    notes: [
      `"default": the runtime's own statistics (alpha ${alpha}, tolerance ${tolerance}, detect ${detect}, blocks of ${blockMs / 1000} s). "each error": the same with blocks of 0 s, `
      + 'for a balancer that draws the side for each request. "tolerance 0": that, and no more errors than Stable\'s are accepted. The seed is fixed. All judges see the same traffic.',
      'Bursts: geometrically distributed numbers of errors of one client, spread evenly over the given time, all on the side that the client got, or "by request" on a side drawn for each.',
      'z-test: one-sided, at 5 %, at every second, from 10 errors on. Kayenta: NetflixACAJudge over 60 values of a minute, at the end of the hour; against Stable, although its guide '
      + 'asks for a baseline of the same size. Flagger: success under 99 % in 10 checks of a minute. Argo Rollouts: success under 95 % in more than 3 measurements of 5 minutes. All as in their documentation.',
      `Healthy canaries are watched for the whole hour, also after a promotion. "So at most": with ${100 * CONFIDENCE} % confidence.`,
    ],
    data: {
      healthy: healthy.map(({ promotedAfter, ...one }) => ({ ...one, promoted: times(promotedAfter) })),
      bad: bad.map(({ foundAfter, ...one }) => ({ ...one, found: Object.fromEntries(JUDGES.map((name) => [name, times(foundAfter[name])])) })),
    },
    plot: plot(bad),
  };
}

function healthyFigures(healthy: readonly HealthyCase[]): Figure[] {
  const { alpha, blockMs } = DEFAULT_ERROR_ANALYSIS;
  const isLong = ({ bursts }: TrafficOptions) => bursts !== undefined && !bursts.isSplitByRequest && 1000 * bursts.seconds > blockMs;
  const independent = healthy.filter(({ bursts }) => !bursts);
  const inBursts = healthy.filter((one) => one.bursts && !one.bursts.isSplitByRequest && !isLong(one));
  const byRequest = healthy.filter(({ bursts }) => bursts?.isSplitByRequest);
  const count = (cases: readonly HealthyCase[], judge: JudgeName) => ({
    hits: cases.reduce((sum, { alarms }) => sum + alarms[judge], 0), trials: cases.reduce((sum, { canaries }) => sum + canaries, 0),
  });
  const ofAlarms = (what: string, cases: readonly HealthyCase[], judge: JudgeName = 'default'): Figure => {
    const { hits, trials } = count(cases, judge);
    const [, upper] = binomialInterval(hits, trials, CONFIDENCE);
    const measured = `${hits} of ${trials.toLocaleString('en')}, so at most ${oneIn(upper)}`;
    return { what, measured, limit: oneIn(alpha), holds: upper < alpha };
  };
  const percentOf = (cases: readonly HealthyCase[], judge: JudgeName) => {
    const { hits, trials } = count(cases, judge);
    return share(hits, trials);
  };
  const claimed = [...independent, ...inBursts];
  const worst = claimed.reduce((most, one) => (one.alarms.default / one.canaries > most.alarms.default / most.canaries ? one : most));
  return [
    ofAlarms('healthy canaries taken back, independent errors', independent),
    ofAlarms('healthy canaries taken back, errors in bursts that are not longer than a block', inBursts),
    {
      what: 'the setting with the most of them',
      measured: `${worst.alarms.default} of ${worst.canaries.toLocaleString('en')}`,
      limit: oneIn(alpha),
      holds: worst.alarms.default <= alpha * worst.canaries,
    },
    ofAlarms('the same, if each error counts, and each request gets a side of its own', byRequest, 'eachError'),
    { what: 'healthy canaries taken back, errors in bursts that are twice as long as a block', measured: percentOf(healthy.filter(isLong), 'default') },
    ...(['eachError', 'zTest', 'kayenta', 'flagger', 'argoRollouts'] as const).map((judge) => (
      { what: `healthy canaries taken back, ${NAMES[judge]}: independent; in bursts`, measured: `${percentOf(independent, judge)}; ${percentOf(inBursts, judge)}` }
    )),
  ];
}

/** What is found at a weight of 10 % and 100 requests a second, where 0.1 % of Stable's requests fail. */
function badFigures(bad: readonly BadCase[]): Figure[] {
  const { detect, missRate } = DEFAULT_ERROR_ANALYSIS;
  const of = (ratio: number) => bad.find((one) => one.ratio === ratio && one.requestsPerSecond === 100)!.foundAfter;
  const within = (after: readonly number[]) => after.filter((time) => time < Infinity).length / after.length;
  const p99 = (ratio: number, judge: JudgeName) => quantile(of(ratio)[judge], 0.99);
  const atMost = (what: string, ratio: number, limit: number): Figure => {
    const value = p99(ratio, 'eachError');
    return { what: `${what} found, p99, if each error counts`, measured: seconds(value), limit: `≤ ${limit} s`, holds: value <= limit };
  };
  const missed = Math.max(...bad.filter(({ ratio }) => ratio === detect).map(({ canaries, promotedFirst }) => promotedFirst / canaries));
  return [
    atMost('5 % errors', 50, 30),
    atMost('1 % errors', 10, 240),
    { what: 'the same by default: 5 %; 1 %', measured: `${seconds(p99(50, 'default'))}; ${seconds(p99(10, 'default'))}` },
    {
      what: 'twice the errors found within an hour, if each error counts and with tolerance 0',
      measured: `${percent(within(of(2).noTolerance))} %`,
      limit: '≥ 90 %',
      holds: within(of(2).noTolerance) >= 0.9,
    },
    {
      what: 'the same by default; with tolerance 0.1 if each error counts',
      measured: (['default', 'eachError'] as const).map((judge) => `${percent(within(of(2)[judge]))} %`).join('; '),
    },
    { what: 'releases with twice the errors promoted early: the worst case', measured: `${percent(missed)} %`, limit: `${percent(missRate)} %`, holds: missed <= missRate + 0.02 },
  ];
}

function tableOf(healthy: readonly HealthyCase[], bad: readonly BadCase[]): Table {
  return {
    headers: ['traffic', 'errors', ...JUDGES.map((judge) => NAMES[judge]), 'formula'],
    rows: [
      ...healthy.map((one) => [describe(one), describeErrors(one), ...JUDGES.map((judge) => share(one.alarms[judge], one.canaries)), '']),
      ...bad.map((one) => [
        describe(one), describeErrors(one), ...JUDGES.map((judge) => found(one.foundAfter[judge])),
        seconds(timeToRollback(rates(one), DEFAULT_ERROR_ANALYSIS).medianMs / 1000),
      ]),
    ],
    caption: `first the share of ${healthy[0].canaries.toLocaleString('en')} healthy canaries that are taken back within an hour; then, of ${bad[0].canaries.toLocaleString('en')} bad ones, `
      + 'the median and the 99th percentile until they are, and the share within the hour where it is not 100 %; at last the median that is computed before the canary for the default',
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
  if (!bursts) return `${percent(stableErrorRate)} %`;
  return `${percent(stableErrorRate)} %, ${bursts.errors} in ${bursts.seconds} s${bursts.isSplitByRequest ? ' by request' : ''}`;
}

function found(after: readonly number[]): string {
  const within = after.filter((time) => time < Infinity).length / after.length;
  if (within === 0) return '0 %';
  const both = `${seconds(quantile(after, 0.5))}, ${seconds(quantile(after, 0.99))}`;
  return within < 1 ? `${both}, ${percent(within)} %` : both;
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
  const { foundAfter } = bad.find(({ ratio, requestsPerSecond }) => ratio === 10 && requestsPerSecond === 100)!;
  return {
    title: 'Canaries with 1 % errors that are found (Stable 0.1 %, weight 10 %, 100 requests a second)',
    x: 'seconds',
    y: '% found',
    series: (['default', 'eachError', 'kayenta', 'flagger', 'argoRollouts'] as const).map((judge) => ({
      name: NAMES[judge],
      isJoined: true,
      points: Array.from({ length: 121 }, (_, index) => 30 * index)
        .map((second) => [second, 100 * foundAfter[judge].filter((time) => time <= second).length / foundAfter[judge].length] as const),
    })),
  };
}
