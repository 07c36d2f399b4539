import { CanaryPlan, canaryContent, CanarySettings, CanaryWriter } from '../canary-content';
import { CanaryThreshold, windowMsOf } from '../canary-thresholds';
import { Difference, Engine, Json } from '../engine';

interface FlaggerSettings extends CanarySettings {
  /** The port of the service that Flagger makes. */
  readonly port: number;
}

/** Flagger waits for one interval between a failed check and the rollback: a second failed check would double it. */
const FAILED_CHECKS = 1;

/**
 * Writes MetricTemplates and a Canary per environment with a canary.
 *
 * @see https://docs.flagger.app/usage/how-it-works
 */
export function flagger(settings: FlaggerSettings): Engine {
  const writer = writerOf(settings);
  return {
    name: 'Flagger',
    isGate: true,
    isCanary: true,
    files: [{
      base: 'flagger',
      isPerEnvironment: true,
      introduction: [
        'A canary for Flagger 1.44 or later, with fixed thresholds that are as close as possible to the analysis of this environment\'s canary:',
        'kubectl apply -f <this file>. Flagger makes the services of the Deployment, and needs a mesh, an ingress or a gateway that it supports.',
      ],
      content: (watched) => canaryContent(settings, watched, writer),
    }],
  };
}

function writerOf({ port }: FlaggerSettings): CanaryWriter {
  return {
    sides: { canary: '{{ target }}', stable: '{{ target }}-primary', meaning: 'the name of the Deployment, followed by -primary for Stable' },
    items: (plan) => [...plan.thresholds.map((threshold) => metricTemplate(threshold, plan)), canary(plan, port)],
    lossesOf: ({ metric: { secretRequestHeaders, timeoutMs } }, { secret }) => [
      ...headerLosses(Object.keys(secretRequestHeaders), secret),
      ...timeoutLosses(timeoutMs),
    ],
    losses: (plan) => [
      { condition: 'steps', why: `each lasts one interval of ${secondsOf(intervalMsOf(plan))}, at whose end Flagger looks once. A failed check is rolled back one interval later, and the release keeps its share until then` },
      { condition: 'withoutVerdict', why: 'no data and a Prometheus that does not respond count as a failed check: the release is rolled back' },
      { condition: 'rollback', why: 'Flagger scales the release down and keeps the new image in the manifest; no release is verified again or blocked' },
    ],
  };
}

function headerLosses(headers: string[], secret: string): Difference[] {
  return headers.map((name) => (name.toLowerCase() === 'authorization'
    ? { condition: 'secretRequestHeaders authorization', why: `it is read from the key token of the secret ${secret}, without "Bearer "`, isRemark: true }
    : { condition: `secretRequestHeaders ${name}`, why: 'it is not sent: Flagger reads no other header from a secret' }));
}

function timeoutLosses(timeoutMs: number): Difference[] {
  return timeoutMs === 5_000 ? [] : [{ condition: 'timeout', why: 'Flagger waits for 5 s', isRemark: true }];
}

function metricTemplate({ metric, name, query }: CanaryThreshold, { metadata, name: base, secret }: CanaryPlan): Json {
  const hasToken = Object.keys(metric.secretRequestHeaders).some((header) => header.toLowerCase() === 'authorization');
  return {
    apiVersion: 'flagger.app/v1beta1',
    kind: 'MetricTemplate',
    metadata: { name: `${base}-${name}`, ...metadata },
    spec: { provider: { type: 'prometheus', address: metric.url, ...(hasToken ? { secretRef: { name: secret } } : {}) }, query },
  };
}

function canary(plan: CanaryPlan, port: number): Json {
  const { metadata, name, thresholds, weights, workload } = plan;
  return {
    apiVersion: 'flagger.app/v1beta1',
    kind: 'Canary',
    metadata: { name: workload, ...metadata },
    spec: {
      targetRef: { apiVersion: 'apps/v1', kind: 'Deployment', name: workload },
      service: { port },
      analysis: {
        interval: secondsOf(intervalMsOf(plan)),
        threshold: FAILED_CHECKS,
        stepWeights: weights.map(({ percent }) => percent),
        maxWeight: weights.at(-1)?.percent ?? 100,
        metrics: thresholds.map((threshold) => ({
          name: threshold.name,
          templateRef: { name: `${name}-${threshold.name}` },
          thresholdRange: { max: threshold.max },
          interval: secondsOf(windowMsOf(threshold.metric)),
        })),
      },
    },
  };
}

/** All steps last equally long: as long as the longest one must last here, and as the window of the queries. */
function intervalMsOf({ thresholds, weights }: CanaryPlan): number {
  return Math.max(...weights.map(({ atLeastMs }) => atLeastMs), ...thresholds.map(({ metric }) => windowMsOf(metric)), 1000);
}

/** The schema admits whole seconds and minutes only. */
function secondsOf(ms: number): string {
  return `${Math.ceil(ms / 1000)}s`;
}
