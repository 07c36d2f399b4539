import { ConfigurationDifference, WorstTimes, worstTimes } from './configuration-difference';
import { MergeChanges } from './merge-changes';
import { EnvironmentManifest, knowsRelease, Manifest, MonitoringManifest, TriggerManifest } from '../../contract/manifest';
import type { Approval } from '../ci/ci-runtime';
import { rootTrigger } from '../deployment/plan';
import { State } from '../deployment/state-machine';
import { StablePointer } from '../ledger/record';
import { strategyOf } from '../strategies/rollout-strategy';

/** What merging a pull request would do. All texts are untrusted. */
export interface MergePlan {
  /** The subproject, whose comment is its own. */
  readonly project?: string;
  /** The branch that it is merged into; on a laptop perhaps a commit. */
  readonly base: string;
  /** The commit that was planned. */
  readonly sha: string;
  readonly environments: readonly EnvironmentPlan[];
  readonly differences: readonly ConfigurationDifference[];
  readonly watch?: Pick<MonitoringManifest, 'intervalMs' | 'firesAfter'>;
  /** The files of which the merge must change one, or it deploys nothing. */
  readonly onlyIfChanged?: readonly string[];
  /** Why the records could not be read. */
  readonly unread?: string;
  readonly runUrl?: string;
}

export interface EnvironmentPlan extends EnvironmentFacts {
  readonly name: string;
  readonly url: string;
  readonly arrival: Arrival;
  /** The strategy, for people. */
  readonly strategy: string;
  readonly times?: WorstTimes;
  readonly reviewsChanges: boolean;
  readonly risks: readonly string[];
  /** What it would change in the engine; absent where no job reads that. */
  readonly changes?: Pick<MergeChanges, 'changes' | 'more'>;
}

/** How a merge reaches an environment. */
export interface Arrival {
  /** `perhaps`: a release workflow decides it. */
  readonly isDeployed: 'yes' | 'perhaps' | 'no';
  readonly how: string;
}

/** What is known of an environment from outside of the repository. */
export interface EnvironmentFacts {
  /** What users have; absent before the first deployment. */
  readonly stable?: StablePointer;
  /** Whether the records could be read. */
  readonly isRecorded: boolean;
  /** The state of its last deployment. */
  readonly newest?: State;
  /** The freeze that is in force. */
  readonly frozen?: string;
  /** Who lifted it. */
  readonly override?: string;
  readonly approval: Approval;
}

/** Returns the plan of one environment. */
export function environmentPlan(manifest: Manifest, environment: EnvironmentManifest, base: string, facts: EnvironmentFacts): EnvironmentPlan {
  const { name, target: { driver }, url } = environment;
  return {
    ...facts,
    name,
    url,
    arrival: arrivalOf(manifest, environment, base),
    strategy: strategyText(environment),
    times: worstTimes(environment),
    reviewsChanges: driver?.kind === 'awsCdk' && driver.changeSet === 'review',
    risks: risksOf(environment, facts),
  };
}

function arrivalOf(manifest: Manifest, environment: EnvironmentManifest, base: string): Arrival {
  const root = rootTrigger({ manifest, environment });
  const { trigger } = environment;
  const after = trigger.kind === 'after' ? `, after ${trigger.environment} is Stable` : '';
  return arrivalByRoot(root, base, after);
}

function arrivalByRoot(root: TriggerManifest, base: string, after: string): Arrival {
  switch (root.kind) {
    case 'branch': return root.branch === base ? { isDeployed: 'yes', how: `deploys here${after}` } : { isDeployed: 'no', how: `nothing: a push to ${root.branch} deploys here${after}` };
    case 'release': {
      const isReleased = root.branches === undefined || root.branches.includes(base);
      if (!isReleased) return { isDeployed: 'no', how: `nothing: releases of ${root.branches!.join(', ')} are deployed here${after}` };
      return { isDeployed: 'perhaps', how: `deploys here${after}, if the release workflow releases a version` };
    }
    case 'tag': return { isDeployed: 'no', how: `nothing: a tag ${root.pattern} deploys here${after}` };
    case 'manual': return { isDeployed: 'no', how: `nothing: a person deploys here by hand${after}` };
    default: return { isDeployed: 'no', how: 'unknown' };
  }
}

function strategyText(environment: EnvironmentManifest): string {
  const { weights = [] } = environment.strategy;
  const { title } = strategyOf(environment);
  return weights.length === 0 ? title : `${title}: ${weights.map(({ percent }) => `${percent} %`).join(', ')}`;
}

/** What a rollback might not make good, and what makes a verdict less sure. */
function risksOf({ healthChecks, target }: EnvironmentManifest, { isRecorded, newest, stable }: EnvironmentFacts): string[] {
  return [
    ...(target.noRollback === undefined ? [] : [`the target cannot take a release back: ${target.noRollback}`]),
    ...(target.migrate === undefined ? [] : ['a migration runs before the deployment; if it cannot be undone, there is no automatic rollback from then on']),
    ...(isRecorded && stable === undefined ? ['it is the first deployment: a bad release is halted, because there is nothing to go back to'] : []),
    ...(healthChecks.some(knowsRelease) ? [] : ['no health check identifies the release, so the old release may pass for the new one']),
    ...(newest === 'halted' ? ['it is halted: a person has not resolved the last deployment yet'] : []),
  ];
}
