/**
 * Derives a verdict from observations: for each check, then for all together. Pure.
 * Consecutive results count, totals do not: at 1 % random loss, one failure among 60 probes would roll back a healthy release 45 % of the
 * time, three in a row 0.006 %.
 */
import { Observation, Outcome, Verdict } from './observation';
import { HealthCheckManifest } from '../../contract/manifest';

/** The rules of one check. All times in milliseconds on the gate's clock. */
export interface CheckRules extends Pick<HealthCheckManifest,
  'successThreshold' | 'failureThreshold' | 'intervalMs' | 'timeoutMs' | 'deadlineMs' | 'propagationMs'> {
  /** For messages. */
  readonly kind?: HealthCheckManifest['kind'];
  readonly startedAt: number;
  /** Whether the deployment is known to be up: no response is then an immediate failure. */
  readonly ready: boolean;
  /** Whether this check reached the old release before the first change. */
  readonly baselineReached: boolean;
  /** Whether the replaced release may still appear, because it was deployed and never responded. */
  readonly mayShowUp?: boolean;
  /** Whether an alarm may still be about a release that was left: it does not count for `propagationMs`, even if the alarm was OK before. */
  readonly isAlarmLate?: boolean;
  /** A bake: no healthy verdict before this time, and it must end healthy. */
  readonly until?: number;
}

/** The state of one check, computed from its observations. */
export interface CheckState {
  readonly healthyInARow: number;
  readonly badInARow: number;
  /** The time of the first bad response of the row; absent if observations that do not count interrupted the row. */
  readonly badRowSince?: number;
  /** The time of the first bad response, counted or not. */
  readonly firstBadAt?: number;
  /** Whether a healthy response ever came: from then on no response is a failure. */
  readonly up: boolean;
  /** The time of the first healthy response. */
  readonly shownAt?: number;
  /** The start of the first probe that got a response of the replaced release and did not count. */
  readonly staleSince?: number;
  /** Whether the replaced release is gone: from then on its response is a failure. */
  readonly hasTakenOver: boolean;
  /** Whether a healthy row was ever complete. */
  readonly completedOnce: boolean;
  /** Whether any response came, good or bad. */
  readonly responded: boolean;
  /** Whether the prober was ever blind. */
  readonly wasBlind: boolean;
  readonly last?: Outcome;
  /** The last outcome that says something about the service. */
  readonly lastKnown?: Exclude<Outcome, 'blind'>;
  /** When the probe that is under way began. */
  readonly probingSince?: number;
}

export const initial: CheckState = {
  healthyInARow: 0, badInARow: 0, up: false, hasTakenOver: false, completedOnce: false, responded: false, wasBlind: false,
};

/** A probe has begun. */
export function begin(state: CheckState, now: number): CheckState {
  return { ...state, probingSince: now };
}

/** A probe has ended. */
export function observe(state: CheckState, observation: Observation, rules: CheckRules): CheckState {
  const { outcome, startedAt, endedAt } = observation;
  const { probingSince, ...before } = state;
  const after = { ...before, last: outcome };
  if (outcome === 'blind') return { ...after, wasBlind: true, badRowSince: undefined };
  const known = { ...after, lastKnown: outcome, responded: state.responded || outcome !== 'unreachable' };
  if (outcome === 'healthy') {
    const healthyInARow = state.healthyInARow + 1;
    const completedOnce = state.completedOnce || healthyInARow >= rules.successThreshold;
    const hasTakenOver = state.hasTakenOver || !rules.mayShowUp || state.staleSince !== undefined;
    const shownAt = state.shownAt ?? endedAt;
    return { ...known, healthyInARow, completedOnce, badInARow: 0, badRowSince: undefined, up: true, shownAt, hasTakenOver };
  }
  const bad = { ...known, firstBadAt: state.firstBadAt ?? endedAt };
  if (isWaitedOut(observation, state, rules)) {
    // a release that responds again was not unreachable; bad responses of the new release stay counted
    const badInARow = state.lastKnown === 'unreachable' ? 0 : state.badInARow;
    return { ...bad, badInARow, healthyInARow: 0, badRowSince: undefined, staleSince: state.staleSince ?? startedAt };
  }
  if (!counts(outcome, state, rules)) return { ...bad, badRowSince: undefined };
  return { ...bad, healthyInARow: 0, badInARow: state.badInARow + 1, badRowSince: state.badInARow === 0 ? endedAt : state.badRowSince };
}

/**
 * Whether an observation is a failure. A deployment that is not up yet may be unreachable until the deadline. So may a service that was
 * unreachable before: a rollback would not make it reachable.
 */
function counts(outcome: Outcome, { up, responded }: CheckState, { ready, baselineReached }: CheckRules): boolean {
  if (outcome !== 'unreachable') return outcome !== 'blind';
  return up || (ready && (baselineReached || responded));
}

/**
 * Whether a response of the replaced release does not count, because an asynchronous deployment is still in progress. If that release
 * itself may appear late, the time starts with its first response. An alarm names no release.
 */
function isWaitedOut({ outcome, release, startedAt }: Observation, { hasTakenOver, staleSince }: CheckState, rules: CheckRules): boolean {
  if (outcome !== 'stale' || rules.propagationMs === undefined) return false;
  if (hasTakenOver && !(rules.isAlarmLate && release === undefined)) return false;
  const since = rules.mayShowUp ? staleSince ?? startedAt : rules.startedAt;
  return startedAt < since + rules.propagationMs;
}

/** Whether the new release never responded and the replaced one did until the end: the deployed release may still appear. */
export function isUnseen({ shownAt, lastKnown }: CheckState): boolean {
  return shownAt === undefined && lastKnown === 'stale';
}

export interface Evaluation {
  readonly verdict: Verdict;
  readonly because: 'row' | 'silence' | 'deadline';
}

/** The verdict on one check at this time, if there is one. */
export function evaluate(state: CheckState, rules: CheckRules, now: number): Evaluation | undefined {
  if (state.badInARow >= rules.failureThreshold) return { verdict: 'unhealthy', because: 'row' };
  if (isHealthy(state, rules, now)) return { verdict: 'healthy', because: 'row' };
  const silence = silentAt(state, rules);
  if (silence !== undefined && now >= silence) return { verdict: 'unhealthy', because: 'silence' };
  if (now >= endOf(state, rules)) return { verdict: atDeadline(state, rules), because: 'deadline' };
  return undefined;
}

function isHealthy(state: CheckState, rules: CheckRules, now: number): boolean {
  if (state.healthyInARow < rules.successThreshold) return false;
  const until = untilOf(state, rules);
  if (until === undefined) return true;
  // a bake ends healthy, not blind, and not before its last probe has ended
  const isProbing = state.probingSince !== undefined && state.probingSince < until;
  return now >= until && state.last !== 'blind' && !isProbing;
}

/** The end of a bake. It moves by the time in which the replaced release still responded. */
export function untilOf({ shownAt, staleSince }: CheckState, { mayShowUp, startedAt, until }: CheckRules): number | undefined {
  if (until === undefined || mayShowUp || staleSince === undefined || shownAt === undefined) return until;
  return until + shownAt - startedAt;
}

/** The verdict of a check at its deadline. */
export function atDeadline(state: CheckState, { baselineReached }: CheckRules): Verdict {
  const isBlindNow = state.last === 'blind' && (state.lastKnown === undefined || state.lastKnown === 'healthy');
  if (isBlindNow) return 'inconclusive';
  if (!state.responded && !baselineReached) return 'inconclusive';
  return 'unhealthy';
}

/**
 * The end of a check's time. If a release was healthy once and then not, the time is extended until a row is complete, by at most the
 * check's deadline. If the old release still responded, or the prober was blind and sees a healthy release too late for a row, the time
 * of a row is added.
 */
export function endOf(state: CheckState, rules: CheckRules): number {
  const { completedOnce, wasBlind, last, staleSince } = state;
  const { startedAt, deadlineMs, successThreshold, intervalMs, timeoutMs } = rules;
  const until = untilOf(state, rules);
  const deadline = startedAt + deadlineMs;
  const end = completedOnce ? Math.max(until ?? deadline, startedAt) + deadlineMs : deadline;
  return staleSince !== undefined || (wasBlind && last === 'healthy') ? end + successThreshold * intervalMs + timeoutMs : end;
}

/**
 * The time at which a row of two or more bad responses suffices although it is shorter than `failureThreshold`, because hanging probes
 * delay the next one. Bounds the time from the first bad response to the verdict.
 */
function silentAt({ badInARow, badRowSince }: CheckState, { failureThreshold, intervalMs, timeoutMs }: CheckRules): number | undefined {
  return badRowSince === undefined || badInARow < 2 ? undefined : badRowSince + failureThreshold * intervalMs + timeoutMs;
}

/** The next time at which the verdict of a check may change without a new observation. */
export function nextMoment(state: CheckState, rules: CheckRules, now: number): number {
  const moments = [endOf(state, rules), untilOf(state, rules), silentAt(state, rules)];
  return Math.min(...moments.filter((moment): moment is number => moment !== undefined && moment > now));
}

/** Unhealthy if one check is; healthy if all are; undefined while one may still become unhealthy. */
export function combine(verdicts: readonly (Verdict | undefined)[]): Verdict | undefined {
  if (verdicts.includes('unhealthy')) return 'unhealthy';
  if (verdicts.includes(undefined)) return undefined;
  return verdicts.includes('inconclusive') ? 'inconclusive' : 'healthy';
}
