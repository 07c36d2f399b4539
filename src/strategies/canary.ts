import { AnalyzedCanaryOptions, analysisWarnings, analyzed, detectionNotes } from './canary-analysis';
import { CanaryStep } from './canary-step';
import { candidateUrls, checkCandidateUrl, verifiesCandidate } from './candidate-url';
import { canaryFix } from './slots-fix';
import { STRATEGY_OPTIONS, StrategyContext, StrategyDefinition, timesOf } from './strategy-definition';
import { AnalysisManifest, longestStepMs } from '../contract/analysis-manifest';
import { DriverManifest, TimeBudgetManifest, WeightManifest } from '../contract/manifest';
import { MetricManifest } from '../contract/metric-manifest';
import { CANARY } from '../contract/strategies';
import { TargetCapability } from '../targets/target-binding';
import { listOf, OptionNames, optionsOf } from '../validation/option-types';
import { invalid, show } from '../validation/validation-error';

/**
 * Options for a canary: its steps, their analysis, times, and the URL of the candidate.
 */
export interface CanaryOptions extends AnalyzedCanaryOptions {
  /**
   * The shares of the traffic that the release gets one after the other, in ascending order. After the last one it gets 100 per cent, and
   * bakes.
   */
  readonly steps: CanaryStep[];

  /**
   * The URL of the slot that the release is in; `{slot}` is replaced by its name (`blue` or `green`): `https://{slot}.example.com`. The
   * health checks probe their paths there before the release gets traffic, and during each step. The deploy command can set it instead: it
   * appends `candidate-url=<url>` to the file named by DELIVERY_RESULT.
   *
   * @default - the release is verified by the exit code of the deploy command, and each step is judged by what users see, most of which is
   * Stable, unless the command sets the URL
   */
  readonly candidateUrl?: string;
}

const CANARY_OPTIONS: OptionNames<CanaryOptions> = {
  ...STRATEGY_OPTIONS, steps: true, analysis: true, maxDuration: true, withoutVerdict: true, candidateUrl: true,
};
const EXAMPLE = '{ steps: [CanaryStep.weight(5), CanaryStep.weight(25)] }';

/** A release that gets its traffic in steps. */
export function canary(options: CanaryOptions): StrategyDefinition {
  const { candidateUrl, steps } = optionsOf('Strategy.canary', options, CANARY_OPTIONS, EXAMPLE);
  const judged = analyzed(options, weightsOf(steps));
  return {
    manifest: { kind: CANARY.kind, ...timesOf('Strategy.canary', options), candidateUrl, ...judged, timeBudget: canaryTimeBudget(judged.weights) },
    isCommandTimeoutDefault: options.commandTimeout === undefined,
    slots: CANARY.slots,
    candidateUrls: candidateUrls(candidateUrl, CANARY.slots),

    check: (context) => {
      checkTarget(context);
      checkMetrics(context, judged.analysis);
      if (candidateUrl === undefined) return;
      checkHealthChecks(context);
      checkCandidateUrl(context, candidateUrl, CANARY.slots);
    },

    notes: () => detectionNotes(judged),

    warnings: (environment, driver) => [
      // an analysis sees the release alone
      ...(candidateUrl === undefined && judged.analysis === undefined ? probeWarnings(environment, driver) : []),
      ...analysisWarnings(environment, judged),
    ],
  };
}

/** Without a URL of the candidate, the health checks see mostly Stable. */
function probeWarnings(environment: string, driver: DriverManifest | undefined): string[] {
  // its driver writes no result
  const unless = driver?.kind === 'ecsBlueGreen' ? '' : ', unless the deploy command writes candidate-url=<url> to the file $DELIVERY_RESULT';
  if (verifiesCandidate(driver)) return [];
  return [
    `the canary on ${show(environment)} is judged by what users see, most of which is Stable${unless}: `
    + 'a release that is bad may not be noticed before it has all traffic. Set Strategy.canary({ candidateUrl: \'https://{slot}.example.com\' }), or add a health check that '
    + 'sees the release alone, for example HealthCheck.cloudWatchAlarm(...)',
  ];
}

/**
 * The release's slot loses its traffic before the release is deployed to it, and first in a rollback; each step sets a weight and needs a verdict.
 */
export function canaryTimeBudget(weights: readonly WeightManifest[]): TimeBudgetManifest {
  const atLeastMs = weights.reduce((sum, weight) => sum + longestStepMs(weight), 0);
  return {
    forward: { commands: 3 + weights.length, verdicts: 2 + weights.length, ...(atLeastMs > 0 && { atLeastMs }) },
    restore: { commands: 3, verdicts: 2 },
    rollbackCommand: { commands: 3, verdicts: 1 },
  };
}

function weightsOf(steps: CanaryStep[]): WeightManifest[] {
  const option = 'Strategy.canary steps';
  if (steps === undefined || steps === null) invalid(option, 'they are missing', `Write Strategy.canary(${EXAMPLE})`);
  const weights = listOf(option, steps, 'CanaryStep.weight(5)').map((step) => (
    step instanceof CanaryStep ? step._manifest : invalid(option, `${show(step)} is not a CanaryStep`, `Write CanaryStep.weight(${typeof step === 'number' ? String(step) : '5'})`)
  ));
  if (weights.length === 0) invalid(option, 'there is none, so the release would get all traffic at once', `Write ${EXAMPLE}, or use Strategy.blueGreen()`);
  const low = weights.findIndex(({ percent }, index) => index > 0 && percent <= weights[index - 1]!.percent);
  if (low > 0) {
    invalid(option, `${weights[low]!.percent} per cent comes after ${weights[low - 1]!.percent} per cent`, 'Write them in ascending order, each one once');
  }
  return weights;
}

function checkTarget({ capabilities, driver, shown }: StrategyContext): void {
  if (capabilities.includes(TargetCapability.WEIGHTS)) return;
  invalid(`${shown} strategy`, 'Strategy.canary() splits the traffic with the target\'s setWeight, and the target has none',
    canaryFix(driver));
}

/** HAProxy's counters are none of Caddy, and a load balancer counts its own requests. */
function checkMetrics({ driver, shown }: StrategyContext, analysis: AnalysisManifest | undefined): void {
  if (driver?.kind === 'ecsBlueGreen') analysis?.metrics.forEach(({ metric }) => checkBalancer(shown, driver.listener, metric));
  if (driver?.kind !== 'serverSlots' || driver.proxy.kind !== 'caddy' || !analysis?.metrics.some(({ metric }) => metric.kind === 'haproxy')) return;
  invalid(`${shown} strategy`, 'Metric.haproxy(...) reads the counters of HAProxy, and ServerSlots.caddy(...) sends users through Caddy, which counts nothing by upstream',
    'Count in the service, and use Metric.prometheus(...) or Metric.command(...); or use ServerSlots.haproxy(...)');
}

function checkBalancer(shown: string, listener: string, metric: MetricManifest): void {
  if (metric.kind !== 'cloudWatch') return;
  const [, balancer] = /:listener(?:-rule)?\/(app\/[^/]+\/[^/]+)\//.exec(listener)!;
  if (metric.targetGroups?.loadBalancer === balancer) return;
  const counted = metric.targetGroups ? `the load balancer ${metric.targetGroups.loadBalancer}` : `the Lambda function ${metric.lambda?.functionName}`;
  invalid(`${shown} strategy`, `Metric.cloudWatch(...) counts the requests of ${counted}, and the listener of Target.ecs blueGreen belongs to ${balancer}`,
    `Write Metric.cloudWatch({ targetGroups: { loadBalancer: '${balancer}', blue: ..., green: ... } })`);
}

function checkHealthChecks({ healthChecks, shown }: StrategyContext): void {
  if (!healthChecks.every(({ liveOnly }) => liveOnly)) return;
  invalid(`${shown} healthChecks`, 'none of them can probe a candidate, and candidateUrl is set',
    'Add HealthCheck.http(...), HealthCheck.command(...) or HealthCheck.tcp(..., { candidate: \'...\' }), or leave candidateUrl out');
}
