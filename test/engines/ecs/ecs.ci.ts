/** Target.ecs through the bundled runtime, with the stand-in for the AWS CLI as a real process. */
import { EcsWorld } from './ecs-world';
import { EcsDriverManifest } from '../../../src/engines/ecs/manifest';
import { Fault, FaultKind } from '../../../tools/aws-cli-stand-in/stand-in';

let ecs: EcsWorld;
afterEach(() => ecs.destroy());

describe('a deployment', () => {
  it('registers a revision that differs in the image and the release only, and waits for the rollout', async () => {
    ecs = await EcsWorld.create();
    expect((await ecs.ship('v1')).code).toBe(0);
    await ecs.stands('v1');
    const [, { containerDefinitions, tags }] = ecs.aws.state.definitions;
    expect(containerDefinitions).toEqual([{
      name: 'web',
      image: ecs.imageOf('v1'),
      environment: [{ name: 'PORT', value: '8080' }, { name: 'DELIVERY_VERSION', value: 'v1' }, { name: 'DELIVERY_SHA', value: ecs.world.git('rev-parse', 'v1') }],
    }]);
    expect(tags).toEqual([{ key: 'team', value: 'web' }]);
    ecs.aws.fails();
    expect((await ecs.ship('v2')).code).toBe(0);
    expect(ecs.aws.changes).toEqual(['register-task-definition', 'update-service']);
    expect(ecs.aws.state.definitions[2]!.containerDefinitions[0]!.environment).toHaveLength(3);
    await ecs.stands('v2');
  });

  it('takes a bad release back with one change', async () => {
    ecs = await EcsWorld.create();
    await ecs.ship('v1');
    const ended = await ecs.ship('v2', 'bad');
    expect([ended.code, ended.output]).toEqual([1, expect.stringContaining('web runs shop:2 with v1')]);
    await ecs.stands('v1');
    expect((await ecs.status()).last?.state).toBe('rolledBack');
  });

  it.each([[true, 'ECS took shop:3 back and runs shop:2'], [false, 'the deployment of shop:3 failed']])('whose tasks do not stay fails with the reasons (rollback by ECS: %s)', async (rollback, message) => {
    ecs = await EcsWorld.create();
    await ecs.ship('v1');
    ecs.aws.state = { ...ecs.aws.state, breaker: { enable: true, rollback } };
    ecs.break('v2');
    const ended = await ecs.ship('v2');
    expect([ended.code, ended.output]).toEqual([1, expect.stringContaining(message)]);
    expect(ended.output).toContain('tasks failed to start');
    expect(ended.output).toContain('failed container health checks');
    await ecs.stands('v1');
    expect((await ecs.status()).last?.state).toBe('rolledBack');
  });

  it('whose tasks do not stay fails without a circuit breaker, too', async () => {
    ecs = await EcsWorld.create();
    await ecs.ship('v1');
    ecs.aws.state = { ...ecs.aws.state, breaker: { enable: false, rollback: false } };
    ecs.break('v2');
    const ended = await ecs.ship('v2');
    expect([ended.code, ended.output]).toEqual([1, expect.stringContaining('3 tasks of shop:3 failed in a row')]);
    await ecs.stands('v1');
  });

  it('is restored by hand, twice with one change', async () => {
    ecs = await EcsWorld.create();
    await ecs.ship('v1');
    await ecs.ship('v2');
    const back = ['rollback', 'production', '--release', 'v1', '--reason', 'a test'];
    ecs.aws.fails();
    expect((await ecs.deliver(...back)).code).toBe(0);
    expect((await ecs.deliver(...back)).output).toContain('nothing to do');
    expect(ecs.aws.changes).toEqual(['update-service']);
    await ecs.stands('v1');
  });
});

describe('what cannot work', () => {
  it.each<[string, Partial<EcsDriverManifest>, Partial<EcsWorld['aws']['state']>, string]>([
    ['a service that does not exist', { service: 'wob' }, {}, 'service: there is no service wob in the cluster shop in'],
    ['a cluster that does not exist', { cluster: 'shoop' }, {}, 'there is no service web in the cluster shoop in'],
    ['another region', { region: 'eu-west-1' }, { region: 'us-east-1' }, 'in eu-west-1 of the account 000000000000'],
    ['another account', { account: '999999999999' }, {}, 'the credentials belong to the account 000000000000, not 999999999999'],
    ['a container that does not exist', { container: 'app' }, {}, 'container: shop:1 has no container app. Name one of web'],
    ['a service that CodeDeploy deploys', {}, { controller: 'CODE_DEPLOY' }, 'has the deployment controller CODE_DEPLOY, and Target.ecs needs ECS'],
  ])('%s is named before anything is changed', async (_, settings, changes, message) => {
    ecs = await EcsWorld.create(settings);
    ecs.aws.reset(changes);
    const ended = await ecs.ship('v1');
    expect([ended.code, ended.output]).toEqual([2, expect.stringContaining(message)]);
    expect(ended.output).toContain('Nothing was changed');
    expect(ecs.aws.changes).toEqual([]);
  });

  it('does not begin if Stable\'s revision was deregistered', async () => {
    ecs = await EcsWorld.create();
    await ecs.ship('v1');
    ecs.aws.deployByHand(1);
    ecs.aws.deregister(2);
    ecs.aws.fails();
    const ended = await ecs.ship('v2');
    expect([ended.code, ended.output]).toEqual([2, expect.stringContaining('so a bad release could not be rolled back')]);
    expect(ecs.aws.changes).toEqual([]);
  });

  it.each<[FaultKind, string]>([['denied', 'Add the permissions'], ['expired', 'Sign in'], ['signedOut', 'Sign in before the deployment: set login: Login.aws({ role, region })']])('%s is an error with its fix', async (how, fix) => {
    ecs = await EcsWorld.create();
    ecs.aws.fails({ on: 'describe-services', nth: 1, times: 99, how });
    const ended = await ecs.ship('v1');
    expect([ended.code, ended.output]).toEqual([2, expect.stringContaining(fix)]);
    expect(ecs.aws.changes).toEqual([]);
  });
});

describe('what someone else changed', () => {
  it('is shown by plan and status, and the next deployment replaces it', async () => {
    ecs = await EcsWorld.create();
    await ecs.ship('v1');
    await ecs.ship('v2');
    ecs.aws.deployByHand(2);
    const { changedByHand } = await ecs.status();
    expect(changedByHand).toContain('the service web of the cluster shop serves v1');
    const plan = await ecs.deliver('plan', 'production', '--release', 'v2');
    expect(plan.output).toContain('changed by hand: the service web of the cluster shop serves v1');
    expect((await ecs.deliver('deploy', 'production', '--release', 'v2')).code).toBe(0);
    await ecs.stands('v2');
  });

  it('is adopted by its revision, and restored', async () => {
    ecs = await EcsWorld.create();
    ecs.world.release('v0');
    expect((await ecs.deliver('adopt', 'production', '--release', 'v0')).code).toBe(0);
    expect((await ecs.status()).changedByHand).toBeUndefined();
    expect((await ecs.ship('v1', 'bad')).code).toBe(1);
    expect(ecs.aws.state.served).toBe('v0');
    expect((await ecs.status()).last?.state).toBe('rolledBack');
  });
});

describe('an engine that fails', () => {
  it.each<[FaultKind, string]>([
    ['throttled', 'register-task-definition'], ['throttled', 'update-service'], ['throttled', 'describe-services'],
    ['unavailable', 'register-task-definition'], ['unavailable', 'update-service'], ['unavailable', 'describe-task-definition'],
    ['appliedUnavailable', 'register-task-definition'], ['appliedUnavailable', 'update-service'],
  ])('%s at %s: the deployment ends as without', async (how, on) => {
    ecs = await EcsWorld.create();
    await ecs.ship('v1');
    ecs.aws.fails({ on, nth: 1, how });
    expect((await ecs.ship('v2')).code).toBe(0);
    expect(ecs.aws.state.definitions).toHaveLength(3);
    await ecs.stands('v2');
  });

  it.each<[FaultKind, string]>([['throttled', 'update-service'], ['unavailable', 'update-service'], ['appliedUnavailable', 'update-service'], ['other', 'update-service']])('%s at %s: the rollback ends verified', async (how, on) => {
    ecs = await EcsWorld.create();
    await ecs.ship('v1');
    ecs.aws.fails({ on, nth: 2, how });
    expect((await ecs.ship('v2', 'bad')).code).toBe(1);
    expect((await ecs.status()).last?.state).toBe('rolledBack');
    await ecs.stands('v1');
  });

  it.each<FaultKind>(['hangs', 'appliedHangs'])('%s at update-service: the command is stopped at its time limit, and Stable is restored', async (how) => {
    ecs = await EcsWorld.create();
    await ecs.ship('v1');
    ecs.limitCommands(20_000);
    ecs.aws.fails({ on: 'update-service', nth: 1, how });
    expect((await ecs.ship('v2')).code).toBe(1);
    expect((await ecs.status()).last?.state).toBe('rolledBack');
    await ecs.stands('v1');
  });

  it.each<[string, Fault, string, RegExp, string]>([
    ['a permission that is missing', { on: 'update-service', nth: 1, how: 'denied' }, 'rolledBack', /AccessDeniedException/, 'v1'],
    ['AWS is not reached', { on: 'update-service', nth: 1, times: 99, how: 'unreachable' }, 'rolledBack', /shop:3 was not steady within the command's time limit \(.*Could not connect/, 'v1'],
    ['no space on this machine', { on: 'register-task-definition', nth: 1, how: 'full' }, 'rolledBack', /No space left on device/, 'v1'],
    ['a sign-in that expired', { on: 'update-service', nth: 1, how: 'expired' }, 'rolledBack', /ExpiredTokenException/, 'v1'],
  ])('is not the release\'s fault: %s', async (_, fault, state, cause, users) => {
    ecs = await EcsWorld.create();
    await ecs.ship('v1');
    if (fault.how === 'unreachable') ecs.limitCommands(15_000);
    ecs.aws.fails(fault);
    expect((await ecs.ship('v2')).code).toBe(1);
    expect(await ecs.aftermath()).toEqual({ state, cause: expect.stringMatching(cause), blocked: [], users });
  });

  it('is not the release\'s fault: a conflict, which is left alone', async () => {
    ecs = await EcsWorld.create();
    await ecs.ship('v1');
    ecs.aws.fails();
    await ecs.ship('v2');
    // at the first look after the update
    const looks = ecs.aws.calls.slice(0, ecs.aws.calls.indexOf('update-service')).filter((call) => call === 'describe-services').length;
    ecs.aws.fails({ on: 'describe-services', nth: looks + 1, how: 'other' });
    expect((await ecs.ship('v3')).code).toBe(3);
    const cause = expect.stringMatching(/someone else deployed shop:1 to the service meanwhile; it serves .* which is left alone/) as string;
    expect(await ecs.aftermath()).toEqual({ state: 'halted', cause, blocked: [], users: 'v0' });
  });

  it('denies the deployment: Stable is restored; denies the rollback: halted', async () => {
    ecs = await EcsWorld.create();
    await ecs.ship('v1');
    ecs.aws.fails({ on: 'update-service', nth: 1, how: 'denied' });
    const ended = await ecs.ship('v2');
    expect([ended.code, ended.output]).toEqual([1, expect.stringContaining('deploy failed: ecs update-service: AccessDeniedException')]);
    await ecs.stands('v1');
    ecs.aws.fails({ on: 'update-service', nth: 2, times: 9, how: 'denied' });
    expect((await ecs.ship('v3', 'bad')).code).toBe(3);
    expect((await ecs.status()).last?.state).toBe('halted');
  });
});

describe('a process that is killed', () => {
  /** Before the next call is the same place as after this one. The way there and back of a bad release contains that of a good one. */
  it('after any call of the AWS CLI, on the way there and back: the next command ends it', async () => {
    ecs = await EcsWorld.create();
    await ecs.ship('v1');
    ecs.aws.fails();
    await ecs.ship('v2', 'bad');
    const { calls } = ecs.aws;
    const points = calls.map((on, at) => ({ on, nth: calls.slice(0, at + 1).filter((one) => one === on).length }));
    expect(points).toEqual(expect.arrayContaining([{ on: 'register-task-definition', nth: 1 }, { on: 'update-service', nth: 2 }]));
    for (const [at, { nth, on }] of points.entries()) {
      ecs.aws.fails({ on, nth, how: 'killsAfter' });
      const { code } = await ecs.ship(`v${at + 3}`, 'bad');
      ecs.aws.fails();
      await ecs.deliver('rollback', 'production', '--recover');
      const { last, live, stable } = await ecs.status();
      expect({ on, nth, code, state: last?.state, stable: stable?.version, served: ecs.aws.state.served, isLive: live?.includes('v1') })
        .toEqual({ on, nth, code: null, state: expect.stringMatching(/^(rolledBack|failed)$/), stable: 'v1', served: 'v1', isLive: true });
    }
  }, 600_000);
});
