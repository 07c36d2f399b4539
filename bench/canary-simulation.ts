/** Simulates canaries of one hour, looked at every second by several judges at once: all of them see the same traffic. */
import { CanaryTraffic, TrafficOptions } from './canary-traffic';
import { ArgoRollouts } from './judges/argo-rollouts';
import { Flagger } from './judges/flagger';
import { Kayenta } from './judges/kayenta';
import { Sequential } from './judges/sequential';
import { ZTest } from './judges/z-test';
import { Random } from './network-loss';
import { DEFAULT_ERROR_ANALYSIS, ErrorAnalysis } from '../src/contract/metric-analysis';
import { MetricInterval } from '../src/runtime/analysis/counters';

/** For a balancer that draws the side for each request: each error counts. */
export const EACH_ERROR: ErrorAnalysis = { ...DEFAULT_ERROR_ANALYSIS, blockMs: 0 };
/** The same, and not a single error more than Stable's is accepted. */
export const NO_TOLERANCE: ErrorAnalysis = { ...EACH_ERROR, tolerance: 0 };

/** In the order of the table. */
export const JUDGES = ['default', 'eachError', 'noTolerance', 'zTest', 'kayenta', 'flagger', 'argoRollouts'] as const;
export type JudgeName = typeof JUDGES[number];

const HOUR_MS = 3_600_000;

export interface HealthyCase extends TrafficOptions {
  readonly canaries: number;
  /** How many were taken back by each judge. */
  readonly alarms: Readonly<Record<JudgeName, number>>;
  /** Until the default judge promotes, in seconds; Infinity for those it does not promote in an hour. */
  readonly promotedAfter: readonly number[];
}

export interface BadCase extends TrafficOptions {
  readonly canaries: number;
  /** Until a rollback, in seconds; Infinity for those that are not found in an hour. */
  readonly foundAfter: Readonly<Record<JudgeName, readonly number[]>>;
  /** How many the default judge would have promoted before. */
  readonly promotedFirst: number;
}

export function healthyCanaries(traffic: TrafficOptions, canaries: number, random: Random): HealthyCase {
  const alarms = byJudge(() => 0);
  const promotedAfter: number[] = [];
  for (let canary = 0; canary < canaries; canary += 1) {
    const judges = judged(traffic, random);
    for (const name of JUDGES) alarms[name] += judges[name].rolledBackAfter < Infinity ? 1 : 0;
    promotedAfter.push(judges.default.promotedAfter);
  }
  return { ...traffic, canaries, alarms, promotedAfter };
}

export function badCanaries(traffic: TrafficOptions, canaries: number, random: Random): BadCase {
  const foundAfter = byJudge((): number[] => []);
  let promotedFirst = 0;
  for (let canary = 0; canary < canaries; canary += 1) {
    const judges = judged(traffic, random);
    for (const name of JUDGES) foundAfter[name].push(judges[name].rolledBackAfter);
    promotedFirst += judges.default.promotedAfter < judges.default.rolledBackAfter ? 1 : 0;
  }
  return { ...traffic, canaries, foundAfter, promotedFirst };
}

/** The judges after one canary. */
function judged(options: TrafficOptions, random: Random) {
  const judges = {
    default: new Sequential(DEFAULT_ERROR_ANALYSIS),
    eachError: new Sequential(EACH_ERROR),
    noTolerance: new Sequential(NO_TOLERANCE),
    zTest: new ZTest(),
    kayenta: new Kayenta(),
    flagger: new Flagger(),
    argoRollouts: new ArgoRollouts(),
  };
  for (const interval of anHour(new CanaryTraffic(options, random))) for (const name of JUDGES) judges[name].see(interval);
  return judges;
}

function* anHour(traffic: CanaryTraffic): Generator<MetricInterval> {
  for (let interval = traffic.next(); interval.toMs <= HOUR_MS; interval = traffic.next()) yield interval;
}

function byJudge<T>(make: () => T): Record<JudgeName, T> {
  return { default: make(), eachError: make(), noTolerance: make(), zTest: make(), kayenta: make(), flagger: make(), argoRollouts: make() };
}
