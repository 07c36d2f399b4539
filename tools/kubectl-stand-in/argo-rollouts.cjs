// As much of the controller of Argo Rollouts as the driver meets, for api.cjs: Rollouts with a canary by pods, or with blue/green and two Services. It takes a
// step or two with each look. What it knows of a Rollout is in `argo`; a template stands for its ReplicaSet.
'use strict';
const { createHash } = require('node:crypto');

const HASH = 'rollouts-pod-template-hash';
const VERSION = 'projen-delivery/version';
const isRollout = ({ kind }) => kind === 'Rollout';
const same = (one, other) => JSON.stringify(one) === JSON.stringify(other);
const hashOf = (template) => (template === undefined ? '' : createHash('sha1').update(JSON.stringify(template)).digest('hex').slice(0, 10));
const imageOf = (template) => template.spec.containers[0].image;
const versionOf = (template) => template?.metadata?.annotations?.[VERSION] ?? 'v0';
const isBroken = ({ broken }, template) => broken[imageOf(template)] !== undefined;
const stepsOf = ({ spec }) => spec.strategy.canary?.steps ?? [];

/** One step of the controller. Returns the same state if there is nothing to do. */
function step(state, object) {
  const { argo, metadata: { generation }, spec } = object;
  const { current, stable } = argo;
  // it wrote an older state over the newest one, and looks again only at the next change
  if (argo.seen !== generation && state.missesChanges && argo.writes - argo.writesSeen < 2) return state;
  if (argo.seen !== generation) {
    const isChanged = !same(current, spec.template) || !same(argo.steps, stepsOf(object));
    const index = same(stable, spec.template) ? stepsOf(object).length : 0;
    const begun = isChanged ? { current: spec.template, steps: stepsOf(object), index, isHeld: false, abort: false } : {};
    return withArgo(state, object, { ...begun, seen: generation, writesSeen: argo.writes });
  }
  if (current === undefined || argo.abort || spec.paused || same(current, stable)) return services(state, object);
  // the first one has no way to be careful
  if (stable === undefined) return isBroken(state, current) ? state : promoted(state, object);
  return spec.strategy.canary ? canary(state, object) : blueGreen(state, object);
}

function canary(state, object) {
  const { argo } = object;
  const steps = stepsOf(object);
  const { setWeight: share } = steps[argo.index] ?? {};
  if (argo.index === steps.length) return promoted(state, object);
  if (share === undefined) return state;
  // its pods never become available
  if (share > 0 && isBroken(state, argo.current)) return argo.share === share ? state : withArgo(state, object, { share });
  return withArgo(state, object, { share, index: argo.index + 1, isHeld: steps[argo.index + 1]?.pause !== undefined });
}

function blueGreen(state, object) {
  const { activeService, autoPromotionEnabled } = object.spec.strategy.blueGreen;
  if (isBroken(state, object.argo.current)) return services(state, object);
  // without its hash the controller does not wait for a promotion
  const isOpen = state.objects[`Service/${activeService}`]?.spec.selector[HASH] === undefined;
  // nor where its pods of before have not been scaled down yet
  const isFast = state.scalesDownLate && same(object.argo.current, object.argo.old);
  if (isOpen || isFast || autoPromotionEnabled !== false) return promoted(state, object);
  return services(object.argo.isHeld ? state : withArgo(state, object, { isHeld: true }), object);
}

const promoted = (state, object) => services(withArgo(state, object, { stable: object.argo.current, old: object.argo.stable, share: 0, isHeld: false, index: stepsOf(object).length }), object);

function withArgo(state, object, changes) {
  const { argo, metadata } = state.objects[`Rollout/${object.metadata.name}`];
  const changed = { ...object, metadata: { ...metadata, resourceVersion: String(state.next) }, argo: { ...argo, ...changes } };
  return { ...state, next: state.next + 1, objects: { ...state.objects, [`Rollout/${object.metadata.name}`]: changed } };
}

/** Points the Services of blue/green at their pods. */
function services(state, { metadata: { name } }) {
  const { argo: { current, stable }, spec: { strategy } } = state.objects[`Rollout/${name}`];
  const wanted = strategy.blueGreen ? [[strategy.blueGreen.activeService, stable], [strategy.blueGreen.previewService, current]] : [];
  return wanted.reduce((now, [service, template]) => {
    const found = now.objects[`Service/${service}`];
    if (!found || template === undefined || found.spec.selector[HASH] === hashOf(template)) return now;
    const spec = { ...found.spec, selector: { ...found.spec.selector, [HASH]: hashOf(template) } };
    return { ...now, next: now.next + 1, objects: { ...now.objects, [`Service/${service}`]: { ...found, spec } } };
  }, state);
}

/** @param looks how many steps at most */
function reconciled(state, looks = 2) {
  let now = state;
  for (let i = 0; i < looks; i++) for (const object of Object.values(now.objects).filter(isRollout)) now = step(now, object);
  return now;
}

/** A Rollout as it is applied or patched. */
function written(object, before) {
  // a field that the manifests do not name stays
  const spec = { ...(before?.spec.paused !== undefined && { paused: before.spec.paused }), ...object.spec };
  const argo = before?.argo ?? { seen: 0, index: 0, share: 0, isHeld: false, abort: false, writes: 0, writesSeen: 0 };
  return { ...object, spec, argo: { ...argo, writes: argo.writes + 1 } };
}

function shown({ argo, ...object }) {
  const { abort, current, index, isHeld, seen, share, stable } = argo;
  const { replicas = 1, strategy } = object.spec;
  const isSettled = stable !== undefined && same(stable, current);
  const updated = isSettled ? replicas : strategy.canary ? Math.ceil((replicas * share) / 100) : replicas;
  const reason = strategy.canary ? 'CanaryPauseStep' : 'BlueGreenPause';
  const [phase, message] = abort ? ['Degraded', 'RolloutAborted: Rollout aborted update to revision 2'] : isHeld ? ['Paused', reason]
    : isSettled ? ['Healthy', ''] : ['Progressing', 'more replicas need to be updated'];
  return {
    ...object,
    status: {
      observedGeneration: String(seen), phase, message, abort, replicas, updatedReplicas: updated, currentStepIndex: index, stableRS: hashOf(stable), currentPodHash: hashOf(current),
      ...(isHeld && { pauseConditions: [{ reason }], controllerPause: true }), ...(strategy.blueGreen && { blueGreen: { activeSelector: hashOf(stable) } }),
    },
  };
}

/** @param pod makes a pod of a template */
function podsOf(state, { argo: { current, share, stable }, metadata: { name }, spec: { strategy } }, pod) {
  const of = (template, status) => {
    const made = pod({ ...template, metadata: { ...template.metadata, labels: { ...template.metadata.labels, [HASH]: hashOf(template) } } }, hashOf(template), status);
    return { ...made, metadata: { ...made.metadata, ownerReferences: [{ kind: 'ReplicaSet', name: `${name}-${hashOf(template)}` }] } };
  };
  const ready = { phase: 'Running', conditions: [{ type: 'Ready', status: 'True' }] };
  const [reason, restartCount = 0] = (current && state.broken[imageOf(current)]) ?? [];
  const waiting = { phase: 'Pending', containerStatuses: [{ name: 'web', ready: false, restartCount, state: { waiting: { reason, message: `the image is ${current && imageOf(current)}` } } }] };
  const isBeside = current !== undefined && !same(current, stable) && (stable === undefined || share > 0 || strategy.blueGreen);
  return [...stable ? [of(stable, ready)] : [], ...isBeside ? [of(current, reason ? waiting : ready)] : []];
}

/** What users reach, what shares the traffic with it, and what is only shown to health checks. */
function served(state) {
  const object = Object.values(state.objects).find(isRollout);
  if (!object) return undefined;
  // its first pods do not serve yet, and a Deployment from before does
  if (object.argo.stable === undefined && state.objects['Deployment/web']) return undefined;
  const { argo: { abort, current, share, stable }, spec: { strategy } } = object;
  const isBeside = current !== undefined && !same(current, stable) && !abort && !isBroken(state, current);
  const active = strategy.blueGreen && state.objects[`Service/${strategy.blueGreen.activeService}`]?.spec.selector[HASH];
  // a Service without the hash has the pods of both
  const shares = strategy.canary ? share > 0 : active === undefined && stable !== undefined;
  return { stable: versionOf(stable), canary: versionOf(current), live: isBeside && shares ? (share >= 50 ? 'canary+stable' : 'stable+canary') : 'stable' };
}

module.exports = { podsOf, reconciled, served, shown, written };
