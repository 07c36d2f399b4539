import { httpMetric, Metric, prometheusMetric } from './metrics';
import { HealthCheckManifest } from '../../../contract/manifest';
import { differencesOf, distinct, Engine, ExportedContent, Json, Kinds, leftOut, mapChecks, supportedOf, Watched } from '../engine';
import { goDuration } from '../notation';

/** Settings that do not come from the health checks. */
interface ArgoAnalysisSettings {
  readonly namespace?: string;
  /** The Kubernetes secret that holds each secret under its own name; derived from the project's name by default. */
  readonly secret?: string;
}

const KINDS: Kinds<Metric, ArgoAnalysisSettings> = {
  http: httpMetric,
  prometheus: prometheusMetric,
  tcp: () => leftOut('tcp', 'Argo probes over HTTP only'),
  dns: () => leftOut('dns', 'Argo probes over HTTP only'),
  cloudWatchAlarm: () => leftOut('cloudWatchAlarm', 'Argo reads metrics of CloudWatch, not the state of an alarm'),
  certificate: () => leftOut('certificate', 'Argo only checks that the certificate of an HTTP response is valid now'),
  command: () => leftOut('command', 'Argo runs commands as jobs in the cluster, without the project\'s files'),
  anyOf: () => leftOut('anyOf', 'Argo requires every metric'),
};

/**
 * Writes an AnalysisTemplate per environment. It is the gate of a rollout, not a watch.
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
        'A Rollout that uses it passes the release as args: version, and sha if responses contain a commit.',
        'A failed connection or a response other than 2xx is an error; consecutive errors count. A condition that is not met is a failure; all',
        'failures count, until the check has enough consecutive successes. Both also count while a release starts.',
        'Up to 10 redirects are followed, regardless of maxRedirects.',
      ],
      content: (watched) => content(settings, watched),
    }],
  };
}

function content(settings: ArgoAnalysisSettings, watched: Watched): ExportedContent {
  const { namespace, secret } = settings;
  const mapped = mapChecks(watched, KINDS, settings);
  const metrics = supportedOf(mapped);
  const names = distinct(metrics, ({ check }) => check.name.replaceAll('{{', '{ {'));
  const project = kubernetesName(watched.project);
  const args: Json[] = [
    ...(metrics.some(({ config: { usesRelease } }) => usesRelease) ? [{ name: 'version' }, { name: 'sha', value: '' }] : []),
    ...[...new Set(metrics.flatMap(({ config: { secrets } }) => secrets))].map((name) => (
      { name, valueFrom: { secretKeyRef: { name: secret ?? `${project}-monitoring`, key: name } } }
    )),
  ];
  return {
    document: {
      apiVersion: 'argoproj.io/v1alpha1',
      kind: 'AnalysisTemplate',
      metadata: { name: `${project}-${kubernetesName(watched.environments[0].name)}-health`, ...(namespace === undefined ? {} : { namespace }) },
      spec: { ...(args.length > 0 ? { args } : {}), metrics: metrics.map(({ check, config }, i) => metricOf(names[i], check, config)) },
    },
    differences: differencesOf(mapped),
    checks: metrics.length,
  };
}

function metricOf(name: string, check: HealthCheckManifest, { condition, failureCondition, provider }: Metric): Json {
  const { intervalMs, deadlineMs, successThreshold, failureThreshold } = check;
  const tolerated = failureThreshold - 1;
  // Argo requires a count that allows for all tolerated failures
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

/** Replaces everything except lower case letters, digits and dashes. */
function kubernetesName(name: string): string {
  return name.toLowerCase().replace(/[^a-z0-9]/g, '-').replace(/^-+/, '');
}
