/** Computes what a canary can detect, before it runs. Pure. Synthesis and the plan print it. */
import { formatDuration } from './duration-text';
import { ErrorAnalysis, promotionTest, rollbackTest, sharesOfAlpha } from './metric-analysis';
import { ENOUGH_ERRORS, Independence, logFactor, QUIET_MS, RateRatioTest } from './rate-ratio';

/** What is expected of the traffic. */
export interface CanaryTraffic {
  /** Of both sides together. */
  readonly requestsPerSecond: number;
  /** Canary's share of the requests, between 0 and 1. */
  readonly weight: number;
  readonly stableErrorRate: number;
  readonly canaryErrorRate: number;
  /** The time from one scrape to the next. @default 1000 */
  readonly scrapeMs?: number;
}

/** When a verdict is there, in milliseconds of traffic: with a chance of one half, and in 99 of 100 canaries. Infinity: never. */
export interface VerdictTime {
  readonly medianMs: number;
  readonly p99Ms: number;
}

/** The 99th percentile of the normal distribution. */
const Z_99 = 2.326;
const DEFAULT_SCRAPE_MS = 1000;

/** Computes how long a rollback takes for a release with this error rate. Approximate: evidence is taken to grow like a random walk with a drift. */
export function timeToRollback(traffic: CanaryTraffic, analysis: ErrorAnalysis): VerdictTime {
  return timeToVerdict(rollbackTest(analysis), sharesOfAlpha(analysis).evidence, traffic, analysis);
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
  const { scrapeMs = DEFAULT_SCRAPE_MS } = traffic;
  // a verdict is given after a scrape
  const least = (z: number) => {
    const each = growing.map(({ mean, need, variance }) => stepsUntil(need, mean, variance, z) * steps.stepMs);
    return Math.ceil(Math.min(...each) / scrapeMs) * scrapeMs;
  };
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

/** A block begins with an interval that has an error, for which it waits. A rest may come before. */
function blocks(traffic: CanaryTraffic, blockMs: number): Steps {
  const { canary, stable } = errorsPerMs(traffic);
  const [all, scrapeMs] = [canary + stable, traffic.scrapeMs ?? DEFAULT_SCRAPE_MS];
  if (all === 0) return { independence: 'blocks', stepMs: Infinity, outcomes: [] };
  const lengthMs = Math.ceil(Math.min(blockMs, (ENOUGH_ERRORS - 1) / all) / scrapeMs) * scrapeMs;
  // beyond the first error: in its interval, and in those after it
  const othersMs = scrapeMs / -Math.expm1(-all * scrapeMs) - 1 / all + lengthMs - scrapeMs;
  const others = poissonNodes(canary * othersMs).flatMap(([canaryErrors, canaryChance]) => (
    poissonNodes(stable * othersMs).map(([stableErrors, stableChance]) => ({ canaryErrors, stableErrors, chance: canaryChance * stableChance }))
  ));
  const outcomes = singleErrors(traffic).outcomes.flatMap((one) => others.map((other) => ({
    canaryErrors: one.canaryErrors + other.canaryErrors, stableErrors: one.stableErrors + other.stableErrors, chance: one.chance * other.chance,
  })));
  const restMs = Math.max(0, Math.min(blockMs, 2 * blockMs - lengthMs));
  return { independence: 'blocks', stepMs: lengthMs + waitMs(all, { scrapeMs, restMs, hasQuietEnd: lengthMs > scrapeMs }), outcomes };
}

interface Wait {
  readonly scrapeMs: number;
  /** At most. */
  readonly restMs: number;
  /** Whether the block has intervals after that of its first error, so that its end may have been quiet. */
  readonly hasQuietEnd: boolean;
}

/** The expected time from one block to the next: the rest, until an interval without errors, and then until one with errors. */
function waitMs(errorsPerMillisecond: number, { hasQuietEnd, restMs, scrapeMs }: Wait): number {
  const needed = Math.ceil(QUIET_MS / scrapeMs);
  const busy = -Math.expm1(-errorsPerMillisecond * scrapeMs * needed);
  const most = Math.ceil(restMs / (scrapeMs * needed));
  const untilError = scrapeMs / Math.expm1(errorsPerMillisecond * scrapeMs);
  // each of the intervals is waited for with the probability that all before it were busy
  const intervals = Array.from({ length: most }, (_, before) => busy ** before).reduce((sum, chance) => sum + chance, 0);
  const rest = scrapeMs * needed * intervals;
  return untilError + (hasQuietEnd ? busy : 1) * rest;
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

/** Values of a Poisson variable with their probabilities: all that matter, or of a large one the three nodes of Gauss and Hermite. */
function poissonNodes(mean: number): [number, number][] {
  if (mean > 100) return [[mean - Math.sqrt(3 * mean), 1 / 6], [mean, 2 / 3], [mean + Math.sqrt(3 * mean), 1 / 6]];
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
