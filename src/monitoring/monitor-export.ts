import { formatDuration } from '../contract/duration-text';
import { environmentList } from '../delivery/environment-names';
import { Duration, probeInterval } from '../validation/duration';
import { hostAndPort, showAddress } from '../validation/host-and-port';
import { inKeyOrder, listOf, objectOf, OptionNames, optionsOf, wholeNumber } from '../validation/option-types';
import { invalid, show } from '../validation/validation-error';
import { argoAnalysis } from './exports/argo/argo-analysis';
import { argoCanary } from './exports/argo/argo-canary';
import { blackbox } from './exports/blackbox/blackbox';
import { LONGEST_INTERVAL_MS } from './exports/blackbox/modules';
import { CanarySettings } from './exports/canary-content';
import { Engine } from './exports/engine';
import { flagger } from './exports/flagger/flagger';
import { gatus } from './exports/gatus/gatus';

const INTERVAL = Duration.seconds(10);

/**
 * Options that all exports share: the folder, and the environments.
 */
export interface MonitorExportOptions {
  /**
   * The folder for the files, relative to the repository's root. The file names of a subproject contain its name.
   *
   * @default 'monitoring'
   */
  readonly directory?: string;

  /**
   * Names of the environments whose health checks are exported.
   *
   * @default - the watched environments: `monitoring.environments`, or all; for Argo Rollouts all, because it is a gate
   */
  readonly environments?: string[];
}

const EXPORT_OPTIONS: OptionNames<MonitorExportOptions> = { directory: true, environments: true };

/**
 * Options for the export to Gatus.
 */
export interface GatusExportOptions extends MonitorExportOptions {
  /**
   * The time from one probe to the next; at least 1 second. The health checks' own interval applies only to the minutes after a deployment.
   *
   * @default Duration.seconds(10)
   */
  readonly interval?: Duration;

  /**
   * The types of alerts to send, with the names that Gatus uses (`slack`, `pagerduty`, `custom`). Configure their providers in a Gatus
   * configuration file of your own.
   *
   * @see https://github.com/TwiN/gatus#alerting
   * @default - none
   */
  readonly alerts?: string[];
}

const GATUS_OPTIONS: OptionNames<GatusExportOptions> = { ...EXPORT_OPTIONS, interval: true, alerts: true };

/**
 * Options for the export to Prometheus and its blackbox exporter.
 */
export interface BlackboxExportOptions extends MonitorExportOptions {
  /**
   * The time from one probe to the next: 1 second to 2 minutes, because Prometheus drops a series after 5 minutes without a sample. A check
   * with a longer timeout is probed less often.
   *
   * @see https://prometheus.io/docs/prometheus/latest/querying/basics/#staleness
   *
   * @default Duration.seconds(10)
   */
  readonly interval?: Duration;

  /**
   * The host and port at which Prometheus reaches the exporter.
   *
   * @default 'localhost:9115'
   */
  readonly exporter?: string;

  /**
   * The oldest version of the exporter that must accept the modules. Features of newer versions are left out with a warning: secret
   * headers (since 0.26) and conditions on JSON (since 0.27). Debian 12 has 0.23.
   *
   * @see https://github.com/prometheus/blackbox_exporter/blob/master/CHANGELOG.md
   * @default '0.27'
   */
  readonly exporterVersion?: string;

  /**
   * The folder in which the exporter finds the values of secret request headers: one file per secret, named like the secret.
   *
   * @default '/etc/blackbox_exporter/secrets'
   */
  readonly secretsDirectory?: string;

  /**
   * Labels of every alert, in addition to `project`, `environment` and `check`.
   *
   * @default - { severity: 'critical' }
   */
  readonly labels?: Record<string, string>;
}

const BLACKBOX_OPTIONS: OptionNames<BlackboxExportOptions> = {
  ...EXPORT_OPTIONS, interval: true, exporter: true, exporterVersion: true, secretsDirectory: true, labels: true,
};

/**
 * Options for the export to Argo Rollouts.
 */
export interface ArgoAnalysisExportOptions extends MonitorExportOptions {
  /**
   * The namespace of the templates.
   *
   * @default - the namespace to which they are applied
   */
  readonly namespace?: string;

  /**
   * The name of the Kubernetes secret that holds the values of secret request headers, each under the name of the secret.
   *
   * @default - the project's name followed by `-monitoring`
   */
  readonly secret?: string;
}

const ARGO_ANALYSIS_OPTIONS: OptionNames<ArgoAnalysisExportOptions> = { ...EXPORT_OPTIONS, namespace: true, secret: true };

/**
 * Options for the export of a canary to a controller in Kubernetes.
 */
export interface CanaryExportOptions extends MonitorExportOptions {
  /**
   * The namespace of the resources.
   *
   * @default - the namespace to which they are applied
   */
  readonly namespace?: string;

  /**
   * The name of the Deployment that gets the traffic.
   *
   * @default - the project's name
   */
  readonly workload?: string;

  /**
   * The name of the Kubernetes secret with the values of the metric's secret request headers.
   *
   * @default - the project's name followed by `-monitoring`
   */
  readonly secret?: string;
}

const CANARY_EXPORT_OPTIONS: OptionNames<CanaryExportOptions> = { ...EXPORT_OPTIONS, namespace: true, workload: true, secret: true };

/**
 * Options for the export of a canary to Flagger.
 */
export interface FlaggerExportOptions extends CanaryExportOptions {
  /**
   * The port of the service that Flagger makes for the Deployment, from 1 to 65535.
   *
   * @default 80
   */
  readonly port?: number;
}

const FLAGGER_OPTIONS: OptionNames<FlaggerExportOptions> = { ...CANARY_EXPORT_OPTIONS, port: true };

/**
 * Configuration for your own monitoring system, generated from the health checks that gate a deployment. Use it to be alerted within
 * seconds, which the schedule of a CI system cannot guarantee.
 *
 * Gatus and Prometheus watch: they get all health checks except those with `HealthCheckUse.GATE`. Argo Rollouts is a gate: it gets all
 * health checks except those with `HealthCheckUse.WATCH`. An environment without any exported check is left out with a warning; an export
 * without any check is an error.
 *
 * If a system cannot express a condition of a health check, synthesis warns and the file lists the difference.
 *
 * `argoCanary` and `flagger` get the canary of an environment instead of its health checks. Only analyses of `Metric.prometheus` can be
 * exported, with fixed thresholds; the file lists what is lost.
 */
export class MonitorExport {
  /**
   * Writes `gatus.yml`: endpoints with conditions and alert thresholds for Gatus 5.
   *
   * @param options interval and alerts
   * @see https://github.com/TwiN/gatus
   */
  public static gatus(options: GatusExportOptions = {}): MonitorExport {
    const option = (name: string) => `MonitorExport.gatus ${name}`;
    const { alerts: given } = optionsOf('MonitorExport.gatus', options, GATUS_OPTIONS, '{ alerts: [\'slack\'] }');
    const alerts = listOf(option('alerts'), given ?? [], '\'slack\'');
    for (const type of alerts) {
      if (typeof type !== 'string' || !/^[a-z][a-z0-9-]*$/.test(type)) invalid(option('alerts'), `${show(type)} is not a type of alert`, 'Write a type of Gatus: slack, teams-workflows, custom');
    }
    return new MonitorExport(gatus({ intervalMs: probeInterval(option('interval'), options.interval, INTERVAL), alerts: [...new Set(alerts)] }), options, option);
  }

  /**
   * Writes `blackbox.yml`, `prometheus-scrape.yml` and `prometheus-rules.yml`: modules for Prometheus' blackbox exporter, the scrape job
   * that probes with them, and alerting rules.
   *
   * @param options interval, and the address and version of the exporter
   * @see https://github.com/prometheus/blackbox_exporter
   */
  public static blackbox(options: BlackboxExportOptions = {}): MonitorExport {
    const option = (name: string) => `MonitorExport.blackbox ${name}`;
    optionsOf('MonitorExport.blackbox', options, BLACKBOX_OPTIONS, '{ exporter: \'blackbox-exporter:9115\' }');
    const engine = blackbox({
      intervalMs: scrapeInterval(option('interval'), options.interval),
      exporter: showAddress(hostAndPort(option('exporter'), options.exporter ?? 'localhost:9115', { fix: 'Write it without a scheme: \'blackbox-exporter:9115\'' })),
      exporterVersion: version(option('exporterVersion'), options.exporterVersion ?? '0.27'),
      secretsDirectory: absolutePath(option('secretsDirectory'), options.secretsDirectory ?? '/etc/blackbox_exporter/secrets'),
      labels: labels(option('labels'), options.labels ?? { severity: 'critical' }),
    });
    return new MonitorExport(engine, options, option);
  }

  /**
   * Writes `argo-analysis/<environment>.yml`: an AnalysisTemplate for Argo Rollouts with one metric per health check, with the check's
   * own interval and thresholds. The Rollout passes the release as the argument `version`, so a response of the old release fails the
   * analysis.
   *
   * @param options namespace and secret in Kubernetes
   * @see https://argo-rollouts.readthedocs.io/en/stable/features/analysis/
   */
  public static argoAnalysis(options: ArgoAnalysisExportOptions = {}): MonitorExport {
    const option = (name: string) => `MonitorExport.argoAnalysis ${name}`;
    const { namespace, secret } = optionsOf('MonitorExport.argoAnalysis', options, ARGO_ANALYSIS_OPTIONS, '{ namespace: \'shop\' }');
    labelName(option('namespace'), namespace);
    secretName(option('secret'), secret);
    return new MonitorExport(argoAnalysis({ namespace, secret }), options, option);
  }

  /**
   * Writes `argo-canary/<environment>.yml`: an AnalysisTemplate and a Rollout for Argo Rollouts with the steps of the environment's canary,
   * and the fixed thresholds that are closest to its analysis.
   *
   * @param options the Deployment and secret in Kubernetes
   * @see https://argo-rollouts.readthedocs.io/en/stable/features/canary/
   */
  public static argoCanary(options: CanaryExportOptions = {}): MonitorExport {
    const option = (name: string) => `MonitorExport.argoCanary ${name}`;
    const settings = optionsOf('MonitorExport.argoCanary', options, CANARY_EXPORT_OPTIONS, '{ workload: \'shop\' }');
    return new MonitorExport(argoCanary(canarySettings(option, settings)), options, option);
  }

  /**
   * Writes `flagger/<environment>.yml`: MetricTemplates and a Canary for Flagger with the steps of the environment's canary, and the fixed
   * thresholds that are closest to its analysis.
   *
   * @param options the Deployment, its port and the secret in Kubernetes
   * @see https://docs.flagger.app/usage/how-it-works
   */
  public static flagger(options: FlaggerExportOptions = {}): MonitorExport {
    const option = (name: string) => `MonitorExport.flagger ${name}`;
    const settings = optionsOf('MonitorExport.flagger', options, FLAGGER_OPTIONS, '{ workload: \'shop\' }');
    const { port = 80 } = settings;
    wholeNumber(option('port'), port, 1, 65_535);
    return new MonitorExport(flagger({ ...canarySettings(option, settings), port }), options, option);
  }

  /** @internal */
  public readonly _engine: Engine;
  /** @internal */
  public readonly _directory: string;
  /** @internal Undefined for all. */
  public readonly _environments?: string[];
  /** @internal For messages. */
  public readonly _option: string;

  private constructor(engine: Engine, options: MonitorExportOptions, option: (name: string) => string) {
    this._engine = engine;
    this._directory = directory(option('directory'), options.directory ?? 'monitoring');
    this._option = option('environments');
    this._environments = environmentList(this._option, options.environments, 'nothing would be exported');
  }
}

function scrapeInterval(option: string, value: Duration | undefined): number {
  const ms = probeInterval(option, value, INTERVAL);
  if (ms > LONGEST_INTERVAL_MS) {
    invalid(option, `${formatDuration(ms, 'exact')} is longer than 2 min, but Prometheus drops a series without samples after 5 min, so its alerts would not work`, 'Set Duration.minutes(2) or less');
  }
  return ms;
}

function canarySettings(option: (name: string) => string, { namespace, secret, workload }: CanaryExportOptions): CanarySettings {
  labelName(option('namespace'), namespace);
  labelName(option('workload'), workload);
  secretName(option('secret'), secret);
  return { namespace, secret, workload };
}

function labelName(option: string, value: string | undefined): void {
  kubernetesName(option, value, /^[a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?$/, 'lower case letters, digits and dashes, 63 at most');
}

function secretName(option: string, value: string | undefined): void {
  kubernetesName(option, value, /^[a-z0-9]([a-z0-9.-]{0,251}[a-z0-9])?$/, 'lower case letters, digits, dashes and dots, 253 at most');
}

/** @see https://kubernetes.io/docs/concepts/overview/working-with-objects/names/ */
function kubernetesName(option: string, value: string | undefined, form: RegExp, allowed: string): void {
  if (value === undefined || (typeof value === 'string' && form.test(value))) return;
  invalid(option, `${show(value)} is not a name in Kubernetes`, `Use ${allowed}`);
}

function directory(option: string, path: string): string {
  const steps = typeof path === 'string' ? path.split('/') : [''];
  if (steps.every((step) => /^[A-Za-z0-9._-]+$/.test(step) && !/^\.+$/.test(step)) && steps[0] !== '.git') return path;
  return invalid(option, `${show(path)} is not a folder of the repository`, 'Write a path relative to the root, with forward slashes: ops/monitoring');
}

/** Plain JavaScript may pass any value. */
function textOf(value: unknown): string {
  return typeof value === 'string' ? value : '';
}

function version(option: string, value: string): readonly [number, number] {
  const [, major, minor] = /^v?(\d+)\.(\d+)(?:\.\d+)?$/.exec(textOf(value)) ?? [];
  if (major === undefined) invalid(option, `${show(value)} is not a version`, 'Write major and minor: 0.27');
  return [Number(major), Number(minor)];
}

function absolutePath(option: string, value: string): string {
  if (/^\/[^\p{Cc}]*$/u.test(textOf(value))) return value;
  return invalid(option, `${show(value)} is not an absolute path`, 'Write the folder in which the exporter finds the files: /etc/blackbox_exporter/secrets');
}

function labels(option: string, value: Record<string, string>): Record<string, string> {
  for (const [name, text] of Object.entries(objectOf(option, value, '{ severity: \'critical\' }'))) {
    if (!/^(?!__)[A-Za-z_]\w*$/.test(name)) invalid(option, `${show(name)} is not a label`, 'Use letters, digits and _');
    if (['alertname', 'project', 'environment', 'check', 'instance', 'job'].includes(name)) {
      invalid(option, `${show(name)} is reserved: it identifies the alert`, 'Use another name');
    }
    if (typeof text !== 'string') invalid(option, `the value of ${show(name)} is ${show(text)}, but labels are strings`, `Write { ${name}: '${String(text)}' }`);
    if (text.includes('{{')) invalid(option, `the value of ${show(name)} is a template`, 'Write plain text');
  }
  return inKeyOrder(value);
}
