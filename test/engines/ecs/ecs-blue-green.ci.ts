/** Target.ecs blueGreen through the bundled runtime, with the stand-in for the AWS CLI as a real process. */
import { SlotsWorld } from './slots-world';
import { EcsBlueGreenDriverManifest } from '../../../src/engines/ecs/manifest';
import { actionsWith, GROUPS, LISTENER, RULE, SlotsStandIn } from '../../../tools/aws-cli-stand-in/slots-stand-in';

let ecs: SlotsWorld;
afterEach(() => ecs.destroy());

describe('a deployment', () => {
  it('goes to the slot without users with as many tasks, is verified there, and gets all users with one change that keeps all else', async () => {
    ecs = await SlotsWorld.create();
    ecs.aws.scale('green', 0);
    ecs.aws.state = { ...ecs.aws.state, initialLooks: 1 };
    const first = await ecs.ship('v1');
    expect([first.code, first.output]).toEqual([0, expect.stringContaining('move users from blue to green')]);
    expect(first.output).toContain('0 of 2 targets of the slot green are healthy (initial, Elb.InitialHealthChecking)');
    await ecs.standsOn('green', 'v1');
    expect(ecs.aws.serviceOf('green').desiredCount).toBe(2);
    expect(ecs.aws.state.listener.actions).toEqual(actionsWith({ blue: 0, green: 100 }));
    ecs.aws.fails();
    expect((await ecs.ship('v2')).code).toBe(0);
    expect(ecs.aws.changes).toEqual(['register-task-definition', 'update-service', 'modify-listener']);
    await ecs.standsOn('blue', 'v2');
    // both run: going back needs no start
    expect(ecs.aws.serviceOf('green').served).toBe('v1');
  });

  it('is rolled back with one change of the weights, and a person restores a verified release in the same way, once', async () => {
    ecs = await SlotsWorld.create();
    await ecs.ship('v1');
    ecs.aws.fails();
    const ended = await ecs.ship('v2', 'bad');
    expect([ended.code, ended.output]).toEqual([1, expect.stringContaining('users are on green with v1')]);
    expect(ecs.aws.changes).toEqual(['register-task-definition', 'update-service', 'modify-listener', 'modify-listener']);
    await ecs.standsOn('green', 'v1');
    expect((await ecs.status()).last?.state).toBe('rolledBack');
    await ecs.ship('v3');
    ecs.aws.fails();
    const back = ['rollback', 'production', '--release', 'v1', '--reason', 'a test'];
    expect((await ecs.deliver(...back)).code).toBe(0);
    expect((await ecs.deliver(...back)).output).toContain('nothing to do');
    expect(ecs.aws.changes).toEqual(['modify-listener']);
    await ecs.standsOn('green', 'v1');
  });

  it('whose candidate is bad, or whose tasks do not stay, or whose targets are not healthy, gets no users', async () => {
    ecs = await SlotsWorld.create();
    await ecs.ship('v1');
    ecs.aws.fails();
    expect((await ecs.ship('v2', 'error')).code).toBe(1);
    ecs.break('v3');
    const broken = await ecs.ship('v3');
    expect([broken.code, broken.output]).toEqual([1, expect.stringContaining('tasks failed to start')]);
    ecs.aws.state = { ...ecs.aws.state, broken: [], unhealthy: ['blue'] };
    ecs.limitCommands(30_000);
    const unhealthy = await ecs.ship('v4');
    expect([unhealthy.code, unhealthy.output]).toEqual([1, expect.stringContaining('(unhealthy, Target.FailedHealthChecks, Health checks failed), so users were not sent to them')]);
    expect(ecs.aws.changes).not.toContain('modify-listener');
    expect(ecs.world.responses).not.toEqual(expect.arrayContaining([expect.stringMatching(/^v[234]$/)]));
    await ecs.standsOn('green', 'v1');
  });

  it('works with a rule, too', async () => {
    ecs = await SlotsWorld.create({ listener: RULE });
    ecs.aws.reset({ listener: { arn: RULE, actions: actionsWith({ blue: 100, green: 0 }) } });
    expect((await ecs.ship('v1')).code).toBe(0);
    expect(ecs.aws.changes).toEqual(['register-task-definition', 'update-service', 'modify-rule']);
    expect(ecs.aws.state.listener.actions).toEqual(actionsWith({ blue: 0, green: 100 }));
    await ecs.standsOn('green', 'v1');
  });
});

describe('a rollback', () => {
  it('starts tasks first where none run, and deploys an older release to the slot without users', async () => {
    ecs = await SlotsWorld.create();
    await ecs.ship('v1');
    await ecs.ship('v2');
    ecs.aws.scale('green', 0);
    ecs.aws.fails();
    expect((await ecs.deliver('rollback', 'production', '--release', 'v1', '--reason', 'a test')).code).toBe(0);
    expect(ecs.aws.changes).toEqual(['update-service', 'modify-listener']);
    await ecs.standsOn('green', 'v1');
    await ecs.ship('v3');
    await ecs.ship('v4');
    expect((await ecs.deliver('rollback', 'production', '--release', 'v1', '--reason', 'a test')).code).toBe(0);
    await ecs.standsOn('blue', 'v1');
  });

  it('does not need the target group in the listener', async () => {
    ecs = await SlotsWorld.create();
    await ecs.ship('v1');
    await ecs.ship('v2');
    ecs.aws.weigh({ blue: 1 });
    expect((await ecs.deliver('rollback', 'production', '--release', 'v1', '--reason', 'a test')).code).toBe(0);
    await ecs.standsOn('green', 'v1');
  });

  it('is practised by a drill, which moves users there and back', async () => {
    ecs = await SlotsWorld.create();
    await ecs.ship('v1');
    ecs.aws.fails();
    expect((await ecs.deliver('drill', 'production')).code).toBe(0);
    expect(ecs.aws.changes.filter((call) => call === 'modify-listener')).toHaveLength(2);
    await ecs.standsOn('green', 'v1');
  });
});

describe('what cannot work', () => {
  type Change = (aws: SlotsStandIn) => void;
  const nothing: Change = () => undefined;
  const cases: readonly (readonly [string, Partial<EcsBlueGreenDriverManifest>, Change, string])[] = [
    ['a listener that does not exist', { listener: `${LISTENER}0` }, nothing, 'blueGreen listener: there is no listener or rule'],
    ['a service that does not exist', { services: { blue: 'web-blue', green: 'web-gren' } }, nothing, 'blueGreen green: there is no service web-gren in the cluster shop in'],
    ['another region', { region: 'eu-west-1' }, (aws) => aws.reset({ region: 'us-east-1' }), 'in eu-west-1 of the account 000000000000'],
    ['another account', { account: '999999999999' }, nothing, 'the credentials belong to the account 000000000000, not 999999999999'],
    ['a container that does not exist', { container: 'app' }, nothing, 'container: shop:1 has no container app. Name one of web'],
    ['a listener that forwards to one target group only', {}, (aws) => aws.weigh({ blue: 100 }), 'it forwards to blue, and web-green is behind green. Let the listener forward to exactly one target group of web-green'],
    ['a listener that redirects', {}, (aws) => aws.reset({ listener: { arn: LISTENER, actions: [{ Type: 'redirect' }] } }), 'none of its actions forwards to a target group'],
    ['the default rule', { listener: RULE }, (aws) => aws.reset({ listener: { arn: RULE, isDefault: true, actions: actionsWith({ blue: 100, green: 0 }) } }), 'it is a default rule, which AWS changes with its listener only. Name the ARN of the listener'],
    ['a service without a target group', {}, (aws) => aws.change('green', { targetGroups: [] }), 'blueGreen green: web-green is behind no target group'],
    ['one target group for both', {}, (aws) => aws.change('green', { targetGroups: [GROUPS.blue] }), 'web-green is behind the target group of blue (blue)'],
    ['users on both slots', {}, (aws) => aws.weigh({ blue: 90, green: 10 }), 'it sends users to blue with 90 % and green with 10 %, and a deployment needs a slot without users'],
    ['users on a third target group', {}, (aws) => aws.weigh({ blue: 50, green: 0, other: 50 }), 'blue with 50 % and target groups of neither slot with 50 %'],
    ['a service that CodeDeploy deploys', {}, (aws) => aws.change('blue', { controller: 'CODE_DEPLOY' }), 'blueGreen blue: web-blue has the deployment controller CODE_DEPLOY'],
    ['a service whose users ECS moves', {}, (aws) => aws.change('green', { strategy: 'CANARY' }), 'ECS itself moves the users of web-green (its strategy is CANARY)'],
  ];

  it('is named before anything is changed', async () => {
    ecs = await SlotsWorld.create();
    ecs.build('v1');
    const { target } = ecs.world.manifest.environments[0];
    for (const [what, settings, change, message] of cases) {
      ecs.aws.reset();
      change(ecs.aws);
      ecs.world.change({ target: { ...target, driver: { ...target.driver as EcsBlueGreenDriverManifest, ...settings } } });
      const ended = await ecs.deploy('v1');
      expect([what, ended.code, ended.output]).toEqual([what, 2, expect.stringContaining(message)]);
      expect([what, ended.output]).toEqual([what, expect.stringContaining('Nothing was changed')]);
      expect([what, ecs.aws.changes]).toEqual([what, []]);
    }
  });

  it('is a Stable whose revision was deregistered', async () => {
    ecs = await SlotsWorld.create();
    await ecs.ship('v1');
    ecs.aws.deregister(2);
    ecs.aws.fails();
    const ended = await ecs.ship('v2');
    expect([ended.code, ended.output]).toEqual([2, expect.stringContaining('so a bad release could not be rolled back')]);
    expect(ecs.aws.changes).toEqual([]);
  });
});

describe('weights that someone else changed', () => {
  it('are shown by plan, status and one alert of the watch, and restored by a rollback with one change', async () => {
    ecs = await SlotsWorld.create();
    await ecs.ship('v1');
    await ecs.ship('v2');
    // a stack update sets the weights of its template
    ecs.aws.weigh({ blue: 0, green: 100 });
    const { changedByHand, live } = await ecs.status();
    expect(live).toMatch(/^v1 \(\w+, shop:2 on green\)$/);
    expect(changedByHand).toContain('the listener of web-blue and web-green (cluster shop) serves v1');
    const plan = await ecs.deliver('plan', 'production', '--release', 'v2');
    expect(plan.output).toContain('and the ledger says v2');
    // users of the other release respond well, so only the engine says it
    ecs.forgetIdentity();
    ecs.watch();
    const fired = await ecs.deliver('watch');
    expect([fired.code, fired.output]).toEqual([1, expect.stringContaining('firing: production/release')]);
    ecs.aws.fails();
    expect((await ecs.deliver('rollback', 'production', '--release', 'v2', '--reason', 'a test')).code).toBe(0);
    expect(ecs.aws.changes).toEqual(['modify-listener']);
    await ecs.standsOn('blue', 'v2');
    ecs.aws.weigh({ blue: 50, green: 50 });
    expect((await ecs.status()).changedByHand).toContain('serves blue with 50 % and green with 50 %');
    expect((await ecs.deliver('rollback', 'production', '--release', 'v2', '--reason', 'a test')).code).toBe(0);
    await ecs.standsOn('blue', 'v2');
  });

  it('decide where the next release goes, and a bad one ends with Stable', async () => {
    ecs = await SlotsWorld.create();
    await ecs.ship('v1');
    await ecs.ship('v2');
    ecs.aws.weigh({ blue: 0, green: 100 });
    const ended = await ecs.ship('v3', 'bad');
    expect([ended.code, ended.output]).toEqual([1, expect.stringContaining('to the blue slot')]);
    expect((await ecs.status()).last?.state).toBe('rolledBack');
    await ecs.stands('v2');
  });

  it('are adopted with their slot', async () => {
    ecs = await SlotsWorld.create();
    ecs.world.release('v0');
    const wrong = await ecs.deliver('adopt', 'production', '--release', 'v0', '--slot', 'green');
    expect([wrong.code, wrong.output]).toEqual([2, expect.stringContaining('users are on the slot blue, as the engine says, not on green')]);
    expect((await ecs.deliver('adopt', 'production', '--release', 'v0')).code).toBe(0);
    expect((await ecs.status()).changedByHand).toBeUndefined();
    expect((await ecs.ship('v1', 'bad')).code).toBe(1);
    expect([ecs.aws.served, ecs.aws.weights, (await ecs.status()).last?.state]).toEqual(['v0', { blue: 100, green: 0 }, 'rolledBack']);
  });

  it('end the state halted with what the engine serves', async () => {
    ecs = await SlotsWorld.create();
    await ecs.ship('v1');
    ecs.aws.fails({ on: 'modify-listener', nth: 2, times: 9, how: 'denied' });
    expect((await ecs.ship('v2', 'bad')).code).toBe(3);
    ecs.aws.fails();
    ecs.aws.weigh({ blue: 0, green: 100 });
    const ended = await ecs.deliver('resolve', 'production', '--reason', 'a test');
    expect([ended.code, ended.output]).toEqual([0, expect.stringContaining('the engine serves v1')]);
    await ecs.standsOn('green', 'v1');
  });
});
