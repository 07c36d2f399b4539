/** Which objects belong to a slot, and how a Service sends users to one. */
import { KubernetesObject, MARK } from '../../../src/engines/kubernetes/runtime/kubernetes-object';
import { isSwitched, otherThan, placeOf, selects, switchPatch, unserved } from '../../../src/engines/kubernetes/runtime/service-place';
import { isLeft } from '../../../src/engines/kubernetes/runtime/shared-objects';
import { partsOf } from '../../../src/engines/kubernetes/runtime/slot-objects';

const NAME = 'shop-production';
const service: KubernetesObject = {
  apiVersion: 'v1',
  kind: 'Service',
  metadata: { name: 'web', resourceVersion: '7', annotations: { 'external-dns': 'shop.example.com' } },
  spec: { type: 'LoadBalancer', selector: { app: 'web' }, ports: [{ port: 80, targetPort: 8080, nodePort: 30_090 }] },
};
const object = (kind: string, name: string, spec?: object, apiVersion = 'v1'): KubernetesObject => ({ apiVersion, kind, metadata: { name }, ...(spec && { spec }) }) as KubernetesObject;
const podSpec = {
  containers: [{
    name: 'web',
    envFrom: [{ configMapRef: { name: 'settings' } }, { secretRef: { name: 'elsewhere' } }],
    env: [{ name: 'A', valueFrom: { secretKeyRef: { name: 'database', key: 'password' } } }, { name: 'configMap', value: 'settings' }],
  }],
  volumes: [
    { name: 'a', secret: { secretName: 'tls' } }, { name: 'b', configMap: { name: 'files' } }, { name: 'c', projected: { sources: [{ configMap: { name: 'settings' } }, { secret: { name: 'database' } }] } },
  ],
  imagePullSecrets: [{ name: 'registry' }],
  serviceAccountName: 'web',
};
const web = object('Deployment', 'web', { selector: { matchLabels: { app: 'web' } }, template: { metadata: { labels: { app: 'web', tier: 'front' } }, spec: podSpec } }, 'apps/v1');
const named = ['settings', 'files'].map((name) => object('ConfigMap', name));
const secrets = ['database', 'tls', 'registry'].map((name) => object('Secret', name));
const parts = (...more: readonly KubernetesObject[]) => partsOf([service, web, ...named, ...secrets, ...more], { name: NAME, service: 'web' }, 'green');
const names = (objects: readonly KubernetesObject[]) => objects.map(({ kind, metadata }) => `${kind} ${metadata.name}`);

describe('the objects of a slot', () => {
  it('are the Deployments behind the Service, and the ConfigMaps and Secrets that their pods refer to; all others are shared', () => {
    const worker = object('Deployment', 'worker', { template: { metadata: { labels: { app: 'worker' } }, spec: { containers: [] } } });
    const { own, shared, service: switched } = parts(worker, object('ConfigMap', 'other'), object('ServiceAccount', 'web'));
    expect(names(own)).toEqual(['Service web-green', 'Deployment web-green', 'ConfigMap settings-green', 'ConfigMap files-green', 'Secret database-green', 'Secret tls-green', 'Secret registry-green']);
    expect(names(shared)).toEqual(['Deployment worker', 'ConfigMap other', 'ServiceAccount web']);
    expect(switched.spec).toEqual({ ...service.spec, selector: { app: 'web', [MARK.name]: 'shop-production-green' } });
  });

  it('refer to each other by the names of the slot, and to others as before', () => {
    const { own: [ofSlot, deployment] } = parts();
    expect(deployment!.spec?.selector).toEqual({ matchLabels: { app: 'web', [MARK.name]: 'shop-production-green' } });
    expect(deployment!.spec?.template?.spec).toEqual({
      containers: [{
        name: 'web',
        envFrom: [{ configMapRef: { name: 'settings-green' } }, { secretRef: { name: 'elsewhere' } }],
        env: [{ name: 'A', valueFrom: { secretKeyRef: { name: 'database-green', key: 'password' } } }, { name: 'configMap', value: 'settings' }],
      }],
      volumes: [
        { name: 'a', secret: { secretName: 'tls-green' } }, { name: 'b', configMap: { name: 'files-green' } },
        { name: 'c', projected: { sources: [{ configMap: { name: 'settings-green' } }, { secret: { name: 'database-green' } }] } },
      ],
      imagePullSecrets: [{ name: 'registry-green' }],
      serviceAccountName: 'web',
    });
    // inside the cluster only: no port of the nodes, no load balancer, no name in the DNS
    expect(ofSlot!.spec).toEqual({ selector: { app: 'web', [MARK.name]: 'shop-production-green' }, ports: [{ port: 80, targetPort: 8080, protocol: 'TCP' }] });
    expect(ofSlot!.metadata.annotations).not.toHaveProperty('external-dns');
  });

  const workload = (kind: string, pod: object) => object(kind, 'worker', { template: { metadata: { labels: { app: 'worker' } }, spec: { containers: [], ...pod } } });
  it.each<[string, KubernetesObject, string]>([
    ['a worker', workload('Deployment', { containers: [{ name: 'worker', envFrom: [{ secretRef: { name: 'database' } }] }] }), 'Secret database'],
    ['a StatefulSet', workload('StatefulSet', { volumes: [{ name: 'a', configMap: { name: 'files' } }] }), 'ConfigMap files'],
    ['a Job', workload('Job', { containers: [{ name: 'job', env: [{ name: 'A', valueFrom: { configMapKeyRef: { name: 'settings', key: 'a' } } }] }] }), 'ConfigMap settings'],
    ['a CronJob', object('CronJob', 'worker', { jobTemplate: { spec: { template: { spec: { imagePullSecrets: [{ name: 'registry' }] } } } } }), 'Secret registry'],
    ['a ServiceAccount', { ...object('ServiceAccount', 'web'), imagePullSecrets: [{ name: 'registry' }] } as KubernetesObject, 'Secret registry'],
    ['an Ingress', object('Ingress', 'web', { tls: [{ secretName: 'tls' }] }), 'Secret tls'],
    ['an annotation', { ...object('Ingress', 'web'), metadata: { name: 'web', annotations: { 'nginx.ingress.kubernetes.io/auth-secret': 'shop/database' } } }, 'Secret database'],
    ['a custom resource', object('Gateway', 'web', { listeners: [{ tls: { certificateRefs: [{ name: 'tls' }] } }] }), 'Secret tls'],
  ])('are shared, too, where %s refers to them, by the name of the manifests', (_, other, needed) => {
    const { own, shared } = parts(other);
    expect(names(shared).sort()).toEqual([...names([other]), needed].sort());
    expect(shared.find(({ kind, metadata }) => `${kind} ${metadata.name}` === needed)).toEqual([...named, ...secrets].find(({ kind, metadata }) => `${kind} ${metadata.name}` === needed));
    expect(names(own)).toContain(`${needed}-green`);
    expect(own[1]!.spec?.template?.spec).toEqual(parts().own[1]!.spec?.template?.spec);
  });

  it('are not shared for a label of the same name', () => {
    expect(names(parts(object('NetworkPolicy', 'web', { podSelector: { matchLabels: { app: 'settings' } } })).shared)).toEqual(['NetworkPolicy web']);
  });

  it('have the autoscalers and budgets of their pods', () => {
    const scaler = object('HorizontalPodAutoscaler', 'web', { scaleTargetRef: { apiVersion: 'apps/v1', kind: 'Deployment', name: 'web' }, maxReplicas: 3 });
    const scaled = object('ScaledObject', 'queue', { scaleTargetRef: { name: 'web' } });
    const budget = object('PodDisruptionBudget', 'web', { selector: { matchLabels: { app: 'web' } }, minAvailable: 1 });
    const others = [object('HorizontalPodAutoscaler', 'db', { scaleTargetRef: { kind: 'StatefulSet', name: 'web' } }), object('PodDisruptionBudget', 'db', { selector: { matchLabels: { app: 'db' } } })];
    const { own, shared } = parts(scaler, scaled, budget, ...others);
    expect(shared).toEqual(others);
    expect(own.slice(-3).map(({ metadata, spec }) => ({ name: metadata.name, ...spec }))).toEqual([
      { name: 'web-green', scaleTargetRef: { apiVersion: 'apps/v1', kind: 'Deployment', name: 'web-green' }, maxReplicas: 3 },
      { name: 'queue-green', scaleTargetRef: { name: 'web-green' } },
      { name: 'web-green', selector: { matchLabels: { app: 'web', [MARK.name]: 'shop-production-green' } }, minAvailable: 1 },
    ]);
  });

  it.each<[string, readonly KubernetesObject[], string]>([
    ['a Job behind the Service', [object('Job', 'load', { template: { metadata: { labels: { app: 'web' } } } })], 'Service web selects the pods of Job load, which cannot be there twice'],
    ['a CronJob behind the Service', [object('CronJob', 'load', { jobTemplate: { spec: { template: { metadata: { labels: { app: 'web' } } } } } })], 'selects the pods of CronJob load'],
    ['a Pod behind the Service', [{ ...object('Pod', 'load'), metadata: { name: 'load', labels: { app: 'web' } } }], 'selects the pods of Pod load'],
    ['a Rollout behind the Service', [object('Rollout', 'web', { template: { metadata: { labels: { app: 'web' } } } })], 'selects the pods of Rollout web'],
    ['a second Service', [object('Service', 'all', { selector: { tier: 'front' } })], 'Service all selects the pods of both slots'],
    ['a name of a slot', [object('ConfigMap', 'settings-green')], 'ConfigMap settings-green of the manifests has the name of an object of the slot green'],
  ])('cannot be kept apart with %s', (_, more, message) => {
    expect(() => parts(...more)).toThrow(message);
  });

  it.each<[string, KubernetesObject, string]>([
    ['no selector', { ...service, spec: {} }, 'Target.kubernetes slots: Service web has no selector. Let it select the pods of a Deployment'],
    ['a selector that fits nothing', { ...service, spec: { selector: { app: 'shop' } } }, 'Service web selects the pods of no Deployment'],
    ['a selector with the label of the switch', { ...service, spec: { selector: { app: 'web', [MARK.name]: 'x' } } }, 'Service web selects the label projen-delivery/name, by which the target switches users. Remove it from the selector'],
  ])('need a Service: %s', (_, wrong, message) => {
    expect(() => partsOf([wrong, web], { name: NAME, service: 'web' }, 'blue')).toThrow(message);
  });

  it('a Service that names a slot itself is no second way to both', () => {
    expect(names(parts(object('Service', 'to-blue', { selector: { app: 'web', [MARK.name]: 'shop-production-blue' } })).shared)).toEqual(['Service to-blue']);
  });
});

describe('the Service', () => {
  const on = (name: string, more: object = {}): KubernetesObject => ({ ...service, spec: { ...service.spec, selector: { app: 'web', [MARK.name]: name }, ...more } });

  it('says where users are', () => {
    expect(['shop-production-blue', 'shop-production-green', NAME, 'shop-staging-blue'].map((name) => placeOf(on(name), NAME))).toEqual(['blue', 'green', 'outside', undefined]);
    expect(placeOf(service, NAME)).toBe('open');
    expect([otherThan('blue'), otherThan('green'), otherThan('outside'), otherThan(undefined)]).toEqual(['green', 'blue', 'blue', 'blue']);
  });

  it('changes in one request with the resourceVersion that was read, and is the release\'s only after what both slots share', () => {
    const patch = switchPatch(on('shop-production-blue', { selector: { old: 'label', [MARK.name]: 'shop-production-blue' } }), on('shop-production-green'), 'shop-production-green');
    expect(patch).toEqual({
      metadata: { resourceVersion: '7', labels: { [MARK.sha]: null } },
      spec: { selector: { app: 'web', [MARK.name]: 'shop-production-green', old: null } },
    });
  });

  it('gets the ports of the slot, and keeps the port of the nodes', () => {
    const own = on('x', { ports: [{ port: 80, targetPort: 9090, protocol: 'TCP' }, { port: 81 }] });
    expect(switchPatch(on('shop-production-blue'), own, 'x')).toMatchObject({ spec: { ports: [{ port: 80, targetPort: 9090, protocol: 'TCP', nodePort: 30_090 }, { port: 81, protocol: 'TCP' }] } });
  });

  it('keeps its users, and the label of the release, where its selector only gets the label of a place', () => {
    expect(switchPatch(service, undefined, NAME)).toEqual({ metadata: { resourceVersion: '7' }, spec: { selector: { app: 'web', [MARK.name]: NAME } } });
  });

  it('is switched if its selector and its ports are those of the slot', () => {
    const own = on('shop-production-green', { ports: [{ port: 80, targetPort: 8080, protocol: 'TCP' }] });
    expect([on('shop-production-green'), on('shop-production-blue'), on('shop-production-green', { ports: [] }), on('shop-production-green', { selector: { app: 'web', more: 'x', [MARK.name]: 'shop-production-green' } })]
      .map((one) => isSwitched(one, own, 'shop-production-green'))).toEqual([true, false, false, false]);
  });

  it('is switched, too, if its ports have the defaults of the API server and another order of their fields', () => {
    const to = 'shop-production-green';
    const live = on(to, { ports: [{ name: 'http', nodePort: 30_090, port: 80, protocol: 'TCP', targetPort: 80 }] });
    expect([{ port: 80, name: 'http' }, { port: 80, name: 'http', targetPort: 8080 }, { port: 80, name: 'http', protocol: 'UDP' }].map((port) => isSwitched(live, on(to, { ports: [port] }), to)))
      .toEqual([true, false, false]);
  });

  it('selects pods that have all of its labels, and none without a selector', () => {
    expect([selects({ a: '1' }, { a: '1', b: '2' }), selects({ a: '1', b: '2' }, { a: '1' }), selects({}, { a: '1' })]).toEqual([true, false, false]);
  });

  it('leads to the slot when the nodes know all of its pods, and no other', () => {
    const pod = (name: string) => ({ metadata: { name } });
    const slice = (...endpoints: readonly [string, boolean | undefined][]) => ({ endpoints: endpoints.map(([name, ready]) => ({ conditions: { ready }, targetRef: { kind: 'Pod', name } })) });
    expect(unserved([slice(['a', true]), slice(['b', undefined], ['old', false])], [pod('a'), pod('b')])).toBeUndefined();
    expect(unserved([slice(['a', true], ['old', true])], [pod('a')])).toBe('the Service still leads to old');
    expect(unserved([slice(['a', true])], [pod('a'), pod('b')])).toBe('the Service does not lead to b yet');
    expect(unserved([{ endpoints: null }], [])).toBe('no pod is ready');
  });
});

it('what an earlier release left is ours, and not of Stable', () => {
  const left = (labels: Record<string, string>, more: object = {}) => isLeft({ ...object('ConfigMap', 'x'), metadata: { name: 'x', labels, ...more } }, NAME, 'stable');
  expect(left({ [MARK.name]: NAME, [MARK.sha]: 'older' })).toBe(true);
  expect(left({ [MARK.name]: NAME, [MARK.sha]: 'stable' })).toBe(false);
  expect(left({ [MARK.name]: 'other', [MARK.sha]: 'older' })).toBe(false);
  expect(left({ [MARK.name]: NAME, [MARK.sha]: 'older' }, { deletionTimestamp: 'now' })).toBe(false);
});
