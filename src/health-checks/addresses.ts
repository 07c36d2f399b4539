import { HealthCheckManifest } from '../contract/manifest';

/** The URLs at which a check probes the service itself. */
export function addressesOf(check: HealthCheckManifest): string[] {
  if ('checks' in check) return check.checks.flatMap(addressesOf);
  return ['http', 'tcp', 'certificate'].includes(check.kind) ? [check.url] : [];
}
