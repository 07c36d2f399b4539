import { HealthCheckOptions, checkName, times, optionNamesOf } from './health-check-options';
import { propagationWithin } from './release-identity';
import { GroupCheckManifest, HealthCheckManifest } from '../contract/manifest';
import { Duration } from '../validation/duration';
import { invalid, show } from '../validation/validation-error';

/** Beyond the slowest member's own timeout, so that the members end by themselves. */
const SLACK_MS = 2_000;

/** What a group knows of its members. */
export interface Member {
  readonly manifest: HealthCheckManifest;
  /** Names of the options that it was given. */
  readonly given: string[];
}

export function groupCheck(kind: 'allOf' | 'anyOf', members: Member[], options: HealthCheckOptions): GroupCheckManifest {
  const option = optionNamesOf(`HealthCheck.${kind}`);
  if (members.length === 0) invalid(option('checks'), 'there is none', 'Give it two checks or more');
  const checks = members.map(({ manifest }) => manifest);
  for (const { manifest, given } of members) checkMember(option('checks'), manifest, given);
  const twice = checks.find((check, i) => checks.findIndex(({ name }) => name === check.name) !== i);
  if (twice) invalid(option('checks'), `two of them are called ${show(twice.name)}`, 'Give one of them another name');
  if (options.timeout !== undefined) invalid(option('timeout'), 'a group waits for the slowest of its members', 'Give each member its own');
  const longest = (of: (check: HealthCheckManifest) => number) => Duration.seconds(Math.max(...checks.map(of)) / 1000);
  const name = options.name ?? nameOf(kind, checks);
  checkName(option('name'), name);
  const defaults = { interval: longest(({ intervalMs }) => intervalMs), timeout: longest(({ timeoutMs }) => timeoutMs + SLACK_MS) };
  const own = times(options, option, defaults);
  return {
    kind,
    name,
    url: checks.map(({ url }) => url).join(kind === 'allOf' ? ' and ' : ' or '),
    ...own,
    propagationMs: propagationOf(option('checks'), members, own.deadlineMs),
    liveOnly: checks.every(({ liveOnly }) => liveOnly) ? true : undefined,
    checks,
  };
}

/** The longest of the members'. What nobody gave gives way to a short deadline. */
function propagationOf(option: string, members: Member[], deadlineMs: number): number | undefined {
  const all = members.flatMap(({ manifest: { propagationMs }, given }) => (propagationMs === undefined ? [] : [
    propagationWithin(option, given.includes('propagation') ? propagationMs : undefined, deadlineMs),
  ]));
  return all.length === 0 ? undefined : Math.max(...all);
}

/** What would be silently ignored is refused. */
function checkMember(option: string, check: HealthCheckManifest, given: string[]): void {
  const ignored = ['interval', 'successThreshold', 'failureThreshold', 'deadline', 'use'].find((name) => given.includes(name));
  if (ignored) {
    invalid(option, `${show(check.name)} has a ${ignored} of its own, and a group asks all its members at once and counts its own answers`, `Give the ${ignored} to the group`);
  }
  if ('checks' in check && check.checks.some((inner) => 'checks' in inner)) {
    invalid(option, `${show(check.name)} holds a group already, and three levels are more than a reason can explain`, 'Nest groups once');
  }
}

function nameOf(kind: 'allOf' | 'anyOf', checks: HealthCheckManifest[]): string {
  const word = kind === 'allOf' ? 'all' : 'any';
  const name = `${word} of ${checks.map((check) => check.name).join(', ')}`;
  return name.length <= 100 ? name : `${word} of ${checks.length} checks`;
}
