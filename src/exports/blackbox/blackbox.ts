import { alertExpression } from './expression';
import { httpModule } from './http';
import { Module } from './module';
import { BlackboxSettings } from './settings';
import { HealthCheckManifest } from '../../manifest';
import { distinct } from '../distinct';
import { CheckDifference, differencesOf, Engine, EngineFile, Json, mapChecks, Mapped, MappedCheck, Watched } from '../engine';
import { goDuration } from '../go-duration';

/** How each kind of health check is put to the exporter. */
const KINDS: {
  readonly [K in HealthCheckManifest['kind']]: (check: Extract<HealthCheckManifest, { kind: K }>, settings: BlackboxSettings) => Mapped<Module>
} = {
  http: httpModule,
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

/**
 * Three files: modules for the blackbox exporter, and what Prometheus needs to have it probe, and to alert.
 *
 * @see https://github.com/prometheus/blackbox_exporter/blob/master/CONFIGURATION.md
 * @see https://prometheus.io/docs/prometheus/latest/configuration/configuration/#scrape_config
 */
export function blackbox(settings: BlackboxSettings): Engine {
  return { name: 'the blackbox exporter', files: [modulesFile(settings), scrapeFile(settings), rulesFile(settings)] };
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
      const { probed, differences } = probes(settings, watched);
      return { document: { modules: Object.fromEntries(probed.map(({ name, made }) => [name, made.module])) }, differences, checks: probed.length };
    },
  };
}

function scrapeFile(settings: BlackboxSettings): EngineFile {
  return {
    base: 'prometheus-scrape',
    isPerEnvironment: false,
    introduction: ['Which targets Prometheus has the blackbox exporter probe: name this file in scrape_config_files (2.43 or later), or copy the job.'],
    content: (watched) => {
      const { probed } = probes(settings, watched);
      return { document: { scrape_configs: [scrapeJob(settings, watched, probed)] }, differences: [], checks: probed.length };
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
      const { probed } = probes(settings, watched);
      const rules = [...probed.map((one) => failing(settings, watched, one)), blind(settings, watched)];
      return {
        document: { groups: [{ name: jobName(watched), interval: goDuration(settings.intervalMs), rules }] }, differences: [], checks: probed.length,
      };
    },
  };
}

function probes(settings: BlackboxSettings, watched: Watched): { probed: Probed[]; differences: CheckDifference[] } {
  const mapped = mapChecks(watched, (check) => withInterval(settings, check, KINDS[check.kind](check, settings)));
  const made = mapped.filter((one): one is MappedCheck<Module> & { made: Module } => one.made !== undefined);
  const names = distinct(made, ({ environment, check }) => [watched.project, environment.name, check.name].join('_').replace(/[^A-Za-z0-9_]/g, '_'), (name) => name);
  const probed = made.map((one, i) => ({ ...one, name: names[i], intervalMs: intervalFor(settings, one.check) }));
  return { probed, differences: differencesOf(mapped) };
}

/** Prometheus waits no longer for a scrape than until the next one. */
function intervalFor({ intervalMs }: BlackboxSettings, { timeoutMs }: HealthCheckManifest): number {
  return Math.max(intervalMs, Math.ceil((timeoutMs + EXPORTER_MARGIN_MS) / 1000) * 1000);
}

function withInterval(settings: BlackboxSettings, check: HealthCheckManifest, mapped: Mapped<Module>): Mapped<Module> {
  const intervalMs = intervalFor(settings, check);
  if (intervalMs === settings.intervalMs) return mapped;
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

function labelsOf({ project }: Watched, { environment, check }: MappedCheck<Module>) {
  return { project, environment: environment.name, check: check.name };
}

function failing(settings: BlackboxSettings, watched: Watched, one: Probed): Json {
  const times = (count: number) => goDuration((count - 1) * one.intervalMs);
  return {
    alert: 'HealthCheckFailing',
    expr: alertExpression(labelsOf(watched, one), one.made),
    for: times(watched.firesAfter),
    ...(watched.resolvesAfter > 1 ? { keep_firing_for: times(watched.resolvesAfter) } : {}),
    // said again: rules that differ only in their expressions look like doubles to promtool
    labels: inTemplate({ ...settings.labels, ...labelsOf(watched, one) }),
    annotations: {
      summary: '{{ $labels.check }} of {{ $labels.project }} on {{ $labels.environment }} is not healthy',
      description: `{{ $labels.instance }} did not answer as the health check demands ${watched.firesAfter} times in a row. Users are at ${literal(one.environment.url)}`,
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
      summary: 'Nobody looks at the health of {{ $labels.project }}',
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
