/** The health of one target of a load balancer. */
export interface TargetHealth {
  /** `healthy`, `initial`, `unhealthy`, `draining`, `unused` or `unavailable`. */
  readonly state: string;
  /** For example `Target.FailedHealthChecks`; empty where it is healthy. */
  readonly reason: string;
  readonly description: string;
}

/** How many of these targets get requests. */
export function healthyIn(targets: readonly TargetHealth[]): number {
  return targets.filter(({ state }) => state === 'healthy').length;
}

/** Why targets get no requests, for people. Those that are leaving do not count. */
export function unhealthyReasons(targets: readonly TargetHealth[]): string {
  const others = targets.filter(({ state }) => state !== 'healthy' && !state.endsWith('draining'));
  if (others.length === 0) return 'no other target is registered';
  return [...new Set(others.map(({ description, reason, state }) => [state, reason, description].filter((text) => text !== '').join(', ')))].slice(0, 3).join('; ');
}
