/**
 * Target.ecs with a service whose users ECS itself moves (BLUE_GREEN, LINEAR, CANARY), through the bundled runtime. The stand-in does what AWS
 * documents, and what docs/targets/ecs.md names as assumptions.
 */
import { EcsWorld } from './ecs-world';

let ecs: EcsWorld;
afterEach(() => ecs.destroy());

/** Stable is v1, as shop:2. */
async function service(strategy: string, changes: Partial<EcsWorld['aws']['state']> = {}): Promise<void> {
  ecs = await EcsWorld.create();
  await ecs.ship('v1');
  ecs.aws.state = { ...ecs.aws.state, ...changes, strategy };
  ecs.aws.fails();
}

const running = () => ecs.aws.state.deployments.map(({ runningCount, status, taskDefinition }) => [status, taskDefinition.split('/')[1], runningCount]);

it.each<[string, boolean]>([['BLUE_GREEN', false], ['LINEAR', false], ['CANARY', true]])('a good release waits for the end of the bake (%s, without a state of the rollout: %s)', async (strategy, isStateless) => {
  await service(strategy, { isStateless });
  const ended = await ecs.ship('v2');
  expect([ended.code, ended.output]).toEqual([0, expect.stringContaining('shop:3: 1 of 1 tasks run')]);
  // no look of the test moved it there
  expect(running()).toEqual([['PRIMARY', 'shop:3', 1]]);
  expect(ecs.aws.changes).toEqual(['register-task-definition', 'update-service']);
  await ecs.stands('v2');
});

it.each<['hook' | 'alarm', boolean, string]>([
  ['hook', false, 'hook execution failure(s) detected'], ['alarm', false, 'alarm detected'], ['alarm', true, 'alarm detected'],
])('a release that ECS takes back fails with the reasons, and Stable runs (%s, without a state of the rollout: %s)', async (by, isStateless, reason) => {
  await service('BLUE_GREEN', { isStateless });
  ecs.aws.state = { ...ecs.aws.state, vetoes: [{ image: ecs.imageOf('v2'), by }] };
  const ended = await ecs.ship('v2');
  expect([ended.code, ended.output]).toEqual([1, expect.stringContaining('ECS took shop:3 back and runs shop:2')]);
  expect(ended.output).toContain(reason);
  // the rollback only waits
  expect(ecs.aws.changes).toEqual(['register-task-definition', 'update-service']);
  expect(running()).toEqual([['PRIMARY', 'shop:2', 1]]);
  await ecs.stands('v1');
  expect((await ecs.status()).last?.state).toBe('rolledBack');
});

it('a bad release is restored with one change', async () => {
  await service('BLUE_GREEN');
  const ended = await ecs.ship('v2', 'bad');
  expect([ended.code, ended.output]).toEqual([1, expect.stringContaining('web runs shop:2 with v1')]);
  expect(ecs.aws.changes).toEqual(['register-task-definition', 'update-service', 'update-service']);
  expect(running()).toEqual([['PRIMARY', 'shop:2', 1]]);
  await ecs.stands('v1');
  expect((await ecs.status()).last?.state).toBe('rolledBack');
});

it.each<[string, string, string]>([['CANARY', 'while users move', 'v1'], ['BLUE_GREEN', 'in the bake', 'v3']])('a process is killed (%s, %s): status names what runs, and recovery restores Stable', async (strategy, place, served) => {
  await service(strategy);
  // the way to update-service is the same for each release
  await killedAfter('v2', 'update-service', 1);
  const before = ecs.aws.calls.filter((call) => call === 'describe-services').length;
  ecs.aws.fails();
  await ecs.deliver('rollback', 'production', '--recover');
  await ecs.stands('v1');

  await killedAfter('v3', 'describe-services', before + (place === 'in the bake' ? 2 : 1));
  ecs.aws.fails();
  expect([ecs.aws.served, running()]).toEqual([served, [['PRIMARY', 'shop:4', 1], ['ACTIVE', 'shop:2', 1]]]);
  expect((await ecs.status()).live).toContain('shop:4 and shop:2');
  await ecs.deliver('rollback', 'production', '--recover');
  expect((await ecs.status()).last?.state).toBe('rolledBack');
  expect(ecs.aws.changes).toEqual(['update-service']);
  await ecs.stands('v1');
});

async function killedAfter(version: string, on: string, nth: number): Promise<void> {
  ecs.aws.fails({ on, nth, how: 'killsAfter' });
  expect((await ecs.ship(version)).code).toBeNull();
}
