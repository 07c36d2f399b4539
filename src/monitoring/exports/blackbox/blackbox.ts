import { httpModule } from './http';
import { BlackboxSettings, certificateModule, dnsModule, EXPORTER, LONGEST_INTERVAL_MS, Module, prometheusQuery, Query, tcpModule } from './modules';
import { HealthCheckManifest } from '../../../contract/manifest';
import { CheckDifference, differencesOf, distinct, Engine, EngineFile, Json, Kinds, leftOut, mapChecks, MappedCheck, Supported, supportedOf, Watched } from '../engine';
import { goDuration } from '../notation';

const KINDS: Kinds<Module | Query, BlackboxSettings> = {
  http: httpModule,
  tcp: tcpModule,
  dns: dnsModule,
  certificate: certificateModule,
  prometheus: prometheusQuery,
  cloudWatchAlarm: () => leftOut('cloudWatchAlarm', 'the exporter cannot sign requests to AWS; let the alarm itself notify people (its actions)'),
  command: () => leftOut('command', 'the exporter runs no commands'),
  anyOf: () => leftOut('anyOf', 'the exporter measures each probe separately'),
};

/** The exporter gives up this long before Prometheus gives up the scrape. */
const EXPORTER_MARGIN_MS = 500;

/** A health check that the exporter runs: it is in all three files. */
interface Probed extends Supported<Module> {
  /** The name of the module. */
  readonly name: string;
  readonly intervalMs: number;
}

/** A health check that has only a rule. */
type Queried = Supported<Query>;

interface Probes {
  readonly probed: Probed[];
  readonly queried: Queried[];
  readonly differences: CheckDifference[];
  readonly checks: number;
}

/**
 * Writes three files: modules for the blackbox exporter, and the scrape job and alerting rules for Prometheus.
 *
 * @see https://github.com/prometheus/blackbox_exporter/blob/master/CONFIGURATION.md
 * @see https://prometheus.io/docs/prometheus/latest/configuration/configuration/#scrape_config
 */
export function blackbox(settings: BlackboxSettings): Engine {
  return { name: EXPORTER, isGate: false, files: [modulesFile(settings), scrapeFile(settings), rulesFile(settings)] };
}

function modulesFile(settings: BlackboxSettings): EngineFile {
  return {
    base: 'blackbox',
    isPerEnvironment: false,
    introduction: [
      `Modules for Prometheus' blackbox exporter ${settings.exporterVersion.join('.')} or later, from the health checks of this project's delivery:`,
      'blackbox_exporter --config.file=<this file>. The scrape job in prometheus-scrape uses them.',
      'One address of a host is probed, preferably IPv4. Up to 10 redirects are followed, unless maxRedirects is 0.',
    ],
    content: (watched) => {
      const { probed, differences, checks } = probes(settings, watched);
      return { document: { modules: Object.fromEntries(probed.map(({ name, config }) => [name, config.module])) }, differences, checks };
    },
  };
}

function scrapeFile(settings: BlackboxSettings): EngineFile {
  return {
    base: 'prometheus-scrape',
    isPerEnvironment: false,
    introduction: ['The scrape job for the blackbox exporter: add this file to scrape_config_files (Prometheus 2.43 or later), or copy the job.'],
    content: (watched) => {
      const { probed, checks } = probes(settings, watched);
      return { document: { scrape_configs: [scrapeJob(settings, watched, probed)] }, differences: [], checks };
    },
  };
}

function rulesFile(settings: BlackboxSettings): EngineFile {
  return {
    base: 'prometheus-rules',
    isPerEnvironment: false,
    introduction: [
      'Alerting rules for Prometheus 2.42 or later: add this file to rule_files. It has one alert per environment and health check.',
      'Durations correspond to consecutive results. If nothing is measured, only HealthCheckBlind fires.',
    ],
    content: (watched) => {
      const { probed, queried, checks } = probes(settings, watched);
      const rules = [
        ...probed.map((one) => failingProbe(settings, watched, one)),
        ...queried.map((one) => failingQuery(settings, watched, one)),
        ...(probed.length > 0 ? [blind(settings, watched)] : []),
      ];
      return { document: { groups: [{ name: jobName(watched), interval: goDuration(settings.intervalMs), rules }] }, differences: [], checks };
    },
  };
}

function probes(settings: BlackboxSettings, watched: Watched): Probes {
  const mapped = mapChecks(watched, KINDS, settings).map((one) => withInterval(settings, one));
  const supported = supportedOf(mapped);
  const modules = supported.filter((one): one is Supported<Module> => 'module' in one.config);
  const queried = supported.filter((one): one is Queried => 'query' in one.config);
  const names = distinct(modules, ({ environment, check }) => [watched.project, environment.name, check.name].join('_').replace(/[^A-Za-z0-9_]/g, '_'));
  const probed = modules.map((one, i) => ({ ...one, name: names[i], intervalMs: intervalFor(settings, one.check) }));
  return { probed, queried, differences: differencesOf(mapped), checks: supported.length };
}

/** A scrape must end before the next one starts. */
function intervalFor({ intervalMs }: BlackboxSettings, { timeoutMs }: HealthCheckManifest): number {
  return Math.max(intervalMs, Math.ceil((timeoutMs + EXPORTER_MARGIN_MS) / 1000) * 1000);
}

function withInterval(settings: BlackboxSettings, mapped: MappedCheck<Module | Query>): MappedCheck<Module | Query> {
  const { check, config } = mapped;
  const intervalMs = intervalFor(settings, check);
  if (intervalMs === settings.intervalMs || config === undefined || 'query' in config) return mapped;
  if (intervalMs > LONGEST_INTERVAL_MS) {
    return { environment: mapped.environment, check, ...leftOut(`timeout ${goDuration(check.timeoutMs)}`, 'Prometheus would drop the series between two probes') };
  }
  const why = `the exporter probes every ${goDuration(intervalMs)}, because a response may take longer than ${goDuration(settings.intervalMs)}`;
  return { ...mapped, differences: [...mapped.differences, { condition: `timeout ${goDuration(check.timeoutMs)}`, why, isRemark: true }] };
}

function jobName({ project }: Watched): string {
  return `${project}-health-checks`;
}

function scrapeJob({ intervalMs, exporter }: BlackboxSettings, watched: Watched, probed: Probed[]): Json {
  return {
    job_name: jobName(watched),
    metrics_path: '/probe',
    scrape_interval: goDuration(intervalMs),
    scrape_timeout: goDuration(intervalMs),
    static_configs: probed.map((one) => ({
      targets: [one.config.target],
      labels: {
        __param_module: one.name,
        ...(one.intervalMs === intervalMs ? {} : { __scrape_interval__: goDuration(one.intervalMs), __scrape_timeout__: goDuration(one.intervalMs) }),
        ...labelsOf(watched, one),
      },
    })),
    relabel_configs: [
      { source_labels: ['__address__'], target_label: '__param_target' },
      { source_labels: ['__param_target'], target_label: 'instance' },
      { target_label: '__address__', replacement: exporter },
    ],
  };
}

function labelsOf({ project }: Watched, { environment, check }: MappedCheck<unknown>): Record<string, string> {
  return { project, environment: environment.name, check: check.name };
}

function failingProbe(settings: BlackboxSettings, watched: Watched, one: Probed): Json {
  return failing(settings, watched, one, {
    expression: alertExpression(labelsOf(watched, one), one.config),
    intervalMs: one.intervalMs,
    what: `{{ $labels.instance }} did not pass the health check ${watched.firesAfter} consecutive times.`,
  });
}

function failingQuery(settings: BlackboxSettings, watched: Watched, one: Queried): Json {
  return failing(settings, watched, one, {
    expression: one.config.query,
    intervalMs: settings.intervalMs,
    what: `The query did not meet the condition of the health check ${watched.firesAfter} consecutive times.`,
  });
}

interface Failure {
  readonly expression: string;
  readonly intervalMs: number;
  /** The description of the alert. */
  readonly what: string;
}

function failing(settings: BlackboxSettings, watched: Watched, one: MappedCheck<unknown>, { expression, intervalMs, what }: Failure): Json {
  const times = (count: number) => goDuration((count - 1) * intervalMs);
  return {
    alert: 'HealthCheckFailing',
    expr: expression,
    for: times(watched.firesAfter),
    ...(watched.resolvesAfter > 1 ? { keep_firing_for: times(watched.resolvesAfter) } : {}),
    // promtool reports rules that differ only in their expressions as duplicates
    labels: inTemplate({ ...settings.labels, ...labelsOf(watched, one) }),
    annotations: {
      summary: '{{ $labels.check }} of {{ $labels.project }} on {{ $labels.environment }} is not healthy',
      description: `${what} Users are at ${literal(one.environment.url)}`,
    },
  };
}

/** Fires if the exporter does not respond, or if Prometheus does not have the job. */
function blind(settings: BlackboxSettings, watched: Watched): Json {
  const up = `up{job=${JSON.stringify(jobName(watched))}}`;
  return {
    alert: 'HealthCheckBlind',
    expr: `max by (job) (${up}) == 0 or absent(${up})`,
    for: goDuration(watched.firesAfter * settings.intervalMs),
    labels: inTemplate({ ...settings.labels, project: watched.project }),
    annotations: {
      // the name is literal, because no series is left that has it as a label
      summary: `The health checks of ${literal(watched.project)} do not run`,
      description: `The blackbox exporter at ${settings.exporter} does not respond. Alerts that were firing count as resolved until it responds again.`,
    },
  };
}

/**
 * Returns PromQL that has a result while a health check fails, always with the same labels, so that every cause raises the same alert. Of
 * several certificate chains, the one with a trusted authority that is valid for longest counts.
 *
 * @see https://prometheus.io/docs/prometheus/latest/querying/basics/
 */
function alertExpression(labels: Record<string, string>, { maxLatencyMs, certificateExpiryMs }: Module): string {
  const selector = `{${Object.entries(labels).map(([name, value]) => `${name}=${JSON.stringify(value)}`).join(', ')}}`;
  return [
    `probe_success${selector} == 0`,
    ...(maxLatencyMs === undefined ? [] : [`probe_duration_seconds${selector} > ${maxLatencyMs / 1000}`]),
    ...(certificateExpiryMs === undefined ? [] : [`probe_ssl_last_chain_expiry_timestamp_seconds${selector} - time() <= ${certificateExpiryMs / 1000}`]),
  ].join(' or ');
}

function inTemplate(labels: Record<string, string>): Record<string, string> {
  return Object.fromEntries(Object.entries(labels).map(([name, value]) => [name, literal(value)]));
}

/** Escapes text for a template of Prometheus. */
function literal(text: string): string {
  return text.replaceAll('{{', '{{ "{{" }}');
}
