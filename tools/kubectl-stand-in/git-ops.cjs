// As much of Flux and of Argo CD as Target.gitOps reads, for kubectl.cjs: an object that follows a folder of a repository on this machine. Time passes with
// each look: after `lag` looks, or when it is requested, the newest commit is applied. The image `shop:v1` in it is the release that users reach.
'use strict';
const { execFileSync } = require('node:child_process');

/** Looks after which a health check fails. */
const PATIENCE = 4;
const OBJECTS = /^(?:kustomizations|gitrepositories|applications|pods)\b/;

/** Whether the call is about what a controller follows. */
function isAbout({ gitOps }, command, args) {
  return gitOps !== undefined && ['get', 'patch'].includes(command) && OBJECTS.test(args[0] ?? '');
}

/** @returns as `execute` of api.cjs; `served`: the release that users reach now */
function execute({ args: [argument], command, note, options, state }) {
  const [resource, name] = argument.split('/');
  const kind = resource.split('.')[0];
  note(`${command === 'get' && name === undefined ? 'list' : command} ${resource}`);
  const verb = command === 'get' && name === undefined ? 'list' : command;
  const group = resource.split('.').slice(1).join('.');
  if (state.rules !== undefined && !state.rules.some(({ apiGroups, resources, verbs }) => apiGroups.includes(group) && resources.includes(kind) && verbs.includes(verb))) {
    return { error: `Error from server (Forbidden): ${resource} is forbidden: User "deploy" cannot ${verb} resource "${kind}" in API group "${group}" in the namespace "${options['--namespace']}"` };
  }
  if (command === 'patch') return { text: `${argument}\n`, changed: { ...state, gitOps: { ...state.gitOps, isRequested: true } } };
  if (kind === 'pods') return { object: { kind: 'List', items: podsOf(state) } };
  const { gitOps } = state;
  if (name !== gitOps.name || options['--namespace'] !== gitOps.namespace) return { error: `Error from server (NotFound): ${resource} "${name}" not found` };
  if (kind === 'gitrepositories') return { object: gitRepository(gitOps) };
  const next = looked(state);
  return { object: kind === 'applications' ? application(next) : kustomization(next), changed: { ...state, gitOps: next }, served: next.served };
}

/** A look of the controller at the repository. */
function looked({ broken, gitOps }) {
  const { branch, git, isRequested, lag = 2, looks = 0, path } = gitOps;
  const head = execFileSync('git', ['rev-parse', `refs/heads/${branch}`], { cwd: git, encoding: 'utf8' }).trim();
  if (gitOps.isSuspended || (head !== gitOps.attempted && !isRequested && looks < lag)) return { ...gitOps, looks: looks + 1 };
  if (head !== gitOps.attempted) return tried({ ...gitOps, isRequested: false, attempted: head, looks: 0 }, releaseAt(git, head, path), broken);
  return tried({ ...gitOps, isRequested: false, looks: looks + 1 }, releaseAt(git, head, path), broken);
}

function tried(gitOps, release, broken) {
  const fault = broken[`shop:${release}`];
  if (release === undefined) return { ...gitOps, problem: ['BuildFailed', 'accumulating resources: no manifests'], wanted: undefined };
  if (!fault) return { ...gitOps, applied: gitOps.attempted, wanted: release, served: release, fault: undefined, problem: undefined };
  const problem = gitOps.looks >= PATIENCE ? ['HealthCheckFailed', 'health check failed after 30s: timeout waiting for: [Deployment/shop/web status: \'InProgress\']'] : undefined;
  return { ...gitOps, wanted: release, fault, problem };
}

function releaseAt(git, commit, path) {
  try {
    const text = execFileSync('git', ['grep', '-h', '-o', '-e', 'shop:v[0-9a-z-]*', commit, '--', path], { cwd: git, encoding: 'utf8', stdio: ['ignore', 'pipe', 'ignore'] });
    return text.trim().split('\n')[0].split(':').at(-1);
  } catch {
    return undefined;
  }
}

function podsOf({ gitOps: { fault, served, wanted } }) {
  const pod = (release, status) => ({
    metadata: { name: `web-${release}-x`, uid: `uid-${release}`, labels: { 'pod-template-hash': release }, ownerReferences: [{ kind: 'ReplicaSet', name: `web-${release}` }] }, status,
  });
  const ready = { phase: 'Running', conditions: [{ type: 'Ready', status: 'True' }], containerStatuses: [{ name: 'web', ready: true }] };
  const pods = served === undefined ? [] : [pod(served, ready)];
  if (!fault || wanted === served) return pods;
  const [reason, restarts] = fault;
  const broken = { phase: 'Pending', conditions: [{ type: 'Ready', status: 'False' }], containerStatuses: [{ name: 'web', ready: false, restartCount: restarts, state: { waiting: { reason, message: `it waits for shop:${wanted}` } } }] };
  // of someone else, in the same namespace
  const stranger = { metadata: { name: 'other-1-x', uid: 'other', labels: { 'pod-template-hash': '1' }, ownerReferences: [{ kind: 'ReplicaSet', name: 'other-1' }] }, status: broken };
  return [...pods, pod(wanted, broken), stranger];
}

const revision = ({ branch }, commit) => commit && `${branch}@sha1:${commit}`;

function kustomization(gitOps) {
  const { applied, attempted, name, namespace, problem } = gitOps;
  const isReady = attempted !== undefined && applied === attempted;
  const ready = isReady ? { status: 'True', reason: 'ReconciliationSucceeded', message: `Applied revision: ${revision(gitOps, applied)}` }
    : problem ? { status: 'False', reason: problem[0], message: problem[1] } : { status: 'Unknown', reason: 'Progressing', message: 'Reconciliation in progress' };
  return {
    metadata: { name, namespace, generation: 1 },
    spec: { path: `./${gitOps.followedPath ?? gitOps.path}`, prune: true, wait: true, timeout: '1m', interval: '10m', suspend: gitOps.isSuspended, sourceRef: { kind: gitOps.sourceKind ?? 'GitRepository', name }, ...gitOps.spec },
    status: {
      observedGeneration: 1,
      conditions: [{ type: 'Ready', ...ready }],
      lastAppliedRevision: revision(gitOps, applied),
      lastAttemptedRevision: revision(gitOps, attempted),
      inventory: { entries: [{ id: 'shop_web_apps_Deployment', v: 'v1' }, { id: 'shop_web__Service', v: 'v1' }] },
    },
  };
}

function gitRepository(gitOps) {
  return { metadata: { name: gitOps.name, namespace: gitOps.namespace }, spec: { url: gitOps.repository, ref: { branch: gitOps.followedBranch ?? gitOps.branch } }, status: { conditions: [{ type: 'Ready', status: 'True' }] } };
}

/** @see manifests/crds/application-crd.yaml of github.com/argoproj/argo-cd */
function application(gitOps) {
  const { applied, attempted, fault, name, namespace, problem } = gitOps;
  const isBuilt = problem?.[0] !== 'BuildFailed';
  const health = attempted === applied ? 'Healthy' : problem ? 'Degraded' : 'Progressing';
  return {
    metadata: { name, namespace },
    spec: {
      source: { repoURL: gitOps.repository, path: gitOps.followedPath ?? gitOps.path, targetRevision: gitOps.followedBranch ?? gitOps.branch },
      destination: { namespace: 'shop', server: 'https://kubernetes.default.svc' },
      ...(!gitOps.isSuspended && { syncPolicy: { automated: { prune: true } } }),
      ...gitOps.spec,
    },
    status: {
      sync: { status: isBuilt ? 'Synced' : 'Unknown', revision: attempted ?? '' },
      health: { status: health },
      conditions: isBuilt ? [] : [{ type: 'ComparisonError', message: problem[1] }],
      resources: [{ kind: 'Deployment', group: 'apps', version: 'v1', name: 'web', namespace: 'shop', status: 'Synced', health: { status: health, ...(fault && { message: 'Waiting for rollout to finish' }) } }],
    },
  };
}

module.exports = { execute, isAbout };
