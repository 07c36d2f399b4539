import { LossKind, PROMPT_MS } from './network-loss';
import { HealthCheckManifest } from '../src/contract/manifest';

/** The chance of a row of `length` losses within `probes` that are each lost with probability `loss`. */
export function rowChance(probes: number, length: number, loss: number): number {
  // A first row ends at probe n when it begins after a response, and none was complete before that response.
  const chances: number[] = Array.from({ length: probes + 1 }, () => 0);
  for (let n = length; n <= probes; n += 1) {
    chances[n] = n === length ? loss ** length : chances[n - 1] + (1 - chances[n - length - 1]) * (1 - loss) * loss ** length;
  }
  return chances[probes];
}

/** What that chance never exceeds: a row may begin with the first probe, or after a response. */
export function rowBound(probes: number, length: number, loss: number): number {
  return probes < length ? 0 : loss ** length * (1 + (probes - length) * (1 - loss));
}

/** A course that is less likely than this is not followed. */
const NOTHING = 1e-16;

export interface DeploymentChance {
  /** That a healthy release is rolled back. Exact, but for courses less likely than `NOTHING`, and those in which a gate's time runs out. */
  readonly alarm: number;
  /** How many probes its gates make, on average. */
  readonly probes: number;
  /**
   * What `alarm` never exceeds: each alarm has a probe with which its row begins, and that probe and the ones after it are lost
   * independently of whether it was made.
   */
  readonly bound: number;
}

export interface ChanceOptions {
  readonly check: HealthCheckManifest;
  readonly strategy: 'redeploy' | 'blueGreen';
  readonly bakeMs: number;
  /** The probability that a probe is lost. */
  readonly loss: number;
  readonly kind: LossKind;
}

/** The chance that a deployment of a healthy release is rolled back where probes are lost independently of each other. */
export function alarmChance(options: ChanceOptions): DeploymentChance {
  const { check, strategy, bakeMs, loss } = options;
  const known = new Map<string, GateChance>();
  const gate = (what: GateOptions) => {
    const key = JSON.stringify(what);
    const chance = known.get(key) ?? gateChance(what, options);
    known.set(key, chance);
    return chance;
  };
  const verifying = gate({ ready: false, reached: true });
  const confirming = gate({ ready: true, reached: true });
  let [baked, probes] = [0, verifying.probes];
  for (const [endedAt, chance] of verifying.healthyAt) {
    // with redeploy, users see what is verified: it counts towards the bake
    const until = strategy === 'blueGreen' ? bakeMs : bakeMs - endedAt;
    for (const [reached, weight] of [[false, loss], [true, 1 - loss]] as const) {
      const baking = gate({ ready: true, reached, until });
      baked += chance * weight * (1 - baking.alarm);
      probes += chance * weight * (baking.probes + (1 - baking.alarm) * confirming.probes);
    }
  }
  return { alarm: 1 - baked * (1 - confirming.alarm), probes, bound: probes * loss ** check.failureThreshold };
}

interface GateOptions {
  readonly ready: boolean;
  /** Whether the baseline's probe got through. */
  readonly reached: boolean;
  readonly until?: number;
}

interface GateChance {
  readonly alarm: number;
  /** When it ended healthy, from its beginning, with the chance of each. */
  readonly healthyAt: Map<number, number>;
  readonly probes: number;
}

/** Where a gate stands when a probe begins. */
interface Standing {
  readonly at: number;
  readonly up: boolean;
  readonly good: number;
  readonly bad: number;
}

/** Follows all courses of a gate at once, probe by probe, with the chance of each. */
function gateChance({ ready, reached, until }: GateOptions, { check, loss, kind }: ChanceOptions): GateChance {
  const { successThreshold, failureThreshold, intervalMs, timeoutMs, deadlineMs } = check;
  const lostMs = kind === 'reset' ? PROMPT_MS : timeoutMs;
  const standings = new Standings({ at: 0, up: false, good: 0, bad: 0 });
  const healthyAt = new Map<number, number>();
  let [alarm, probes] = [0, 0];
  for (const [{ at, up, good, bad }, chance] of standings) {
    if (at >= Math.max(until ?? 0, 0) + deadlineMs) {
      alarm += chance;
      continue;
    }
    probes += chance;
    const isWhole = good + 1 >= successThreshold && (until === undefined || at + intervalMs >= until);
    const endsAt = Math.max(at + PROMPT_MS, until ?? 0);
    if (isWhole) healthyAt.set(endsAt, (healthyAt.get(endsAt) ?? 0) + chance * (1 - loss));
    else standings.add({ at: at + intervalMs, up: true, good: Math.min(good + 1, successThreshold), bad: 0 }, chance * (1 - loss));
    const counts = up || (ready && reached);
    if (counts && bad + 1 >= failureThreshold) alarm += chance * loss;
    else standings.add({ at: at + Math.max(intervalMs, lostMs), up, good: 0, bad: counts ? bad + 1 : 0 }, chance * loss);
  }
  return { alarm, healthyAt, probes };
}

/** Those that can be reached, the earliest first; the same one, reached in several ways, is one. */
class Standings {
  private readonly waiting = new Map<number, Map<string, [Standing, number]>>();

  constructor(first: Standing) {
    this.add(first, 1);
  }

  public add(standing: Standing, chance: number): void {
    if (chance < NOTHING) return;
    const { at, up, good, bad } = standing;
    const then = this.waiting.get(at) ?? new Map<string, [Standing, number]>();
    const key = `${up} ${good} ${bad}`;
    then.set(key, [standing, (then.get(key)?.[1] ?? 0) + chance]);
    this.waiting.set(at, then);
  }

  /** What is added on the way comes, too. */
  public* [Symbol.iterator](): Generator<[Standing, number]> {
    while (this.waiting.size > 0) {
      const next = Math.min(...this.waiting.keys());
      const standings = this.waiting.get(next)!.values();
      this.waiting.delete(next);
      yield* standings;
    }
  }
}
