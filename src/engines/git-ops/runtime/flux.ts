import { ClusterObject, commitIn, ControllerState, FollowedSource } from './controller-state';
import { Condition, conditionOf } from '../../cluster/runtime/pod-state';

/** @see https://fluxcd.io/flux/components/kustomize/kustomizations/ */
export interface Kustomization {
  readonly metadata: { readonly name: string; readonly namespace?: string; readonly generation?: number };
  readonly spec: {
    readonly path?: string;
    readonly prune?: boolean;
    readonly suspend?: boolean;
    readonly wait?: boolean;
    readonly timeout?: string;
    readonly interval?: string;
    readonly healthChecks?: readonly unknown[];
    readonly sourceRef: { readonly kind: string; readonly name: string; readonly namespace?: string };
  };
  readonly status?: {
    readonly observedGeneration?: number;
    readonly conditions?: readonly Condition[];
    readonly lastAppliedRevision?: string;
    readonly lastAttemptedRevision?: string;
    readonly inventory?: { readonly entries?: readonly { readonly id: string }[] };
  };
}

/** @see https://fluxcd.io/flux/components/source/gitrepositories/ */
export interface FluxGitRepository {
  readonly metadata: { readonly name: string };
  readonly spec: {
    readonly url: string;
    readonly suspend?: boolean;
    readonly ref?: { readonly branch?: string; readonly tag?: string; readonly semver?: string; readonly name?: string; readonly commit?: string };
  };
  readonly status?: { readonly conditions?: readonly Condition[] };
}

/** A try with the same commit has the same result. */
const FINAL = ['BuildFailed', 'HealthCheckFailed'];
/** A health check that fails keeps the next commit waiting for this long. */
const LONG_TIMEOUT_S = 120;

export function fluxState({ metadata, status = {} }: Kustomization, source?: FluxGitRepository): ControllerState {
  const [applied, attempted] = [commitIn(status.lastAppliedRevision), commitIn(status.lastAttemptedRevision)];
  const objects = (status.inventory?.entries ?? []).flatMap(({ id }) => objectIn(id));
  const state = { revision: attempted, objects, ...(applied !== undefined && applied === attempted && { live: applied }) };
  const fetched = conditionOf(source?.status?.conditions, 'Ready');
  if (fetched?.status === 'False') return { ...state, is: 'failing', why: `GitRepository ${source!.metadata.name}: ${said(fetched)}` };
  const ready = conditionOf(status.conditions, 'Ready');
  const shown = `Kustomization ${metadata.name}`;
  if ((status.observedGeneration ?? 0) < (metadata.generation ?? 0)) return { ...state, is: 'working', why: `${shown}: Flux has not seen it yet` };
  if (ready?.status === 'True' && applied !== undefined) return { ...state, revision: applied, is: 'served', why: `${shown}: ${said(ready)}` };
  if (ready?.status === 'False') return { ...state, is: 'failing', why: `${shown}: ${said(ready)}`, isFinal: FINAL.includes(ready.reason ?? '') };
  return { ...state, is: 'working', why: `${shown}: ${said(conditionOf(status.conditions, 'Reconciling') ?? ready)}` };
}

export function fluxSource(kustomization: Kustomization, source: FluxGitRepository): FollowedSource {
  const { metadata: { name }, spec } = kustomization;
  const { ref = {}, suspend, url } = source.spec;
  const shown = `Kustomization ${name}`;
  const other = ref.commit ?? ref.semver ?? ref.tag;
  const branch = ref.name?.replace(/^refs\/heads\//, '') ?? ref.branch ?? 'master';
  const stopped = spec.suspend ? { problem: `${shown} is suspended`, fix: `flux resume kustomization ${name}` }
    : suspend ? { problem: `GitRepository ${source.metadata.name} is suspended`, fix: `flux resume source git ${source.metadata.name}` }
      : undefined;
  const waits = spec.wait === true || (spec.healthChecks ?? []).length > 0;
  const timeout = spec.timeout ?? spec.interval;
  return {
    shown,
    repository: url,
    path: spec.path ?? '',
    branch: other ?? branch,
    ...(stopped && { stopped }),
    warnings: [
      ...spec.prune === true ? [] : [{ title: `${shown} does not prune`, text: 'What a release adds stays in the cluster after its rollback. Set spec.prune: true' }],
      ...waits ? [] : [{ title: `${shown} does not wait for pods`, text: 'A release counts as applied before its pods run, so only the health checks see that they do not. Set spec.wait: true' }],
      ...waits && secondsOf(timeout) > LONG_TIMEOUT_S ? [{
        title: `${shown} waits up to ${timeout} for pods`,
        text: 'A rollback begins after that, because Flux takes no other commit meanwhile. Set spec.timeout: 1m, or the feature gate CancelHealthCheckOnNewRevision of kustomize-controller',
      }] : [],
    ],
  };
}

function said(condition: Condition | undefined): string {
  return condition === undefined ? 'it says nothing yet' : [condition.reason, condition.message].filter(Boolean).join(': ');
}

/** `<namespace>_<name>_<group>_<kind>` */
function objectIn(id: string): ClusterObject[] {
  const [namespace = '', name = '', , kind = ''] = id.split('_');
  return namespace === '' || kind === '' ? [] : [{ kind, name, namespace }];
}

/** Go's form of a duration: `1h5m30s`. */
function secondsOf(duration = '0s'): number {
  const units: Readonly<Record<string, number>> = { h: 3600, m: 60, s: 1, ms: 0.001 };
  return [...duration.matchAll(/(\d+(?:\.\d+)?)(ms|h|m|s)/g)].reduce((sum, [, count, unit]) => sum + Number(count) * units[unit!]!, 0);
}
