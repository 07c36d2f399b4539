import { State } from './state-machine';
import { DeploymentOutputs } from '../../contract/deployment-outputs';
import { RolloutStrategy } from '../../contract/strategies';
import { MetricProgress } from '../analysis/canary-progress';
import { Entry, hasNoVerdict } from '../ledger/entries';
import { lastOutputs } from '../ledger/recorded-outputs';
import type { MetricSource } from '../metrics/metric-source';
import { OutsideFault } from '../outside-fault';
import { Named } from '../release';
import { isVerifiedBefore } from '../strategies/rollout-strategy';

/** What the phases record for each other. */
export interface Facts {
  /** Per health check: whether it reached the old release before anything was changed. */
  baseline: Record<string, boolean>;
  /** The releases that responded before anything was changed. */
  before: readonly Named[];
  /** The health checks that were bad before anything was changed. */
  unhealthyBefore: readonly string[];
  /** The URL of the candidate, if the strategy or the deploy command set it. */
  candidateUrl?: string;
  /** Whether the target's commands may have begun to deploy the release. */
  hasBegun: boolean;
  /** Whether users may already see the new release. */
  trafficMoved: boolean;
  /** Whether the release responded to users, or at least the earlier one no longer did. */
  isSeen: boolean;
  /** When users may have begun to see it: the start of the bake. */
  exposedAt?: number;
  /** What the target said after it deployed, or what another process recorded of that. */
  outputs?: DeploymentOutputs;
  /** Whether its migration cannot be undone: then there is no automatic rollback. */
  irreversible: boolean;
  /** Whether it is rolled back because a command failed or timed out, and not by a health verdict. */
  commandFailed: boolean;
  /** Whether it is rolled back though its release got no verdict: its process was gone, or another release was wanted. */
  hasNoVerdict: boolean;
  /** What in the world made it fail: the release is not at fault. */
  fault?: OutsideFault;
  /** What the analysis of a canary knows so far. */
  canary?: RunningCanary;
  /** In a drill: when the verdict was forced to be bad. */
  forcedAt?: number;
}

/** In these states users may see the release, with any strategy. */
const EXPOSED: readonly State[] = ['promoting', 'baking', 'confirming'];

/** Derives the facts from a deployment's entries, for the process that takes its lease. */
export function factsOf(
  strategy: RolloutStrategy, entries: readonly Pick<Entry, 'state' | 'abandoned' | 'irreversible' | 'commandFailed' | 'fault' | 'outputs'>[],
): Pick<Facts, 'hasBegun' | 'trafficMoved' | 'isSeen' | 'irreversible' | 'commandFailed' | 'fault' | 'hasNoVerdict' | 'outputs'> {
  const isExposed = entries.some(({ state }) => EXPOSED.includes(state));
  const hasBegun = isExposed || entries.some(({ state }) => state === 'deploying');
  return {
    hasBegun,
    isSeen: entries.some(({ state }) => state === 'confirming' || (state === 'baking' && isVerifiedBefore('baking', strategy))),
    trafficMoved: strategy.exposes === 'deploying' ? hasBegun : isExposed,
    irreversible: entries.some(({ irreversible }) => irreversible),
    commandFailed: entries.some(({ commandFailed }) => commandFailed),
    hasNoVerdict: hasNoVerdict(entries),
    fault: entries.find(({ fault }) => fault)?.fault,
    outputs: lastOutputs(entries),
  };
}

/** What continues from one weight to the next in the same process. A process that recovers restores Stable, so nothing of it is recorded. */
export interface RunningCanary {
  readonly beganAt: number;
  /** By manifest: several analyses may read the same source. */
  readonly sources: ReadonlyMap<string, MetricSource>;
  /** For each metric of the manifest, in this order. */
  progress: readonly MetricProgress[];
  /** The weight of the last step. */
  percent: number;
}
