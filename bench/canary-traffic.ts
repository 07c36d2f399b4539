import { Random } from './network-loss';
import { MetricInterval, RequestCounts } from '../src/runtime/analysis/metric-interval';

export interface TrafficOptions {
  readonly requestsPerSecond: number;
  /** Canary's share of the requests, between 0 and 1. */
  readonly weight: number;
  readonly stableErrorRate: number;
  /** Canary's error rate over Stable's. */
  readonly ratio: number;
  /** Absent: each request fails independently of the others. */
  readonly bursts?: BurstOfErrors;
}

/** One client that retries, always on the same side. Its retries are requests, too. */
export interface BurstOfErrors {
  /** On average. Geometrically distributed, so single bursts are many times larger. */
  readonly errors: number;
  /** The errors of one burst are spread over this time. */
  readonly seconds: number;
}

type Side = 'canary' | 'stable';
type Errors = Record<Side, number>;

/** So many seconds after an error, each is an interval of its own: the judge ends its blocks in them. */
const CLOSELY_S = 10;

/** The traffic of a canary, scraped once a second. A longer time without an error is one interval, because nothing changes in it. */
export class CanaryTraffic {
  private second = 0;
  private lastErrorAt = 0;
  /** Then the next second has an error. */
  private isQuietOver = false;
  private readonly future = new Map<number, Errors>();
  /** Requests and errors in a second. */
  private readonly requests: Errors;
  private readonly errors: Errors;

  constructor(private readonly options: TrafficOptions, private readonly random: Random) {
    const { requestsPerSecond, weight, stableErrorRate, ratio } = options;
    this.requests = { canary: requestsPerSecond * weight, stable: requestsPerSecond * (1 - weight) };
    this.errors = { canary: this.requests.canary * Math.min(1, stableErrorRate * ratio), stable: this.requests.stable * stableErrorRate };
  }

  public next(): MetricInterval {
    if (this.options.bursts) return this.interval(1, this.errorsOfBursts(this.options.bursts));
    const all = this.errors.canary + this.errors.stable;
    if (all === 0 || this.second - this.lastErrorAt <= CLOSELY_S) return this.interval(1, this.anyErrors());
    const quiet = this.isQuietOver ? 0 : Math.floor(-Math.log(1 - this.random()) / all);
    this.isQuietOver = quiet > 0;
    return quiet > 0 ? this.interval(quiet, { canary: 0, stable: 0 }) : this.interval(1, this.atLeastOneError(all));
  }

  private interval(seconds: number, errors: Errors): MetricInterval {
    const fromMs = 1000 * this.second;
    if (errors.canary + errors.stable > 0) this.lastErrorAt = this.second;
    this.second += seconds;
    const side = (name: Side): RequestCounts => {
      const good = Math.max(0, this.requests[name] - (this.options.bursts ? 0 : this.errors[name]));
      return { requests: poisson(good * seconds, this.random) + errors[name], errors: errors[name] };
    };
    return { fromMs, toMs: 1000 * this.second, canary: side('canary'), stable: side('stable') };
  }

  private anyErrors(): Errors {
    return { canary: poisson(this.errors.canary, this.random), stable: poisson(this.errors.stable, this.random) };
  }

  /** A Poisson variable that is not 0, by inversion, and on which side each error is. */
  private atLeastOneError(mean: number): Errors {
    let [count, chance] = [1, mean * Math.exp(-mean) / -Math.expm1(-mean)];
    for (let left = this.random() - chance; left > 0 && chance > 1e-15; left -= chance) {
      count += 1;
      chance *= mean / count;
    }
    const errors = { canary: 0, stable: 0 };
    for (let error = 0; error < count; error += 1) errors[this.random() * mean < this.errors.canary ? 'canary' : 'stable'] += 1;
    return errors;
  }

  private errorsOfBursts({ errors, seconds }: BurstOfErrors): Errors {
    for (const side of ['canary', 'stable'] as const) {
      for (let count = poisson(this.errors[side] / errors, this.random); count > 0; count -= 1) {
        const size = errors <= 1 ? 1 : 1 + Math.floor(Math.log(1 - this.random()) / Math.log1p(-1 / errors));
        for (let error = 0; error < size; error += 1) {
          const at = this.second + Math.floor(this.random() * seconds);
          const due = this.future.get(at) ?? { canary: 0, stable: 0 };
          due[side] += 1;
          this.future.set(at, due);
        }
      }
    }
    const due = this.future.get(this.second) ?? { canary: 0, stable: 0 };
    this.future.delete(this.second);
    return due;
  }
}

/** Knuth's method for small means; a rounded normal variable for large ones. */
export function poisson(mean: number, random: Random): number {
  if (mean > 30) {
    const normal = Math.sqrt(-2 * Math.log(1 - random())) * Math.cos(2 * Math.PI * random());
    return Math.max(0, Math.round(mean + Math.sqrt(mean) * normal));
  }
  const limit = Math.exp(-mean);
  let count = 0;
  for (let product = random(); product > limit; product *= random()) count += 1;
  return count;
}
