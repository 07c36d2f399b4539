import { Random } from './network-loss';
import { MetricInterval, RequestCounts } from '../src/runtime/analysis/counters';

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

/** One client that retries. Its retries are requests, too. */
export interface BurstOfErrors {
  /** On average. Geometrically distributed, so single bursts are many times larger. */
  readonly errors: number;
  /** The errors of one burst are spread over this time. */
  readonly seconds: number;
  /** Whether the side is drawn for each request. Otherwise all errors of a burst are on the side that its client got. */
  readonly isSplitByRequest?: boolean;
}

const SIDES = ['canary', 'stable'] as const;
type Side = typeof SIDES[number];
type Errors = Record<Side, number>;

/** So many seconds after an error, each is an interval of its own: the judge ends its blocks in them. */
const CLOSELY_S = 10;
/** Judges that look once a minute find its end at the end of an interval. */
const MINUTE_S = 60;
/** How far errors lie ahead: longer than any burst. */
const AHEAD_S = 64;
/** With more bursts a second, each second is drawn by itself. */
const OFTEN = 2;

/** The traffic of a canary, scraped once a second. A longer time without an error is one interval, because nothing changes in it. */
export class CanaryTraffic {
  private second = 0;
  private lastErrorAt = 0;
  /** Errors of bursts that have begun, by second modulo `AHEAD_S`. */
  private readonly ahead = { canary: new Int32Array(AHEAD_S), stable: new Int32Array(AHEAD_S) };
  /** The last second that has some of them. */
  private aheadUntil = -1;
  private nextBurstAt: number;
  /** Per second. */
  private readonly good: Errors;
  private readonly burstRate: Errors;
  private readonly bursts: BurstOfErrors;

  constructor(private readonly options: TrafficOptions, private readonly random: Random) {
    const { requestsPerSecond, weight, stableErrorRate, ratio } = options;
    this.bursts = options.bursts ?? { errors: 1, seconds: 1 };
    const requests = { canary: requestsPerSecond * weight, stable: requestsPerSecond * (1 - weight) };
    const errors = { canary: requests.canary * Math.min(1, stableErrorRate * ratio), stable: requests.stable * stableErrorRate };
    this.burstRate = { canary: errors.canary / this.bursts.errors, stable: errors.stable / this.bursts.errors };
    this.good = options.bursts ? requests : { canary: requests.canary - errors.canary, stable: requests.stable - errors.stable };
    this.nextBurstAt = this.gap();
  }

  public next(): MetricInterval {
    this.begin();
    const [canary, stable] = [this.take('canary'), this.take('stable')];
    return this.interval(this.quietSeconds(canary + stable), { canary, stable });
  }

  /** The errors of this second. */
  private take(side: Side): number {
    const [all, place] = [this.ahead[side], this.second % AHEAD_S];
    const errors = all[place];
    all[place] = 0;
    return errors;
  }

  /** The length of the interval that begins with this second. */
  private quietSeconds(errors: number): number {
    if (errors > 0) this.lastErrorAt = this.second;
    if (errors > 0 || this.second - this.lastErrorAt <= CLOSELY_S || this.aheadUntil > this.second) return 1;
    const toMinute = MINUTE_S - this.second % MINUTE_S;
    return Math.max(1, Math.min(toMinute, Math.floor(this.nextBurstAt) - this.second));
  }

  private interval(seconds: number, errors: Errors): MetricInterval {
    const fromMs = 1000 * this.second;
    this.second += seconds;
    const side = (name: Side): RequestCounts => ({ requests: poisson(this.good[name] * seconds, this.random) + errors[name], errors: errors[name] });
    return { fromMs, toMs: 1000 * this.second, canary: side('canary'), stable: side('stable') };
  }

  /** Draws the bursts that begin in this second. */
  private begin(): void {
    const rate = this.burstRate.canary + this.burstRate.stable;
    if (rate > OFTEN) {
      for (const side of SIDES) this.beginSome(side, poisson(this.burstRate[side], this.random));
      return;
    }
    while (this.nextBurstAt < this.second + 1) {
      this.beginSome(this.random() * rate < this.burstRate.canary ? 'canary' : 'stable', 1);
      this.nextBurstAt += this.gap();
    }
  }

  private beginSome(side: Side, count: number): void {
    const { errors, isSplitByRequest, seconds } = this.bursts;
    if (errors === 1 && seconds === 1) {
      this.fail(side, this.second, count);
      return;
    }
    for (let burst = 0; burst < count; burst += 1) {
      const size = 1 + Math.floor(Math.log(1 - this.random()) / Math.log1p(-1 / errors));
      for (let error = 0; error < size; error += 1) {
        const own = isSplitByRequest ? this.anySide() : side;
        this.fail(own, this.second + Math.floor(this.random() * seconds), 1);
      }
    }
  }

  private anySide(): Side {
    return this.random() < this.options.weight ? 'canary' : 'stable';
  }

  private fail(side: Side, second: number, count: number): void {
    this.ahead[side][second % AHEAD_S] += count;
    if (count > 0) this.aheadUntil = Math.max(this.aheadUntil, second);
  }

  private gap(): number {
    const rate = this.burstRate.canary + this.burstRate.stable;
    return rate > 0 ? -Math.log(1 - this.random()) / rate : Infinity;
  }
}

/** Knuth's method for small means; a rounded normal variable for large ones. */
export function poisson(mean: number, random: Random): number {
  if (mean > 30) {
    const normal = Math.sqrt(-2 * Math.log(1 - random())) * Math.cos(2 * Math.PI * random());
    return Math.max(0, Math.round(mean + Math.sqrt(mean) * normal));
  }
  if (mean <= 0) return 0;
  const limit = Math.exp(-mean);
  let count = 0;
  for (let product = random(); product > limit; product *= random()) count += 1;
  return count;
}
