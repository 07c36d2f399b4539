import type { FinishedCanary } from './canaries';
import { percentile } from '../probing/observation';

/**
 * The four DORA metrics, computed from the ledger. Pure. docs/monitoring.md defines them.
 * @see https://dora.dev/guides/dora-metrics/
 */

/** A finished attempt. All times in milliseconds since the epoch. */
export interface FinishedAttempt {
  readonly id: string;
  readonly kind: 'deploy' | 'rollback' | 'adopt' | 'drill';
  readonly version: string;
  readonly sha: string;
  readonly state: 'stable' | 'rolledBack' | 'halted' | 'failed' | 'superseded';
  readonly createdAt: number;
  readonly endedAt: number;
  /** When the failure was detected: the rollback began, or it was halted. */
  readonly troubleAt?: number;
  /** Its process was gone: the release got no verdict. */
  readonly isAbandoned?: boolean;
  /** In a rollback: the commit that was rolled back. */
  readonly leaving?: string;
  /** In a rollback, by itself or by hand: the version to restore. */
  readonly backTo?: string;
  /** When the release's commit was made. */
  readonly committedAt?: number;
  /** How it shared the traffic with Stable, if it did. */
  readonly canary?: FinishedCanary;
}

export interface Dora {
  readonly from: number;
  readonly to: number;
  /** Deployments that became Stable. */
  readonly deployments: number;
  /** Absent if the time is shorter than a week. */
  readonly perWeek?: number;
  /** Median, from the commit to Stable; absent if no commit's time is known. */
  readonly leadTimeMs?: number;
  /** Deployments that changed something and got a verdict. */
  readonly finished: number;
  readonly failures: number;
  /** Median; absent if nothing was restored. */
  readonly restoreMs?: number;
  /** Failures that are not resolved. */
  readonly unrestored: number;
}

const WEEK_MS = 7 * 86_400_000;

/** One environment's figures between two times. The attempts may be in any order, and outside these times. */
export function doraOf(attempts: readonly FinishedAttempt[], { from, to }: { readonly from: number; readonly to: number }): Dora {
  const within = ({ endedAt }: FinishedAttempt) => endedAt >= from && endedAt <= to;
  const deploys = attempts.filter((one) => one.kind === 'deploy' && within(one));
  const stable = deploys.filter(({ state }) => state === 'stable');
  const failures = deploys.map((one) => failureOf(one, attempts)).filter((one) => one !== undefined);
  const finished = deploys.filter((one) => one.state === 'stable' || failureOf(one, attempts) !== undefined);
  const leads = stable.flatMap(({ committedAt, endedAt }) => (committedAt === undefined ? [] : [Math.max(0, endedAt - committedAt)]));
  const restored = failures.flatMap(({ since, until }) => (until === undefined ? [] : [until - since]));
  const leadTimeMs = percentile(leads, 0.5);
  const restoreMs = percentile(restored, 0.5);
  return {
    from,
    to,
    deployments: stable.length,
    ...(to - from >= WEEK_MS && { perWeek: stable.length / ((to - from) / WEEK_MS) }),
    ...(leadTimeMs !== undefined && { leadTimeMs }),
    finished: finished.length,
    failures: failures.length,
    ...(restoreMs !== undefined && { restoreMs }),
    unrestored: failures.length - restored.length,
  };
}

/** A time in which a bad release was live, or it was unknown which one. */
export interface Failure {
  readonly since: number;
  /** When a verified release was live again. */
  readonly until?: number;
}

/** How a deployment failed, if it did: rolled back, halted, or rolled back by hand later. An abandoned one says nothing about the release. */
export function failureOf(attempt: FinishedAttempt, all: readonly FinishedAttempt[]): Failure | undefined {
  if (attempt.kind !== 'deploy' || attempt.isAbandoned) return undefined;
  if (attempt.state === 'rolledBack') return { since: attempt.troubleAt ?? attempt.endedAt, until: attempt.endedAt };
  if (attempt.state === 'halted') return restoredAfter(attempt.troubleAt ?? attempt.endedAt, attempt.endedAt, all);
  if (attempt.state !== 'stable') return undefined;
  const left = leftBy(attempt, all);
  return left && (left.state === 'stable' ? { since: left.createdAt, until: left.endedAt } : restoredAfter(left.createdAt, left.endedAt, all));
}

/** The rollback by hand of this release, unless another deployment came between. */
function leftBy({ endedAt, sha }: FinishedAttempt, all: readonly FinishedAttempt[]): FinishedAttempt | undefined {
  const later = all.filter(({ createdAt, state }) => createdAt >= endedAt && state !== 'failed' && state !== 'superseded');
  const [next] = later.filter(({ kind }) => kind !== 'adopt' && kind !== 'drill').sort((a, b) => a.createdAt - b.createdAt);
  return next?.kind === 'rollback' && next.leaving === sha ? next : undefined;
}

function restoredAfter(since: number, after: number, all: readonly FinishedAttempt[]): Failure {
  const ends = all.filter(({ endedAt, state }) => endedAt > after && (state === 'stable' || state === 'rolledBack')).map(({ endedAt }) => endedAt);
  return ends.length === 0 ? { since } : { since, until: Math.min(...ends) };
}

/** A failure that the page shows. */
export interface Incident {
  readonly environment: string;
  readonly since: number;
  /** Absent while it lasts. */
  readonly until?: number;
  readonly what: string;
}

interface Troubles {
  readonly alerts: readonly { readonly check: string; readonly since: number; readonly until?: number }[];
  readonly attempts: readonly FinishedAttempt[];
}

/** Alerts that are not about a check. */
const WHAT: Record<string, string> = { deployment: 'a deployment needed a person', rollback: 'a rollback needed a person' };

/** Alerts that fired, and deployments that were rolled back or halted, newest first. */
export function incidentsOf(environment: string, { alerts, attempts }: Troubles, from: number): Incident[] {
  const failed = attempts.flatMap((attempt) => {
    const failure = failureOf(attempt, attempts);
    if (!failure) return [];
    const what = attempt.state === 'halted'
      ? `${attempt.version} could neither be verified nor rolled back`
      : `${attempt.version} was rolled back${attempt.backTo === undefined ? '' : ` to ${attempt.backTo}`}${attempt.state === 'stable' ? ' by hand' : ''}`;
    return [{ environment, what, ...failure }];
  });
  const fired = alerts
    // a deployment that is halted fires, too
    .filter(({ check, since }) => check !== 'deployment' || !failed.some((one) => one.since <= since && since <= (one.until ?? Infinity)))
    .map(({ check, since, until }) => ({ environment, what: WHAT[check] ?? `${check} was unhealthy`, since, ...(until !== undefined && { until }) }));
  return [...failed, ...fired].filter(({ since, until }) => until === undefined || until >= from || since >= from).sort((a, b) => b.since - a.since);
}
