import { CanaryThreshold, MappedAnalysis, SideNames, thresholdOf } from './canary-thresholds';
import { CheckDifference, Difference, ExportedContent, Json, Watched, WatchedEnvironment } from './engine';
import { show } from '../../validation/validation-error';

/** Settings that do not come from the strategy. */
export interface CanarySettings {
  readonly namespace?: string;
  /** The Deployment; derived from the project's name by default. */
  readonly workload?: string;
  /** The Kubernetes secret with the credentials for Prometheus; derived from the project's name by default. */
  readonly secret?: string;
}

/** What both engines write about one canary. */
export interface CanaryPlan {
  readonly workload: string;
  readonly secret: string;
  /** The start of the names of what is written. */
  readonly name: string;
  readonly metadata: { readonly namespace?: string };
  readonly weights: readonly { readonly percent: number; readonly atLeastMs: number; readonly atMostMs?: number }[];
  readonly thresholds: readonly CanaryThreshold[];
}

/** How an engine writes a canary. */
export interface CanaryWriter {
  readonly sides: SideNames;
  readonly items: (plan: CanaryPlan) => Json[];
  /** What is lost, beyond the analyses themselves. */
  readonly losses: (plan: CanaryPlan) => Difference[];
  /** What the engine cannot do for one analysis, beyond its threshold. */
  readonly lossesOf: (threshold: CanaryThreshold, plan: Pick<CanaryPlan, 'secret'>) => Difference[];
}

/** A list of resources: `kubectl apply -f` accepts it. Without any analysis there is nothing that the engine could judge. */
export function canaryContent(settings: CanarySettings, { environments: [environment], project }: Watched, writer: CanaryWriter): ExportedContent {
  const { strategy } = environment!;
  const mapped = (strategy?.analysis?.metrics ?? []).map((metric) => thresholdOf(metric, writer.sides));
  const thresholds = withDistinctNames(mapped.flatMap(({ threshold }) => (threshold ? [threshold] : [])));
  const projectName = kubernetesName(project);
  const plan: CanaryPlan = {
    workload: settings.workload ?? projectName,
    secret: settings.secret ?? `${projectName}-monitoring`,
    name: `${projectName}-${kubernetesName(environment!.name)}`,
    metadata: settings.namespace === undefined ? {} : { namespace: settings.namespace },
    weights: strategy?.weights ?? [],
    thresholds,
  };
  const of = (check: string) => (one: Difference): CheckDifference => ({ ...one, environment: environment!.name, check });
  return {
    document: { apiVersion: 'v1', kind: 'List', items: writer.items(plan) },
    differences: [
      ...mapped.flatMap((one) => differencesOf(one, writer, plan).map(of(one.analysis))),
      ...[...LOST, ...writer.losses(plan)].map((one) => ({ ...one, isRemark: true })).map(of('canary')),
    ],
    checks: thresholds.length,
  };
}

/** Two sources may count errors: a repeated name gets a number. */
function withDistinctNames(thresholds: readonly CanaryThreshold[]): CanaryThreshold[] {
  return thresholds.map((one, index) => {
    const before = thresholds.slice(0, index).filter(({ name }) => name === one.name).length;
    return before === 0 ? one : { ...one, name: `${one.name}-${before + 1}` };
  });
}

function differencesOf({ differences, threshold }: MappedAnalysis, writer: CanaryWriter, plan: CanaryPlan): Difference[] {
  if (!threshold) return differences;
  return [{ condition: 'threshold', why: threshold.meaning, isRemark: true }, ...differences, ...writer.lossesOf(threshold, plan)];
}

/** What no fixed threshold does. */
const LOST: Difference[] = [
  { condition: 'alpha, missRate', why: 'a fixed threshold has no bound on the probability of a false alarm: it depends on the traffic, and grows with each look' },
  { condition: 'block', why: 'a burst of errors of one client counts as much as independent errors' },
  { condition: 'maxDuration', why: 'evidence does not add up over measurements and steps, so a small regression is never found, and no step ends early' },
  { condition: 'healthChecks, candidateUrl, bake', why: 'they are not part of this file, and nothing verifies the release before it gets traffic except the probes of its pods' },
];

/** Why an environment has no canary for an engine. */
export function whyNoCanary({ strategy }: WatchedEnvironment): string {
  if (!strategy?.weights) return `its strategy is ${show(strategy?.kind)}, which is not a canary`;
  return strategy.analysis ? 'it supports none of its analyses' : 'its canary has no analysis';
}

/** Replaces everything except lower case letters, digits and dashes. */
function kubernetesName(name: string): string {
  return name.toLowerCase().replace(/[^a-z0-9]/g, '-').replace(/^-+|-+$/g, '');
}
