import { MonitorExport } from './monitor-export';
import { StatusPage } from './status-page';
import { HeartbeatManifest, MonitoringManifest } from '../contract/manifest';
import { checkEnvironmentNames, environmentList } from '../delivery/environment-names';
import { Duration, millisecondsOf, millisecondsOfGiven, showDuration } from '../validation/duration';
import { listOf, OptionNames, optionsOf } from '../validation/option-types';
import { webAddress } from '../validation/url';
import { invalid, show } from '../validation/validation-error';
import { environmentVariableName, secretName } from '../validation/variable-names';

/** GitHub starts no workflow more often. */
const SHORTEST_MS = 5 * 60_000;

/**
 * How environments are watched between deployments: a workflow `monitor` asks their health checks on a schedule, and tells `alerts` what
 * changed; or monitoring systems of your own ask them, or both.
 *
 * A schedule of GitHub is no promise: under load it starts late or not at all, and in a public repository it is switched off after 60
 * days without activity. Name a `heartbeat`, and somebody hears when it stops.
 *
 * @see https://docs.github.com/en/actions/reference/workflows-and-actions/events-that-trigger-workflows#schedule
 */
export interface MonitoringOptions {
  /**
   * Whether GitHub watches, by a workflow `monitor`. False: there is none, and only what `exports` write. Then `exports` must be there, and
   * what only the schedule would use is an error: `interval`, `retries`, `remindEvery`, `heartbeat`, `rollback`, `statusPage`.
   *
   * @default true
   */
  readonly schedule?: boolean;

  /**
   * From one run to the next: 5, 6, 10, 12, 15, 20 or 30 minutes, or 1, 2, 3, 4, 6, 8, 12 or 24 hours. At which minute it runs comes
   * from the project's name, and is never the full hour, when GitHub is busiest.
   *
   * @default Duration.minutes(5)
   */
  readonly interval?: Duration;

  /**
   * The names of the environments that are watched; also by `exports` that name none of their own.
   *
   * @default - all of them
   */
  readonly environments?: string[];

  /**
   * How often a check that is not well is asked again within a run, at the check's own interval: a lost packet is no alert.
   *
   * @default 2
   */
  readonly retries?: number;

  /**
   * So many bad results in a row, over runs, make an alert fire, here and in `exports`. With the defaults a service that is down fires in
   * the first run that sees it.
   *
   * @default 3
   */
  readonly firesAfter?: number;

  /**
   * So many healthy results in a row, over runs, resolve it, here and in `exports`.
   *
   * @default 2
   */
  readonly resolvesAfter?: number;

  /**
   * How often people are told again that it fires, `interval` at least.
   *
   * @default - they are told once
   */
  readonly remindEvery?: Duration;

  /**
   * Where each run that found everything healthy reports (GET), so that somebody else hears when the watch itself has stopped: an https
   * URL, which everyone who reads the repository sees, or the name of a secret of the repository that holds one.
   *
   * @default - nowhere
   */
  readonly heartbeat?: string;

  /**
   * Whether a young release is taken back when a health check fires: the watch then starts the workflow `rollback`, once. Of an older
   * release the cause is likely elsewhere: there people are told, and no more. Nothing is taken back that is halted, being deployed or went
   * back already. What a dead run left open is taken back without this option, too, as that run's own jobs would have done.
   *
   * @default - never: people are told
   */
  readonly rollback?: MonitoringRollback;

  /**
   * Configuration for monitoring systems of your own, from the same health checks but those that are `HealthCheckUse.GATE`; Argo Rollouts,
   * which is a gate itself, gets those and none that are `HealthCheckUse.WATCH`.
   *
   * @default - none
   */
  readonly exports?: MonitorExport[];

  /**
   * A page that shows how the environments were: availability over 24 hours, 7 and 30 days, response times, incidents, DORA's four figures,
   * and a badge for each environment.
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
 * Which releases the watch takes back by itself.
 */
export interface MonitoringRollback {
  /** Those that became Stable no longer ago than this, `interval` at least. */
  readonly within: Duration;
}

const ROLLBACK_OPTIONS: OptionNames<MonitoringRollback> = { within: true };

/** What the options say, checked for what can be wrong with them alone. */
export class Monitoring {
  /** Whether there is a workflow that watches. */
  public readonly isScheduled: boolean;
  public readonly intervalMs: number;
  public readonly heartbeat?: HeartbeatManifest;
  public readonly statusPage?: StatusPage;
  public readonly exports: MonitorExport[];
  /** What goes into the manifest as it is. */
  public readonly manifestNumbers: Pick<MonitoringManifest, 'intervalMs' | 'retries' | 'firesAfter' | 'resolvesAfter' | 'remindEveryMs' | 'rollback'>;

  /** Undefined for all. */
  private readonly environments?: string[];

  constructor(options: MonitoringOptions) {
    // whoever writes a cron expression hears where the interval stands, not only that it is neither true nor false
    this.isScheduled = isScheduled(options);
    const { interval, remindEvery, rollback } = optionsOf('Delivery monitoring', options, MONITORING_OPTIONS, '{ interval: Duration.minutes(5) }, or leave it out', 'Delivery monitoring');
    this.exports = exportsOf(options.exports ?? []);
    if (!this.isScheduled) checkUnscheduled(options, this.exports);
    this.intervalMs = millisecondsOf(option('interval'), interval, Duration.minutes(5));
    if (this.intervalMs < SHORTEST_MS) {
      invalid(option('interval'), `${showDuration(this.intervalMs)} is shorter than 5 min, and GitHub starts no workflow more often`,
        'Give Duration.minutes(5) or more. For seconds, export the checks to a monitoring system');
    }
    cronOf(this.intervalMs, '');
    this.heartbeat = options.heartbeat === undefined ? undefined : heartbeatOf(options.heartbeat);
    this.statusPage = options.statusPage === undefined ? undefined : statusPageOf(options.statusPage);
    this.manifestNumbers = {
      intervalMs: this.intervalMs,
      retries: wholeNumber('retries', options.retries ?? 2, 0, 10),
      firesAfter: wholeNumber('firesAfter', options.firesAfter ?? 3, 1, 100),
      resolvesAfter: wholeNumber('resolvesAfter', options.resolvesAfter ?? 2, 1, 100),
      remindEveryMs: remindEvery === undefined ? undefined : this.atLeastInterval('remindEvery', remindEvery),
      rollback: rollback === undefined ? undefined : this.rollback(rollback),
    };
    this.environments = environmentList(option('environments'), options.environments, 'nothing would ever be watched');
    const twice = this.environments?.find((name, i, all) => all.indexOf(name) !== i);
    if (twice !== undefined) invalid(option('environments'), `${show(twice)} is there twice`, 'Name it once');
  }

  /** Whether the schedule watches it. */
  public watches(environment: string): boolean {
    return this.isScheduled && this.names(environment);
  }

  /** Whether the schedule or somebody else watches it. */
  public reaches(environment: string): boolean {
    return this.watches(environment) || this.exports.some((one) => !one._engine.isGate && this.exportsTo(one, environment));
  }

  /** What an export says of its environments is its own; else a gate has all, and a watch those that are watched. */
  public exportsTo({ _engine, _environments }: MonitorExport, environment: string): boolean {
    return _environments?.includes(environment) ?? (_engine.isGate || this.names(environment));
  }

  /** Called when no more environments can come. */
  public check(names: string[]): void {
    checkEnvironmentNames(option('environments'), this.environments, names);
  }

  /** What would make the schedule watch these, for a message. */
  public howToWatch(names: string[]): string {
    return this.isScheduled ? `Add ${names.join(', ')} to monitoring.environments` : 'Leave schedule: false out of the delivery\'s monitoring';
  }

  /** A branch that is deployed, and written by every run of the watch, would be deployed for ever. */
  public checkBranches(deployed: string[]): void {
    const branch = this.statusPage?._branch;
    if (branch === undefined || !deployed.includes(branch)) return;
    invalid(option('statusPage'), `the branch ${show(branch)} is deployed`, 'Give the page a branch of its own, for example StatusPage.branch(\'delivery-status\')');
  }

  /** What GitHub would not stand. A job's token has 1,000 requests an hour, and deployments need some, too. */
  public warnings(environments: number): string[] {
    const asked = REQUESTS_EACH * environments + REQUESTS_ONCE;
    const often = (intervalMs: number) => Math.round(asked * 3_600_000 / intervalMs);
    if (often(this.intervalMs) <= MOST_REQUESTS) return [];
    const enough = [...MINUTES, ...HOURS.map((hours) => hours * 60)].find((minutes) => often(minutes * 60_000) <= MOST_REQUESTS) ?? 24 * 60;
    return [
      `the watch of ${environments} environments would ask GitHub ${often(this.intervalMs)} times an hour, and all jobs of a repository together have 1,000 requests. `
      + `Say monitoring.interval: Duration.${enough < 60 ? `minutes(${enough})` : `hours(${enough / 60})`}, or name fewer in monitoring.environments`,
    ];
  }

  /** @param name what spreads the minutes of several repositories */
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
    const { within } = optionsOf(option('rollback'), rollback, ROLLBACK_OPTIONS, '{ within: Duration.hours(1) }, or leave it out', option('rollback'));
    return { withinMs: this.atLeastInterval('rollback.within', within) };
  }

  private atLeastInterval(name: string, value: Duration): number {
    const millis = millisecondsOfGiven(option(name), value, Duration.hours(1));
    if (millis < this.intervalMs) {
      invalid(option(name), `${showDuration(millis)} is shorter than the interval of ${showDuration(this.intervalMs)}, within which nothing is seen`,
        `Give ${showDuration(this.intervalMs)} or more`);
    }
    return millis;
  }
}

/** As the watch asks where all is well. @see https://docs.github.com/en/rest/using-the-rest-api/rate-limits-for-the-rest-api */
const REQUESTS_EACH = 3;
const REQUESTS_ONCE = 4;
/** An hour. The other half is for deployments. */
const MOST_REQUESTS = 500;

const MINUTES = [5, 6, 10, 12, 15, 20, 30];
const HOURS = [1, 2, 3, 4, 6, 8, 12, 24];

/** The same distance all day long, which cron can say only of what divides an hour or a day. */
function cronOf(intervalMs: number, name: string): string {
  const minutes = intervalMs / 60_000;
  const spread = hashOf(name);
  if (MINUTES.includes(minutes)) return `${every(minutes, 60, 1 + spread % (minutes - 1))} * * * *`;
  const hours = minutes / 60;
  if (!HOURS.includes(hours)) {
    const all = [...MINUTES, ...HOURS.map((one) => one * 60)];
    const close = all.reduce((best, one) => (Math.abs(one - minutes) < Math.abs(best - minutes) ? one : best));
    invalid(option('interval'), `${showDuration(intervalMs)} does not divide an hour or a day, so the runs could not be equally far apart`,
      `Give Duration.${close < 60 ? `minutes(${close})` : `hours(${close / 60})`}`);
  }
  const minute = 1 + spread % 59;
  return `${minute} ${hours === 1 ? '*' : every(hours, 24, spread % hours)} * * *`;
}

/** A list, which every reader of cron understands; not all know a range with a step. */
function every(step: number, end: number, first: number): string {
  return Array.from({ length: end / step }, (_, i) => first + i * step).join(',');
}

/** FNV-1a: small, and the same everywhere. */
function hashOf(text: string): number {
  /* eslint-disable no-bitwise -- that is how it is reckoned */
  let hash = 0x811c9dc5;
  for (const character of text) hash = Math.imul(hash ^ character.codePointAt(0)!, 0x01000193) >>> 0;
  return hash >>> 0;
  /* eslint-enable no-bitwise */
}

function isScheduled(options: MonitoringOptions | undefined): boolean {
  const schedule = options?.schedule ?? true;
  if (typeof schedule === 'boolean') return schedule;
  invalid(option('schedule'), `${show(schedule)} is neither true nor false`, 'Say how often in interval: Duration.minutes(5)');
}

/** What only the schedule would use, and what none of the exports does. */
function checkUnscheduled(options: MonitoringOptions, all: MonitorExport[]): void {
  if (all.length === 0) {
    invalid(option('schedule'), 'it is false and there are no exports, so monitoring would do nothing', 'Add exports: [MonitorExport.gatus()], or leave monitoring out');
  }
  const watching = all.filter(({ _engine }) => !_engine.isGate);
  const listening = watching.filter(({ _environments }) => _environments === undefined);
  refuseIgnored(options, ['interval', 'retries', 'remindEvery', 'heartbeat', 'rollback', 'statusPage'],
    'with schedule: false there is no workflow that would look at it');
  if (watching.length === 0) refuseIgnored(options, ['firesAfter', 'resolvesAfter'], 'with schedule: false nothing would look at it: a gate counts as each check says');
  if (listening.length === 0) refuseIgnored(options, ['environments'], 'with schedule: false nothing would look at it: each export has its own, and a gate has all');
}

function refuseIgnored(options: MonitoringOptions, names: (keyof MonitoringOptions)[], fault: string): void {
  const given = names.find((name) => options[name] !== undefined);
  if (given !== undefined) invalid(option(given), fault, `Leave ${given} out, or leave schedule out`);
}

function exportsOf(given: MonitorExport[]): MonitorExport[] {
  for (const one of listOf(option('exports'), given, 'MonitorExport.gatus()')) {
    if (one?._engine === undefined) invalid(option('exports'), `${show(one)} is not a MonitorExport`, 'Write MonitorExport.gatus(), .blackbox() or .argoAnalysis()');
  }
  return given;
}

function statusPageOf(given: StatusPage): StatusPage {
  if (typeof given === 'object' && (given as StatusPage | null) !== null && '_branch' in given) return given;
  invalid(option('statusPage'), `${show(given)} is not a StatusPage`, 'Write StatusPage.branch(\'delivery-status\') or StatusPage.artifact()');
}

const KEEP_SECRET = 'To keep it to yourselves, store the whole address as a secret of the repository and name that: heartbeat: \'HEARTBEAT_URL\'';

function heartbeatOf(text: string): HeartbeatManifest {
  if (typeof text === 'string' && text.includes('://')) {
    webAddress(option('heartbeat'), text, false, { insecure: 'Write https://...', credentials: KEEP_SECRET });
    return { url: text };
  }
  if (typeof text === 'string' && /[/.]/.test(text)) {
    invalid(option('heartbeat'), 'it is neither an https URL nor the name of a secret', `Write it with its scheme, https://..., and everyone who reads the repository sees it. ${KEEP_SECRET}`);
  }
  secretName(option('heartbeat'), text);
  environmentVariableName(option('heartbeat'), text);
  return { secret: text };
}

function wholeNumber(name: string, value: number, least: number, most: number): number {
  if (Number.isInteger(value) && value >= least && value <= most) return value;
  invalid(option(name), `${show(value)} is out of range`, `Give a whole number from ${least} to ${most}`);
}

function option(name: string): string {
  return `Delivery monitoring.${name}`;
}
