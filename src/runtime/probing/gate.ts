import { Clock } from '../clock';
import { CheckOutcome, reasonFor } from './gate-reason';
import { InterruptedError } from '../errors';
import { namesCommit } from './namesakes';
import { Observation, Verdict, ProbeStatistics, statistics } from './observation';
import { ProbeRequest, Prober } from './probe';
import { ProbeContext, retryingWhenStarved } from './starvation';
import { Named, Release } from '../release';
import { begin, CheckRules, CheckState, combine, endOf, initial, isUnseen, evaluate, Evaluation, nextMoment, observe, untilOf } from './verdict';
import { alarmsOf, HealthCheckManifest } from '../../contract/manifest';

export { InterruptedError } from '../errors';
export type { Prober } from './probe';
export type { ProbeStatistics } from './observation';

export interface GateOptions {
  /** Never empty. */
  readonly checks: readonly HealthCheckManifest[];
  /** The release that must respond. */
  readonly release: Release;
  /** The URL of the candidate. Without it, the checks' own URLs are probed. */
  readonly candidateUrl?: string;
  /** The slot of the candidate. */
  readonly slot?: string;
  /** Releases that may still respond for a check's `propagationMs`. Without it, a response of another release is an immediate failure. */
  readonly replaced?: Replaced;
  /** Whether an earlier release was restored: the release that was left may still cause an alarm for a check's `propagationMs`. */
  readonly isRestored?: boolean;
  /** Releases that share the traffic with it: a good response of theirs is good. */
  readonly sharedWith?: readonly Named[];
  /** Other commits with the version of the release: a check must name its commit, or nothing is proven. */
  readonly namesakes?: readonly Named[];
  /** Whether the deployment is known to be up: no response is then an immediate failure. */
  readonly ready: boolean;
  /** Per check: whether it reached the old release before the first change. A missing check counts as reached. */
  readonly baseline: Record<string, boolean>;
  /** A bake: no healthy verdict before this time on the clock, and it must end healthy. */
  readonly until?: number;
  /** Ends the bake before its time when it aborts: from then on the checks must only be healthy. */
  readonly enough?: AbortSignal;
  readonly onProgress?: (progress: Progress) => void;
  readonly signal?: AbortSignal;
}

/** The replaced release, and others that may have been live before it. */
export interface Replaced {
  readonly releases: readonly Named[];
  /**
   * Whether it was deployed and never responded: it may still appear, so the new release must stay healthy for that time.
   *
   * @default false
   */
  readonly mayShowUp?: boolean;
  /** Until when users could see it, in milliseconds since the epoch. @default - not known */
  readonly until?: number;
}

/** The state before the first change. */
export interface Baseline {
  /** Per check: whether it reached the service. */
  readonly reached: Record<string, boolean>;
  /** The releases that responded. */
  readonly releases: readonly string[];
  /** The checks that got a bad response. */
  readonly unhealthy: readonly string[];
}

/** One observation, and the state of the check after it. */
export interface Progress {
  readonly check: string;
  readonly observation: Observation;
  readonly inARow: number;
  readonly needed: number;
  readonly counting: 'healthy' | 'unhealthy' | 'waiting';
  /** The time until the end of the bake, or else until the check's deadline. */
  readonly remainingMs: number;
  /** Whether it must stay healthy until a time, however long the row is. */
  readonly lasts: boolean;
}

export interface GateResult {
  readonly verdict: Verdict;
  /** One line for a person: which check, what it saw, how many in a row. */
  readonly reason: string;
  readonly probes: ProbeStatistics[];
  /** The time of the first bad response among those that decided the verdict. */
  readonly firstBadAt?: number;
  readonly decidedAt: number;
  /** Whether the deployed release may still appear: the replaced release responded until the end. */
  readonly isUnseen: boolean;
  /** The time of the release's first response, if the replaced release had responded before. */
  readonly shownAt?: number;
}

export interface GateContext {
  readonly clock: Clock;
  readonly probe: Prober;
}

/**
 * Runs all checks in parallel until they give a verdict; then cancels pending probes.
 * Rejects with `InterruptedError` when the signal aborts.
 */
export async function runGate(options: GateOptions, { clock, probe }: GateContext): Promise<GateResult> {
  const { enough, signal, release, replaced, isRestored, sharedWith, candidateUrl, slot, onProgress } = options;
  if (signal?.aborted) throw new InterruptedError();
  const end = new AbortController();
  const bell = new Bell(clock);
  const startedAt = clock.now();
  const watches = options.checks.map((check) => new Watch(check, rulesOf(check, options, startedAt), (progress) => {
    bell.ring();
    onProgress?.(progress);
  }));
  const interrupt = () => bell.ring(new InterruptedError());
  signal?.addEventListener('abort', interrupt, { once: true });
  const shorten = () => {
    for (const watch of watches) watch.endBakeAt(clock.now());
    bell.ring();
  };
  enough?.addEventListener('abort', shorten, { once: true });
  try {
    const target = { release, replaced: replaced?.releases, liveSince: replaced?.until, isRestored, sharedWith, url: candidateUrl, slot };
    for (const watch of watches) watch.run({ clock, probe, target }, end.signal).catch((error) => bell.ring(error));
    for (;;) {
      const now = clock.now();
      const verdict = combine(watches.map((watch) => watch.evaluate(now)));
      if (verdict !== undefined) return proven(resultOf(verdict, watches, now), watches, options);
      await bell.wait(Math.min(...watches.map((watch) => watch.nextMoment(now))) - now);
    }
  } finally {
    signal?.removeEventListener('abort', interrupt);
    enough?.removeEventListener('abort', shorten);
    end.abort();
  }
}

/**
 * Probes each check once before the first change, to record which checks reach the service and which release responds.
 * Rejects with `InterruptedError` when the signal aborts.
 */
export async function baseline(
  checks: readonly HealthCheckManifest[],
  target: ProbeRequest,
  context: ProbeContext,
  signal?: AbortSignal,
): Promise<Baseline> {
  const probe = retryingWhenStarved(context);
  return baselineOf(await Promise.all(checks.map(async (check) => ({ check, seen: await probe(check, target, signal) }))));
}

/** The baseline, of one probe of each check. */
export function baselineOf(probed: readonly { readonly check: HealthCheckManifest; readonly seen: Pick<Observation, 'outcome' | 'release'> }[]): Baseline {
  return {
    reached: Object.fromEntries(probed.map(({ check, seen: { outcome } }) => [check.name, outcome !== 'unreachable' && outcome !== 'blind'])),
    releases: probed.flatMap(({ seen: { release } }) => release ?? []),
    unhealthy: probed.filter(({ seen: { outcome } }) => outcome === 'unhealthy').map(({ check }) => check.name),
  };
}

function rulesOf(check: HealthCheckManifest, options: GateOptions, startedAt: number): CheckRules {
  const { ready, baseline: reached, replaced, isRestored = false, until } = options;
  // Never `...reached[name]` by inheritance: a check may be called "constructor".
  const baselineReached = !Object.hasOwn(reached, check.name) || reached[check.name];
  const isAlarmLate = isRestored && alarmsOf(check).length > 0;
  const propagationMs = replaced || isAlarmLate ? check.propagationMs : undefined;
  const mayShowUp = propagationMs !== undefined && replaced?.mayShowUp;
  return { ...check, propagationMs, mayShowUp, isAlarmLate, startedAt, ready, baselineReached, until: mayShowUp ? startedAt + propagationMs : until };
}

/** A name that two commits share proves nothing: what responded may be the other one. */
function proven(result: GateResult, watches: readonly Watch[], { namesakes = [], release }: GateOptions): GateResult {
  const isNamed = watches.some(({ outcome: { last } }) => last?.release !== undefined && namesCommit(last.release, release));
  if (result.verdict !== 'healthy' || namesakes.length === 0 || isNamed) return result;
  const others = namesakes.map(({ sha }) => sha.slice(0, 7)).join(', ');
  const reason = `no health check names the commit ${release.sha.slice(0, 7)}, and ${release.version} is also the name of ${others}, so which of them responded is not known`;
  return { ...result, verdict: 'unhealthy', reason };
}

function resultOf(verdict: Verdict, watches: readonly Watch[], now: number): GateResult {
  const outcomes = watches.map((watch) => watch.outcome);
  const bad = outcomes.filter(({ evaluation }) => evaluation?.verdict === verdict && verdict !== 'healthy')
    .map(({ state }) => state.badRowSince ?? state.firstBadAt)
    .filter((at): at is number => at !== undefined);
  const shownAt = outcomes.flatMap(({ state }) => (state.staleSince === undefined ? [] : state.shownAt ?? []));
  return {
    verdict,
    reason: reasonFor(verdict, outcomes),
    probes: watches.map((watch) => watch.statistics),
    firstBadAt: bad.length > 0 ? Math.min(...bad) : undefined,
    decidedAt: now,
    isUnseen: outcomes.some(({ state }) => isUnseen(state)),
    shownAt: shownAt.length > 0 ? Math.max(...shownAt) : undefined,
  };
}

interface WatchContext extends GateContext {
  readonly target: ProbeRequest;
}

/** One check, probed again and again; probes never overlap, a slow one delays the next. */
class Watch {
  private readonly seen: Observation[] = [];
  private state: CheckState = initial;
  private evaluation?: Evaluation;

  constructor(
    private readonly check: HealthCheckManifest,
    private rules: CheckRules,
    private readonly onProgress: (progress: Progress) => void,
  ) {}

  public async run({ clock, probe, target }: WatchContext, end: AbortSignal): Promise<void> {
    while (!end.aborted && this.evaluation?.verdict !== 'inconclusive') {
      const startedAt = clock.now();
      this.state = begin(this.state, startedAt);
      let observation: Observation;
      try {
        observation = await probe(this.check, target, end);
      } catch (error) {
        if (end.aborted) return;
        throw error;
      }
      if (end.aborted) return;
      this.seen.push(observation);
      this.state = observe(this.state, observation, this.rules);
      this.onProgress(this.progress(observation, clock.now()));
      await clock.sleep(Math.max(0, startedAt + this.check.intervalMs - clock.now()), end);
    }
  }

  /** A check that timed out without a verdict stays so: a late response does not change it. */
  public evaluate(now: number): Verdict | undefined {
    if (this.evaluation?.verdict !== 'inconclusive') this.evaluation = evaluate(this.state, this.rules, now);
    return this.evaluation?.verdict;
  }

  /** From now on it must only be healthy. A check that does not bake is not changed. */
  public endBakeAt(now: number): void {
    const { until } = this.rules;
    if (until !== undefined) this.rules = { ...this.rules, until: Math.min(until, now) };
  }

  public nextMoment(now: number): number {
    return nextMoment(this.state, this.rules, now);
  }

  public get statistics(): ProbeStatistics {
    return statistics(this.check.name, this.seen);
  }

  public get outcome(): CheckOutcome {
    return { name: this.check.name, rules: this.rules, state: this.state, evaluation: this.evaluation, last: this.seen.at(-1) };
  }

  private progress(observation: Observation, now: number): Progress {
    const { healthyInARow, badInARow } = this.state;
    const { successThreshold, failureThreshold } = this.rules;
    const until = untilOf(this.state, this.rules);
    const lasts = until !== undefined && now < until;
    const row = { check: this.check.name, observation, lasts, remainingMs: Math.max(0, (lasts ? until : endOf(this.state, this.rules)) - now) };
    if (badInARow > 0) return { ...row, counting: 'unhealthy', inARow: badInARow, needed: failureThreshold };
    if (healthyInARow > 0) return { ...row, counting: 'healthy', inARow: healthyInARow, needed: successThreshold };
    return { ...row, counting: 'waiting', inARow: 0, needed: successThreshold };
  }
}

/** Waits for a timeout or an earlier event. */
class Bell {
  private rung = new AbortController();
  private fault?: unknown;

  constructor(private readonly clock: Clock) {}

  /** Signals an event; with `fault`, ends all waiting. */
  public ring(fault?: unknown): void {
    this.fault ??= fault;
    // an explicit reason avoids creating an exception with a stack for each probe
    this.rung.abort('rung');
  }

  /** Rejects with the signalled fault. */
  public async wait(ms: number): Promise<void> {
    await this.clock.sleep(ms, this.rung.signal);
    this.rung = new AbortController();
    if (this.fault !== undefined) throw this.fault;
  }
}
