import { headerName } from './release-identity';
import { CheckManifest } from '../contract/manifest';
import { Duration, millisecondsOf, millisecondsOfGiven, showDuration } from '../validation/duration';
import { objectOf, OptionNames } from '../validation/option-types';
import { invalid, show } from '../validation/validation-error';
import { unseenSecret } from '../validation/variable-names';

/**
 * What asks a health check.
 */
export enum HealthCheckUse {
  /** Only a deployment, before and after it promotes. */
  GATE = 'gate',
  /** Only the watch, between deployments: what is no fault of a release, or what takes too long to ask. */
  WATCH = 'watch',
  /** Both. */
  BOTH = 'both',
}

/**
 * How often a health check looks, and what its answers add up to.
 */
export interface HealthCheckOptions {
  /**
   * What the check is called in logs and summaries; unique in its environment.
   *
   * @default - what it asks: host and path of the URL, the address, the task, the shell line
   */
  readonly name?: string;

  /**
   * Time from the start of one probe to the start of the next, 1 s at least. Probes never overlap: a slow one delays the next.
   *
   * @default - 2 s; 5 s for commands, tasks and Prometheus; a group has the longest of its members'
   */
  readonly interval?: Duration;

  /**
   * How long one probe may take, everything included: redirects and body, or the whole command.
   *
   * @default - 5 s; 30 s for commands and tasks; a group waits for the slowest of its members
   */
  readonly timeout?: Duration;

  /**
   * So many healthy answers in a row make the check healthy.
   *
   * @default 3
   */
  readonly successThreshold?: number;

  /**
   * So many bad answers in a row make the check unhealthy, and undo the release.
   *
   * @default 3
   */
  readonly failureThreshold?: number;

  /**
   * How long a release may take until the check is healthy, `successThreshold` times `interval` at least. While it starts,
   * refused connections don't count.
   *
   * @default Duration.seconds(120)
   */
  readonly deadline?: Duration;

  /**
   * What asks it. An environment needs one check at least that a deployment asks. A group's members leave it to the group.
   *
   * @default - HealthCheckUse.BOTH; HealthCheckUse.WATCH for a certificate, which is no release's fault and which no rollback renews
   */
  readonly use?: HealthCheckUse;
}

export const HEALTH_CHECK_OPTIONS: OptionNames<HealthCheckOptions> = {
  name: true, interval: true, timeout: true, successThreshold: true, failureThreshold: true, deadline: true, use: true,
};

export function useOf(option: string, given: HealthCheckUse | undefined, fallback: HealthCheckUse): HealthCheckUse {
  const use = given === undefined ? fallback : given;
  if (Object.values(HealthCheckUse).includes(use)) return use;
  invalid(option, `${show(use)} is none`, 'Write HealthCheckUse.GATE, WATCH or BOTH');
}

/** Of an option of this check, for a message. */
export type OptionName = (name: string) => string;

/** As the user wrote it. */
export function optionNamesOf(check: string): OptionName {
  return (name) => `${check} ${name}`;
}

export interface DefaultTimes {
  readonly interval: Duration;
  readonly timeout: Duration;
}

export function times(options: HealthCheckOptions, option: OptionName, defaults?: DefaultTimes): Omit<CheckManifest, 'name' | 'url' | 'liveOnly' | 'gateOnly' | 'propagationMs'> {
  const { interval, timeout } = defaults ?? { interval: Duration.seconds(2), timeout: Duration.seconds(5) };
  const intervalMs = millisecondsOf(option('interval'), options.interval, interval);
  if (intervalMs < 1000) {
    invalid(option('interval'), `${showDuration(intervalMs)} is shorter than a second`, 'Give Duration.seconds(1) or more');
  }
  const timeoutMs = atLeast(option('timeout'), millisecondsOf(option('timeout'), options.timeout, timeout), 1);
  const successThreshold = wholeNumber(option('successThreshold'), options.successThreshold ?? 3, 1, 1000);
  const failureThreshold = wholeNumber(option('failureThreshold'), options.failureThreshold ?? 3, 1, 1000);
  const deadlineMs = millisecondsOf(option('deadline'), options.deadline, Duration.seconds(120));
  if (deadlineMs < successThreshold * intervalMs) {
    invalid(option('deadline'),
      `${showDuration(deadlineMs)} is shorter than ${successThreshold} healthy answers at an interval of ${showDuration(intervalMs)} take`,
      `Give ${showDuration(successThreshold * intervalMs)} or more, or lower successThreshold or interval`);
  }
  return { intervalMs, timeoutMs, successThreshold, failureThreshold, deadlineMs };
}

export function checkName(option: string, name: string): void {
  // it is printed in logs and tables, and names the check in every record
  if (name === 'deployment') invalid(option, `${show(name)} is what the alert about the environment's own deployments is called`, 'Give the check another name');
  if (name === 'rollback') invalid(option, `${show(name)} is what the alert about the environment's own rollbacks is called`, 'Give the check another name');
  if (typeof name === 'string' && name.trim() !== '' && /^[^\p{Cc}|<>`]{1,100}$/u.test(name)) return;
  invalid(option, `${show(name)} cannot be shown in a table`, 'Give 1 to 100 characters on one line, without | < > `');
}

export function optionalMilliseconds(option: string, value: Duration | undefined, example: Duration): number | undefined {
  return value === undefined ? undefined : atLeast(option, millisecondsOfGiven(option, value, example), 1);
}

function atLeast(option: string, millis: number, least: number): number {
  if (millis < least) invalid(option, `${showDuration(millis)} leaves no time at all`, 'Give more than 0');
  return millis;
}

export function wholeNumber(option: string, value: number, least: number, most: number): number {
  if (Number.isInteger(value) && value >= least && value <= most) return value;
  invalid(option, `${show(value)} is out of range`, `Give a whole number from ${least} to ${most}`);
}

export function secretRequestHeaders(option: string, headers: Record<string, string>): Record<string, string> {
  for (const [name, secret] of Object.entries(objectOf(option, headers, '{ authorization: \'NAME_OF_A_SECRET\' }'))) {
    headerName(option, name);
    unseenSecret(option, `the value of ${show(name)}`, secret);
  }
  return headers;
}

export function pattern(option: string, source: string): string {
  const given: unknown = source;
  if (given instanceof RegExp) {
    const flags = given.flags === '' ? '' : ` (without ${given.flags}: a check knows no flags)`;
    invalid(option, `${show(given)} is a RegExp, which the manifest cannot hold`, `Write it as text: ${show(given.source)}${flags}`);
  }
  if (typeof given !== 'string') invalid(option, `${show(given)} is not text`, 'Write a regular expression as text, for example \'^ok$\'');
  try {
    new RegExp(source);
    return source;
  } catch (error) {
    invalid(option, `${show(source)} is not a regular expression (${(error as Error).message})`, 'Escape special characters with a backslash');
  }
}
