// How ECS itself moves users with the strategies BLUE_GREEN, LINEAR and CANARY, for ecs.cjs: the new tasks start beside the old ones, users move, both
// run until the bake ends. An alarm or a hook takes it back. Time passes with each look.
'use strict';

/** Looks until all users are on the new tasks. */
const SHIFT = { BLUE_GREEN: 2, LINEAR: 3, CANARY: 3 };
/** Looks at both revisions after that. */
const BAKE = 3;

const isNative = ({ strategy = 'ROLLING' }) => strategy !== 'ROLLING';

/** @param of the image and the release of a task definition */
function pass(state, primary, of) {
  const [, before] = state.deployments;
  const looks = (primary.looks ?? 0) + 1;
  const ours = { ...primary, looks, pendingCount: 0, runningCount: primary.desiredCount ?? 1 };
  const shift = SHIFT[state.strategy];
  const done = { ...ours, rolloutState: 'COMPLETED', rolloutStateReason: 'ECS deployment completed.' };
  // what ECS takes back still runs, so that users move at once
  if (primary.isBack) return { ...state, deployments: [done] };
  const [veto] = (state.vetoes ?? []).filter(({ image }) => of.image(primary.taskDefinition) === image);
  if (veto && looks > (veto.by === 'hook' ? 1 : shift)) return takenBack(state, { before, by: veto.by, ours, served: of.version(before.taskDefinition) });
  const served = looks >= shift ? of.version(primary.taskDefinition) : state.served;
  return { ...state, served, deployments: looks >= shift + BAKE ? [done] : [ours, before] };
}

function takenBack(state, { before, by, ours, served }) {
  const why = by === 'hook' ? 'deployment failed: hook execution failure(s) detected.' : 'deployment failed: alarm detected.';
  const events = [{ createdAt: new Date().toISOString(), message: `(service web) (deployment ecs-svc/0123456789012345678) ${why}` }, ...state.events];
  const back = { ...before, status: 'PRIMARY', rolloutState: 'IN_PROGRESS', rolloutStateReason: 'Service deployment rolling back.', polls: 1, isBack: true };
  return { ...state, events, served, deployments: [back, { ...ours, status: 'ACTIVE', rolloutState: 'FAILED', rolloutStateReason: `ECS ${why}` }] };
}

/** As DescribeServices shows it. AWS documents the state of a rollout for rolling updates only. */
function shown({ isStateless }, { isBack, looks, polls, ...deployment }) {
  if (!isStateless) return deployment;
  const { rolloutState, rolloutStateReason, ...rest } = deployment;
  return rest;
}

module.exports = { isNative, pass, shown };
