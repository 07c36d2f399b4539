/** Target.kubernetes with slots, and a cluster that throttles, fails, hangs or refuses at the switch, before and after it took effect. */
import { KubernetesSlotsWorld } from './kubernetes-slots-world';
import { Fault, FaultKind } from '../../../tools/aws-cli-stand-in/cli-stand-in';

let cluster: KubernetesSlotsWorld;
afterEach(() => cluster.world.destroy());

async function stable(): Promise<void> {
  cluster = await KubernetesSlotsWorld.create();
  await cluster.begin('v1.0.0');
}

it.each<[FaultKind, string]>([
  ['throttled', 'patch'], ['unavailable', 'patch'], ['appliedUnavailable', 'patch'], ['busy', 'patch'], ['unavailable', 'get endpointslices'], ['appliedUnavailable', 'replace'],
])('%s at %s: the release ends as without', async (how, on) => {
  await stable();
  cluster.aws.fails({ on, nth: 1, how });
  expect((await cluster.ship('v1.1.0')).code).toBe(0);
  await cluster.standsOn('green', 'v1.1.0');
});

it('uncertain at the switch back: the rollback ends verified', async () => {
  await stable();
  cluster.aws.fails({ on: 'patch', nth: 2, how: 'appliedUnavailable' });
  expect((await cluster.ship('v1.1.0', 'bad')).code).toBe(1);
  expect((await cluster.status()).last?.state).toBe('rolledBack');
  await cluster.standsOn('blue', 'v1.0.0');
});

it('a switch without an end is stopped at its time limit, and users are on Stable whether it took effect or not', async () => {
  await stable();
  cluster.limitCommands(20_000);
  cluster.aws.fails({ on: 'patch', nth: 1, how: 'appliedHangs' });
  expect((await cluster.ship('v1.1.0')).code).toBe(1);
  expect((await cluster.status()).last?.state).toBe('rolledBack');
  await cluster.standsOn('blue', 'v1.0.0');
});

it.each<[string, Fault, string, RegExp]>([
  ['a permission that is missing', { on: 'patch', nth: 1, times: 9, how: 'denied' }, 'rolledBack', /kubectl patch: Error from server \(Forbidden\)/],
  ['the cluster is not reached', { on: 'patch', nth: 1, times: 99, how: 'unreachable' }, 'rolledBack', /connection refused/],
  ['no space in the cluster', { on: 'patch', nth: 1, how: 'full' }, 'rolledBack', /database space exceeded/],
  ['a sign-in that expired', { on: 'patch', nth: 1, how: 'signedOut' }, 'rolledBack', /You must be logged in/],
])('is not the release\'s fault: %s', async (_, fault, state, cause) => {
  await stable();
  if (fault.how === 'unreachable') cluster.limitCommands(20_000);
  cluster.aws.fails(fault);
  expect((await cluster.ship('v1.1.0')).code).toBe(1);
  expect(await cluster.aftermath()).toEqual({ state, cause: expect.stringMatching(cause), blocked: [], users: 'v1.0.0' });
});

it('halts if the switch back is denied, and a person who has the permission again restores Stable', async () => {
  await stable();
  cluster.aws.fails({ on: 'patch', nth: 2, times: 9, how: 'denied' });
  expect((await cluster.ship('v1.1.0', 'bad')).code).toBe(3);
  expect((await cluster.status()).last?.state).toBe('halted');
  cluster.aws.fails();
  expect((await cluster.deliver('rollback', 'production', '--release', 'v1.0.0', '--reason', 'a test')).code).toBe(0);
  await cluster.standsOn('blue', 'v1.0.0');
});

it.each(['killsBefore', 'killsAfter'] as const)('a process that dies at the switch (%s) is recovered', async (how) => {
  await stable();
  cluster.aws.fails({ on: 'patch', nth: 1, how });
  cluster.build('v1.1.0');
  await cluster.deploy('v1.1.0');
  expect(cluster.aws.live).toBe(how === 'killsBefore' ? 'blue' : 'green');
  cluster.aws.fails();
  expect((await cluster.deliver('rollback', 'production', '--recover')).code).toBe(0);
  await cluster.standsOn('blue', 'v1.0.0');
});
