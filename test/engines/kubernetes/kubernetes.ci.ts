/** Target.kubernetes as the runtime runs it, with a stand-in for kubectl whose calls are those of the real one. */
import { execFileSync } from 'node:child_process';
import { mkdirSync, readFileSync, symlinkSync, writeFileSync } from 'node:fs';
import { delimiter, join } from 'node:path';
import { parseAllDocuments } from 'yaml';
import { configMap, KubernetesWorld } from './kubernetes-world';
import { RuleOfStandIn } from '../../../tools/kubectl-stand-in/stand-in';
import { Ended } from '../../runtime/world';

let cluster: KubernetesWorld;
afterEach(() => cluster.world.destroy());

async function stable(...given: Parameters<typeof KubernetesWorld.create>): Promise<void> {
  cluster = await KubernetesWorld.create(...given);
  await cluster.begin('v1.0.0');
}

describe('a release', () => {
  it('replaces what a person deployed, and what it no longer has is deleted', async () => {
    cluster = await KubernetesWorld.create();
    expect((await cluster.status()).live).toContain('pods with shop:by-hand, which no delivery published');
    expect((await cluster.ship('v1.0.0', 'good', [configMap('old')])).code).toBe(0);
    await cluster.stands('v1.0.0');
    expect(cluster.aws.names).toEqual(['ConfigMap/delivery-shop-production', 'ConfigMap/old', 'Deployment/web', 'Service/web']);
    const ended = await cluster.ship('v1.1.0', 'good', [configMap('new')]);
    expect(ended.output).toContain('delete what v1.1.0 no longer has: ConfigMap old');
    await cluster.stands('v1.1.0');
    expect(cluster.aws.names).toEqual(['ConfigMap/delivery-shop-production', 'ConfigMap/new', 'Deployment/web', 'Service/web']);
  });

  it('that is bad is replaced by the manifests of Stable, and what only it had is deleted', async () => {
    cluster = await KubernetesWorld.create();
    await cluster.begin('v1.0.0', [configMap('settings', { level: 'info' })]);
    const ended = await cluster.ship('v1.1.0', 'bad', [configMap('settings', { level: 'debug' }), configMap('extra')]);
    expect(ended.code).toBe(1);
    expect((await cluster.status()).last?.state).toBe('rolledBack');
    await cluster.stands('v1.0.0');
    expect(cluster.aws.state.objects['ConfigMap/settings']?.data).toEqual({ level: 'info' });
    expect(cluster.aws.names).not.toContain('ConfigMap/extra');
  });

  it('whose pods crash fails with the reason, and Stable\'s pods were never gone', async () => {
    await stable();
    cluster.break('v1.1.0', 'CrashLoopBackOff', 4);
    const event = (name: string, reason: string, message: string) => ({ involvedObject: { name }, lastTimestamp: '2026-01-01T00:00:00Z', reason, message });
    const events = [event('web-new', 'Unhealthy', 'Liveness probe failed: HTTP 503'), event('web-new', 'BackOff', 'Back-off restarting'), event('other', 'Unhealthy', 'no')];
    cluster.aws.state = { ...cluster.aws.state, events };
    const ended = await cluster.ship('v1.1.0');
    expect(ended.code).toBe(1);
    expect(ended.output).toMatch(/web-new: the container web crashes: CrashLoopBackOff, 4 restarts.*; web-new: Unhealthy: Liveness probe failed: HTTP 503/);
    await cluster.stands('v1.0.0');
    expect(cluster.world.responses).not.toContain('v1.1.0');
  });

  it('whose Job fails, fails with the reason, and the Job goes with it', async () => {
    await stable();
    cluster.aws.state = { ...cluster.aws.state, failedJobs: ['migrate'] };
    const ended = await cluster.ship('v1.1.0', 'good', [{ apiVersion: 'batch/v1', kind: 'Job', metadata: { name: 'migrate' }, spec: {} }]);
    expect([ended.code, ended.output]).toEqual([1, expect.stringMatching(/Job migrate.*BackoffLimitExceeded/)]);
    await cluster.stands('v1.0.0');
    expect(cluster.aws.names).not.toContain('Job/migrate');
  });

  it('keeps volumes that it no longer has, and deletes nothing that someone else made by that name', async () => {
    cluster = await KubernetesWorld.create();
    const volume = { apiVersion: 'v1', kind: 'PersistentVolumeClaim', metadata: { name: 'data' }, spec: {} };
    await cluster.begin('v1.0.0', [volume, configMap('taken')]);
    const { objects } = cluster.aws.state;
    cluster.aws.state = { ...cluster.aws.state, objects: { ...objects, 'ConfigMap/taken': { apiVersion: 'v1', kind: 'ConfigMap', metadata: { name: 'taken' } } } };
    expect((await cluster.ship('v1.1.0')).output).toContain('PersistentVolumeClaim data is not in v1.1.0 any more, and is kept');
    expect(cluster.aws.names).toEqual(expect.arrayContaining(['PersistentVolumeClaim/data', 'ConfigMap/taken']));
  });

  it('of the same commit changes nothing', async () => {
    await stable();
    cluster.aws.fails();
    expect((await cluster.deploy('v1.0.0')).code).toBe(0);
    expect(cluster.aws.changes).toEqual([]);
  });
});

it('makes only requests that the Role of the documentation allows, and each of its verbs is used', async () => {
  const [, yaml] = /```yaml\n(apiVersion: rbac[^]*?)```/.exec(readFileSync(join(__dirname, '../../../docs/targets/kubernetes.md'), 'utf8'))!;
  const { rules } = parseAllDocuments(yaml)[0]!.toJS() as { readonly rules: readonly RuleOfStandIn[] };
  const job = (name: string) => ({ apiVersion: 'batch/v1', kind: 'Job', metadata: { name }, spec: {} });
  cluster = await KubernetesWorld.create();
  cluster.aws.state = { ...cluster.aws.state, objects: {}, rules };
  expect((await cluster.ship('v1.0.0', 'good', [job('one'), configMap('old')])).code).toBe(0);
  cluster.break('v1.1.0', 'CrashLoopBackOff', 4);
  expect((await cluster.ship('v1.1.0')).code).toBe(1);
  expect((await cluster.ship('v1.2.0')).code).toBe(0);
  await cluster.stands('v1.2.0');
  cluster.build('v1.3.0');
  cluster.planFromFolder();
  await cluster.deliver('plan', 'production', '--release', 'v1.3.0');
  expect(cluster.aws.requests).toEqual([
    ...['create', 'delete', 'get', 'patch', 'update'].map((verb) => `${verb} configmaps`),
    ...['create', 'get', 'list', 'patch'].map((verb) => `${verb} deployments.apps`),
    ...['create', 'delete', 'get', 'list', 'patch'].map((verb) => `${verb} jobs.batch`),
    ...['create', 'get', 'patch'].map((verb) => `${verb} services`),
    'list daemonsets.apps', 'list events', 'list pods', 'list statefulsets.apps',
  ].sort());
});

it('a rollback by hand is Stable\'s again, also the second time', async () => {
  await stable();
  await cluster.ship('v1.1.0');
  for (let i = 0; i < 2; i++) {
    expect((await cluster.deliver('rollback', 'production', '--release', 'v1.0.0', '--reason', 'a test')).code).toBe(0);
    await cluster.stands('v1.0.0');
  }
});

it('what was adopted without its manifests is not restored from the files of another release', async () => {
  cluster = await KubernetesWorld.create();
  cluster.build('v0');
  expect((await cluster.deliver('adopt', 'production', '--release', 'v0', '--reason', 'a test')).code).toBe(0);
  const ended = await cluster.ship('v1.0.0', 'bad');
  expect(ended.code).toBe(3);
  expect(ended.output).toContain('no manifests are known of v0, because no delivery deployed it. Deploy it once, or release a fix');
  expect((await cluster.ship('v1.1.0')).code).toBe(0);
  await cluster.stands('v1.1.0');
});

it('an inventory that someone spoilt is named', async () => {
  await stable();
  const { objects } = cluster.aws.state;
  const inventory = 'ConfigMap/delivery-shop-production';
  cluster.aws.state = { ...cluster.aws.state, objects: { ...objects, [inventory]: { ...objects[inventory]!, data: {} } } };
  const ended = await cluster.ship('v1.1.0');
  expect(ended.code).toBe(2);
  expect(ended.output).toContain('the ConfigMap delivery-shop-production is not readable as the inventory of the releases. Delete it');
});

it('an image that someone set is noticed, and a rollback to Stable restores it', async () => {
  await stable();
  cluster.aws.setImage('shop:other');
  expect((await cluster.status()).changedByHand).toContain('the namespace shop serves Deployment web with other images than the release, which no delivery published');
  expect((await cluster.deliver('rollback', 'production', '--release', 'v1.0.0', '--reason', 'a test')).code).toBe(0);
  await cluster.stands('v1.0.0');
});

it('a plan names what would change, and no value of a Secret', async () => {
  const secret = (password: string) => ({ apiVersion: 'v1', kind: 'Secret', metadata: { name: 'db' }, data: { password } });
  cluster = await KubernetesWorld.create();
  await cluster.begin('v1.0.0', [secret('b2xk'), configMap('old')]);
  cluster.build('v1.1.0', 'good', [secret('aHVudGVyMg==')]);
  cluster.planFromFolder();
  const { output } = await cluster.deliver('plan', 'production', '--release', 'v1.1.0');
  expect(output.split('\n').map((line) => line.trim().replace(/ +/g, ' ')).slice(10)).toEqual(expect.arrayContaining([
    'changed (permissions) Secret db data.password', 'removed ConfigMap old', 'changed Deployment web spec.template.spec.containers',
  ]));
  expect(output).not.toContain('aHVudGVyMg');
});

it('a kubeconfig of a secret is in a file that only this user can read, as long as it is needed', async () => {
  const kubeconfig = `apiVersion: v1\nclusters: []\n# ${'secret '.repeat(9)}`;
  cluster = await KubernetesWorld.create({ kubeconfigVariable: 'KUBECONFIG_DATA' }, ['KUBECONFIG_DATA']);
  cluster.build('v1.0.0');
  const ended = await cluster.world.run(['deploy', 'production', '--release', 'v1.0.0'], { ...cluster.aws.env, KUBECONFIG_DATA: Buffer.from(kubeconfig).toString('base64') });
  expect(ended.code).toBe(0);
  expect(cluster.aws.kubeconfigs.length).toBeGreaterThan(3);
  for (const one of cluster.aws.kubeconfigs) expect(one).toMatch(new RegExp(` 600 ${kubeconfig.length}$`));
  // the next process writes another one
  expect(() => writeFileSync(cluster.aws.kubeconfigs[0]!.split(' ')[0]!, '')).toThrow('ENOENT');
  expect((await cluster.deliver('plan', 'production', '--release', 'v1.0.0')).output).toContain('Store it in the monitorEnvironment as well');
  cluster.build('v1.1.0');
  const other = await cluster.world.run(['deploy', 'production', '--release', 'v1.1.0'], { ...cluster.aws.env, KUBECONFIG_DATA: 'a token' });
  expect(other.output).toContain('KUBECONFIG_DATA holds no kubeconfig. Store a kubeconfig whose credentials are valid as the secret KUBECONFIG_DATA. Nothing was changed.');
  const without = await cluster.deploy('v1.1.0');
  expect(without.output).toContain('no value for KUBECONFIG_DATA');
  expect(without.output).toContain('It holds a kubeconfig, as it is or in base64, of a service account with the Role of docs/targets/kubernetes.md');
});

describe('Amazon EKS', () => {
  /** An AWS CLI that knows one cluster. */
  const AWS = `#!/bin/sh
[ "$1 $2" = 'eks update-kubeconfig' ] || exit 252
shift 2
while [ $# -gt 0 ]; do
  case $1 in --name) name=$2 ;; --kubeconfig) file=$2 ;; --region) region=$2 ;; esac
  shift 2
done
[ "$name in $region" = 'shop in eu-central-1' ] || { echo "An error occurred (ResourceNotFoundException) when calling the DescribeCluster operation: No cluster found for name: $name." >&2; exit 254; }
echo 'by the AWS CLI' > "$file"
`;
  const withAws = (run: (env: NodeJS.ProcessEnv) => Promise<Ended>): Promise<Ended> => {
    const programs = join(cluster.world.root, 'machine/aws');
    mkdirSync(programs, { recursive: true });
    writeFileSync(join(programs, 'aws'), AWS, { mode: 0o755 });
    return run({ ...cluster.aws.env, PATH: `${programs}${delimiter}${cluster.aws.env.PATH}` });
  };
  const deploy = (env: NodeJS.ProcessEnv) => cluster.world.run(['deploy', 'production', '--release', 'v1.0.0'], env);

  it('is signed in to by the AWS CLI, whose kubeconfig only this user can read', async () => {
    cluster = await KubernetesWorld.create({ eksCluster: 'shop', region: 'eu-central-1' });
    cluster.build('v1.0.0');
    expect((await withAws(deploy)).code).toBe(0);
    for (const one of cluster.aws.kubeconfigs) expect(one).toMatch(/ 600 15$/);
    expect(cluster.aws.served).toBe('v1.0.0');
    // what is live is read with the same sign-in: an AWS CLI of the machine has no credentials
    const { output } = await withAws((env) => cluster.world.run(['status', 'production', '--json'], env));
    expect(JSON.parse(output)).toEqual([expect.objectContaining({ live: expect.stringContaining('v1.0.0') as string, stable: expect.objectContaining({ version: 'v1.0.0' }) as object })]);
  });

  it.each([
    ['a cluster that is not there', 'other', 'eu-central-1', 'eksCluster: there is no cluster other. Correct eksCluster, or region'],
    ['a cluster of another region', 'shop', 'eu-west-1', 'eksCluster: there is no cluster shop. Correct eksCluster, or region'],
  ])('%s is named before anything is changed', async (_, eksCluster, region, message) => {
    cluster = await KubernetesWorld.create({ eksCluster, region });
    cluster.build('v1.0.0');
    expect((await withAws(deploy)).output).toContain(`${message}. Nothing was changed.`);
    expect(cluster.aws.changes).toEqual([]);
  });
});

describe('what could not work is refused before anything is changed', () => {
  const refused = async (message: string): Promise<void> => {
    cluster.aws.fails();
    const ended = await cluster.deploy('v1.1.0');
    expect(ended.output).toContain(message);
    expect(ended.output).toContain('Nothing was changed.');
    expect(ended.code).toBe(2);
    expect(cluster.aws.changes.filter((call) => call !== 'create')).toEqual([]);
    expect(cluster.aws.served).toBe('v1.0.0');
  };

  it.each<[string, string, object[]]>([
    ['an object of the whole cluster', 'Target.kubernetes manifests: Namespace x is not in a namespace, so all releases of the cluster share it. Create it once by other means', [{ apiVersion: 'v1', kind: 'Namespace', metadata: { name: 'x' } }]],
    ['a kind that the cluster does not know', 'Target.kubernetes manifests: the cluster does not know Shop x (example.com/v1). Install its CustomResourceDefinition before', [{ apiVersion: 'example.com/v1', kind: 'Shop', metadata: { name: 'x' } }]],
    ['an object of another namespace', 'Target.kubernetes manifests: ConfigMap x is in the namespace other, and the target\'s namespace is shop', [{ apiVersion: 'v1', kind: 'ConfigMap', metadata: { name: 'x', namespace: 'other' } }]],
    ['what the API server rejects', 'Target.kubernetes manifests: the cluster rejects them: kubectl apply --dry-run=server: The Deployment "x" is invalid', [{ apiVersion: 'apps/v1', kind: 'Deployment', metadata: { name: 'x' }, spec: {} }]],
  ])('%s', async (_, message, more) => {
    await stable();
    cluster.build('v1.1.0', 'good', more);
    await refused(message);
  });

  it('an object that another delivery deploys: each would replace the release of the other one', async () => {
    await stable();
    const { objects } = cluster.aws.state;
    const taken = { ...configMap('shared') as (typeof objects)[string], metadata: { name: 'shared', labels: { 'projen-delivery/name': 'shop-staging' } } };
    cluster.aws.state = { ...cluster.aws.state, objects: { ...objects, 'ConfigMap/shared': taken } };
    cluster.build('v1.1.0', 'good', [configMap('shared')]);
    await refused('Target.kubernetes manifests: ConfigMap shared belongs to the delivery shop-staging of the namespace shop. Give each environment a namespace of its own');
  });

  it('a Deployment that someone paused: it would not roll out, and neither would Stable', async () => {
    await stable();
    const { objects } = cluster.aws.state;
    const web = objects['Deployment/web']!;
    cluster.aws.state = { ...cluster.aws.state, objects: { ...objects, 'Deployment/web': { ...web, spec: { ...web.spec, paused: true } as typeof web.spec } } };
    cluster.build('v1.1.0');
    await refused('Target.kubernetes manifests: Deployment web is paused (spec.paused), so it would not roll out. Resume it: kubectl --namespace shop rollout resume deployment/web');
  });

  it('a Secret that the API server rejects, without its value', async () => {
    await stable();
    cluster.build('v1.1.0', 'good', [{ apiVersion: 'v1', kind: 'Secret', metadata: { name: 'db' }, data: { invalid: 'hunter2' } }]);
    await refused('Target.kubernetes manifests: the cluster rejects them');
    expect((await cluster.deploy('v1.1.0')).output).not.toContain('hunter2');
  });

  it('a Job that is changed', async () => {
    const job = (image: string) => ({ apiVersion: 'batch/v1', kind: 'Job', metadata: { name: 'migrate' }, spec: { template: { spec: { containers: [{ name: 'migrate', image }] } } } });
    cluster = await KubernetesWorld.create();
    await cluster.begin('v1.0.0', [job('shop:1')]);
    cluster.build('v1.1.0', 'good', [job('shop:2')]);
    await refused('A field that cannot change needs an object with another name: put the release into the name of a Job');
  });

  it('manifests that are no YAML', async () => {
    await stable();
    cluster.build('v1.1.0');
    writeFileSync(join(cluster.world.root, 'machine/manifests/broken.yaml'), 'a: [');
    await refused('Target.kubernetes manifests: kubectl annotate: error parsing machine/manifests');
  });

  it('a context, a namespace and credentials that are not there', async () => {
    await stable();
    cluster.build('v1.1.0');
    const { driver, ...target } = cluster.world.manifest.environments[0].target;
    const changed = (settings: object) => cluster.world.change({ target: { ...target, driver: { ...driver!, ...settings } as typeof driver } });
    changed({ context: 'staging' });
    await refused('Target.kubernetes context: the kubeconfig has no context staging. Correct context, or leave it out');
    changed({});
    cluster.aws.state = { ...cluster.aws.state, namespace: 'elsewhere' };
    await refused('Target.kubernetes namespace: the cluster has no namespace shop. Create it, or correct namespace');
    cluster.aws.state = { ...cluster.aws.state, namespace: 'shop', isSignedOut: true };
    await refused('Set kubeconfigSecret or eksCluster in Target.kubernetes, or sign in before the deployment');
    cluster.aws.state = { ...cluster.aws.state, isSignedOut: false, isPluginMissing: true };
    await refused('exec: executable shop-login not found. Install the exec plugin that the kubeconfig names in setupSteps');
  });

  it('a kubectl that is missing, or too old', async () => {
    await stable();
    cluster.build('v1.1.0');
    withoutKubectl(join(cluster.world.root, 'machine/bin'));
    const run = (env: NodeJS.ProcessEnv) => cluster.world.run(['deploy', 'production', '--release', 'v1.1.0'], { ...cluster.aws.env, ...env });
    expect((await run({ KUBECTL_STAND_IN_VERSION: '1.25.3' })).output).toContain('kubectl 1.25.3 is too old. Install kubectl 1.26 or later in setupSteps. Nothing was changed.');
    expect((await run({ PATH: join(cluster.world.root, 'machine/bin') })).output).toContain('kubectl was not found on this machine. Install kubectl 1.26 or later in setupSteps. Nothing was changed.');
  });

  it('an unknown driver call, and a call without a driver', async () => {
    await stable();
    const { target } = cluster.world.manifest.environments[0];
    cluster.world.change({ target: { ...target, deploy: { kind: 'driver', call: 'apply' as 'deploy' } } });
    expect((await cluster.deploy('v1.1.0')).output).toContain('a target whose deploy calls "apply" of the driver, which this runtime does not know');
    cluster.world.change({ target: { deploy: { kind: 'driver', call: 'deploy' } } });
    expect((await cluster.deploy('v1.1.0')).output).toContain('whose deploy calls a driver, and which names none');
  });
});

/** Everything that a deployment needs, except kubectl. */
function withoutKubectl(folder: string): void {
  mkdirSync(folder);
  for (const program of ['git', 'node', 'tar', 'bash']) symlinkSync(execFileSync('which', [program], { encoding: 'utf8' }).trim(), join(folder, program));
}
