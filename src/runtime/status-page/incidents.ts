import { failureOf } from './dora';
import { EnvironmentData } from './status-data';

/** A failure that the page shows. */
export interface Incident {
  readonly environment: string;
  readonly since: number;
  /** Absent while it lasts. */
  readonly until?: number;
  readonly what: string;
}

/** Alerts that are no check's. */
const WHAT: Record<string, string> = { deployment: 'a deployment needed a person', rollback: 'a rollback needed a person' };

/** Alerts that fired, and deployments that were rolled back or halted, newest first. */
export function incidentsOf(environment: string, { alerts, attempts }: Pick<EnvironmentData, 'alerts' | 'attempts'>, from: number): Incident[] {
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
