import { DriverManifest, HealthCheckManifest, knowsRelease } from '../contract/manifest';
import { invalid } from '../validation/validation-error';

/** Rejects an environment that would verify the release before: nothing else waits until the cluster serves the new one. */
export function checkGitOps(shown: string, driver: DriverManifest | undefined, healthChecks: readonly HealthCheckManifest[]): void {
  if (driver?.kind !== 'gitOps' || driver.follows !== undefined || healthChecks.some(knowsRelease)) return;
  invalid(`${shown} healthChecks`, 'Target.gitOps without follows does not read the cluster, and no health check identifies the release, so the old release would pass for the new one',
    'Set release: ReleaseIdentity.json(\'version\', { propagation: Duration.minutes(10) }) in HealthCheck.http, or set follows');
}
