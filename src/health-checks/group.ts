import { HealthCheckOptions, nameOf, times, optionNamesOf } from './health-check-options';
import { propagationWithin } from './release-identity';
import { GroupCheckManifest, HealthCheckManifest } from '../contract/manifest';
import { Duration } from '../validation/duration';
import { invalid, show } from '../validation/validation-error';

/** Added to the slowest member's timeout, so that each member times out by itself. */
const SLACK_MS = 2_000;

/** A member of a group. */
export interface Member {
  readonly manifest: HealthCheckManifest;
  /** Names of the options that were set. */
  readonly given: string[];
}

export function groupCheck(kind: 'allOf' | 'anyOf', members: Member[], options: HealthCheckOptions): GroupCheckManifest {
  const option = optionNamesOf(`HealthCheck.${kind}`);
  if (members.length === 0) invalid(option('checks'), 'it is empty', 'Add two checks or more');
  const checks = members.map(({ manifest }) => manifest);
  for (const { manifest, given } of members) checkMember(option('checks'), manifest, given);
  const twice = checks.find((check, i) => checks.findIndex(({ name }) => name === check.name) !== i);
  if (twice) invalid(option('checks'), `two of them have the name ${show(twice.name)}`, 'Give one of them another name');
  if (options.timeout !== undefined) invalid(option('timeout'), 'a group waits for its slowest member', 'Set the timeout of each member instead');
  const longest = (of: (check: HealthCheckManifest) => number) => Duration.seconds(Math.max(...checks.map(of)) / 1000);
  const defaults = { interval: longest(({ intervalMs }) => intervalMs), timeout: longest(({ timeoutMs }) => timeoutMs + SLACK_MS) };
  const own = times(options, option, defaults);
  return {
    kind,
    name: nameOf(options, option, derivedName(kind, checks)),
    url: checks.map(({ url }) => url).join(kind === 'allOf' ? ' and ' : ' or '),
    ...own,
    propagationMs: propagationOf(option('checks'), members, own.deadlineMs),
    liveOnly: checks.every(({ liveOnly }) => liveOnly) ? true : undefined,
    checks,
  };
}

/** Returns the longest propagation of all members. A default propagation is capped at the deadline. */
function propagationOf(option: string, members: Member[], deadlineMs: number): number | undefined {
  const all = members.flatMap(({ manifest: { propagationMs }, given }) => (propagationMs === undefined ? [] : [
    propagationWithin(option, given.includes('propagation') ? propagationMs : undefined, deadlineMs),
  ]));
  return all.length === 0 ? undefined : Math.max(...all);
}

/** Rejects options of a member that the group would ignore. */
function checkMember(option: string, check: HealthCheckManifest, given: string[]): void {
  const ignored = ['interval', 'successThreshold', 'failureThreshold', 'deadline', 'use'].find((name) => given.includes(name));
  if (ignored) {
    invalid(option, `${show(check.name)} sets ${ignored}, but a group probes all members together and counts only its own results`, `Set ${ignored} on the group`);
  }
  if ('checks' in check && check.checks.some((inner) => 'checks' in inner)) {
    invalid(option, `${show(check.name)} contains a group that contains a group`, 'Nest groups at most once');
  }
}

function derivedName(kind: 'allOf' | 'anyOf', checks: HealthCheckManifest[]): string {
  const word = kind === 'allOf' ? 'all' : 'any';
  const name = `${word} of ${checks.map((check) => check.name).join(', ')}`;
  return name.length <= 100 ? name : `${word} of ${checks.length} checks`;
}
