import { MonitorExport } from './monitor-export';
import { StatusPage } from './status-page';
import { CI_RULES, CiLimits } from '../ci/ci-rules';
import { formatDuration } from '../contract/duration-text';
import { HeartbeatManifest, MonitoringManifest } from '../contract/manifest';
import { checkEnvironmentNames, environmentList } from '../delivery/environment-names';
import { Duration, millisecondsOf, millisecondsOfGiven } from '../validation/duration';
import { listOf, OptionNames, optionsOf, wholeNumber } from '../validation/option-types';
import { webAddress } from '../validation/url';
import { invalid, show } from '../validation/validation-error';
import { environmentVariableName, secretName } from '../validation/variable-names';

/**
 * Options for monitoring the environments between deployments. A workflow `monitor` runs their health checks on a schedule and notifies
 * `alerts` of changes; or your own monitoring systems run them; or both.
 *
 * GitHub does not guarantee its schedule. Under load, runs start late or not at all, and in a public repository the schedule is disabled
 * after 60 days without activity. Set `heartbeat` to be notified when it stops.
 *
 * @see https://docs.github.com/en/actions/reference/workflows-and-actions/events-that-trigger-workflows#schedule
 */
export interface MonitoringOptions {
  /**
   * Whether the workflow `monitor` is written. If false, only `exports` are written. Then `exports` is required, and options that only
   * the schedule uses are errors: `interval`, `retries`, `remindEvery`, `heartbeat`, `rollback`, `statusPage`.
   *
   * @default true
   */
  readonly schedule?: boolean;

  /**
   * The time from one run to the next: 5, 6, 10, 12, 15, 20 or 30 minutes, or 1, 2, 3, 4, 6, 8, 12 or 24 hours. The minute is derived
   * from the project's name, and is never the full hour, when GitHub is busiest.
   *
   * @default Duration.minutes(5)
   */
  readonly interval?: Duration;

  /**
   * The names of the environments that are watched. `exports` that name no environments use them too.
   *
   * @default - all environments
   */
  readonly environments?: string[];

  /**
   * The number of times that a check which is not healthy is repeated within a run, at the check's own interval, so that a single lost
   * packet raises no alert.
   *
   * @default 2
   */
  readonly retries?: number;

  /**
   * The number of consecutive unhealthy results, over all runs, after which an alert fires, here and in `exports`. With the defaults, the
   * first run that sees a failed service fires the alert.
   *
   * @default 3
   */
  readonly firesAfter?: number;

  /**
   * The number of consecutive healthy results, over all runs, after which an alert is resolved, here and in `exports`.
   *
   * @default 2
   */
  readonly resolvesAfter?: number;

  /**
   * The time after which the notification of a firing alert is repeated; at least `interval`.
   *
   * @default - the notification is not repeated
   */
  readonly remindEvery?: Duration;

  /**
   * The address that each run without findings requests (GET), so that another service can alert you when the watch itself has stopped:
   * an https URL, which is visible to everyone who can read the repository, or the name of a secret of the repository that holds the URL.
   *
   * @default - none
   */
  readonly heartbeat?: string;

  /**
   * Whether a recent release is rolled back when a health check fires. The watch then starts the workflow `rollback` once. For an older
   * release the cause is probably elsewhere, so only a notification is sent. The watch never rolls back a release that is halted, still
   * being deployed or already rolled back. A deployment that a terminated run left open is always recovered, with or without this option,
   * as that run's own jobs would have done.
   *
   * @default - never; only notifications are sent
   */
  readonly rollback?: MonitoringRollback;

  /**
   * Configuration for your own monitoring systems. They get all health checks except those with `HealthCheckUse.GATE`; Argo Rollouts,
   * which is a gate, gets those too, but none with `HealthCheckUse.WATCH`.
   *
   * @default - none
   */
  readonly exports?: MonitorExport[];

  /**
   * A page that shows the history of the environments: availability over 24 hours, 7 days and 30 days, response times, incidents, the
   * four DORA metrics, and a badge for each environment.
   *
   * @default - none
   */
  readonly statusPage?: StatusPage;
}

const MONITORING_OPTIONS: OptionNames<MonitoringOptions> = {
  schedule: 'boolean',
  interval: true,
  environments: true,
  retries: true,
  firesAfter: true,
  resolvesAfter: true,
  remindEvery: true,
  heartbeat: true,
  rollback: true,
  exports: true,
  statusPage: true,
};

/**
 * Defines which releases the watch rolls back automatically.
 */
export interface MonitoringRollback {
  /** The maximum time since the release became Stable; at least `interval`. */
  readonly within: Duration;
}

const ROLLBACK_OPTIONS: OptionNames<MonitoringRollback> = { within: true };

/** The monitoring options, each validated by itself. */
export class Monitoring {
  /** Whether the workflow `monitor` is written. */
  public readonly isScheduled: boolean;
  public readonly intervalMs: number;
  public readonly heartbeat?: HeartbeatManifest;
  public readonly statusPage?: StatusPage;
  public readonly exports: MonitorExport[];
  /** Numbers that the manifest takes unchanged. */
  public readonly manifestNumbers: Pick<MonitoringManifest, 'intervalMs' | 'retries' | 'firesAfter' | 'resolvesAfter' | 'remindEveryMs' | 'rollback'>;

  /** Undefined for all. */
  private readonly environments?: string[];

  constructor(options: MonitoringOptions) {
    // checked first: the message for a cron expression names the option interval
    this.isScheduled = isScheduled(options);
    const { interval, remindEvery, rollback } = optionsOf('Delivery monitoring', options, MONITORING_OPTIONS, '{ interval: Duration.minutes(5) }, or remove it', 'Delivery monitoring');
    this.exports = exportsOf(options.exports ?? []);
    if (!this.isScheduled) checkUnscheduled(options, this.exports);
    this.intervalMs = millisecondsOf(option('interval'), interval, Duration.minutes(5));
    const { limits: { scheduleMinutes }, system } = CI_RULES;
    if (this.intervalMs < scheduleMinutes * 60_000) {
      invalid(option('interval'), `${formatDuration(this.intervalMs, 'exact')} is shorter than ${formatDuration(scheduleMinutes * 60_000)}, the shortest schedule on ${system}`,
        'Set Duration.minutes(5) or more. To probe every few seconds, export the checks to a monitoring system');
    }
    cronOf(this.intervalMs, '');
    this.heartbeat = options.heartbeat === undefined ? undefined : heartbeatOf(options.heartbeat);
    this.statusPage = options.statusPage === undefined ? undefined : statusPageOf(options.statusPage);
    this.manifestNumbers = {
      intervalMs: this.intervalMs,
      retries: wholeNumber(option('retries'), options.retries ?? 2, 0, 10),
      firesAfter: wholeNumber(option('firesAfter'), options.firesAfter ?? 3, 1, 100),
      resolvesAfter: wholeNumber(option('resolvesAfter'), options.resolvesAfter ?? 2, 1, 100),
      remindEveryMs: remindEvery === undefined ? undefined : this.atLeastInterval('remindEvery', remindEvery),
      rollback: rollback === undefined ? undefined : this.rollback(rollback),
    };
    this.environments = environmentList(option('environments'), options.environments, 'nothing would be watched');
    const twice = this.environments?.find((name, i, all) => all.indexOf(name) !== i);
    if (twice !== undefined) invalid(option('environments'), `${show(twice)} is listed twice`, 'List it once');
  }

  /** Whether the schedule watches it. */
  public watches(environment: string): boolean {
    return this.isScheduled && this.names(environment);
  }

  /** Whether the schedule or an export watches it. */
  public reaches(environment: string): boolean {
    return this.watches(environment) || this.exports.some((one) => !one._engine.isGate && this.exportsTo(one, environment));
  }

  /**
   * Returns whether an export contains an environment. Its own list wins; otherwise a gate has all environments, and a watch the watched
   * ones.
   */
  public exportsTo({ _engine, _environments }: MonitorExport, environment: string): boolean {
    return _environments?.includes(environment) ?? (_engine.isGate || this.names(environment));
  }

  /** Called after all environments were added. */
  public check(names: string[]): void {
    checkEnvironmentNames(option('environments'), this.environments, names);
  }

  /** Returns the fix that adds these environments to the schedule, for a message. */
  public howToWatch(names: string[]): string {
    return this.isScheduled ? `Add ${names.join(', ')} to monitoring.environments` : 'Remove schedule: false from the delivery\'s monitoring';
  }

  /** Rejects a status page on a deployed branch: each run of the watch pushes to it, which would deploy again without end. */
  public checkBranches(deployed: string[]): void {
    const branch = this.statusPage?._branch;
    if (branch === undefined || !deployed.includes(branch)) return;
    invalid(option('statusPage'), `the branch ${show(branch)} triggers deployments`, 'Use a separate branch for the page, for example StatusPage.branch(\'delivery-status\')');
  }

  /** Rejects a status page on the branch of a site: each would replace the other. */
  public checkSites(sites: readonly { readonly environment: string; readonly branch: string }[]): void {
    const site = sites.find(({ branch }) => branch === this.statusPage?._branch);
    if (site) invalid(option('statusPage'), `the branch ${show(site.branch)} is the one of the GitHub Pages site of ${show(site.environment)}, which each release replaces`, 'Use a separate branch for the page, for example StatusPage.branch(\'delivery-status\')');
  }

  /** Warns if the watch would use too many of the requests that the CI system allows. */
  public warnings(environments: number, { requestsPerHour }: CiLimits): string[] {
    // the rest is reserved for deployments
    const most = requestsPerHour / 2;
    const requests = REQUESTS_EACH * environments + REQUESTS_ONCE;
    const perHour = (intervalMs: number) => Math.round(requests * 3_600_000 / intervalMs);
    if (perHour(this.intervalMs) <= most) return [];
    const enough = [...MINUTES, ...HOURS.map((hours) => hours * 60)].find((minutes) => perHour(minutes * 60_000) <= most) ?? 24 * 60;
    return [
      `the watch of ${environments} environments would send ${CI_RULES.system} ${perHour(this.intervalMs)} requests an hour, and all jobs of a repository share a limit of ${requestsPerHour.toLocaleString('en')}. `
      + `Set monitoring.interval: Duration.${enough < 60 ? `minutes(${enough})` : `hours(${enough / 60})`}, or list fewer environments in monitoring.environments`,
    ];
  }

  /** @param name spreads the minutes of several repositories */
  public cron(name: string): string {
    return cronOf(this.intervalMs, name);
  }

  public manifest(rest: Pick<MonitoringManifest, 'environments' | 'workflow' | 'deploymentWorkflows' | 'statusPage'>): MonitoringManifest {
    return { ...this.manifestNumbers, heartbeat: this.heartbeat, ...rest };
  }

  private names(environment: string): boolean {
    return this.environments?.includes(environment) ?? true;
  }

  private rollback(rollback: MonitoringRollback): MonitoringManifest['rollback'] {
    const { within } = optionsOf(option('rollback'), rollback, ROLLBACK_OPTIONS, '{ within: Duration.hours(1) }, or remove it', option('rollback'));
    return { withinMs: this.atLeastInterval('rollback.within', within) };
  }

  private atLeastInterval(name: string, value: Duration): number {
    const millis = millisecondsOfGiven(option(name), value, Duration.hours(1));
    if (millis < this.intervalMs) {
      invalid(option(name), `${formatDuration(millis, 'exact')} is shorter than the interval between two runs (${formatDuration(this.intervalMs, 'exact')})`,
        `Set ${formatDuration(this.intervalMs, 'exact')} or more`);
    }
    return millis;
  }
}

/** Requests of a run without findings. @see https://docs.github.com/en/rest/using-the-rest-api/rate-limits-for-the-rest-api */
const REQUESTS_EACH = 3;
const REQUESTS_ONCE = 4;

const MINUTES = [5, 6, 10, 12, 15, 20, 30];
const HOURS = [1, 2, 3, 4, 6, 8, 12, 24];

/** Spaces the runs evenly over the day. Cron can express that only for intervals that divide an hour or a day. */
function cronOf(intervalMs: number, name: string): string {
  const minutes = intervalMs / 60_000;
  const spread = hashOf(name);
  if (MINUTES.includes(minutes)) return `${every(minutes, 60, 1 + spread % (minutes - 1))} * * * *`;
  const hours = minutes / 60;
  if (!HOURS.includes(hours)) {
    const all = [...MINUTES, ...HOURS.map((one) => one * 60)];
    const close = all.reduce((best, one) => (Math.abs(one - minutes) < Math.abs(best - minutes) ? one : best));
    invalid(option('interval'), `${formatDuration(intervalMs, 'exact')} does not divide an hour or a day, so cron cannot space the runs evenly`,
      `Set Duration.${close < 60 ? `minutes(${close})` : `hours(${close / 60})`}`);
  }
  const minute = 1 + spread % 59;
  return `${minute} ${hours === 1 ? '*' : every(hours, 24, spread % hours)} * * *`;
}

/** Returns a list, because not every reader of cron supports a range with a step. */
function every(step: number, end: number, first: number): string {
  return Array.from({ length: end / step }, (_, i) => first + i * step).join(',');
}

/** FNV-1a: small and deterministic. */
function hashOf(text: string): number {
  /* eslint-disable no-bitwise -- the algorithm works on bits */
  let hash = 0x811c9dc5;
  for (const character of text) hash = Math.imul(hash ^ character.codePointAt(0)!, 0x01000193) >>> 0;
  return hash >>> 0;
  /* eslint-enable no-bitwise */
}

function isScheduled(options: MonitoringOptions | undefined): boolean {
  const schedule = options?.schedule ?? true;
  if (typeof schedule === 'boolean') return schedule;
  invalid(option('schedule'), `${show(schedule)} is neither true nor false`, 'Set the time between runs with interval: Duration.minutes(5)');
}

/** Rejects options that only the schedule would use, or that none of the exports uses. */
function checkUnscheduled(options: MonitoringOptions, all: MonitorExport[]): void {
  if (all.length === 0) {
    invalid(option('schedule'), 'it is false and there are no exports, so monitoring would do nothing', 'Add exports: [MonitorExport.gatus()], or remove monitoring');
  }
  const watching = all.filter(({ _engine }) => !_engine.isGate);
  const listening = watching.filter(({ _environments }) => _environments === undefined);
  rejectIgnored(options, ['interval', 'retries', 'remindEvery', 'heartbeat', 'rollback', 'statusPage'],
    'with schedule: false no workflow uses it');
  if (watching.length === 0) rejectIgnored(options, ['firesAfter', 'resolvesAfter'], 'with schedule: false it has no effect: a gate uses the thresholds of each check');
  if (listening.length === 0) rejectIgnored(options, ['environments'], 'with schedule: false it has no effect: each export lists its own environments, and a gate has all');
}

function rejectIgnored(options: MonitoringOptions, names: (keyof MonitoringOptions)[], fault: string): void {
  const given = names.find((name) => options[name] !== undefined);
  if (given !== undefined) invalid(option(given), fault, `Remove ${given}, or remove schedule`);
}

function exportsOf(given: MonitorExport[]): MonitorExport[] {
  for (const one of listOf(option('exports'), given, 'MonitorExport.gatus()')) {
    if (one?._engine === undefined) invalid(option('exports'), `${show(one)} is not a MonitorExport`, 'Write MonitorExport.gatus(), .blackbox(), .argoAnalysis(), .argoCanary() or .flagger()');
  }
  return given;
}

function statusPageOf(given: StatusPage): StatusPage {
  if (typeof given === 'object' && (given as StatusPage | null) !== null && '_branch' in given) return given;
  invalid(option('statusPage'), `${show(given)} is not a StatusPage`, 'Write StatusPage.branch(\'delivery-status\') or StatusPage.artifact()');
}

const KEEP_SECRET = 'To keep it private, store the whole URL as a secret of the repository and set the name of the secret: heartbeat: \'HEARTBEAT_URL\'';

function heartbeatOf(text: string): HeartbeatManifest {
  if (typeof text === 'string' && text.includes('://')) {
    webAddress(option('heartbeat'), text, false, { insecure: 'Write https://...', credentials: KEEP_SECRET });
    return { url: text };
  }
  if (typeof text === 'string' && /[/.]/.test(text)) {
    invalid(option('heartbeat'), 'it is neither an https URL nor the name of a secret', `Write it with its scheme, https://...; everyone who can read the repository then sees it. ${KEEP_SECRET}`);
  }
  secretName(option('heartbeat'), text);
  environmentVariableName(option('heartbeat'), text);
  return { secret: text };
}

function option(name: string): string {
  return `Delivery monitoring.${name}`;
}
