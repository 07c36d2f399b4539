import { certificateModule } from './certificate';
import { dnsModule } from './dns';
import { alertExpression } from './expression';
import { httpModule } from './http';
import { Module, Query } from './module';
import { prometheusQuery } from './prometheus';
import { BlackboxSettings, LONGEST_INTERVAL_MS } from './settings';
import { tcpModule } from './tcp';
import { HealthCheckManifest } from '../../../contract/manifest';
import { distinct } from '../distinct';
import { CheckDifference, differencesOf, Engine, EngineFile, Json, Kinds, leftOut, mapChecks, MappedCheck, Watched } from '../engine';
import { goDuration } from '../go-duration';

/** How each kind of health check is put to the exporter, or to Prometheus itself. */
const KINDS: Kinds<Module | Query, BlackboxSettings> = {
  http: httpModule,
  tcp: tcpModule,
  dns: dnsModule,
  certificate: certificateModule,
  prometheus: prometheusQuery,
  command: () => leftOut('command', 'the exporter runs no commands'),
  anyOf: () => leftOut('anyOf', 'the exporter takes a probe for itself'),
};

/** The exporter gives up this long before Prometheus does. */
const EXPORTER_MARGIN_MS = 500;

/** A health check with its place in all three files. */
interface Probed extends MappedCheck<Module> {
  readonly made: Module;
  /** Of the module. */
  readonly name: string;
  readonly intervalMs: number;
}

/** A health check of which there is only a rule. */
interface Queried extends MappedCheck<Query> {
  readonly made: Query;
}

interface Probes {
  readonly probed: Probed[];
  readonly queried: Queried[];
  readonly differences: CheckDifference[];
  readonly checks: number;
}

/**
 * Three files: modules for the blackbox exporter, and what Prometheus needs to have it probe, and to alert.
 *
 * @see https://github.com/prometheus/blackbox_exporter/blob/master/CONFIGURATION.md
 * @see https://prometheus.io/docs/prometheus/latest/configuration/configuration/#scrape_config
 */
export function blackbox(settings: BlackboxSettings): Engine {
  return { name: 'the blackbox exporter', isGate: false, files: [modulesFile(settings), scrapeFile(settings), rulesFile(settings)] };
}

function modulesFile(settings: BlackboxSettings): EngineFile {
  return {
    base: 'blackbox',
    isPerEnvironment: false,
    introduction: [
      `Modules for Prometheus' blackbox exporter ${settings.exporterVersion.join('.')} or later, from the health checks of this project's delivery:`,
      'blackbox_exporter --config.file=<this file>. Prometheus asks for them as prometheus-scrape says.',
      'One address of a host is tried, IPv4 first. Up to 10 redirects are followed, whatever maxRedirects says, unless it says 0.',
    ],
    content: (watched) => {
      const { probed, differences, checks } = probes(settings, watched);
      return { document: { modules: Object.fromEntries(probed.map(({ name, made }) => [name, made.module])) }, differences, checks };
    },
  };
}

function scrapeFile(settings: BlackboxSettings): EngineFile {
  return {
    base: 'prometheus-scrape',
    isPerEnvironment: false,
    introduction: ['Which targets Prometheus has the blackbox exporter probe: name this file in scrape_config_files (2.43 or later), or copy the job.'],
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
      'Alerting rules for Prometheus 2.42 or later: name this file in rule_files. One alert for each environment and health check.',
      'Times stand for bad and good answers in a row. Where nothing is measured nothing fires but HealthCheckBlind.',
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
  const made = mapped.filter((one): one is MappedCheck<Module> & { made: Module } => one.made !== undefined && 'module' in one.made);
  const queried = mapped.filter((one): one is Queried => one.made !== undefined && 'query' in one.made);
  const names = distinct(made, ({ environment, check }) => [watched.project, environment.name, check.name].join('_').replace(/[^A-Za-z0-9_]/g, '_'), (name) => name);
  const probed = made.map((one, i) => ({ ...one, name: names[i], intervalMs: intervalFor(settings, one.check) }));
  return { probed, queried, differences: differencesOf(mapped), checks: made.length + queried.length };
}

/** Prometheus waits no longer for a scrape than until the next one. */
function intervalFor({ intervalMs }: BlackboxSettings, { timeoutMs }: HealthCheckManifest): number {
  return Math.max(intervalMs, Math.ceil((timeoutMs + EXPORTER_MARGIN_MS) / 1000) * 1000);
}

function withInterval(settings: BlackboxSettings, mapped: MappedCheck<Module | Query>): MappedCheck<Module | Query> {
  const { check, made } = mapped;
  const intervalMs = intervalFor(settings, check);
  if (intervalMs === settings.intervalMs || made === undefined || 'query' in made) return mapped;
  if (intervalMs > LONGEST_INTERVAL_MS) {
    return { environment: mapped.environment, check, ...leftOut(`timeout ${goDuration(check.timeoutMs)}`, 'Prometheus would ask too seldom to remember the answer') };
  }
  const why = `Prometheus asks every ${goDuration(intervalMs)}, because an answer may take longer than ${goDuration(settings.intervalMs)}`;
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
      targets: [one.made.target],
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
    expression: alertExpression(labelsOf(watched, one), one.made),
    intervalMs: one.intervalMs,
    what: `{{ $labels.instance }} did not answer as the health check demands ${watched.firesAfter} times in a row.`,
  });
}

function failingQuery(settings: BlackboxSettings, watched: Watched, one: Queried): Json {
  return failing(settings, watched, one, {
    expression: one.made.query,
    intervalMs: settings.intervalMs,
    what: `The query did not give what the health check demands ${watched.firesAfter} times in a row.`,
  });
}

interface Failure {
  readonly expression: string;
  readonly intervalMs: number;
  /** For a person. */
  readonly what: string;
}

function failing(settings: BlackboxSettings, watched: Watched, one: MappedCheck<unknown>, { expression, intervalMs, what }: Failure): Json {
  const times = (count: number) => goDuration((count - 1) * intervalMs);
  return {
    alert: 'HealthCheckFailing',
    expr: expression,
    for: times(watched.firesAfter),
    ...(watched.resolvesAfter > 1 ? { keep_firing_for: times(watched.resolvesAfter) } : {}),
    // said again: rules that differ only in their expressions look like doubles to promtool
    labels: inTemplate({ ...settings.labels, ...labelsOf(watched, one) }),
    annotations: {
      summary: '{{ $labels.check }} of {{ $labels.project }} on {{ $labels.environment }} is not healthy',
      description: `${what} Users are at ${literal(one.environment.url)}`,
    },
  };
}

/** The exporter is gone, or Prometheus does not know the job. */
function blind(settings: BlackboxSettings, watched: Watched): Json {
  const up = `up{job=${JSON.stringify(jobName(watched))}}`;
  return {
    alert: 'HealthCheckBlind',
    expr: `max by (job) (${up}) == 0 or absent(${up})`,
    for: goDuration(watched.firesAfter * settings.intervalMs),
    labels: inTemplate({ ...settings.labels, project: watched.project }),
    annotations: {
      // no series has the project's name: they are gone
      summary: `Nobody looks at the health of ${literal(watched.project)}`,
      description: `The blackbox exporter at ${settings.exporter} does not answer. What fired before it went away counts as resolved until it is back.`,
    },
  };
}

function inTemplate(labels: Record<string, string>): Record<string, string> {
  return Object.fromEntries(Object.entries(labels).map(([name, value]) => [name, literal(value)]));
}

/** Text in a template of Prometheus. */
function literal(text: string): string {
  return text.replaceAll('{{', '{{ "{{" }}');
}
