/** The decisions of the driver of Target.kubernetes, with what a cluster of version 1.34 said. */
import { kubeconfigIn } from '../../../src/engines/cluster/runtime/cluster-access';
import { errorOf } from '../../../src/engines/cluster/runtime/kubectl-errors';
import { Pod, restartsOf } from '../../../src/engines/cluster/runtime/pod-state';
import { during, pruningOf, readInventory, sameObjects, writtenInventory } from '../../../src/engines/kubernetes/runtime/inventory';
import { argumentOf, imagesOf, KubernetesObject, MARK, marked, objectsIn } from '../../../src/engines/kubernetes/runtime/kubernetes-object';
import { accessOf } from '../../../src/engines/kubernetes/runtime/kubernetes-preflight';
import { foreignPods, liveOf, ServingWorkload } from '../../../src/engines/kubernetes/runtime/live-pods';
import { manifestChanges } from '../../../src/engines/kubernetes/runtime/manifest-changes';
import { blockingPods, rolloutStep } from '../../../src/engines/kubernetes/runtime/rollout-step';
import { weakPoints, withoutReturn } from '../../../src/engines/kubernetes/runtime/weak-points';
import { Workload, workloadState } from '../../../src/engines/kubernetes/runtime/workload-state';

const SHA = 'a'.repeat(40);
const DIGEST = 'd'.repeat(64);
const release = { version: 'v1.2.3', sha: SHA, artifact: { digest: DIGEST } };
const containers = [{ name: 'web', image: 'shop:1' }];
const web: KubernetesObject = {
  apiVersion: 'apps/v1',
  kind: 'Deployment',
  metadata: { name: 'web', labels: { app: 'web' } },
  spec: { replicas: 2, selector: { matchLabels: { app: 'web' } }, template: { metadata: { labels: { app: 'web' } }, spec: { containers } } },
};
const config: KubernetesObject = { apiVersion: 'v1', kind: 'ConfigMap', metadata: { name: 'web' }, data: { level: 'info' } };
const key = (kind: string, name = 'web', apiVersion = 'v1') => ({ apiVersion, kind, name });

describe('the manifests of a release', () => {
  const printed = (...objects: readonly object[]) => objects.map((object) => JSON.stringify(object, undefined, 4)).join('\n');
  const read = (...objects: readonly object[]) => objectsIn(printed(...objects), { manifests: 'dist', namespace: 'shop' });

  it('are applied in an order in which what others refer to is there first, other kinds at the end', () => {
    const custom = { apiVersion: 'example.com/v1', kind: 'Shop', metadata: { name: 'a' } };
    expect(read(custom, web, config, { ...config, kind: 'Secret' }).map(({ kind }) => kind)).toEqual(['Secret', 'ConfigMap', 'Deployment', 'Shop']);
  });

  it('may hold text with braces on lines of their own', () => {
    expect(read({ ...config, data: { a: '}\n{\n' } }, web)).toHaveLength(2);
  });

  it.each<[string, readonly object[], string]>([
    ['nothing', [], 'Target.kubernetes manifests: dist has no object'],
    ['an object without a name', [{ ...web, metadata: { generateName: 'web-' } }], 'a Deployment has no metadata.name'],
    ['an object of another namespace', [{ ...web, metadata: { name: 'web', namespace: 'other' } }], 'Deployment web is in the namespace other, and the target\'s namespace is shop'],
    ['a hook of Helm', [{ ...web, metadata: { name: 'web', annotations: { 'helm.sh/hook': 'pre-upgrade' } } }], 'Deployment web is a hook of Helm (pre-upgrade), which only helm upgrade runs'],
    ['an object twice', [web, config, web], 'there are two objects Deployment web'],
  ])('with %s are rejected', (_, objects, message) => {
    expect(() => read(...objects)).toThrow(message);
  });

  it('are marked with the release, and so are the pods that serve', () => {
    const { metadata, spec } = marked(web, release, 'shop-production');
    const labels = { app: 'web', [MARK.name]: 'shop-production', [MARK.sha]: SHA };
    const annotations = { [MARK.version]: 'v1.2.3', [MARK.digest]: DIGEST };
    expect(metadata).toEqual({ name: 'web', labels, annotations });
    expect(spec?.template?.metadata).toEqual({ labels, annotations: { ...annotations, [MARK.images]: imagesOf({ containers }) } });
    expect(spec?.selector).toEqual({ matchLabels: { app: 'web' } });
  });

  it('the template of a Job stays as it is: it cannot be changed', () => {
    const job = { ...web, kind: 'Job' };
    expect(marked(job, release, 'shop').spec).toEqual(job.spec);
  });

  it('are named with the group and version of their API', () => {
    expect(argumentOf(key('Deployment', 'web', 'apps/v1'))).toBe('Deployment.v1.apps/web');
    expect(argumentOf(key('ConfigMap'))).toBe('ConfigMap.v1./web');
  });
});

describe('the inventory', () => {
  it('is read as it was written, and what is not one is not read', () => {
    const objects = [key('ConfigMap'), key('Deployment', 'web', 'apps/v1')];
    const written = writtenInventory('shop', { objects, release, resourceVersion: '7' });
    expect(readInventory(written)).toEqual({ objects, release: { version: 'v1.2.3', sha: SHA }, resourceVersion: '7' });
    expect(readInventory({ data: { objects: '[{"kind": "ConfigMap"}]' } })).toBeUndefined();
    expect(readInventory({ data: { objects: 'x' } })).toBeUndefined();
  });

  it.each([
    ['an option of kubectl', key('--server=https://evil.example', 'x')],
    ['an option in the version', key('ConfigMap', 'x', '--token=x')],
    ['a line break', key('ConfigMap', 'a\n::error::b')],
    ['no name', key('ConfigMap', '')],
  ])('of someone else with %s is not read: what it names becomes arguments of kubectl', (_, object) => {
    expect(readInventory({ data: { objects: JSON.stringify([object]) } })).toBeUndefined();
    expect(readInventory({ data: { objects: JSON.stringify([key('Role', 'system:leader-locking'), key('Widget', 'Shop', 'example.com/v1beta1')]) } })).toBeDefined();
  });

  it('of a release that is on its way knows the objects of before, too', () => {
    expect(during([key('ConfigMap', 'old'), key('Deployment', 'web', 'apps/v1beta1')], [key('Deployment', 'web', 'apps/v1')]))
      .toEqual([key('Deployment', 'web', 'apps/v1'), key('ConfigMap', 'old')]);
  });

  it('says what is deleted: data only if the options say so, a Namespace never', () => {
    const before = [key('ConfigMap', 'old'), key('PersistentVolumeClaim'), key('Namespace'), key('Service')];
    const kinds = (rules: Parameters<typeof pruningOf>[2]) => pruningOf(before, [key('Service')], rules).pruned.map(({ kind }) => kind);
    expect(kinds({ prunes: true, prunesVolumes: false })).toEqual(['ConfigMap']);
    expect(kinds({ prunes: true, prunesVolumes: true })).toEqual(['ConfigMap', 'PersistentVolumeClaim']);
    expect(kinds({ prunes: false, prunesVolumes: false })).toEqual([]);
    expect(pruningOf(before, [key('Service')], { prunes: true, prunesVolumes: false }).kept.map(({ kind }) => kind)).toEqual(['PersistentVolumeClaim', 'Namespace']);
  });

  it('a kind of the same name in another group is another object', () => {
    expect(sameObjects([key('Service')], [key('Service', 'web', 'serving.knative.dev/v1')])).toBe(false);
  });
});

describe('a rollout', () => {
  const done = { observedGeneration: 2, replicas: 2, updatedReplicas: 2, availableReplicas: 2, readyReplicas: 2 };
  const deployment = (status: Workload['status'], spec: Workload['spec'] = { replicas: 2 }): Workload => ({
    apiVersion: 'apps/v1', kind: 'Deployment', metadata: { name: 'web', generation: 2 }, spec, status,
  });
  const deadline = { type: 'Progressing', status: 'False', reason: 'ProgressDeadlineExceeded', message: 'ReplicaSet "web-1" has timed out progressing.' };

  it.each<[string, Workload['status'], string]>([
    ['not seen by its controller', { ...done, observedGeneration: 1 }, 'its controller has not seen the change yet'],
    ['with old pods', { ...done, replicas: 3 }, 'old pods that still run: 1'],
    ['with new pods to come', { ...done, updatedReplicas: 1 }, '1 of 2 pods are new'],
    ['with new pods that are not available', { ...done, availableReplicas: 1 }, '1 of 2 new pods are available'],
  ])('of a Deployment %s goes on', (_, status, why) => {
    expect(workloadState(deployment(status))).toMatchObject({ is: 'waiting', why: expect.stringContaining(why) as string });
  });

  it('of a Deployment is complete, or fails because it is paused', () => {
    expect(workloadState(deployment(done))).toEqual({ is: 'ready' });
    expect(workloadState(deployment({ observedGeneration: 2 }, { replicas: 0 }))).toEqual({ is: 'ready' });
    expect(workloadState(deployment(done, { paused: true }))).toMatchObject({ is: 'failed' });
  });

  it.each<[string, Workload, string]>([
    ['a StatefulSet', { kind: 'StatefulSet', metadata: { name: 'db' }, spec: { replicas: 2 }, status: { updatedReplicas: 1 } }, 'waiting'],
    ['a StatefulSet with another revision', { kind: 'StatefulSet', metadata: { name: 'db' }, spec: { replicas: 1 }, status: { updatedReplicas: 1, availableReplicas: 1, currentRevision: 'a', updateRevision: 'b' } }, 'waiting'],
    ['a StatefulSet that is done', { kind: 'StatefulSet', metadata: { name: 'db' }, spec: { replicas: 1 }, status: { updatedReplicas: 1, availableReplicas: 1, currentRevision: 'b', updateRevision: 'b' } }, 'ready'],
    ['a StatefulSet that others update', { kind: 'StatefulSet', metadata: { name: 'db' }, spec: { updateStrategy: { type: 'OnDelete' } } }, 'ready'],
    ['a DaemonSet', { kind: 'DaemonSet', metadata: { name: 'log' }, status: { desiredNumberScheduled: 3, updatedNumberScheduled: 3, numberAvailable: 2 } }, 'waiting'],
    ['a DaemonSet that is done', { kind: 'DaemonSet', metadata: { name: 'log' }, status: { desiredNumberScheduled: 3, updatedNumberScheduled: 3, numberAvailable: 3 } }, 'ready'],
    ['a Job', { kind: 'Job', metadata: { name: 'migrate' } }, 'waiting'],
    ['a Job that is complete', { kind: 'Job', metadata: { name: 'migrate' }, status: { conditions: [{ type: 'Complete', status: 'True' }] } }, 'ready'],
    ['a Job that failed', { kind: 'Job', metadata: { name: 'migrate' }, status: { conditions: [{ type: 'Failed', status: 'True', reason: 'BackoffLimitExceeded' }] } }, 'failed'],
  ])('of %s', (_, workload, is) => {
    expect(workloadState(workload).is).toBe(is);
  });

  const pod = (status: Pod['status'], labels: Readonly<Record<string, string>> = { [MARK.sha]: SHA }): Pod => ({ metadata: { name: 'web-1', labels }, status });
  const crashing = (restartCount: number) => pod({ containerStatuses: [{ name: 'web', restartCount, state: { waiting: { reason: 'CrashLoopBackOff' } }, lastState: { terminated: { exitCode: 7 } } }] });
  const pulling = (reason: string) => pod({ containerStatuses: [{ name: 'web', state: { waiting: { reason, message: 'not found' } } }] });
  const step = (pods: readonly Pod[], more: Partial<Parameters<typeof rolloutStep>[0]> = {}) => rolloutStep({
    workloads: [deployment({ ...done, updatedReplicas: 1 })], pods, sha: SHA, since: new Map(), now: 60_000, ...more,
  });

  it('waits while a pod is new, and for a crash that may be the first one', () => {
    expect(step([pod({})]).step).toBe('wait');
    expect(step([crashing(1)])).toMatchObject({ step: 'wait', why: 'Deployment web: 1 of 2 pods are new (CrashLoopBackOff)' });
  });

  it('fails long before the deadline if its pods crash again and again', () => {
    expect(step([crashing(3)])).toMatchObject({ step: 'fail', why: 'Deployment web: 1 of 2 pods are new; web-1: the container web crashes: CrashLoopBackOff, 3 restarts, ended with exit code 7' });
  });

  it('fails if an image cannot be pulled for some time, whichever of its two reasons is shown now', () => {
    expect(step([pulling('ErrImagePull')])).toMatchObject({ step: 'wait', reasons: ['ImagePullBackOff'] });
    const since = new Map([['ImagePullBackOff', 30_000]]);
    expect(step([pulling('ErrImagePull')], { since })).toMatchObject({ step: 'fail', why: expect.stringContaining('ErrImagePull: not found') as string });
    expect(step([pulling('ImagePullBackOff')], { since, now: 59_000 }).step).toBe('wait');
  });

  it('fails after its deadline, if it stays so: the first look at the manifests of Stable may still show the deadline of the bad release', () => {
    const workloads = [deployment({ ...done, updatedReplicas: 1, conditions: [deadline] })];
    expect(step([], { workloads })).toMatchObject({ step: 'wait', reasons: ['ProgressDeadlineExceeded'] });
    expect(step([], { workloads, since: new Map([['ProgressDeadlineExceeded', 30_000]]) })).toMatchObject({ step: 'fail', why: expect.stringContaining('has timed out progressing') as string });
  });

  it('counts only the crashes since it began: the pods of Stable may have crashed because of the bad release', () => {
    const before = restartsOf([crashing(5)]);
    expect(step([crashing(5)], { before }).step).toBe('wait');
    expect(step([crashing(7)], { before }).step).toBe('wait');
    expect(step([crashing(8)], { before }).step).toBe('fail');
  });

  it('of a restore goes on as long as it has time: there is nothing else to go to', () => {
    const since = new Map([['ImagePullBackOff', 0], ['ProgressDeadlineExceeded', 0]]);
    expect(step([pulling('ImagePullBackOff')], { since, isRestore: true }).step).toBe('wait');
    expect(step([], { workloads: [deployment({ ...done, updatedReplicas: 1, conditions: [deadline] })], since, isRestore: true }).step).toBe('wait');
    expect(step([pulling('InvalidImageName')], { isRestore: true }).step).toBe('fail');
  });

  it('waits for a node: a cluster that scales adds one', () => {
    const unschedulable = pod({ conditions: [{ type: 'PodScheduled', status: 'False', reason: 'Unschedulable', message: '0/1 nodes are available' }] });
    expect(step([unschedulable], { since: new Map([['Unschedulable', 0]]) }).step).toBe('wait');
  });

  it('fails if a quota lets no pod be made', () => {
    const failure = { type: 'ReplicaFailure', status: 'True', reason: 'FailedCreate', message: 'pods "web" is forbidden: exceeded quota: small' };
    const workloads = [deployment({ ...done, conditions: [failure] })];
    expect(step([], { workloads }).step).toBe('wait');
    expect(step([], { workloads, since: new Map([['FailedCreate', 0]]) })).toMatchObject({ step: 'fail', why: expect.stringContaining('exceeded quota: small') as string });
  });

  it('that exceeds a quota and its deadline says the quota', () => {
    const failure = { type: 'ReplicaFailure', status: 'True', reason: 'FailedCreate', message: 'pods "web" is forbidden: exceeded quota: small' };
    for (const conditions of [[deadline, failure], [failure, deadline]]) {
      expect(step([], { workloads: [deployment({ ...done, conditions })], since: new Map([['FailedCreate', 0]]) }))
        .toMatchObject({ step: 'fail', why: 'Deployment web: FailedCreate: pods "web" is forbidden: exceeded quota: small' });
    }
  });

  it('of a StatefulSet waits for pods of the bad release that never become ready, which Kubernetes does not replace by itself', () => {
    const set = (spec: Workload['spec'] = { replicas: 2 }): Workload => ({ kind: 'StatefulSet', metadata: { name: 'db' }, spec, status: { updatedReplicas: 1 } });
    const of = (owner: string, sha: string, more: Partial<Pod['metadata']> = {}): Pod => {
      const { metadata, status } = crashing(9);
      return { metadata: { ...metadata, name: `${owner}-1`, labels: { [MARK.sha]: sha }, ownerReferences: [{ kind: 'StatefulSet', name: owner }], ...more }, status };
    };
    const names = (workloads: readonly Workload[], ...pods: readonly Pod[]) =>
      blockingPods({ pods, sha: SHA, workloads }).map(({ metadata }) => metadata.name);
    expect(names([set()], of('db', 'b'), of('other', 'b'))).toEqual(['db-1']);
    expect(names([set()], of('db', SHA))).toEqual([]);
    expect(names([set()], of('db', 'b', { deletionTimestamp: '2026-11-29T12:00:00Z' }))).toEqual([]);
    expect(names([set()], { ...of('db', 'b'), status: { conditions: [{ type: 'Ready', status: 'True' }] } })).toEqual([]);
    // the pods below a partition keep the release of before
    expect(names([set({ replicas: 2, updateStrategy: { rollingUpdate: { partition: 1 } } })], of('db', 'b'))).toEqual([]);
    expect(names([set({ replicas: 2, updateStrategy: { type: 'OnDelete' } })], of('db', 'b'))).toEqual([]);
  });

  it('does not look at pods of other releases', () => {
    expect(step([{ ...crashing(9), metadata: { name: 'old', labels: { [MARK.sha]: 'b' } } }]).step).toBe('wait');
  });
});

describe('the live release', () => {
  const ready = (sha: string, version: string): Pod => ({
    metadata: { name: 'web-1', labels: { [MARK.sha]: sha }, annotations: { [MARK.version]: version, [MARK.digest]: DIGEST, [MARK.images]: 'x' } },
    spec: { containers },
    status: { conditions: [{ type: 'Ready', status: 'True' }] },
  });
  const workload = (image: string): ServingWorkload => ({
    kind: 'Deployment', metadata: { name: 'web' }, spec: { template: { metadata: { annotations: { [MARK.images]: imagesOf({ containers }) } }, spec: { containers: [{ name: 'web', image }] } } },
  });

  it('is that of the pods that are ready', () => {
    const leaving: Pod = { ...ready('b', 'v1.0.0'), metadata: { ...ready('b', 'v1.0.0').metadata, deletionTimestamp: '2026-11-29T12:00:00Z' } };
    expect(liveOf([ready(SHA, 'v1.2.3'), ready(SHA, 'v1.2.3'), leaving], [workload('shop:1')]))
      .toMatchObject({ kind: 'release', release: { version: 'v1.2.3', sha: SHA, digest: DIGEST }, shown: '2 pods' });
  });

  it('is split while two releases serve', () => {
    expect(liveOf([ready(SHA, 'v1.2.3'), ready('b', 'v1.0.0')], [])).toEqual({ kind: 'split', shares: 'v1.2.3 (1 pod), v1.0.0 (1 pod)' });
  });

  it('is foreign if someone set another image, or if no delivery has deployed yet', () => {
    expect(liveOf([ready(SHA, 'v1.2.3')], [workload('other:1')])).toMatchObject({ kind: 'foreign', shown: 'Deployment web with other images than the release' });
    expect(foreignPods([{ ...ready(SHA, 'v1'), metadata: { name: 'web-1' } }])).toMatchObject({ kind: 'foreign', shown: 'pods with shop:1' });
  });

  it('is unknown where no pod is ready', () => {
    expect(liveOf([], [])).toEqual({ kind: 'unknown', why: 'no pod of a release is ready' });
    expect(foreignPods([])).toEqual({ kind: 'unknown', why: 'no pod is ready' });
  });
});

describe('the changes of a plan', () => {
  it('name fields and never values, without what the API server and the marks change', () => {
    const before = { ...marked(web, release, 'shop'), metadata: { ...marked(web, release, 'shop').metadata, uid: '1', managedFields: [], generation: 1 }, status: { replicas: 2 } };
    const next = { ...release, version: 'v2', sha: 'b'.repeat(40) };
    const same = { pruned: [], kept: [] };
    expect(manifestChanges({ ...same, live: [before], wanted: [marked(web, next, 'shop')] })).toEqual([]);
    const secret: KubernetesObject = { apiVersion: 'v1', kind: 'Secret', metadata: { name: 'db' }, data: { password: 'old' } };
    const changes = manifestChanges({
      live: [secret, before],
      wanted: [config, { ...secret, data: { password: 'hunter2' } }, marked({ ...web, spec: { ...web.spec, replicas: 3 } }, next, 'shop')],
      pruned: [key('ConfigMap', 'old')],
      kept: [key('PersistentVolumeClaim', 'data')],
    });
    expect(changes.map(({ kind, type, what, properties }) => [kind, type, what, ...properties].join(' '))).toEqual([
      'changed Secret db data.password', 'removed ConfigMap old', 'orphaned PersistentVolumeClaim data', 'added ConfigMap web', 'changed Deployment web spec.replicas',
    ]);
    expect(JSON.stringify(changes)).not.toContain('hunter2');
  });
});

it('of the pods, only those of a StatefulSet may have to be deleted', () => {
  const verbs = (kind: string) => accessOf([key(kind, 'web', 'apps/v1')], [], { prunes: true }).filter(({ resource }) => resource === 'pods').map(({ verb }) => verb);
  expect(verbs('Deployment')).toEqual(['list']);
  expect(verbs('StatefulSet')).toEqual(['list', 'delete']);
});

describe('what loses requests', () => {
  const service: KubernetesObject = { apiVersion: 'v1', kind: 'Service', metadata: { name: 'web' }, spec: { selector: { app: 'web' } } };
  const titles = (...objects: readonly KubernetesObject[]) => weakPoints(objects).map(({ title }) => title);
  const withContainer = (container: object, replicas: number): KubernetesObject => ({
    ...web, spec: { ...web.spec, replicas, template: { ...web.spec!.template, spec: { containers: [{ name: 'web', ...container }] } } },
  });

  it('is named for a Deployment behind a Service', () => {
    expect(titles(service, withContainer({}, 1))).toEqual(['Deployment web has no preStop hook', 'Deployment web has no readinessProbe', 'Deployment web has one replica']);
    expect(titles(service, withContainer({ lifecycle: { preStop: { sleep: { seconds: 4 } } }, readinessProbe: {} }, 2))).toEqual([]);
    expect(titles(withContainer({}, 1))).toEqual([]);
  });

  it('one replica is fine where an autoscaler sets the number', () => {
    const scaler: KubernetesObject = { apiVersion: 'autoscaling/v2', kind: 'HorizontalPodAutoscaler', metadata: { name: 'web' }, spec: { scaleTargetRef: { name: 'web' } } };
    expect(titles(service, withContainer({}, 1), scaler)).not.toContain('Deployment web has one replica');
  });

  it('replicas beside an autoscaler are not: a release under load would end most of the pods', () => {
    const scaler: KubernetesObject = { apiVersion: 'autoscaling/v2', kind: 'HorizontalPodAutoscaler', metadata: { name: 'web' }, spec: { scaleTargetRef: { name: 'web' } } };
    expect(titles(service, withContainer({}, 2), scaler)).toContain('Deployment web has replicas and an autoscaler');
    expect(titles(service, withContainer({}, 2))).not.toContain('Deployment web has replicas and an autoscaler');
  });
});

it('what Stable\'s manifests cannot take back is named', () => {
  const claim = (storage: string): KubernetesObject => ({ apiVersion: 'v1', kind: 'PersistentVolumeClaim', metadata: { name: 'data' }, spec: { resources: { requests: { storage } } } });
  const titles = (wanted: readonly KubernetesObject[], stable: readonly KubernetesObject[]) =>
    withoutReturn(wanted, stable).map(({ title }) => title);
  expect(titles([claim('2Gi'), { ...config, immutable: true }], [claim('1Gi'), config]))
    .toEqual(['PersistentVolumeClaim data gets another size', 'ConfigMap web becomes immutable']);
  expect(titles([claim('1Gi'), { ...config, immutable: true }], [claim('1Gi'), { ...config, immutable: true }])).toEqual([]);
  expect(titles([claim('2Gi'), { ...config, immutable: true }], [])).toEqual([]);
});

describe('what kubectl says', () => {
  const failed = { outcome: 'failed', exitCode: 1 } as const;
  it.each<[string, string]>([
    ['Error from server (NotFound): namespaces "shop" not found', 'notFound'],
    ['Error in configuration: context was not found for specified context: nope', 'notFound'],
    ['error: the server doesn\'t have a resource type "Foo"', 'notFound'],
    ['Error from server (Forbidden): deployments.apps is forbidden: User "x" cannot list resource "deployments"', 'accessDenied'],
    ['Error from server (Forbidden): error when creating "x": pods "web" is forbidden: exceeded quota: small', 'rejected'],
    ['Error from server (Forbidden): persistentvolumeclaims "x" is forbidden: minimum storage usage per PersistentVolumeClaim is 1Gi, but request is 1Mi', 'rejected'],
    ['Error from server (Forbidden): pods "x" is forbidden: violates PodSecurity "restricted:latest": allowPrivilegeEscalation != false', 'rejected'],
    ['Error from server (Forbidden): deployments.apps "web" is forbidden: ValidatingAdmissionPolicy \'small\' with binding \'all\' denied request: too many replicas', 'rejected'],
    ['error: You must be logged in to the server (Unauthorized)', 'signedOut'],
    ['Unable to connect to the server: getting credentials: exec: executable shop-login not found\n\nIt looks like you are trying to use a client-go credential plugin that is not installed.', 'signedOut'],
    ['shop-login: please sign in\nUnable to connect to the server: getting credentials: exec: executable shop-login failed with exit code 1', 'signedOut'],
    ['E1129 11:22:40.715966    4976 memcache.go:265] "Unhandled Error" err="x"\nThe connection to the server localhost:8080 was refused - did you specify the right host or port?', 'signedOut'],
    ['The connection to the server 10.0.0.1:6443 was refused - did you specify the right host or port?', 'unavailable'],
    ['Error from server (TooManyRequests): the server has received too many requests', 'throttled'],
    ['Error from server (InternalError): an error on the server', 'unavailable'],
    ['Error from server (Timeout): the server was unable to return a response in the time allotted', 'timeout'],
    ['Error from server: etcdserver: request timed out', 'timeout'],
    ['Error from server (Conflict): Operation cannot be fulfilled on configmaps "x": the object has been modified', 'conflict'],
    ['Error from server (AlreadyExists): configmaps "x" already exists', 'conflict'],
    ['Error from server: admission webhook "policy" denied the request: no', 'rejected'],
    ['error: unknown flag: --kuberc', 'cliMissing'],
    ['The Deployment "web" is invalid: spec.template.spec.containers: Required value', 'rejected'],
  ])('%s: %s', (printed, kind) => {
    expect(errorOf('kubectl get', failed, printed)).toMatchObject({ kind, message: expect.stringContaining('kubectl get: ') as string });
  });

  it('of Secrets is not shown', () => {
    expect(errorOf('kubectl apply', failed, 'The Secret "db" is invalid: data[password]: Invalid value: "hunter2"', true).message).not.toContain('hunter2');
  });

  it('names a kubectl that is missing, and one that did not end', () => {
    expect(errorOf('kubectl version', { outcome: 'failed' }, 'kubectl: not found on this machine (or the folder /x is not there). Install it in setupSteps.')).toMatchObject({ kind: 'cliMissing', message: 'kubectl was not found on this machine' });
    expect(errorOf('kubectl get', { outcome: 'timedOut' }, '')).toMatchObject({ kind: 'timeout' });
  });
});

describe('a kubeconfig in a secret', () => {
  const kubeconfig = 'apiVersion: v1\nclusters: []\n';
  it('is taken as it is, or in base64', () => {
    expect(kubeconfigIn(kubeconfig, 'K')).toBe(kubeconfig);
    expect(kubeconfigIn(Buffer.from(kubeconfig).toString('base64'), 'K')).toBe(kubeconfig);
  });

  it('is refused where it is none, without its text', () => {
    expect(() => kubeconfigIn('', 'K')).toThrow('the environment variable K is empty');
    expect(() => kubeconfigIn('hunter2', 'K')).toThrow(/^the environment variable K holds no kubeconfig$/);
  });
});
