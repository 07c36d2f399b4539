import { longestStepMs } from '../../../contract/analysis-manifest';
import { CanaryPlan, canaryContent, CanarySettings, CanaryWriter } from '../canary-content';
import { CanaryThreshold, windowMsOf } from '../canary-thresholds';
import { Engine, Json } from '../engine';
import { goDuration } from '../notation';

/** A single bad window may be chance: the second one aborts. */
const TOLERATED_FAILURES = 1;

/**
 * Writes an AnalysisTemplate and a Rollout per environment with a canary.
 *
 * @see https://argo-rollouts.readthedocs.io/en/stable/features/canary/
 */
export function argoCanary(settings: CanarySettings): Engine {
  return {
    name: 'Argo Rollouts',
    isGate: true,
    isCanary: true,
    files: [{
      base: 'argo-canary',
      isPerEnvironment: true,
      introduction: [
        'A canary for Argo Rollouts 1.8 or later, with fixed thresholds that are as close as possible to the analysis of this environment\'s canary:',
        'kubectl apply -f <this file>. The Rollout takes its pods from the Deployment. Without trafficRouting, which you add to a copy of it, Argo',
        'approximates the weights by the number of pods.',
      ],
      content: (watched) => canaryContent(settings, watched, WRITER),
    }],
  };
}

const WRITER: CanaryWriter = {
  sides: { canary: '{{args.canary-hash}}', stable: '{{args.stable-hash}}', meaning: 'the hash of the pod template (rollouts-pod-template-hash)' },
  items: (plan) => [analysisTemplate(plan), rollout(plan)],
  lossesOf: () => [],
  losses: ({ thresholds, weights }) => [
    { condition: 'steps', why: `each of the ${weights.length} lasts its longest time here, and the second bad window ${windowsText(thresholds)} aborts the rollout` },
    { condition: 'withoutVerdict', why: 'without data the rollout goes on' },
    { condition: 'rollback', why: 'Argo restores the stable ReplicaSet and keeps the new image in the manifest; no release is verified again or blocked' },
  ],
};

function windowsText(thresholds: readonly CanaryThreshold[]): string {
  return `(${[...new Set(thresholds.map(({ metric }) => goDuration(windowMsOf(metric))))].join(', ')})`;
}

function analysisTemplate({ metadata, name, secret, thresholds, weights }: CanaryPlan): Json {
  const totalMs = weights.reduce((sum, weight) => sum + longestStepMs(weight), 0);
  const secrets = [...new Set(thresholds.flatMap(({ metric }) => Object.values(metric.secretRequestHeaders)))];
  const args: Json[] = [
    ...(usesSides(thresholds) ? [{ name: 'canary-hash' }, { name: 'stable-hash' }] : []),
    ...secrets.map((one) => ({ name: one, valueFrom: { secretKeyRef: { name: secret, key: one } } })),
  ];
  return {
    apiVersion: 'argoproj.io/v1alpha1',
    kind: 'AnalysisTemplate',
    metadata: { name: `${name}-canary`, ...metadata },
    spec: { ...(args.length > 0 ? { args } : {}), metrics: thresholds.map((threshold) => metricOf(threshold, totalMs)) },
  };
}

function metricOf({ max, metric, name, query }: CanaryThreshold, totalMs: number): Json {
  const windowMs = windowMsOf(metric);
  const headers = Object.entries(metric.secretRequestHeaders).map(([key, secret]) => ({ key, value: `{{args.${secret}}}` }));
  const hasData = 'len(result) > 0 && !isNaN(result[0])';
  // without data a measurement is neither a success nor a failure
  const looks = Math.ceil(totalMs / windowMs) + 1;
  return {
    name,
    initialDelay: goDuration(windowMs),
    interval: goDuration(windowMs),
    successCondition: `${hasData} && result[0] <= ${max}`,
    failureCondition: `${hasData} && result[0] > ${max}`,
    failureLimit: TOLERATED_FAILURES,
    inconclusiveLimit: looks,
    consecutiveErrorLimit: looks,
    provider: { prometheus: { address: metric.url, query, timeout: Math.ceil(metric.timeoutMs / 1000), ...(headers.length > 0 ? { headers } : {}) } },
  };
}

function rollout({ metadata, name, thresholds, weights, workload }: CanaryPlan): Json {
  const hashes = [{ name: 'canary-hash', valueFrom: { podTemplateHashValue: 'Latest' } }, { name: 'stable-hash', valueFrom: { podTemplateHashValue: 'Stable' } }];
  return {
    apiVersion: 'argoproj.io/v1alpha1',
    kind: 'Rollout',
    metadata: { name: workload, ...metadata },
    spec: {
      workloadRef: { apiVersion: 'apps/v1', kind: 'Deployment', name: workload },
      strategy: {
        canary: {
          // after the first weight is set
          analysis: { templates: [{ templateName: `${name}-canary` }], startingStep: 1, ...(usesSides(thresholds) ? { args: hashes } : {}) },
          steps: weights.flatMap((weight): Json[] => [{ setWeight: weight.percent }, { pause: { duration: goDuration(longestStepMs(weight)) } }]),
        },
      },
    },
  };
}

function usesSides(thresholds: readonly CanaryThreshold[]): boolean {
  return thresholds.some((one) => one.usesSides);
}
