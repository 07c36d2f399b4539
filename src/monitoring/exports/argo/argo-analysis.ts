import { httpMetric } from './http';
import { Metric } from './metric';
import { prometheusMetric } from './prometheus';
import { HealthCheckManifest } from '../../../contract/manifest';
import { distinct } from '../distinct';
import { differencesOf, Engine, ExportedContent, Json, Kinds, leftOut, mapChecks, MappedCheck, Watched } from '../engine';
import { goDuration } from '../go-duration';

/** What Argo Rollouts is told beside the health checks. */
export interface ArgoAnalysisSettings {
  readonly namespace?: string;
  /** Name of the Kubernetes secret that holds each secret under its own name; that of the project by default. */
  readonly secret?: string;
}

/** How each kind of health check is put to Argo. */
const KINDS: Kinds<Metric, ArgoAnalysisSettings> = {
  http: httpMetric,
  prometheus: prometheusMetric,
  tcp: () => leftOut('tcp', 'Argo asks over HTTP'),
  dns: () => leftOut('dns', 'Argo asks over HTTP'),
  certificate: () => leftOut('certificate', 'Argo only looks whether the certificate of an HTTP answer is valid now'),
  command: () => leftOut('command', 'Argo runs commands as jobs in the cluster, which has none of the project\'s files'),
  anyOf: () => leftOut('anyOf', 'Argo demands every metric'),
};

/**
 * An AnalysisTemplate for each environment: the gate of a rollout, not a watch.
 *
 * @see https://argo-rollouts.readthedocs.io/en/stable/features/analysis/
 */
export function argoAnalysis(settings: ArgoAnalysisSettings): Engine {
  return {
    name: 'Argo Rollouts',
    isGate: true,
    files: [{
      base: 'argo-analysis',
      isPerEnvironment: true,
      introduction: [
        'An AnalysisTemplate for Argo Rollouts 1.8 or later, from the health checks of this environment: kubectl apply -f <this file>.',
        'A Rollout that names it passes the release as args: version, and sha where answers name a commit.',
        'What cannot be reached, or answers other than 2xx, is an error there, and counts in a row; a condition that does not hold is a failure, and',
        'those count in all until the check has succeeded often enough in a row. Neither is forgiven while a release starts.',
        'Up to 10 redirects are followed, whatever maxRedirects says.',
      ],
      content: (watched) => content(settings, watched),
    }],
  };
}

function content(settings: ArgoAnalysisSettings, watched: Watched): ExportedContent {
  const { namespace, secret } = settings;
  const mapped = mapChecks(watched, KINDS, settings);
  const made = mapped.filter((one): one is MappedCheck<Metric> & { made: Metric } => one.made !== undefined);
  const names = distinct(made, ({ check }) => check.name.replaceAll('{{', '{ {'), (name) => name);
  const project = kubernetesName(watched.project);
  const args: Json[] = [
    ...(made.some(({ made: { asksRelease } }) => asksRelease) ? [{ name: 'version' }, { name: 'sha', value: '' }] : []),
    ...[...new Set(made.flatMap(({ made: { secrets } }) => secrets))].map((name) => (
      { name, valueFrom: { secretKeyRef: { name: secret ?? `${project}-monitoring`, key: name } } }
    )),
  ];
  return {
    document: {
      apiVersion: 'argoproj.io/v1alpha1',
      kind: 'AnalysisTemplate',
      metadata: { name: `${project}-${kubernetesName(watched.environments[0].name)}-health`, ...(namespace === undefined ? {} : { namespace }) },
      spec: { ...(args.length > 0 ? { args } : {}), metrics: made.map(({ check, made: metric }, i) => metricOf(names[i], check, metric)) },
    },
    differences: differencesOf(mapped),
    checks: made.length,
  };
}

function metricOf(name: string, check: HealthCheckManifest, { condition, failureCondition, provider }: Metric): Json {
  const { intervalMs, deadlineMs, successThreshold, failureThreshold } = check;
  const tolerated = failureThreshold - 1;
  // Argo wants room for every failure that it forgives
  const count = Math.max(Math.ceil(deadlineMs / intervalMs), tolerated + successThreshold);
  return {
    name,
    interval: goDuration(intervalMs),
    count,
    consecutiveSuccessLimit: successThreshold,
    failureLimit: tolerated,
    consecutiveErrorLimit: tolerated,
    ...(condition === undefined ? {} : { successCondition: condition }),
    ...(failureCondition === undefined ? {} : { failureCondition, inconclusiveLimit: count }),
    provider,
  };
}

/** Lower case, digits and dashes. */
function kubernetesName(name: string): string {
  return name.toLowerCase().replace(/[^a-z0-9]/g, '-').replace(/^-+/, '');
}
