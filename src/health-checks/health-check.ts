import { Project } from 'projen';
import { CERTIFICATE_OPTIONS, CertificateHealthCheckOptions, certificateCheck } from './certificate';
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

/** Late, because a task may be added after the delivery. */
type Resolve = (project: Project) => HealthCheckManifest;

/** What some kinds have of their own. */
interface Kind {
  readonly resolve?: Resolve;
  /** Where the options do not say it. */
  readonly use?: HealthCheckUse;
  /** Whether somebody said how long the old release may still answer. */
  readonly givesPropagation?: boolean;
}

/**
 * A probe and its conditions. Probes run from the CI system's runner, as a user would ask.
 */
export class HealthCheck {
  /**
   * Asks a URL with GET.
   *
   * @param url what to ask; with blue/green, the candidate is asked for the same path and query on its own host
   * @param options when the answer is healthy
   */
  public static http(url: string, options: HttpHealthCheckOptions = {}): HealthCheck {
    return new HealthCheck(httpCheck(url, checked('http', options, HTTP_OPTIONS)), options, { givesPropagation: options.release?._propagationMs !== undefined });
  }

  /**
   * Opens a TCP connection. Refused, reset and timed out is not answered; what is said and does not match `expect` is unhealthy.
   *
   * @param address host and port: `db.example.com:5432`, an IPv6 address in brackets
   * @param options what must be said, and where a candidate is
   */
  public static tcp(address: string, options: TcpHealthCheckOptions = {}): HealthCheck {
    return new HealthCheck(tcpCheck(address, checked('tcp', options, TCP_OPTIONS)), options);
  }

  /**
   * Runs a shell line with `bash -eo pipefail` in the project's directory; nothing is pasted into it. With blue/green it is run for the
   * candidate too. The jobs that only look (plan, confirm, and those of the workflow `rollback` that verify what is live) then check
   * out the repository and run the set-up steps, without the environment's secrets and without `id-token`: set-up steps must
   * do without both.
   *
   * @param line what bash runs; its exit code is the answer
   * @param options what the output must hold, and which secrets it gets
   */
  public static command(line: string, options: CommandHealthCheckOptions = {}): HealthCheck {
    return new HealthCheck(commandCheck(line, checked('command', options, COMMAND_OPTIONS)), options);
  }

  /**
   * Runs one of the project's own tasks, otherwise as `command`.
   *
   * @param task the task's name; it may be added after the delivery
   * @param options what the output must hold, and which secrets it gets
   */
  public static task(task: string, options: CommandHealthCheckOptions = {}): HealthCheck {
    const check = taskCheck(task, checked('task', options, COMMAND_OPTIONS));
    return new HealthCheck(check, options, { resolve: (project) => withTask(check, project, task) });
  }

  /**
   * Asks Prometheus for the value of a query at this moment: an error rate or a latency over a window that the query names. Of
   * several series each must hold the condition. No data, `NaN` and a Prometheus that does not answer say nothing about the
   * service: inconclusive, never unhealthy.
   *
   * A candidate has no users' traffic: the check begins when users see the release. A window that reaches back before the switch
   * holds the old release's values as well: let it be short, or have the query name the release.
   * A query that compares (`x > 0.01`) answers with nothing where it does not hold, which is no data: leave the comparison to the condition.
   *
   * Synthesis checks that the query is not empty, closes its quotes and brackets and does not end as a range; PromQL's grammar it does not know.
   *
   * @see https://prometheus.io/docs/prometheus/latest/querying/api/#instant-queries
   * @param url where Prometheus is: http(s), without credentials; `/api/v1/query` is added to its path
   * @param query PromQL that answers with a number or an instant vector
   * @param condition what each series must be
   * @param options who asks, and how often
   */
  public static prometheus(url: string, query: string, condition: PrometheusCondition, options: PrometheusHealthCheckOptions = {}): HealthCheck {
    return new HealthCheck(prometheusCheck(url, query, condition, checked('prometheus', options, PROMETHEUS_OPTIONS)), options);
  }

  /**
   * Asks the Domain Name System for a name. No such name and no such record are unhealthy; where the machine's own resolvers do not
   * answer, nobody could look; a resolver that is named here and does not answer is not reached.
   * A name says nothing about a candidate: the check begins when users see the release.
   *
   * @param host the name: `www.example.com`
   * @param options which records it must lead to
   */
  public static dns(host: string, options: DnsHealthCheckOptions = {}): HealthCheck {
    return new HealthCheck(dnsCheck(host, checked('dns', options, DNS_OPTIONS)), options);
  }

  /**
   * Looks at the TLS certificates of a server: they must be trusted, for this host, and valid for long enough. Only a watch asks it, unless
   * `use` says otherwise: an old certificate is no release's fault, and rolling back renews none. So it wants `monitoring`, and a check
   * beside it that deployments ask. In a group it is what the group is. A deployment that asks it begins when users see the release.
   *
   * @param hostOrUrl `www.example.com`, `mail.example.com:993` or an https URL; the port is 443 where none is said
   * @param options for how long
   */
  public static certificate(hostOrUrl: string, options: CertificateHealthCheckOptions = {}): HealthCheck {
    return new HealthCheck(certificateCheck(hostOrUrl, checked('certificate', options, CERTIFICATE_OPTIONS)), options, { use: HealthCheckUse.WATCH });
  }

  /**
   * Healthy when all of its members are, asked at the same moment; its answer is the worst of theirs. Groups can be nested once.
   *
   * @param checks its members; how often they are asked and how many answers count is the group's to say
   * @param options its name, and how often it asks
   */
  public static allOf(checks: HealthCheck[], options: HealthCheckOptions = {}): HealthCheck {
    return HealthCheck.group('allOf', checks, options);
  }

  /**
   * Healthy when any of its members is, asked at the same moment; its answer is the best of theirs. Groups can be nested once.
   *
   * @param checks its members; how often they are asked and how many answers count is the group's to say
   * @param options its name, and how often it asks
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

  /**
   * All of it but the commands of tasks.
   *
   * @internal
   */
  public readonly _manifest: HealthCheckManifest;

  /**
   * The names of the options that were given.
   *
   * @internal
   */
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

/** What an option that is a list of health checks holds. */
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
