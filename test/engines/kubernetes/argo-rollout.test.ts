/** How a Rollout of Argo Rollouts is read and moved, without a cluster. */
import { Pod } from '../../../src/engines/cluster/runtime/pod-state';
import { manifestProblem, moveStep, placedAt, reachedPods, weightPatch, withSelectors } from '../../../src/engines/kubernetes/runtime/argo-rollout';
import { argoWeakPoints, checkArgoRollout } from '../../../src/engines/kubernetes/runtime/argo-rollout-preflight';
import { ArgoRollout, argoRolloutState, isSettled } from '../../../src/engines/kubernetes/runtime/argo-rollout-state';
import { imagesOf, KubernetesObject, marked } from '../../../src/engines/kubernetes/runtime/kubernetes-object';
import { PreflightCheck } from '../../../src/runtime/targets/preflight-check';

const SHA = 'a'.repeat(40);
const POD = { containers: [{ name: 'web', image: 'shop:1' }] };
const manifest = (spec: object = {}): KubernetesObject => ({
  apiVersion: 'argoproj.io/v1alpha1', kind: 'Rollout', metadata: { name: 'web' }, spec: { replicas: 4, strategy: { canary: {} }, template: { spec: POD }, ...spec },
});
const service = (name: string, selector: object): KubernetesObject => ({ apiVersion: 'v1', kind: 'Service', metadata: { name }, spec: { selector } });

/** In the cluster, with the pods of the release `SHA`. */
function live(spec: object, status: object = {}): ArgoRollout {
  const template = { metadata: { labels: { 'projen-delivery/sha': SHA }, annotations: { 'projen-delivery/version': 'v1', 'projen-delivery/images': imagesOf(POD) } }, spec: POD };
  return { kind: 'Rollout', metadata: { name: 'web', generation: 2, resourceVersion: '7', labels: { 'projen-delivery/name': 'shop', 'projen-delivery/sha': SHA } }, spec: { template, ...spec }, status: { observedGeneration: '2', ...status } };
}

const STEPS = [{ setWeight: 25 }, { pause: {} }];
const CANARY = { strategy: { canary: { steps: STEPS } } };
const PAUSED = { phase: 'Paused', stableRS: 'old', currentPodHash: 'new', currentStepIndex: 1, pauseConditions: [{ reason: 'CanaryPauseStep' }] };
const HEALTHY = { phase: 'Healthy', stableRS: 'new', currentPodHash: 'new' };
const PREVIEW = { phase: 'Paused', stableRS: 'old', currentPodHash: 'new', pauseConditions: [{ reason: 'BlueGreenPause' }] };

it.each<[string, string, ArgoRollout]>([
  ['a change that the controller has not seen', 'waiting', live(CANARY, { ...PAUSED, observedGeneration: '1' })],
  ['a canary at its weight', 'ready', live(CANARY, PAUSED)],
  ['a canary whose pods start', 'waiting', live(CANARY, { ...PAUSED, phase: 'Progressing', currentStepIndex: 0, pauseConditions: [] })],
  ['a pause before its first step is done', 'waiting', live(CANARY, { ...PAUSED, currentStepIndex: 0 })],
  ['one with all users', 'ready', live({ strategy: { canary: { steps: [{ setWeight: 100 }] } } }, HEALTHY)],
  ['a pause that someone else made', 'waiting', live({ strategy: { canary: { steps: [{ setWeight: 100 }] } } }, PAUSED)],
  ['a preview', 'ready', live({ strategy: { blueGreen: { autoPromotionEnabled: false } } }, PREVIEW)],
  ['a preview that is on its way to users', 'waiting', live({ strategy: { blueGreen: { autoPromotionEnabled: true } } }, PREVIEW)],
  ['one that was aborted', 'failed', live(CANARY, { ...PAUSED, abort: true })],
  ['one that someone paused', 'failed', live({ ...CANARY, paused: true }, PAUSED)],
  ['a spec that is not valid', 'failed', live(CANARY, { phase: 'Degraded', conditions: [{ type: 'InvalidSpec', status: 'True', message: 'steps' }] })],
  ['one past its deadline', 'waiting', live(CANARY, { phase: 'Degraded', message: 'ProgressDeadlineExceeded' })],
])('%s is %s', (_, state, rollout) => {
  expect(argoRolloutState(rollout).is).toBe(state);
});

it('one past its deadline fails if it stays so', () => {
  expect(argoRolloutState(live(CANARY, { phase: 'Degraded', message: 'late' }))).toMatchObject({ stuckFor: 'Degraded', why: 'Rollout web: late' });
});

it.each<[string, ArgoRollout, Partial<Parameters<typeof moveStep>[1]>, object]>([
  ['another weight', live(CANARY, PAUSED), { percent: 50 }, { step: 'move' }],
  ['the same weight', live(CANARY, PAUSED), { percent: 25 }, { step: 'done' }],
  ['all users', live(CANARY, PAUSED), { percent: 100 }, { step: 'move' }],
  ['all users, which it has', live(CANARY, HEALTHY), { percent: 100 }, { step: 'done' }],
  ['a weight of what is Stable, in a drill', live(CANARY, HEALTHY), { percent: 25, stableSha: SHA }, { step: 'done' }],
  ['a weight of what someone promoted', live(CANARY, HEALTHY), { percent: 25, stableSha: 'b' }, { step: 'elsewhere', why: 'its release has all users already' }],
  ['what someone promotes in full', live(CANARY, { ...PAUSED, promoteFull: true }), { percent: 50 }, { step: 'elsewhere', why: 'its release gets all users' }],
  ['what someone resumed', live(CANARY, { ...PAUSED, controllerPause: true, pauseConditions: [] }), { percent: 50 }, { step: 'elsewhere', why: 'its release gets all users' }],
  ['what is past its last step', live(CANARY, { ...PAUSED, currentStepIndex: 2 }), { percent: 50 }, { step: 'elsewhere', why: 'its release gets all users' }],
  ['steps that the controller has not seen', live(CANARY, { ...PAUSED, observedGeneration: '1', currentStepIndex: 2 }), { percent: 25 }, { step: 'done' }],
  ['what someone promotes to all users', live(CANARY, { ...PAUSED, promoteFull: true }), { percent: 100 }, { step: 'move' }],
  ['what someone aborted', live(CANARY, { ...PAUSED, abort: true, message: 'by hand' }), { percent: 50 }, { step: 'elsewhere', why: 'it was aborted: by hand' }],
  ['what someone paused', live({ ...CANARY, paused: true }, PAUSED), { percent: 50 }, { step: 'elsewhere', why: 'it is paused (spec.paused)' }],
  ['another release', live(CANARY, PAUSED), { sha: 'b', percent: 50 }, { step: 'elsewhere', why: 'it runs v1' }],
  ['a preview to users', live({ strategy: { blueGreen: { autoPromotionEnabled: false } } }, PREVIEW), { percent: 100 }, { step: 'move' }],
])('moves %s', (_, rollout, wanted, step) => {
  expect(moveStep(rollout, { sha: SHA, percent: 25, ...wanted })).toEqual(step);
});

it('changes nothing but the strategy and a pause, of exactly what was read', () => {
  expect(weightPatch(live(CANARY), 50)).toEqual({ metadata: { resourceVersion: '7' }, spec: { paused: false, strategy: { canary: { steps: [{ setWeight: 50 }, { pause: {} }] } } } });
  expect(weightPatch(live({ strategy: { blueGreen: {} } }), 100)).toEqual({ metadata: { resourceVersion: '7' }, spec: { paused: false, strategy: { blueGreen: { autoPromotionEnabled: true } } } });
});

it('places the objects at a weight, and keeps what the manifests say besides', () => {
  const placed = (spec: object, percent: number) => (placedAt([manifest(spec)], percent)[0] as ArgoRollout).spec?.strategy;
  expect(placed({ strategy: { canary: { maxSurge: 1 } } }, 0)).toEqual({ canary: { maxSurge: 1, steps: [{ setWeight: 0 }, { pause: {} }] } });
  // behind a router a pod can be verified before users
  const routed = { canary: { trafficRouting: {} } };
  const steps = [{ setCanaryScale: { replicas: 1 } }, { setWeight: 0 }, { pause: {} }];
  expect(placed({ strategy: routed }, 0)).toEqual({ canary: { ...routed.canary, steps } });
  expect(placed({ strategy: { blueGreen: { activeService: 'web' } } }, 0)).toEqual({ blueGreen: { activeService: 'web', autoPromotionEnabled: false } });
  expect(placed({ strategy: { canary: {} } }, 100)).toEqual({ canary: { steps: [{ setWeight: 100 }] } });
});

it('Services keep the pods that Argo Rollouts gave them', () => {
  const objects = [manifest({ strategy: { blueGreen: { activeService: 'web', previewService: 'preview' } } }), service('web', { app: 'web' }), service('preview', { app: 'web' }), service('other', { app: 'web' })];
  const there = [service('web', { 'app': 'old', 'rollouts-pod-template-hash': 'h1' }), service('other', { 'rollouts-pod-template-hash': 'h2' })];
  expect(withSelectors(objects, there).map(({ spec }) => spec?.selector)).toEqual([undefined, { 'app': 'web', 'rollouts-pod-template-hash': 'h1' }, { app: 'web' }, { app: 'web' }]);
});

it('marks the pods of the Rollout that is named, and of no other', () => {
  const release = { version: 'v1', sha: SHA };
  expect(marked(manifest(), release, 'shop', 'web').spec?.template?.metadata?.labels).toMatchObject({ 'projen-delivery/sha': SHA });
  for (const rollout of [undefined, 'other']) expect(marked(manifest(), release, 'shop', rollout).spec?.template?.metadata).toBeUndefined();
});

it('users reach the active pods of blue/green, the pods that a router names, and all others', () => {
  const pod = (hash: string, name = 'web'): Pod => ({ metadata: { name: `${name}-${hash}-x`, labels: { 'rollouts-pod-template-hash': hash }, ownerReferences: [{ kind: 'ReplicaSet', name: `${name}-${hash}` }] } });
  const pods = [pod('old'), pod('new'), pod('zzz', 'other')];
  const reached = (rollout: ArgoRollout) => reachedPods(pods, [rollout]).map(({ metadata }) => metadata.name);
  expect(reached(live({ strategy: { blueGreen: {} } }, { blueGreen: { activeSelector: 'old' } }))).toEqual(['web-old-x', 'other-zzz-x']);
  expect(reached(live(CANARY, PAUSED))).toEqual(['web-old-x', 'web-new-x', 'other-zzz-x']);
  const routed = { strategy: { canary: { trafficRouting: {} } } };
  expect(reached(live(routed, { ...PAUSED, canary: { weights: { canary: { weight: 0 } } } }))).toEqual(['web-old-x', 'other-zzz-x']);
  expect(reached(live(routed, { ...PAUSED, canary: { weights: { canary: { weight: 5 } } } }))).toEqual(['web-old-x', 'web-new-x', 'other-zzz-x']);
});

it.each<[string, KubernetesObject[], RegExp]>([
  ['no Rollout', [], /there is no Rollout web in the manifests/],
  ['one of another name', [{ ...manifest(), metadata: { name: 'shop' } }], /there is no Rollout web in the manifests/],
  ['two', [manifest(), { ...manifest(), metadata: { name: 'shop' } }], /2 Rollouts/],
  ['pods of a Deployment', [manifest({ workloadRef: {} })], /no spec\.template/],
  ['a pause', [manifest({ paused: true })], /is paused/],
  ['a window for rollbacks', [manifest({ rollbackWindow: { revisions: 3 } })], /spec\.rollbackWindow/],
  ['no strategy', [manifest({ strategy: {} })], /no spec\.strategy\.canary/],
  ['steps', [manifest({ strategy: { canary: { steps: [] } } })], /canary\.steps/],
  ['an analysis', [manifest({ strategy: { canary: { analysis: {} } } })], /canary\.analysis/],
  ['a promotion by itself', [manifest({ strategy: { blueGreen: { autoPromotionEnabled: true } } })], /promotes by itself/],
  ['a promotion after a time', [manifest({ strategy: { blueGreen: { autoPromotionSeconds: 9 } } })], /autoPromotionSeconds/],
  ['pods of Stable that go', [manifest({ strategy: { canary: { trafficRouting: {}, dynamicStableScale: true } } })], /canary\.dynamicStableScale/],
  ['Services in turn', [manifest({ strategy: { canary: { trafficRouting: {}, pingPong: {} } } })], /canary\.pingPong/],
  ['an analysis before', [manifest({ strategy: { blueGreen: { prePromotionAnalysis: {} } } })], /prePromotionAnalysis/],
  ['an analysis after', [manifest({ strategy: { blueGreen: { postPromotionAnalysis: {} } } })], /postPromotionAnalysis/],
])('manifests with %s have a problem', (_, objects, problem) => {
  expect(manifestProblem(objects, 'web')?.problem).toMatch(problem);
});

it.each([{ canary: { maxSurge: 1 } }, { blueGreen: { activeService: 'web', autoPromotionEnabled: false } }])('manifests with %j have none', (strategy) => {
  expect(manifestProblem([manifest({ strategy })], 'web')).toBeUndefined();
});

describe('the preflight', () => {
  const check = new PreflightCheck('production', 'Target.kubernetes', {});
  const checked = (there: ArgoRollout | undefined, { spec, strategy = 'canary' }: { readonly spec?: object; readonly strategy?: string } = {}) => () => (
    checkArgoRollout({ check, name: 'shop', namespace: 'shop', strategy, wanted: [manifest(spec)], live: there ? [there as unknown as KubernetesObject] : [] })
  );
  const BLUE_GREEN = { spec: { strategy: { blueGreen: { activeService: 'web' } } }, strategy: 'blueGreen' };

  it.each<[string, () => void, string]>([
    ['a strategy that is not the environment\'s', checked(undefined, { strategy: 'blueGreen' }), 'Rollout web has spec.strategy.canary, and the strategy of the environment is Strategy.blueGreen()'],
    ['blue/green without a preview', checked(undefined, BLUE_GREEN), 'has no spec.strategy.blueGreen.previewService'],
    ['another strategy in the cluster', checked(live({ strategy: { blueGreen: {} } }, HEALTHY)), 'has spec.strategy.blueGreen in the cluster, and canary in the manifests'],
    ['what someone paused', checked(live({ ...CANARY, paused: true }, HEALTHY)), 'is paused (spec.paused)'],
    ['what someone aborted', checked(live(CANARY, { ...PAUSED, abort: true, message: 'by hand' })), 'someone else aborted Rollout web (by hand)'],
    ['what someone else updates', checked({ ...live({ strategy: CANARY.strategy, template: { spec: POD } }, PAUSED) }), 'someone else updates Rollout web to what no delivery deployed (Paused)'],
    ['what another delivery updates', checked({ ...live(CANARY, PAUSED), metadata: { name: 'web', generation: 2, labels: { 'projen-delivery/name': 'other', 'projen-delivery/sha': SHA } } }), 'someone else updates Rollout web to v1 (Paused)'],
    ['what someone took back', checked({ ...live(CANARY, PAUSED), metadata: { name: 'web', generation: 2, labels: { 'projen-delivery/name': 'shop', 'projen-delivery/sha': 'b' } } }), 'someone else updates Rollout web to v1 (Paused)'],
    ['a controller that is not there', checked({ ...live({ strategy: CANARY.strategy, template: { spec: POD } }, { observedGeneration: '1' }) }), 'the controller of Argo Rollouts has not seen the last change of Rollout web'],
  ])('refuses %s', (_, refuses, message) => {
    expect(refuses).toThrow(`production: Target.kubernetes rollout: ${message.startsWith('has ') || message.startsWith('is ') ? `Rollout web ${message}` : message}`);
  });

  it.each<[string, ArgoRollout | undefined]>([['nothing', undefined], ['a release that is done', live(CANARY, HEALTHY)], ['what an earlier delivery left', live(CANARY, PAUSED)]])('accepts %s', (_, there) => {
    expect(checked(there)).not.toThrow();
    expect(isSettled(live(CANARY, HEALTHY))).toBe(true);
  });

  it.each<[string, object, number[], number]>([
    ['a weight that is smaller than a pod', {}, [5, 25], 1], ['weights of whole pods', {}, [25], 0], ['a router', { strategy: { canary: { trafficRouting: {} } } }, [5], 0], ['no weights', {}, [], 0],
  ])('finds weak points of %s', (_, spec, weights, count) => {
    expect(argoWeakPoints({ wanted: [manifest(spec)], weights })).toHaveLength(count);
  });
});
