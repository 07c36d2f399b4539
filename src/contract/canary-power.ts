/** Computes what a canary can tell, before it runs. Pure. Synthesis and the plan print it. */
import { formatDuration } from './duration-text';
import { ErrorAnalysis, promotionTest, rollbackTest } from './error-analysis';
import { ENOUGH_ERRORS, Independence, logFactor, QUIET_MS, RateRatioTest } from './rate-ratio';

/** What is expected of the traffic. */
export interface CanaryTraffic {
  /** Of both sides together. */
  readonly requestsPerSecond: number;
  /** Canary's share of the requests, between 0 and 1. */
  readonly weight: number;
  readonly stableErrorRate: number;
  readonly canaryErrorRate: number;
}

/** When a verdict is there, in milliseconds of traffic: with a chance of one half, and in 99 of 100 canaries. Infinity: never. */
export interface VerdictTime {
  readonly medianMs: number;
  readonly p99Ms: number;
}

/** The 99th percentile of the normal distribution. */
const Z_99 = 2.326;

/** Computes how long a rollback takes for a release with this error rate. Approximate: evidence is taken to grow like a random walk with a drift. */
export function timeToRollback(traffic: CanaryTraffic, analysis: ErrorAnalysis): VerdictTime {
  return timeToVerdict(rollbackTest(analysis), analysis.alpha, traffic, analysis);
}

/** Computes how long an early promotion takes for a release with this error rate. */
export function timeToPromotion(traffic: CanaryTraffic, analysis: ErrorAnalysis): VerdictTime {
  return timeToVerdict(promotionTest(analysis), analysis.missRate, traffic, analysis);
}

/** Says what can be seen, for example "at 1 request a second and a weight of 5 %, 5 % errors take 14 min to see, and 40 min in 1 of 100 canaries". */
export function describeDetection(traffic: CanaryTraffic, analysis: ErrorAnalysis): string {
  const { medianMs, p99Ms } = timeToRollback(traffic, analysis);
  const rate = `${traffic.requestsPerSecond} ${traffic.requestsPerSecond === 1 ? 'request' : 'requests'} a second`;
  const what = `at ${rate} and a weight of ${percent(traffic.weight)} %, ${percent(traffic.canaryErrorRate)} % errors`;
  if (medianMs === Infinity) return `${what} are never seen`;
  return `${what} take ${formatDuration(medianMs, 'seconds')} to see, and ${formatDuration(p99Ms, 'seconds')} in 1 of 100 canaries`;
}

/** Each bet alone would need this long; the evidence is there with the first of them. */
function timeToVerdict(test: RateRatioTest, level: number, traffic: CanaryTraffic, { blockMs }: ErrorAnalysis): VerdictTime {
  const steps = blockMs > 0 ? blocks(traffic, blockMs) : singleErrors(traffic);
  const growing = test.alternatives
    .map(({ ratio, weight }) => ({ ...growth(test, ratio, traffic, steps), need: -Math.log(level) - Math.log(weight) }))
    .filter(({ mean }) => mean > 1e-12);
  const least = (z: number) => Math.min(...growing.map(({ mean, need, variance }) => stepsUntil(need, mean, variance, z) * steps.stepMs));
  return { medianMs: least(0), p99Ms: least(Z_99) };
}

/** Solves `mean n - z sqrt(variance n) = need` for n, and returns whole steps. */
function stepsUntil(need: number, mean: number, variance: number, z: number): number {
  const spread = z * Math.sqrt(variance);
  return Math.max(1, Math.ceil(((spread + Math.sqrt(spread ** 2 + 4 * mean * need)) / (2 * mean)) ** 2));
}

/** What can happen until the evidence changes next: numbers of errors with their probabilities, and how long it takes on average. */
interface Steps {
  readonly independence: Independence;
  readonly stepMs: number;
  readonly outcomes: readonly { readonly canaryErrors: number; readonly stableErrors: number; readonly chance: number }[];
}

function singleErrors(traffic: CanaryTraffic): Steps {
  const { canary, stable } = errorsPerMs(traffic);
  const all = canary + stable;
  if (all === 0) return { independence: 'errors', stepMs: Infinity, outcomes: [] };
  return {
    independence: 'errors',
    stepMs: 1 / all,
    outcomes: [{ canaryErrors: 1, stableErrors: 0, chance: canary / all }, { canaryErrors: 0, stableErrors: 1, chance: stable / all }],
  };
}

/** A block begins with an error, for which it waits. After it comes a rest of at most the same length, until a second without errors. */
function blocks(traffic: CanaryTraffic, blockMs: number): Steps {
  const { canary, stable } = errorsPerMs(traffic);
  const first = singleErrors(traffic);
  const lengthMs = Math.min(blockMs, (ENOUGH_ERRORS - 1) / (canary + stable));
  const others = poissonNodes(canary * lengthMs).flatMap(([canaryErrors, canaryChance]) => (
    poissonNodes(stable * lengthMs).map(([stableErrors, stableChance]) => ({ canaryErrors, stableErrors, chance: canaryChance * stableChance }))
  ));
  const outcomes = first.outcomes.flatMap((one) => others.map((other) => ({
    canaryErrors: one.canaryErrors + other.canaryErrors, stableErrors: one.stableErrors + other.stableErrors, chance: one.chance * other.chance,
  })));
  return { independence: 'blocks', stepMs: first.stepMs + lengthMs + restMs(canary + stable, blockMs), outcomes };
}

/** The expected time until a second has no errors, if it began at some moment of a stream of them. */
function restMs(rate: number, blockMs: number): number {
  return Math.min(blockMs, Math.expm1(rate * QUIET_MS) / rate - QUIET_MS);
}

function errorsPerMs({ canaryErrorRate, requestsPerSecond, stableErrorRate, weight }: CanaryTraffic) {
  return { canary: requestsPerSecond * weight * canaryErrorRate / 1000, stable: requestsPerSecond * (1 - weight) * stableErrorRate / 1000 };
}

/** The expected growth of the logarithm of a bet in one step, and its variance. */
function growth(test: RateRatioTest, ratio: number, { weight }: CanaryTraffic, { independence, outcomes }: Steps) {
  let [mean, square] = [0, 0];
  for (const { canaryErrors, chance, stableErrors } of outcomes) {
    const value = logFactor(test, ratio, { canaryErrors, stableErrors, requestShare: weight }, independence);
    mean += chance * value;
    square += chance * value ** 2;
  }
  return { mean, variance: Math.max(0, square - mean ** 2) };
}

/** Values of a Poisson variable with their probabilities. */
function poissonNodes(mean: number): [number, number][] {
  const nodes: [number, number][] = [];
  let chance = Math.exp(-mean);
  for (let value = 0; value <= mean + 10 * Math.sqrt(mean + 1); value += 1) {
    if (chance > 1e-9) nodes.push([value, chance]);
    chance *= mean / (value + 1);
  }
  return nodes;
}

function percent(share: number): string {
  return String(Number((100 * share).toPrecision(3)));
}
