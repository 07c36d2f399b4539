/** Target.kubernetes with a cluster that throttles, fails, hangs, refuses or is changed by others, before and after a change took effect. */
import { configMap, KubernetesWorld } from './kubernetes-world';
import { Fault, FaultKind } from '../../../tools/aws-cli-stand-in/cli-stand-in';

let cluster: KubernetesWorld;
afterEach(() => cluster.world.destroy());

async function stable(): Promise<void> {
  cluster = await KubernetesWorld.create();
  await cluster.begin('v1.0.0', [configMap('old')]);
}

it.each<[FaultKind, string]>([
  ['throttled', 'apply'], ['throttled', 'get deployments'], ['throttled', 'replace'], ['unavailable', 'apply'], ['unavailable', 'get configmap'],
  ['unavailable', 'dry-run'], ['unavailable', 'delete'], ['appliedUnavailable', 'apply'], ['appliedUnavailable', 'replace'], ['appliedUnavailable', 'delete'],
  ['busy', 'replace'],
])('%s at %s: the release ends as without', async (how, on) => {
  await stable();
  cluster.aws.fails({ on, nth: 1, how });
  expect((await cluster.ship('v1.1.0')).code).toBe(0);
  await cluster.stands('v1.1.0');
  expect(cluster.aws.names).not.toContain('ConfigMap/old');
});

it('an API server that does not respond in the middle of a rollout: the release ends as without', async () => {
  await stable();
  cluster.aws.fails({ on: 'get deployments', nth: 2, times: 8, how: 'unavailable' });
  expect((await cluster.ship('v1.1.0')).code).toBe(0);
  expect(cluster.aws.calls.filter((call) => call === 'get deployments').length).toBeGreaterThan(9);
  await cluster.stands('v1.1.0');
});

it.each<[FaultKind]>([['throttled'], ['unavailable'], ['appliedUnavailable']])('%s at the change back: the rollback ends verified', async (how) => {
  await stable();
  cluster.aws.fails({ on: 'apply', nth: 2, how });
  expect((await cluster.ship('v1.1.0', 'bad')).code).toBe(1);
  expect((await cluster.status()).last?.state).toBe('rolledBack');
  await cluster.stands('v1.0.0');
});

it.each<[FaultKind, string]>([['hangs', 'apply'], ['appliedHangs', 'apply'], ['appliedHangs', 'replace']])('%s at %s: the command is stopped at its time limit, and Stable is restored', async (how, on) => {
  await stable();
  cluster.limitCommands(15_000);
  cluster.aws.fails({ on, nth: 1, how });
  expect((await cluster.ship('v1.1.0')).code).toBe(1);
  expect((await cluster.status()).last?.state).toBe('rolledBack');
  await cluster.stands('v1.0.0');
});

it.each<[string, Fault, string, RegExp]>([
  ['another delivery', { on: 'replace', nth: 1, how: 'other' }, 'halted', /someone else deploys v9\.9\.9 to shop meanwhile; what the other delivery does there is left alone/],
  ['another delivery, before something is deleted that may be the other one\'s', { on: 'get objects', nth: 2, how: 'other' }, 'halted', /someone else deploys v9\.9\.9 to shop meanwhile/],
  ['a permission that is missing', { on: 'apply', nth: 1, how: 'denied' }, 'rolledBack', /kubectl apply: Error from server \(Forbidden\): deployments.apps "web" is forbidden/],
  ['the cluster is not reached', { on: 'apply', nth: 1, times: 99, how: 'unreachable' }, 'halted', /connection refused/],
  ['no space in the cluster', { on: 'apply', nth: 1, how: 'full' }, 'rolledBack', /database space exceeded/],
  ['a sign-in that expired', { on: 'apply', nth: 1, how: 'signedOut' }, 'rolledBack', /You must be logged in/],
])('is not the release\'s fault: %s', async (_, fault, state, cause) => {
  await stable();
  if (fault.how === 'unreachable') cluster.limitCommands(15_000);
  cluster.aws.fails(fault);
  expect((await cluster.ship('v1.1.0')).code).toBe(state === 'halted' ? 3 : 1);
  // the pods of this release ran before it pruned
  const users = fault.on === 'get objects' ? 'v1.1.0' : 'v1.0.0';
  expect(await cluster.aftermath()).toEqual({ state, cause: expect.stringMatching(cause), blocked: [], users });
  if (fault.how === 'other') expect(cluster.aws.changes).not.toContain('delete');
});

it('halts if the change back is denied, and the next release rolls forward', async () => {
  await stable();
  cluster.aws.fails({ on: 'apply', nth: 2, times: 9, how: 'denied' });
  expect((await cluster.ship('v1.1.0', 'bad')).code).toBe(3);
  expect((await cluster.status()).last?.state).toBe('halted');
  cluster.aws.fails();
  expect((await cluster.ship('v1.2.0')).code).toBe(0);
  await cluster.stands('v1.2.0');
});

it.each(['killsBefore', 'killsAfter'] as const)('a process that dies at its first change (%s) is recovered', async (how) => {
  await stable();
  cluster.aws.fails({ on: 'apply', nth: 1, how });
  cluster.build('v1.1.0');
  await cluster.deploy('v1.1.0');
  cluster.aws.fails();
  expect((await cluster.deliver('rollback', 'production', '--recover')).code).toBe(0);
  await cluster.stands('v1.0.0');
});

it('an engine that cannot be read leaves the live release unknown', async () => {
  await stable();
  cluster.aws.state = { ...cluster.aws.state, isDown: true };
  expect((await cluster.deliver('status', 'production')).output).toContain('unknown: kubectl get: The connection to the server 10.0.0.1:6443 was refused');
});
