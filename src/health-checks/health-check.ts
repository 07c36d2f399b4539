import { Project } from 'projen';
import { CERTIFICATE_OPTIONS, CertificateHealthCheckOptions, certificateCheck } from './certificate';
import { CLOUDWATCH_ALARM_OPTIONS, CloudWatchAlarmHealthCheckOptions, cloudWatchAlarmCheck } from './cloudwatch-alarm';
import { COMMAND_OPTIONS, CommandHealthCheckOptions, commandCheck, taskCheck, withTask } from './command';
import { DNS_OPTIONS, DnsHealthCheckOptions, dnsCheck } from './dns';
import { groupCheck } from './group';
import { HEALTH_CHECK_OPTIONS, HealthCheckOptions, HealthCheckUse, useOf } from './health-check-options';
import { HTTP_OPTIONS, HttpHealthCheckOptions, httpCheck } from './http';
import { PROMETHEUS_OPTIONS, PrometheusHealthCheckOptions, prometheusCheck } from './prometheus';
import { PrometheusCondition } from './prometheus-condition';
import { TCP_OPTIONS, TcpHealthCheckOptions, tcpCheck } from './tcp';
import { HealthCheckManifest } from '../contract/manifest';
import { listOf, OptionNames, optionsOf } from '../validation/option-types';
import { invalid, show } from '../validation/validation-error';

/** Called late, because a task may be added after the delivery. */
type Resolve = (project: Project) => HealthCheckManifest;

/** Options that only some kinds of checks have. */
interface Kind {
  readonly resolve?: Resolve;
  /** The use if the options do not set one. */
  readonly use?: HealthCheckUse;
  /** Whether the user set a propagation. */
  readonly givesPropagation?: boolean;
}

/**
 * A probe and the conditions that its response must meet. Probes run on the CI system's runner, from outside the service, as a user's
 * request would.
 */
export class HealthCheck {
  /**
   * Defines a health check based on an HTTP GET request.
   *
   * @param url the URL to request; with blue/green, the candidate is probed with the same path and query on its own host
   * @param options the conditions of a healthy response
   */
  public static http(url: string, options: HttpHealthCheckOptions = {}): HealthCheck {
    return new HealthCheck(httpCheck(url, checked('http', options, HTTP_OPTIONS)), options, { givesPropagation: options.release?._propagationMs !== undefined });
  }

  /**
   * Defines a health check that opens a TCP connection. A connection that is refused, reset or timed out counts as no response; data that
   * does not match `expect` is unhealthy.
   *
   * @param address host and port: `db.example.com:5432`; an IPv6 address in brackets
   * @param options the expected data, and the address of a candidate
   */
  public static tcp(address: string, options: TcpHealthCheckOptions = {}): HealthCheck {
    return new HealthCheck(tcpCheck(address, checked('tcp', options, TCP_OPTIONS)), options);
  }

  /**
   * Defines a health check that runs a shell line with `bash -eo pipefail` in the project's directory. No values are interpolated into
   * the line. With blue/green it also runs for the candidate.
   *
   * The jobs that only probe (plan, confirm, and the jobs of the workflow `rollback` that verify the live release) then check out the
   * repository and run the set-up steps, without the environment's secrets and without `id-token`. The set-up steps must work without
   * both.
   *
   * @param line the command line that bash runs; its exit code is the result
   * @param options the expected output, and the secrets that the command gets
   */
  public static command(line: string, options: CommandHealthCheckOptions = {}): HealthCheck {
    return new HealthCheck(commandCheck(line, checked('command', options, COMMAND_OPTIONS)), options);
  }

  /**
   * Defines a health check that runs one of the project's tasks. It otherwise works like `command`.
   *
   * @param task the name of the task; it may be added after the delivery
   * @param options the expected output, and the secrets that the task gets
   */
  public static task(task: string, options: CommandHealthCheckOptions = {}): HealthCheck {
    const check = taskCheck(task, checked('task', options, COMMAND_OPTIONS));
    return new HealthCheck(check, options, { resolve: (project) => withTask(check, project, task) });
  }

  /**
   * Defines a health check based on the current value of a Prometheus query, for example an error rate or a latency. The query defines
   * its own time window. If the query returns several series, each must meet the condition. No data, `NaN` and an unreachable Prometheus
   * say nothing about the service: they are inconclusive, never unhealthy.
   *
   * A candidate has no user traffic, so the check starts when users see the release. A window that starts before the switch contains
   * values of the old release: keep it short, or select the release in the query. A query with a comparison (`x > 0.01`) returns no data
   * when the comparison is false: put the comparison into the condition instead.
   *
   * Synthesis checks the query's quotes, brackets and types as far as it can. Constructs that only a newer Prometheus knows are not
   * checked.
   *
   * @see https://prometheus.io/docs/prometheus/latest/querying/api/#instant-queries
   * @param url the base URL of Prometheus: http(s), without credentials; `/api/v1/query` is appended to its path
   * @param query PromQL that returns a number or an instant vector
   * @param condition the condition for each series
   * @param options headers, and how often the query runs
   */
  public static prometheus(url: string, query: string, condition: PrometheusCondition, options: PrometheusHealthCheckOptions = {}): HealthCheck {
    return new HealthCheck(prometheusCheck(url, query, condition, checked('prometheus', options, PROMETHEUS_OPTIONS)), options);
  }

  /**
   * Defines a health check that is unhealthy while a CloudWatch alarm, metric or composite, is in ALARM. The jobs read it with the AWS CLI and
   * need the permission `cloudwatch:DescribeAlarms`. A missing alarm, a missing permission and a CloudWatch that does not respond say
   * nothing about the service: they are inconclusive, never unhealthy.
   *
   * The metrics of a candidate are those of what users see, so the check starts when users see the release. An alarm that was in ALARM
   * before does not count against the release until `recovery` is over. With `Login.aws` the environment needs its `readRole`: the jobs
   * that only probe sign in with it.
   *
   * @see https://docs.aws.amazon.com/AmazonCloudWatch/latest/monitoring/AlarmThatSendsEmail.html
   * @param alarm the name of the alarm, not its ARN
   * @param options the region, and how the alarm counts
   */
  public static cloudWatchAlarm(alarm: string, options: CloudWatchAlarmHealthCheckOptions = {}): HealthCheck {
    const check = cloudWatchAlarmCheck(alarm, checked('cloudWatchAlarm', options, CLOUDWATCH_ALARM_OPTIONS));
    return new HealthCheck(check, options, { givesPropagation: options.recovery !== undefined });
  }

  /**
   * Defines a health check that queries DNS for a name. A missing name and a missing record are unhealthy. If the machine's own resolvers
   * do not respond, the result is inconclusive; if the `resolver` from the options does not respond, the result is no response. A DNS
   * name says nothing about a candidate, so the check starts when users see the release.
   *
   * @param host the name: `www.example.com`
   * @param options the records that are expected
   */
  public static dns(host: string, options: DnsHealthCheckOptions = {}): HealthCheck {
    return new HealthCheck(dnsCheck(host, checked('dns', options, DNS_OPTIONS)), options);
  }

  /**
   * Defines a health check of a server's TLS certificates. They must be trusted, match the host, and remain valid for long enough.
   *
   * By default only the watch runs it, because a rollback does not renew a certificate. It therefore needs `monitoring`, and the
   * environment needs another check that deployments run. In a group, the group's `use` applies. If a deployment runs it, the check
   * starts when users see the release.
   *
   * @param hostOrUrl `www.example.com`, `mail.example.com:993` or an https URL; the default port is 443
   * @param options the remaining validity that is required
   */
  public static certificate(hostOrUrl: string, options: CertificateHealthCheckOptions = {}): HealthCheck {
    return new HealthCheck(certificateCheck(hostOrUrl, checked('certificate', options, CERTIFICATE_OPTIONS)), options, { use: HealthCheckUse.WATCH });
  }

  /**
   * Defines a group that is healthy if all members are healthy. All members are probed at the same time; the result is the worst of
   * theirs. Groups can be nested once.
   *
   * @param checks the members; interval and thresholds are set on the group
   * @param options the group's name, interval and thresholds
   */
  public static allOf(checks: HealthCheck[], options: HealthCheckOptions = {}): HealthCheck {
    return HealthCheck.group('allOf', checks, options);
  }

  /**
   * Defines a group that is healthy if at least one member is healthy. All members are probed at the same time; the result is the best of
   * theirs. Groups can be nested once.
   *
   * @param checks the members; interval and thresholds are set on the group
   * @param options the group's name, interval and thresholds
   */
  public static anyOf(checks: HealthCheck[], options: HealthCheckOptions = {}): HealthCheck {
    return HealthCheck.group('anyOf', checks, options);
  }

  private static group(kind: 'allOf' | 'anyOf', checks: HealthCheck[], options: HealthCheckOptions): HealthCheck {
    const members = healthChecksOf(`HealthCheck.${kind} checks`, checks).map(({ _manifest: manifest, _given: given }) => ({ manifest, given }));
    const group = groupCheck(kind, members, checked(kind, options, HEALTH_CHECK_OPTIONS));
    return new HealthCheck(group, options, {
      givesPropagation: members.some(({ given }) => given.includes('propagation')),
      resolve: (project) => ({ ...group, checks: checks.map((check) => check._resolve(project)) }),
    });
  }

  /** @internal The manifest without the commands of tasks. */
  public readonly _manifest: HealthCheckManifest;

  /** @internal The names of the options that were set. */
  public readonly _given: string[];

  /** @internal */
  public readonly _resolve: Resolve;

  /** @internal */
  public readonly _use: HealthCheckUse;

  private constructor(manifest: HealthCheckManifest, options: HealthCheckOptions, kind: Kind = {}) {
    const { givesPropagation = false, resolve = () => manifest, use = HealthCheckUse.BOTH } = kind;
    this._use = useOf(`HealthCheck ${show(manifest.name)} use`, options.use, use);
    const mark = (check: HealthCheckManifest) => (this._use === HealthCheckUse.GATE ? { ...check, gateOnly: true } : check);
    this._manifest = mark(manifest);
    const given = Object.entries(options).flatMap(([name, value]) => (value === undefined ? [] : [name]));
    this._given = givesPropagation ? [...given, 'propagation'] : given;
    this._resolve = (project) => mark(resolve(project));
  }
}

/** Checks an option that is a list of health checks. */
export function healthChecksOf(option: string, value: HealthCheck[]): HealthCheck[] {
  return listOf(option, value, 'HealthCheck.http(url)').map((check: unknown) => {
    if (typeof (check as Partial<HealthCheck> | null | undefined)?._resolve === 'function') return check as HealthCheck;
    const url = typeof check === 'object' ? (check as { readonly url?: unknown } | null)?.url : check;
    invalid(option, `${show(check)} is not a HealthCheck`, `Write HealthCheck.http(${show(typeof url === 'string' ? url : 'https://www.example.com')})`);
  });
}

function checked<T extends HealthCheckOptions>(factory: string, options: T, names: OptionNames<T>): T {
  return optionsOf(`HealthCheck.${factory}`, options, names, '{ name: \'...\' }');
}
