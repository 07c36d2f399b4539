import { isRollout, releaseOf, shaOf } from './argo-rollout';
import { ArgoRollout, ArgoStrategy, isObserved, isSettled } from './argo-rollout-state';
import { imagesOf, KubernetesObject, MARK } from './kubernetes-object';
import { WeakPoint } from './weak-points';
import { PreflightCheck } from '../../../runtime/targets/preflight-check';

export interface ArgoPreflight {
  readonly check: PreflightCheck;
  /** What the objects of the environment are labelled with. */
  readonly name: string;
  readonly namespace: string;
  readonly strategy: string;
  readonly wanted: readonly KubernetesObject[];
  /** What is in the cluster of it. */
  readonly live: readonly KubernetesObject[];
}

const kindOf = ({ blueGreen, canary }: ArgoStrategy = {}) => (canary ? 'canary' : blueGreen ? 'blueGreen' : undefined);

/** Checks that a release can be moved by its Rollout, and that no one else moves it. The driver checked its manifest. Rejects with `ConfigurationError`. */
export function checkArgoRollout({ check, live: all, name, namespace, strategy, wanted: objects }: ArgoPreflight): void {
  const wanted = objects.find(isRollout) as ArgoRollout | undefined;
  const live = all.find(isRollout) as ArgoRollout | undefined;
  if (!wanted) return;
  const shown = `Rollout ${wanted.metadata.name}`;
  const kind = kindOf(wanted.spec?.strategy);
  if (strategy !== 'redeploy' && strategy !== kind) {
    check.refuse(`rollout: ${shown} has spec.strategy.${kind}, and the strategy of the environment is Strategy.${strategy}()`, `Write spec.strategy.${strategy}, or use Strategy.${kind}()`);
  }
  if (strategy === 'blueGreen' && wanted.spec?.strategy?.blueGreen?.previewService === undefined) {
    check.refuse(`rollout: ${shown} has no spec.strategy.blueGreen.previewService, so a release could not be verified before users see it`, 'Name a Service of its own');
  }
  if (!live) return;
  const liveKind = kindOf(live.spec?.strategy);
  if (liveKind !== kind) check.refuse(`rollout: ${shown} has spec.strategy.${liveKind} in the cluster, and ${kind} in the manifests`, 'Give the Rollout another name, and name it in rollout');
  checkProgress({ check, name, namespace }, live, shown);
}

/** An update of someone else would mix with the release, and would not be taken back with it. What an earlier delivery left is replaced. */
function checkProgress({ check, name, namespace }: Pick<ArgoPreflight, 'check' | 'name' | 'namespace'>, live: ArgoRollout, shown: string): void {
  const { message = '', phase = '' } = live.status ?? {};
  const undo = `Look at it: kubectl --namespace ${namespace} describe rollout ${live.metadata.name}. A rollback to Stable restores it: delivery rollback, or delivery resolve`;
  if (live.spec?.paused) check.refuse(`rollout: ${shown} is paused (spec.paused), so it would not roll out`, `Resume it: kubectl --namespace ${namespace} patch rollout ${live.metadata.name} --type merge --patch '{"spec":{"paused":false}}'`);
  if (live.status?.abort) check.refuse(`rollout: someone else aborted ${shown}${message === '' ? '' : ` (${message})`}`, undo);
  const { metadata, spec: pods = {} } = live.spec?.template ?? {};
  const { labels = {} } = live.metadata;
  // its own marks: the inventory names what began last, which a halted rollback has not brought
  const isOurs = labels[MARK.name] === name && labels[MARK.sha] === shaOf(live) && metadata?.annotations?.[MARK.images] === imagesOf(pods);
  if (isOurs || isSettled(live)) return;
  if (!isObserved(live)) check.refuse(`rollout: the controller of Argo Rollouts has not seen the last change of ${shown}`, 'Install Argo Rollouts 1.7 or later, and let it watch the namespace');
  check.refuse(`rollout: someone else updates ${shown} to ${releaseOf(live)} (${phase}${message === '' ? '' : `: ${message}`})`, undo);
}

/**
 * What a Rollout without a traffic router cannot do: it splits users by pods.
 *
 * @param weights the percentages of a canary
 */
export function argoWeakPoints({ wanted, weights }: Pick<ArgoPreflight, 'wanted'> & { readonly weights: readonly number[] }): WeakPoint[] {
  const rollout = wanted.find(isRollout) as ArgoRollout | undefined;
  const { replicas = 1, strategy } = rollout?.spec ?? {};
  const least = Math.min(...weights);
  if (!rollout || !strategy?.canary || strategy.canary.trafficRouting !== undefined || weights.length === 0 || replicas * least >= 100) return [];
  return [{
    title: `Rollout ${rollout.metadata.name} has ${replicas} pod${replicas === 1 ? '' : 's'}`,
    text: `Without spec.strategy.canary.trafficRouting, users are split by pods: at ${least} % one pod of the release gets about ${Math.round(100 / (replicas + 1))} %. Set replicas to ${Math.ceil(100 / least)} or more, or begin with a larger weight`,
  }];
}
