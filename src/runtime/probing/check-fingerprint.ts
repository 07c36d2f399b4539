import { createHash } from 'node:crypto';
import { CheckManifest, HealthCheckManifest } from '../../contract/manifest';

/** They say when and how often a check asks, and not what. */
const LEFT_OUT: readonly string[] = [
  'name', 'gateOnly', 'liveOnly', 'intervalMs', 'successThreshold', 'failureThreshold', 'deadlineMs', 'propagationMs',
] satisfies readonly (keyof CheckManifest)[];

/** A short name of what a check asks for, and where: two checks with the same one pass and fail together. */
export function fingerprint(check: HealthCheckManifest): string {
  return createHash('sha256').update(JSON.stringify(asked(check))).digest('hex').slice(0, 12);
}

/** In an order of its own: another version may write the fields in another one. */
function asked(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(asked);
  if (typeof value !== 'object' || value === null) return value;
  const fields = Object.entries(value).filter(([name, field]) => field !== undefined && !LEFT_OUT.includes(name));
  return fields.sort(([one], [other]) => (one < other ? -1 : 1)).map(([name, field]) => [name, asked(field)]);
}
