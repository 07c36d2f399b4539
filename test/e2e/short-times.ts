import { readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { EnvironmentManifest, HealthCheckManifest, Manifest, MANIFEST_FILE } from '../../src/contract/manifest';

export type CheckTimes = Pick<HealthCheckManifest, 'intervalMs' | 'timeoutMs' | 'deadlineMs'>;

const QUICK: CheckTimes = { intervalMs: 50, timeoutMs: 5000, deadlineMs: 30_000 };

/** The commands of the tests are done when users see the release. */
const PROPAGATION_MS = 100;

/** A test does not wait as long as a release is watched: the times are shorter in its synthesized manifest. All else is as it was synthesized. */
export function shortenTimes(repository: string, times: CheckTimes = QUICK, manifestFile = MANIFEST_FILE): void {
  const file = join(repository, manifestFile);
  const manifest = JSON.parse(readFileSync(file, 'utf8')) as Manifest;
  const shorter = (environment: EnvironmentManifest): EnvironmentManifest => ({
    ...environment,
    strategy: { ...environment.strategy, bakeMs: 300 },
    healthChecks: environment.healthChecks.map((check) => ({
      ...check, ...times, ...(check.propagationMs !== undefined && { propagationMs: PROPAGATION_MS }),
    })),
  });
  const { previews } = manifest;
  const shorterPreviews = previews && { ...previews, environment: shorter(previews.environment) };
  const shortened = { ...manifest, environments: manifest.environments.map(shorter), previews: shorterPreviews };
  // what projen writes is read-only
  rmSync(file);
  writeFileSync(file, JSON.stringify(shortened, null, 2));
}
