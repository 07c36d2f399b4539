import { headerName } from './release-identity';
import { formatDuration } from '../contract/duration-text';
import { CheckManifest, HealthCheckManifest } from '../contract/manifest';
import { Duration, millisecondsOf, positiveMilliseconds, probeInterval } from '../validation/duration';
import { objectOf, OptionNames, wholeNumber } from '../validation/option-types';
import { needsOutputs } from '../validation/url';
import { invalid, show } from '../validation/validation-error';
import { checkHiddenSecret } from '../validation/variable-names';

/**
 * The processes that run a health check.
 */
export enum HealthCheckUse {
  /** Only deployments, before and after they promote. */
  GATE = 'gate',
  /**
   * Only the watch, between deployments. For conditions that a release does not cause, and for probes that take too long for a
   * deployment.
   */
  WATCH = 'watch',
  /** Deployments and the watch. */
  BOTH = 'both',
}

/**
 * Options that all kinds of health checks share: how often they probe, and how results are counted.
 */
export interface HealthCheckOptions {
  /**
   * The name of the check in logs and summaries. It must be unique in its environment.
   *
   * @default - derived from what it probes: host and path of the URL, the address, the task, or the shell line
   */
  readonly name?: string;

  /**
   * The time from the start of one probe to the start of the next; at least 1 second. Probes never overlap: a slow probe delays the next
   * one.
   *
   * @default - 2 seconds; 5 seconds for commands, tasks and Prometheus; for a group, the longest interval of its members
   */
  readonly interval?: Duration;

  /**
   * The time that one probe may take in total: redirects and body included, or the whole command.
   *
   * @default - 5 seconds; 30 seconds for commands and tasks; a group waits for its slowest member
   */
  readonly timeout?: Duration;

  /**
   * The number of consecutive healthy results after which the check is healthy.
   *
   * @default 3
   */
  readonly successThreshold?: number;

  /**
   * The number of consecutive unhealthy results after which the check is unhealthy and the release is rolled back.
   *
   * @default 3
   */
  readonly failureThreshold?: number;

  /**
   * The time within which the check of a new release must become healthy; at least `successThreshold` times `interval`. Refused
   * connections do not count while the release starts.
   *
   * @default Duration.seconds(120)
   */
  readonly deadline?: Duration;

  /**
   * The processes that run the check. An environment needs at least one check that deployments run. Members of a group cannot set it: the
   * group does.
   *
   * @default - HealthCheckUse.BOTH; HealthCheckUse.WATCH for a certificate, because a rollback does not renew it
   */
  readonly use?: HealthCheckUse;
}

export const HEALTH_CHECK_OPTIONS: OptionNames<HealthCheckOptions> = {
  name: true, interval: true, timeout: true, successThreshold: true, failureThreshold: true, deadline: true, use: true,
};

/**
 * Options that all health checks share that send HTTP requests.
 */
export interface HttpRequestOptions extends HealthCheckOptions {
  /**
   * Headers whose values are secrets: maps the header's name to the name of the secret in the CI system. For `{ authorization:
   * 'API_TOKEN' }`, the secret's value is `Bearer ...`. The plan and the watch must be able to read the secret too, so the environment
   * needs a `monitorEnvironment`.
   *
   * @default - none
   */
  readonly secretRequestHeaders?: Record<string, string>;

  /**
   * Allows plain http outside loopback. Anyone on the network path can then forge the response.
   *
   * @default false
   */
  readonly allowInsecure?: boolean;

  /**
   * Whether requests use the proxy that `HTTPS_PROXY`, `HTTP_PROXY` and `NO_PROXY` configure in the job. `true` also sends requests to
   * loopback addresses through it.
   *
   * @default - use the proxy if there is one, except for loopback addresses
   */
  readonly useProxy?: boolean;
}

export const HTTP_REQUEST_OPTIONS: OptionNames<HttpRequestOptions> = {
  ...HEALTH_CHECK_OPTIONS, secretRequestHeaders: true, allowInsecure: 'boolean', useProxy: 'boolean',
};

export function useOf(option: string, given: HealthCheckUse | undefined, fallback: HealthCheckUse): HealthCheckUse {
  const use = given === undefined ? fallback : given;
  if (Object.values(HealthCheckUse).includes(use)) return use;
  invalid(option, `${show(use)} is not a HealthCheckUse`, 'Write HealthCheckUse.GATE, WATCH or BOTH');
}

/** Names an option of a check, for an error message. */
export type OptionName = (name: string) => string;

/** Names options as the user wrote them. */
export function optionNamesOf(check: string): OptionName {
  return (name) => `${check} ${name}`;
}

interface DefaultTimes {
  readonly interval: Duration;
  readonly timeout: Duration;
}

export function times(options: HealthCheckOptions, option: OptionName, defaults?: DefaultTimes): Omit<CheckManifest, 'name' | 'url' | 'liveOnly' | 'gateOnly' | 'propagationMs'> {
  const { interval, timeout } = defaults ?? { interval: Duration.seconds(2), timeout: Duration.seconds(5) };
  const intervalMs = probeInterval(option('interval'), options.interval, interval);
  const timeoutMs = positiveMilliseconds(option('timeout'), options.timeout ?? timeout, timeout);
  const successThreshold = wholeNumber(option('successThreshold'), options.successThreshold ?? 3, 1, 1000);
  const failureThreshold = wholeNumber(option('failureThreshold'), options.failureThreshold ?? 3, 1, 1000);
  const deadlineMs = millisecondsOf(option('deadline'), options.deadline, Duration.seconds(120));
  if (deadlineMs < successThreshold * intervalMs) {
    invalid(option('deadline'),
      `${formatDuration(deadlineMs, 'exact')} is less than the time that ${successThreshold} healthy results take at an interval of ${formatDuration(intervalMs, 'exact')}`,
      `Set ${formatDuration(successThreshold * intervalMs, 'exact')} or more, or reduce successThreshold or interval`);
  }
  return { intervalMs, timeoutMs, successThreshold, failureThreshold, deadlineMs };
}

/** Returns the name of a check: the option, or one derived from what it probes. */
export function nameOf({ name }: HealthCheckOptions, option: OptionName, derived: string): string {
  const chosen = name ?? derived;
  // the name is printed in logs and tables and identifies the check in all records
  if (chosen === 'deployment' || chosen === 'rollback') {
    invalid(option('name'), `${show(chosen)} is reserved for the alert about the environment's ${chosen}s`, 'Give the check another name');
  }
  if (typeof chosen === 'string' && chosen.trim() !== '' && /^[^\p{Cc}|<>`]{1,100}$/u.test(chosen)) return chosen;
  invalid(option('name'), `${show(chosen)} cannot be shown in a table`, 'Give 1 to 100 characters on one line, without | < > `');
}

/** Shortens a shell line or a query to a valid name. */
export function asName(text: string): string {
  return text.replace(/[|<>`\p{Cc}\s]+/gu, ' ').trim().slice(0, 100);
}

/** Returns the URLs at which a check probes the service itself, as far as they are known before a deployment. */
export function addressesOf(check: HealthCheckManifest): string[] {
  if ('checks' in check) return check.checks.flatMap(addressesOf);
  return ['http', 'tcp', 'certificate'].includes(check.kind) && !needsOutputs(check.url) ? [check.url] : [];
}

export function secretRequestHeaders(option: string, headers: Record<string, string>): Record<string, string> {
  for (const [name, secret] of Object.entries(objectOf(option, headers, '{ authorization: \'NAME_OF_A_SECRET\' }'))) {
    headerName(option, name);
    checkHiddenSecret(option, `the value of ${show(name)}`, secret);
  }
  return headers;
}

export function pattern(option: string, source: string): string {
  const given: unknown = source;
  if (given instanceof RegExp) {
    const flags = given.flags === '' ? '' : ` (without ${given.flags}: flags are not supported)`;
    invalid(option, `${show(given)} is a RegExp, but a string is required`, `Write it as a string: ${show(given.source)}${flags}`);
  }
  if (typeof given !== 'string') invalid(option, `${show(given)} is not a string`, 'Write a regular expression as a string, for example \'^ok$\'');
  try {
    new RegExp(source);
    return source;
  } catch (error) {
    invalid(option, `${show(source)} is not a valid regular expression (${(error as Error).message})`, 'Escape special characters with a backslash');
  }
}
