/** What Target.gitOps decides, and what it reads out of the objects of Argo CD and Flux. */
import { Pod } from '../../../src/engines/cluster/runtime/pod-state';
import { argoCdSource, argoCdState } from '../../../src/engines/git-ops/runtime/argo-cd';
import { readsFolder, sameRepository } from '../../../src/engines/git-ops/runtime/controller-state';
import { fluxSource, fluxState, Kustomization } from '../../../src/engines/git-ops/runtime/flux';
import { holds, liveOf, markerText, names, readMarker, ReleaseRecord, wantedOf } from '../../../src/engines/git-ops/runtime/git-ops-record';
import { commitStep, servingStep, ServingSituation } from '../../../src/engines/git-ops/runtime/git-ops-steps';

const A = 'a'.repeat(40);
const B = 'b'.repeat(40);
const record: ReleaseRecord = { name: `${A}-${'1'.repeat(16)}`, version: 'v1', sha: A, digest: '1'.repeat(64), files: B };
const folder = { tree: A, files: B, marker: { owner: 'shop', release: record } };

describe('the file that names the release', () => {
  it('is read as it was written', () => {
    expect(readMarker(markerText({ owner: 'shop', release: record }))).toEqual({ owner: 'shop', release: record });
    expect(readMarker('{"owner":"shop"}')).toEqual({ owner: 'shop' });
  });

  it.each([
    ['no JSON', 'x'], ['no owner', '{}'], ['a line break', '{"owner":"a\\nb"}'],
    ['another name', JSON.stringify({ owner: 'shop', release: { ...record, name: `${B}-${'1'.repeat(16)}` } })],
    ['a short tree', JSON.stringify({ owner: 'shop', release: { ...record, files: 'b' } })],
    ['a digest that is none', JSON.stringify({ owner: 'shop', release: { ...record, digest: 'x' } })],
    ['a version with a space', JSON.stringify({ owner: 'shop', release: { ...record, version: 'v 1' } })],
  ])('%s is not read', (_, text) => expect(readMarker(text)).toBeUndefined());

  it('says what is live, unless the files were changed', () => {
    expect(liveOf(folder, 'apps/shop', 'x')).toMatchObject({ kind: 'release', engineId: record.name, release: { version: 'v1', sha: A } });
    expect(liveOf({ ...folder, files: A }, 'apps/shop', 'x')).toMatchObject({ kind: 'foreign', engineId: A });
    expect(liveOf(undefined, 'apps/shop', 'x')).toMatchObject({ kind: 'foreign', engineId: '(none)' });
  });

  it('finds a release by what is known of it', () => {
    const digest = '1'.repeat(64);
    expect(wantedOf({ version: 'v1', sha: A, artifact: { digest } })).toEqual({ is: 'release', begins: record.name });
    expect(wantedOf({ version: 'v1', sha: A })).toEqual({ is: 'release', begins: `${A}-` });
    expect(wantedOf({ version: 'v1', sha: A, engineId: B })).toEqual({ is: 'tree', tree: B });
    expect(wantedOf({ version: 'v1', sha: A, engineId: '(none)' })).toBeUndefined();
    expect(holds(folder, { is: 'release', begins: record.name })).toBe(true);
    expect(holds({ ...folder, files: A }, { is: 'release', begins: record.name })).toBe(false);
    expect(holds(folder, { is: 'tree', tree: A })).toBe(true);
    const message = `x\n\nDelivery-Path: apps/shop\nDelivery-Release: ${record.name}`;
    expect(names(message, 'apps/shop', { is: 'release', begins: record.name })).toBe(true);
    expect(names(message, 'apps/other', { is: 'release', begins: record.name })).toBe(false);
  });
});

it.each([
  ['a commit is missing', { folder: undefined, wanted: A, from: { tree: undefined }, isFenced: true }, 'commit'],
  ['it is there', { folder, wanted: A, from: { tree: B }, isFenced: true }, 'done'],
  ['it is there, and a push may still come', { folder, wanted: A, from: undefined, isFenced: false }, 'fence'],
  ['someone else changed the folder', { folder, wanted: B, from: { tree: undefined }, isFenced: true }, 'elsewhere'],
  ['someone else changed the folder, in a rollback', { folder, wanted: B, from: undefined, isFenced: true }, 'commit'],
])('%s', (_, situation, step) => expect(commitStep(situation)).toBe(step));

describe('what is waited for', () => {
  const waiting = (reason: string, uid = 'new'): Pod => ({ metadata: { name: 'web-1', uid }, status: { containerStatuses: [{ name: 'web', ready: false, state: { waiting: { reason } } }] } });
  const step = (changes: Partial<ServingSituation>) => servingStep({
    state: { is: 'working', why: 'Reconciling', objects: [], revision: A }, isOurs: true, pods: [], podsBefore: new Set(['old']), isRestore: false, now: 40_000, since: new Map(), ...changes,
  });
  const failing = { is: 'failing', why: 'it fails', objects: [], revision: A } as const;

  it.each<[string, Partial<ServingSituation>, string]>([
    ['our commit is served', { state: { is: 'served', why: '', objects: [], revision: A } }, 'done'],
    ['another commit is served', { state: { is: 'served', why: '', objects: [], revision: B }, isOurs: false }, 'wait'],
    ['a new failure may pass', { state: failing }, 'wait'],
    ['a failure stays', { state: failing, since: new Map([['failing', 9_000]]) }, 'fail'],
    ['a failure of another commit stays', { state: failing, isOurs: false, since: new Map([['failing', 9_000]]) }, 'wait'],
    ['only another commit helps', { state: { ...failing, isFinal: true } }, 'fail'],
    ['only another commit helps, in a rollback', { state: { ...failing, isFinal: true }, isRestore: true }, 'wait'],
    ['a pod cannot start', { pods: [waiting('InvalidImageName')] }, 'fail'],
    ['a pod of before cannot start', { pods: [waiting('InvalidImageName', 'old')] }, 'wait'],
    ['an image is not pulled yet', { pods: [waiting('ErrImagePull')] }, 'wait'],
    ['an image is not pulled for long', { pods: [waiting('ErrImagePull')], since: new Map([['ImagePullBackOff', 9_000]]) }, 'fail'],
  ])('%s', (_, changes, expected) => expect(step(changes).step).toBe(expected));
});

describe('Flux', () => {
  const kustomization = (changes: object = {}, spec: object = {}): Kustomization => ({
    metadata: { name: 'shop', generation: 2 },
    spec: { path: './apps/shop', prune: true, wait: true, timeout: '1m', sourceRef: { kind: 'GitRepository', name: 'shop' }, ...spec },
    status: { observedGeneration: 2, lastAppliedRevision: `main@sha1:${A}`, lastAttemptedRevision: `main@sha1:${A}`, conditions: [{ type: 'Ready', status: 'True' }], inventory: { entries: [{ id: 'shop_web_apps_Deployment' }, { id: '_shop__Namespace' }] }, ...changes },
  });
  const source = { metadata: { name: 'shop' }, spec: { url: 'https://github.com/acme/deployments', ref: { branch: 'main' } } };
  const not = (reason: string) => ({ lastAttemptedRevision: `main@sha1:${B}`, conditions: [{ type: 'Ready', status: 'False', reason, message: 'it fails' }] });

  it('serves the commit that it applied last', () => {
    expect(fluxState(kustomization())).toMatchObject({ is: 'served', revision: A, live: A, objects: [{ kind: 'Deployment', namespace: 'shop', name: 'web' }] });
  });

  it.each([['BuildFailed', true], ['HealthCheckFailed', true], ['ReconciliationFailed', false], ['DependencyNotReady', false]])('%s fails, and only another commit helps: %s', (reason, isFinal) => {
    expect(fluxState(kustomization(not(reason)))).toMatchObject({ is: 'failing', revision: B, isFinal, why: `Kustomization shop: ${reason}: it fails` });
    // what the cluster has is not known
    expect(fluxState(kustomization(not(reason)))).not.toHaveProperty('live');
  });

  it('works while it has not seen a change of itself, and fails where the repository is not fetched', () => {
    expect(fluxState(kustomization({ observedGeneration: 1 })).is).toBe('working');
    const broken = { ...source, status: { conditions: [{ type: 'Ready', status: 'False', reason: 'GitOperationFailed', message: 'no' }] } };
    expect(fluxState(kustomization(), broken)).toMatchObject({ is: 'failing', live: A, why: 'GitRepository shop: GitOperationFailed: no' });
  });

  it('says what it follows, what stops it, and what makes a rollback slow', () => {
    expect(fluxSource(kustomization(), source)).toMatchObject({ branch: 'main', path: './apps/shop', warnings: [] });
    expect(fluxSource(kustomization({}, { suspend: true }), source).stopped?.problem).toBe('Kustomization shop is suspended');
    const titles = (spec: object) => fluxSource(kustomization({}, spec), source).warnings.map(({ title }) => title);
    expect(titles({ prune: false })).toEqual(['Kustomization shop does not prune']);
    expect(titles({ wait: false })).toEqual(['Kustomization shop does not wait for pods']);
    expect(titles({ timeout: '5m0s' })).toEqual(['Kustomization shop waits up to 5m0s for pods']);
    expect(fluxSource(kustomization(), { ...source, spec: { ...source.spec, ref: { semver: '1.x' } } }).branch).toBe('1.x');
  });
});

describe('Argo CD', () => {
  const URL = 'https://github.com/acme/deployments';
  const application = (status: object, spec: object = {}) => ({
    metadata: { name: 'shop' }, spec: { source: { repoURL: URL, path: 'apps/shop', targetRevision: 'main' }, destination: { namespace: 'shop' }, syncPolicy: { automated: { prune: true } }, ...spec }, status,
  });
  const synced = (health: string) => ({ sync: { status: 'Synced', revision: A }, health: { status: health }, resources: [{ kind: 'Deployment', name: 'web', health: { status: health, message: 'why' } }] });

  it.each([['Healthy', 'served'], ['Progressing', 'working'], ['Degraded', 'failing'], ['Suspended', 'working']])('is %s: %s', (health, is) => {
    expect(argoCdState(application(synced(health)), URL)).toMatchObject({ is, revision: A, live: A, objects: [{ kind: 'Deployment', name: 'web', namespace: 'shop' }] });
  });

  it('says why it cannot compare or sync', () => {
    const failed = { sync: { status: 'OutOfSync', revision: B }, operationState: { phase: 'Failed', message: 'one or more objects failed to apply', syncResult: { revision: B } } };
    expect(argoCdState(application(failed), URL)).toMatchObject({ is: 'failing', revision: B, why: 'Application shop: the sync failed: one or more objects failed to apply' });
    const unknown = { sync: { status: 'Unknown', revision: B }, conditions: [{ type: 'ComparisonError', message: 'no manifests' }] };
    expect(argoCdState(application(unknown), URL)).toMatchObject({ is: 'failing', why: 'Application shop: ComparisonError: no manifests' });
    expect(argoCdState(application({}), URL).is).toBe('working');
  });

  it('names the sync that keeps a later commit waiting', () => {
    const running = { sync: { status: 'OutOfSync', revision: B }, operationState: { phase: 'Running', message: 'waiting for healthy state of apps/Deployment/web', syncResult: { revision: A } } };
    expect(argoCdState(application(running), URL)).toMatchObject({
      is: 'working', why: expect.stringContaining(`its sync of ${A.slice(0, 7)} still runs: waiting for healthy state of apps/Deployment/web`) as string,
    });
  });

  it.each(['--upload-pack=touch x', 'main', '+refs/heads/a:refs/heads/main', '1.2.3', ''])('the revision %s is no commit, and never gets to git', (revision) => {
    const state = argoCdState(application({ ...synced('Healthy'), sync: { status: 'Synced', revision } }), URL);
    expect(state.is).not.toBe('served');
    expect(state).toMatchObject({ revision: undefined });
    expect(state).not.toHaveProperty('live');
  });

  it('finds our source among several', () => {
    const sources = [{ repoURL: 'https://charts.example.com' }, { repoURL: `${URL}.git`, path: 'apps/shop', targetRevision: 'main' }];
    const several = application({ sync: { status: 'Synced', revisions: ['1.2.3', A] }, health: { status: 'Healthy' } }, { source: undefined, sources });
    expect(argoCdState(several, URL)).toMatchObject({ is: 'served', revision: A });
    expect(argoCdSource(several, URL)).toMatchObject({ path: 'apps/shop', branch: 'main' });
  });

  it('says what stops it', () => {
    expect(argoCdSource(application({}, { syncPolicy: {} }), URL).stopped?.problem).toBe('Application shop is not synced automatically');
    expect(argoCdSource(application({}, { syncPolicy: { automated: { enabled: false } } }), URL).stopped).toBeDefined();
    expect(argoCdSource(application({}, { syncPolicy: { automated: {} } }), URL)).toMatchObject({ warnings: [{ title: 'Application shop does not prune' }] });
    expect(argoCdSource(application({}, { source: { repoURL: URL, path: 'apps/shop' } }), URL).branch).toBeUndefined();
    const repeating = (retry?: object) => application({}, { syncPolicy: { automated: { prune: true }, retry } });
    const titles = (retry?: object) => argoCdSource(repeating(retry), URL).warnings.map(({ title }) => title);
    expect([titles(), titles({ limit: 5 }), titles({ limit: -1, refresh: true })]).toEqual([[], [], []]);
    expect(titles({ limit: -1 })).toEqual(['Application shop repeats a failed sync without end']);
    expect(titles({ limit: 10 })).toEqual(['Application shop repeats a failed sync 10 times']);
  });
});

it.each([
  ['https://github.com/acme/deployments.git', 'https://github.com/acme/deployments', true],
  ['git@github.com:acme/deployments.git', 'https://github.com/acme/deployments', true],
  ['ssh://git@GitHub.com:22/acme/Deployments', 'https://github.com/acme/deployments', true],
  ['https://github.com/acme/other', 'https://github.com/acme/deployments', false],
  ['https://gitlab.com/acme/deployments', 'https://github.com/acme/deployments', false],
])('%s and %s are the same repository: %s', (one, other, same) => expect(sameRepository(one, other)).toBe(same));

it.each([['./apps/shop', true], ['apps/shop/', true], ['/apps/shop', true], ['apps', false], ['.', false], ['apps/shop2', false]])('who follows %s reads apps/shop: %s', (path, is) => {
  expect(readsFolder(path, 'apps/shop')).toBe(is);
});
