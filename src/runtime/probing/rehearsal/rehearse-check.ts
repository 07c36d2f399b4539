import { Fault, FAULTS, REPLACED, replayed, Replayed, withFault } from './faults';
import { ReplayServer } from './replay-server';
import { HealthCheckManifest, HttpCheckManifest } from '../../../contract/manifest';
import type { RuntimeContext } from '../../context';
import type { Named, Release } from '../../release';
import type { Observation } from '../observation';
import { recordResponse } from '../probe';
import { releaseOf } from '../response-conditions';

/** How a check sees the live service, and the same responses with each fault. */
export interface RehearsedCheck {
  readonly check: HealthCheckManifest;
  /** Why no fault was tried. */
  readonly notRehearsed?: string;
  /** Whether `notRehearsed` is about the state of the service, not about the kind of the check. */
  readonly isUnhealthy?: boolean;
  /** Absent where no fault was tried. */
  readonly seen?: Readonly<Record<Fault, Observation>>;
}

/** The context that a rehearsal uses. */
export type RehearsalContext = Pick<RuntimeContext, 'probe' | 'processEnv' | 'interrupted'>;

/** A fault other than slowness must not time out because the machine is busy. */
const REPLAY_TIMEOUT_MS = 60_000;

const UNCHANGEABLE: Readonly<Record<Exclude<HealthCheckManifest['kind'], 'http' | 'allOf' | 'anyOf'>, string>> = {
  tcp: 'its bytes are no HTTP response: stop the service, or connect to a closed port',
  command: 'only the command knows what it looks at: run it against a broken service',
  prometheus: 'its value comes from Prometheus: change the threshold until the query fails',
  dns: 'it reads records of the DNS: name a record that does not exist',
  certificate: 'it looks at the certificate of a connection: demand a longer validity than it has',
  cloudWatchAlarm: 'its state comes from CloudWatch: set it with `aws cloudwatch set-alarm-state`',
};

/** Probes the live service once, then its recorded responses with each fault, from a server on loopback. */
export async function rehearseCheck(check: HealthCheckManifest, context: RehearsalContext): Promise<RehearsedCheck> {
  const members = httpMembers(check);
  const other = check.kind === 'http' ? undefined : unchangedMember(check);
  // any of them may keep the group healthy: then nothing is found out about the group
  if (other !== undefined && (members.length === 0 || check.kind === 'anyOf')) return { check, notRehearsed: UNCHANGEABLE[other] };
  const recorded = new Map<HttpCheckManifest, Replayed>();
  const named: Named[] = [];
  for (const member of members) {
    const signal = AbortSignal.any([context.interrupted, AbortSignal.timeout(member.timeoutMs)]);
    const response = await recordResponse(member, { release: UNNAMED, env: context.processEnv }, signal).catch(() => undefined);
    if (response === undefined) continue;
    recorded.set(member, replayed(response));
    const version = releaseOf(member, response);
    if (version !== undefined) named.push({ version, sha: '' });
  }
  const target = { release: { ...UNNAMED, ...named[0] }, sharedWith: named, replaced: [REPLACED] };
  const live = await context.probe(check, target, context.interrupted);
  if (live.outcome !== 'healthy' || recorded.size < members.length) return { check, notRehearsed: `it is not healthy now: ${live.saw}`, isUnhealthy: true };
  const server = await ReplayServer.start();
  try {
    const probe = (fault?: Fault) => context.probe(redirected(check, fault, recorded, server), target, context.interrupted);
    const unchanged = await probe();
    if (unchanged.outcome !== 'healthy') return { check, notRehearsed: `its own response, sent again by a server on loopback, is not healthy: ${unchanged.saw}` };
    const seen = await Promise.all(FAULTS.map(async (fault) => [fault, await probe(fault)] as const));
    return { check, seen: Object.fromEntries(seen) as Record<Fault, Observation> };
  } finally {
    await server.stop();
  }
}

const UNNAMED: Release = { version: 'live', sha: '' };

/** The http checks that it consists of. */
export function httpMembers(check: HealthCheckManifest): HttpCheckManifest[] {
  if ('checks' in check) return check.checks.flatMap(httpMembers);
  return check.kind === 'http' ? [check] : [];
}

function unchangedMember(check: HealthCheckManifest): keyof typeof UNCHANGEABLE | undefined {
  if ('checks' in check) return check.checks.map(unchangedMember).find((kind) => kind !== undefined);
  return check.kind === 'http' ? undefined : check.kind;
}

/** The check, at the URL of the recorded response. Its limit of the latency is left out: the response does not come from the service. */
function redirected(
  check: HealthCheckManifest, fault: Fault | undefined, recorded: ReadonlyMap<HttpCheckManifest, Replayed>, server: ReplayServer,
): HealthCheckManifest {
  const timeoutMs = fault === 'slow' ? check.timeoutMs : Math.max(check.timeoutMs, REPLAY_TIMEOUT_MS);
  if ('checks' in check) return { ...check, timeoutMs, checks: check.checks.map((member) => redirected(member, fault, recorded, server)) };
  if (check.kind !== 'http') return check;
  const response = recorded.get(check)!;
  const url = server.add(fault === undefined ? response : withFault(fault, response, check));
  return { ...check, url, timeoutMs, useProxy: false, maxLatencyMs: undefined };
}
