/** Target.kubernetes with slots, as the runtime runs it, with a stand-in for kubectl whose calls are those of the real one. */
import { readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { parseAllDocuments } from 'yaml';
import { KubernetesSlotsWorld } from './kubernetes-slots-world';
import { configMap } from './kubernetes-world';
import { RuleOfStandIn } from '../../../tools/kubectl-stand-in/stand-in';

let cluster: KubernetesSlotsWorld;
afterEach(() => cluster.world.destroy());

async function stable(more: readonly object[] = []): Promise<void> {
  cluster = await KubernetesSlotsWorld.create();
  await cluster.begin('v1.0.0', more);
}
const patches = () => cluster.aws.calls.filter((call) => call === 'patch').length;
const byHand = (version: string) => cluster.deliver('rollback', 'production', '--release', version, '--reason', 'a test');
const settings = (level: string) => configMap('settings', { level });
const dataOf = (name: string) => cluster.aws.state.objects[`ConfigMap/${name}`]?.data;

describe('a release', () => {
  it('goes to the slot without users, has its own settings there, and gets users with one request', async () => {
    await stable([settings('info'), configMap('shared', { of: 'v1' })]);
    await cluster.standsOn('blue', 'v1.0.0');
    expect(cluster.names).toEqual(['ConfigMap/settings-blue', 'ConfigMap/shared', 'Deployment/web-blue', 'Service/web', 'Service/web-blue']);
    cluster.aws.fails();
    let sharedBefore: unknown;
    const ended = await cluster.ship('v1.1.0', 'good', [settings('debug'), configMap('shared', { of: 'v2' })], (line) => {
      if (line.includes('deploy succeeded')) sharedBefore = dataOf('shared');
    });
    expect([ended.code, ended.output]).toEqual([0, expect.stringContaining('users are on green with v1.1.0')]);
    await cluster.standsOn('green', 'v1.1.0');
    expect(patches()).toBe(1);
    expect([dataOf('settings-blue'), dataOf('settings-green')]).toEqual([{ level: 'info' }, { level: 'debug' }]);
    // what both slots share follows after the switch
    expect([sharedBefore, dataOf('shared')]).toEqual([{ of: 'v1' }, { of: 'v2' }]);
    expect(cluster.aws.state.objects['Deployment/web-blue']).toMatchObject({ spec: { template: { spec: { containers: [{ image: 'shop:v1.0.0', envFrom: [{ configMapRef: { name: 'settings-blue' } }] }] } } } });
  });

  it('that is bad for users goes back with one request: Stable still runs, and what both slots share is its own again', async () => {
    await stable([configMap('shared', { of: 'v1' })]);
    const before = cluster.aws.state.objects['Deployment/web-blue']?.metadata.resourceVersion;
    cluster.aws.fails();
    const ended = await cluster.ship('v1.1.0', 'bad', [configMap('shared', { of: 'v2' })]);
    expect([ended.code, ended.output]).toEqual([1, expect.stringContaining('users are on blue with v1.0.0')]);
    expect((await cluster.status()).last?.state).toBe('rolledBack');
    await cluster.standsOn('blue', 'v1.0.0');
    expect(patches()).toBe(2);
    expect(dataOf('shared')).toEqual({ of: 'v1' });
    expect(cluster.aws.state.objects['Deployment/web-blue']?.metadata.resourceVersion).toBe(before);
  });

  it('that shares its settings with a worker has them for the worker, too, by the name of the manifests', async () => {
    const pod = { containers: [{ name: 'worker', image: 'worker', envFrom: [{ configMapRef: { name: 'settings' } }] }] };
    const worker = { apiVersion: 'apps/v1', kind: 'Deployment', metadata: { name: 'worker' }, spec: { template: { metadata: { labels: { app: 'worker' } }, spec: pod } } };
    await stable([settings('info'), worker]);
    expect((await cluster.ship('v1.1.0', 'good', [settings('debug'), worker])).code).toBe(0);
    expect(['settings', 'settings-blue', 'settings-green'].map(dataOf)).toEqual([{ level: 'debug' }, { level: 'info' }, { level: 'debug' }]);
    expect(cluster.aws.state.objects['Deployment/worker']).toMatchObject({ spec: { template: { spec: pod } } });
    await cluster.standsOn('green', 'v1.1.0');
  });

  it('that is bad as a candidate gets no users: the selector does not change', async () => {
    await stable();
    cluster.aws.fails();
    const ended = await cluster.ship('v1.1.0', 'stale');
    expect(ended.code).toBe(1);
    expect(patches()).toBe(0);
    expect(cluster.world.responses).not.toContain('v1.1.0');
    await cluster.standsOn('blue', 'v1.0.0');
  });

  it('whose pods crash fails with the reason', async () => {
    await stable();
    cluster.break('v1.1.0', 'CrashLoopBackOff', 4);
    cluster.aws.fails();
    const ended = await cluster.ship('v1.1.0');
    expect([ended.code, ended.output]).toEqual([1, expect.stringMatching(/web-green-new: the container web crashes: CrashLoopBackOff, 4 restarts/)]);
    expect(patches()).toBe(0);
    await cluster.standsOn('blue', 'v1.0.0');
  });

  it('deletes what neither it nor Stable has, when the next one is deployed', async () => {
    await stable([configMap('old')]);
    expect((await cluster.ship('v1.1.0')).code).toBe(0);
    expect(cluster.names).toContain('ConfigMap/old');
    const ended = await cluster.ship('v1.2.0', 'good', [settings('info')]);
    expect(ended.output).toContain('delete what neither v1.2.0 nor v1.1.0 has: ConfigMap old');
    expect(cluster.names).toEqual(['ConfigMap/settings-blue', 'Deployment/web-blue', 'Deployment/web-green', 'Service/web', 'Service/web-blue', 'Service/web-green']);
    // the slot prunes what it no longer has
    expect((await cluster.ship('v1.3.0')).code).toBe(0);
    expect((await cluster.ship('v1.4.0')).code).toBe(0);
    expect(cluster.names).not.toContain('ConfigMap/settings-blue');
    await cluster.standsOn('blue', 'v1.4.0');
  });

  it('finds what its pods need and what is not there yet before it starts', async () => {
    await stable();
    const account = { apiVersion: 'v1', kind: 'ServiceAccount', metadata: { name: 'web' } };
    let isThere = false;
    const ended = await cluster.ship('v1.1.0', 'good', [account], (line) => {
      if (line.includes('in the slot green') && line.includes('apply')) isThere = cluster.names.includes('ServiceAccount/web');
      if (line.includes('deploy succeeded')) isThere = cluster.names.includes('ServiceAccount/web');
    });
    expect([ended.code, isThere]).toEqual([0, true]);
  });
});

describe('by hand', () => {
  it('the release before goes back at once, also the second time, and an older one is deployed to the free slot', async () => {
    await stable();
    expect((await cluster.ship('v1.1.0')).code).toBe(0);
    cluster.aws.fails();
    for (let i = 0; i < 2; i++) {
      expect((await byHand('v1.0.0')).code).toBe(0);
      await cluster.standsOn('blue', 'v1.0.0');
    }
    expect(patches()).toBe(1);
    expect((await cluster.ship('v1.2.0')).code).toBe(0);
    const older = await byHand('v1.1.0');
    expect([older.code, older.output]).toEqual([0, expect.stringContaining('in the slot blue')]);
    await cluster.standsOn('blue', 'v1.1.0');
  });

  it('a selector that a person changes is shown, stops a deployment, and is restored', async () => {
    await stable();
    expect((await cluster.ship('v1.1.0')).code).toBe(0);
    cluster.aws.select({ 'app': 'web', 'projen-delivery/name': 'shop-production-blue' });
    expect((await cluster.status()).changedByHand).toContain('the Service web of the namespace shop serves v1.0.0');
    // to both at once
    cluster.aws.select({ app: 'web' });
    expect((await cluster.status()).live).toMatch(/v1\.0\.0 \(1 pod\).*v1\.1\.0 \(1 pod\)/);
    const refused = await cluster.ship('v1.2.0');
    expect([refused.code, refused.output]).toEqual([2, expect.stringContaining('slots: the selector of Service web names no slot, so its users are on the pods of each. Restore v1.1.0: rollback production --release v1.1.0')]);
    expect((await byHand('v1.1.0')).code).toBe(0);
    await cluster.standsOn('green', 'v1.1.0');
  });

  it('a selector that changes during a deployment: the deployment gives way, which is not the release\'s fault, and leaves it alone', async () => {
    await stable();
    const ended = await cluster.ship('v1.1.0', 'good', [], (line) => {
      if (line.includes('users are on blue: send them to green')) cluster.aws.select({ 'app': 'web', 'projen-delivery/name': 'another' });
    });
    const why = 'someone else changed Service web meanwhile: Service web selects pods of another';
    expect([ended.code, ended.output]).toEqual([3, expect.stringContaining(why)]);
    expect(await cluster.aftermath()).toMatchObject({ state: 'halted', cause: expect.stringContaining(why), blocked: [] });
  });
});

describe('the Service of the slot that runs Stable, deleted by a person', () => {
  const deleted = () => {
    const { 'Service/web-blue': _, ...objects } = cluster.aws.state.objects;
    cluster.aws.state = { ...cluster.aws.state, objects };
  };

  it('comes back with a rollback by hand', async () => {
    await stable();
    expect((await cluster.ship('v1.1.0')).code).toBe(0);
    deleted();
    const ended = await byHand('v1.0.0');
    expect([ended.code, ended.output]).toEqual([0, expect.stringContaining('users are on blue with v1.0.0')]);
    await cluster.standsOn('blue', 'v1.0.0');
    expect(cluster.names).toContain('Service/web-blue');
  });

  it('comes back with the recovery of a deployment, and users after it', async () => {
    await stable();
    cluster.aws.fails({ on: 'patch', nth: 1, how: 'killsAfter' });
    await cluster.ship('v1.1.0');
    deleted();
    cluster.aws.fails();
    const ended = await cluster.deliver('rollback', 'production', '--recover');
    expect([ended.code, ended.output]).toEqual([0, expect.stringContaining('in the slot blue; users are on blue with v1.0.0')]);
    await cluster.standsOn('blue', 'v1.0.0');
  });
});

describe('the files of Stable', () => {
  /** Its deployment was killed after the switch. */
  async function leftOnGreen(): Promise<string> {
    await stable();
    const folder = join(cluster.world.root, '.git/delivery/artifacts');
    const [tar] = readdirSync(folder);
    cluster.aws.fails({ on: 'patch', nth: 1, how: 'killsAfter' });
    await cluster.ship('v1.1.0');
    expect(cluster.aws.live).toBe('green');
    cluster.aws.fails();
    return join(folder, tar!);
  }
  const recover = () => cluster.deliver('rollback', 'production', '--recover');

  it('that cannot be had for a while do not keep users on the bad release', async () => {
    const tar = await leftOnGreen();
    const bytes = readFileSync(tar);
    writeFileSync(tar, 'half a tar');
    const ended = await recover();
    expect([ended.code, ended.output, cluster.aws.live]).toEqual([3, expect.stringContaining('is not what was verified'), 'blue']);
    writeFileSync(tar, bytes);
    expect((await cluster.deliver('rollback', 'production', '--release', 'v1.0.0', '--reason', 'a test')).code).toBe(0);
    await cluster.standsOn('blue', 'v1.0.0');
  });

  it('that are gone do not keep users from Stable, and the message says where they are', async () => {
    rmSync(await leftOnGreen());
    expect((await recover()).code).toBe(3);
    const { last } = await cluster.status();
    expect(last).toMatchObject({ state: 'halted', note: expect.stringMatching(/users are on blue with v1\.0\.0; what both slots share: .* is missing/) as string });
    expect(cluster.aws.live).toBe('blue');
  });

  it('that the ledger does not know, as after adopt, do not stop the next release; a bad one is halted', async () => {
    cluster = await KubernetesSlotsWorld.create();
    const { artifact, ...manifest } = cluster.world.manifest;
    cluster.world.manifest = manifest;
    cluster.world.change({});
    await cluster.begin('v1.0.0');
    cluster.world.manifest = { ...manifest, artifact };
    cluster.world.change({});
    cluster.build('v1.1.0', 'bad');
    expect((await cluster.deliver('plan', 'production', '--release', 'v1.1.0')).output).toContain('none: the files of v1.0.0');
    const bad = await cluster.deploy('v1.1.0');
    expect([bad.code, bad.output]).toEqual([3, expect.stringContaining('no manifests are known of v1.0.0')]);
    expect((await cluster.status()).last?.note).toContain('users are on blue with v1.0.0');
    expect((await cluster.ship('v1.2.0')).code).toBe(0);
    await cluster.stands('v1.2.0');
  });
});

it('a drill moves users to the other slot with the same release, and back', async () => {
  await stable();
  cluster.aws.fails();
  const ended = await cluster.deliver('drill', 'production');
  expect([ended.code, ended.output]).toEqual([0, expect.stringContaining('users are on green with v1.0.0')]);
  expect(patches()).toBe(2);
  await cluster.standsOn('blue', 'v1.0.0');
});

describe('a namespace where Strategy.redeploy() deployed', () => {
  async function redeployed(): Promise<void> {
    cluster = await KubernetesSlotsWorld.create();
    cluster.withoutSlots();
    await cluster.begin('v1.0.0', [settings('info')]);
    await cluster.standsOn('only', 'v1.0.0');
    cluster.withSlots();
  }

  it('keeps its users until the switch, and its Deployments until the next release', async () => {
    await redeployed();
    const seen: string[] = [];
    const ended = await cluster.ship('v1.1.0', 'good', [settings('debug')], () => seen.push(cluster.aws.live));
    expect([ended.code, ended.output]).toEqual([0, expect.stringContaining('users are on blue with v1.1.0')]);
    expect([...new Set(seen)]).toEqual(['only', 'blue']);
    await cluster.standsOn('blue', 'v1.1.0');
    expect(cluster.names).toEqual(expect.arrayContaining(['Deployment/web', 'ConfigMap/settings']));
    expect((await cluster.ship('v1.2.0', 'good', [settings('info')])).code).toBe(0);
    expect(cluster.names).toEqual(['ConfigMap/settings-blue', 'ConfigMap/settings-green', 'Deployment/web-blue', 'Deployment/web-green', 'Service/web', 'Service/web-blue', 'Service/web-green']);
  });

  it('goes back to its Deployments with one request', async () => {
    await redeployed();
    cluster.aws.fails();
    const ended = await cluster.ship('v1.1.0', 'bad');
    expect([ended.code, ended.output]).toEqual([1, expect.stringContaining('users are on what Strategy.redeploy() deployed with v1.0.0')]);
    await cluster.standsOn('only', 'v1.0.0');
  });

  it('has nothing of the slots any more after the first release without them, and users see no other release meanwhile', async () => {
    await stable([settings('info')]);
    expect((await cluster.ship('v1.1.0', 'good', [settings('info')])).code).toBe(0);
    cluster.withoutSlots();
    cluster.build('v1.2.0', 'good', [settings('debug')]);
    cluster.aws.fails();
    const seen: string[] = [];
    const ended = await cluster.deploy('v1.2.0', () => seen.push(cluster.aws.live));
    expect([ended.code, ended.output]).toEqual([0, expect.any(String)]);
    expect([...new Set(seen)]).toEqual(['green', 'only']);
    await cluster.standsOn('only', 'v1.2.0');
    expect(cluster.aws.names).toEqual(['ConfigMap/delivery-shop-production', 'ConfigMap/settings', 'Deployment/web', 'Service/web']);
    expect(cluster.aws.state.objects['Service/web']?.spec?.selector).toEqual({ app: 'web' });
    // the port has no targetPort in the manifests, and the API server stores one
    expect(patches()).toBe(1);
  });

  it('leaves the slots no more than three requests to a Service that something else changes each time', async () => {
    await stable();
    cluster.withoutSlots();
    cluster.limitCommands(30_000);
    cluster.aws.state = { ...cluster.aws.state, portsGet: { appProtocol: 'http' } };
    cluster.aws.fails();
    const ended = await cluster.ship('v1.1.0');
    expect([ended.code, ended.output]).toEqual([3, expect.stringContaining('someone else, or an admission webhook, changes Service web again and again')]);
    // the deployment, and its rollback
    expect(patches()).toBe(6);
  });
});

it('makes only requests that the Role of the documentation allows', async () => {
  const [, yaml] = /```yaml\n(apiVersion: rbac[^]*?)```/.exec(readFileSync(join(__dirname, '../../../docs/targets/kubernetes.md'), 'utf8'))!;
  const { rules } = parseAllDocuments(yaml)[0]!.toJS() as { readonly rules: readonly RuleOfStandIn[] };
  cluster = await KubernetesSlotsWorld.create();
  cluster.aws.state = { ...cluster.aws.state, rules };
  expect((await cluster.ship('v1.0.0', 'good', [configMap('old')])).code).toBe(0);
  expect((await cluster.ship('v1.1.0')).code).toBe(0);
  expect((await cluster.ship('v1.2.0', 'bad')).code).toBe(1);
  await cluster.standsOn('green', 'v1.1.0');
  expect(cluster.aws.requests).toEqual(expect.arrayContaining(['list endpointslices.discovery.k8s.io', 'patch services', 'delete configmaps']));
  cluster.aws.state = { ...cluster.aws.state, rules: rules.filter(({ resources }) => !resources.includes('endpointslices')) };
  const refused = await cluster.ship('v1.3.0');
  expect([refused.code, refused.output]).toEqual([2, expect.stringContaining('may not list endpointslices.discovery.k8s.io in the namespace shop')]);
});

describe('what could not work is refused before anything is changed', () => {
  const pods = { metadata: { labels: { app: 'web' } }, spec: { containers: [{ name: 'db', image: 'db' }] } };
  it.each<[string, object, string]>([
    ['a StatefulSet behind the Service', { apiVersion: 'apps/v1', kind: 'StatefulSet', metadata: { name: 'db' }, spec: { template: pods } }, 'slots: Service web selects the pods of StatefulSet db, which cannot be there twice. Let it select the pods of Deployments only, or use Strategy.redeploy()'],
    ['a second Service in front of the pods', { apiVersion: 'v1', kind: 'Service', metadata: { name: 'metrics' }, spec: { selector: { app: 'web' } } }, 'slots: Service metrics selects the pods of both slots, so its users would see a candidate'],
    ['an object by the name of the slot', { apiVersion: 'apps/v1', kind: 'Deployment', metadata: { name: 'web-green' }, spec: { template: { ...pods, metadata: {} } } }, 'slots: Deployment web-green of the manifests has the name of an object of the slot green'],
  ])('%s', async (_, object, message) => {
    await stable();
    cluster.build('v1.1.0', 'good', [object]);
    cluster.aws.fails();
    const ended = await cluster.deploy('v1.1.0');
    expect([ended.code, ended.output]).toEqual([2, expect.stringContaining(message)]);
    expect(cluster.aws.changes.filter((call) => call !== 'create')).toEqual([]);
  });

  it('a Service that the manifests do not have, pods that no delivery deployed, and a strategy without slots', async () => {
    cluster = await KubernetesSlotsWorld.create({ service: 'shop' });
    cluster.build('v1.0.0');
    expect((await cluster.deploy('v1.0.0')).output).toContain('slots: the manifests have no Service shop. Add it, or correct service');
    cluster.withSlots();
    cluster.aws.reset();
    const service = { apiVersion: 'v1', kind: 'Service', metadata: { name: 'web', resourceVersion: '1' }, spec: { selector: { app: 'web' } } };
    cluster.aws.state = { ...cluster.aws.state, objects: { ...cluster.aws.state.objects, 'Service/web': service } };
    const refused = await cluster.deploy('v1.0.0');
    expect([refused.code, refused.output]).toEqual([2, expect.stringContaining('slots: Service web leads to pods with shop:by-hand, which no delivery deployed, and it would lead to a candidate, too. Deploy what is live once with Strategy.redeploy()')]);
    const { strategy } = cluster.world.manifest.environments[0];
    cluster.world.change({ strategy: { ...strategy, kind: 'redeploy' } });
    expect((await cluster.deploy('v1.0.0')).output).toContain('slots: the strategy has no slots. Set strategy: Strategy.blueGreen(), or leave slots out');
  });
});
