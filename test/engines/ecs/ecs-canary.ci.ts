/** Canaries of Target.ecs through the bundled runtime, with the stand-in for the AWS CLI as a real process: the weights of the listener split the users. */
import { SlotsWorld } from './slots-world';
import { Analysis, CanaryStep, Metric, Strategy } from '../../../src';
import { actionsWith, GROUPS, LISTENER, RULE } from '../../../tools/aws-cli-stand-in/slots-stand-in';
import { FaultKind } from '../../../tools/aws-cli-stand-in/stand-in';

let ecs: SlotsWorld;
afterEach(() => ecs.destroy());

/** `v0` on blue is adopted, and `green` has no task. */
async function begin(settings: Parameters<typeof SlotsWorld.create>[0] = {}): Promise<void> {
  ecs = await SlotsWorld.create(settings, 'canary');
  if (settings.listener !== undefined) ecs.aws.reset({ listener: { arn: settings.listener, actions: actionsWith({ blue: 100, green: 0 }) } });
  ecs.aws.scale('green', 0);
  ecs.world.release('v0');
  expect((await ecs.deliver('adopt', 'production', '--release', 'v0')).code).toBe(0);
  ecs.aws.fails();
}

/** Users are on `v0` alone, and the service of the release has no task again. */
async function isBack(): Promise<void> {
  expect([ecs.aws.served, ecs.aws.weights, ecs.aws.serviceOf('green').desiredCount]).toEqual(['v0', { blue: 100, green: 0 }, 0]);
  const { changedByHand, last } = await ecs.status();
  expect([changedByHand, last?.state]).toEqual([undefined, 'rolledBack']);
}

describe('a canary', () => {
  it.each([['a listener', LISTENER, 'modify-listener'], ['a rule', RULE, 'modify-rule']])('gets its users in steps by the weights of %s, with as many tasks as Stable, and nothing else changes', async (_, listener, modify) => {
    await begin({ listener });
    ecs.aws.state = { ...ecs.aws.state, initialLooks: 1 };
    const ended = await ecs.ship('v1');
    expect([ended.code, ecs.aws.changes]).toEqual([0, ['register-task-definition', 'update-service', modify, modify, modify]]);
    for (const said of [
      'no users are on green already', '0 of 2 targets of the slot green are healthy (initial, Elb.InitialHealthChecking)', 'give green 10 % of the users (before: blue)', '10 % of the users are on green with v1, and the rest on blue with v0',
      'give green 50 % of the users (before: blue with 90 % and green with 10 %)', 'move users from blue with 50 % and green with 50 % to green',
    ]) expect(ended.output).toContain(said);
    expect(ecs.aws.state.listener.actions).toEqual(actionsWith({ blue: 0, green: 100 }));
    expect(ecs.aws.serviceOf('green').desiredCount).toBe(2);
    await ecs.standsOn('green', 'v1');
  });

  it('that is bad loses its users with one change, and its service has as many tasks as before', async () => {
    await begin();
    const ended = await ecs.ship('v1', 'bad');
    expect([ended.code, ecs.aws.changes]).toEqual([1, ['register-task-definition', 'update-service', 'modify-listener', 'modify-listener', 'update-service']]);
    expect(ended.output).toContain('web-green has 0 tasks again');
    await isBack();
  });

  it('that was scaled in while it had few users gets its tasks back before it gets more', async () => {
    await begin();
    const ended = await ecs.ship('v1', 'good', (line) => {
      if (line.includes('50 % of the users are on green')) ecs.aws.scale('green', 1);
    });
    expect([ended.code, ecs.aws.serviceOf('green').desiredCount, ecs.aws.changes.filter((call) => call === 'update-service').length]).toEqual([0, 2, 2]);
    await ecs.standsOn('green', 'v1');
  });

  it('that was killed in the middle is recovered, and status names the shares until then', async () => {
    await begin();
    await ecs.ship('v1', 'good', (line, stop) => {
      if (line.includes('50 % of the users are on green')) stop('SIGKILL');
    });
    expect(ecs.aws.weights).toEqual({ blue: 50, green: 50 });
    expect((await ecs.status()).live).toBe('blue with 50 % and green with 50 %');
    const recovered = await ecs.deliver('rollback', 'production', '--recover');
    expect([recovered.code, recovered.output]).toEqual([0, expect.stringContaining('move users from blue with 50 % and green with 50 % to blue')]);
    await isBack();
  });

  it.each([['Stable', 'v2', 'blue'], ['an older release', 'v1', 'green']] as const)('is left by a rollback by hand to %s', async (_, back, slot) => {
    await begin();
    await ecs.ship('v1');
    await ecs.ship('v2');
    await ecs.ship('v3', 'good', (line, stop) => {
      if (line.includes('10 % of the users are on green')) stop('SIGKILL');
    });
    expect(ecs.aws.weights).toEqual({ blue: 90, green: 10 });
    const ended = await ecs.deliver('rollback', 'production', '--release', back, '--reason', 'a test');
    expect([ended.code, ended.output]).toEqual([0, expect.stringContaining('move users from blue with 90 % and green with 10 % to blue')]);
    await ecs.standsOn(slot, back);
  });

  it('is practised by a drill, and the service has as many tasks as before', async () => {
    await begin();
    await ecs.ship('v1');
    ecs.aws.scale('blue', 0);
    ecs.aws.fails();
    const ended = await ecs.deliver('drill', 'production');
    expect([ended.code, ended.output]).toEqual([0, expect.stringContaining('web-blue has 0 tasks again')]);
    expect(ecs.aws.serviceOf('blue').desiredCount).toBe(0);
    await ecs.standsOn('green', 'v1');
  });
});

describe('someone else', () => {
  it('who moved a part of the users, and deployed to the service of Stable: a person can restore Stable', async () => {
    await begin();
    await ecs.ship('v1');
    ecs.aws.weigh({ blue: 50, green: 50 });
    ecs.aws.deployByHand('green', 1);
    const ended = await ecs.deliver('rollback', 'production', '--release', 'v1', '--reason', 'a test');
    expect([ended.code, ended.output]).toEqual([0, expect.stringContaining('set the weight to 0 % failed: the service web-green does not run v1')]);
    expect(ecs.aws.served).toBe('v1');
    expect((await ecs.status()).changedByHand).toBeUndefined();
  });

  it('who gives users to a third target group, or deploys to the slot of Stable, comes first: Stable is restored, unless a release of theirs has users', async () => {
    await begin();
    ecs.aws.state = { ...ecs.aws.state, otherGroups: [GROUPS.other] };
    const moved = await ecs.ship('v1', 'good', (line) => {
      if (line.includes('10 % of the users are on green')) ecs.aws.weigh({ blue: 60, green: 5, other: 35 });
    });
    expect([moved.code, moved.output]).toEqual([1, expect.stringContaining('someone else changed the weights of the listener meanwhile: users are on blue with 60 % and green with 5 %')]);
    expect(ecs.aws.weights).toEqual({ blue: 100, green: 0, other: 0 });
    ecs.aws.weigh({ blue: 100, green: 0 });
    await ecs.ship('v2');
    const deployed = await ecs.ship('v3', 'good', (line) => {
      if (line.includes('deploy succeeded')) ecs.aws.deployByHand('green', 1);
    });
    expect([deployed.code, deployed.output]).toEqual([3, expect.stringContaining(
      'the service web-green does not run v2: someone else deployed to it meanwhile; it serves shop:1 on green, which no delivery published, which is left alone',
    )]);
    expect([ecs.aws.served, (await ecs.status()).last?.state]).toEqual(['v0', 'halted']);
  });

  it('who left a share on the free slot: it is taken away before the release is deployed there', async () => {
    await begin();
    await ecs.ship('v1');
    ecs.aws.weigh({ blue: 50, green: 50 });
    expect((await ecs.status()).changedByHand).toContain('blue with 50 % and green with 50 %');
    ecs.aws.fails();
    const ended = await ecs.ship('v2');
    expect([ended.code, ended.output]).toEqual([0, expect.stringContaining('move users from blue with 50 % and green with 50 % to green')]);
    expect(ecs.aws.calls.indexOf('modify-listener')).toBeLessThan(ecs.aws.calls.indexOf('register-task-definition'));
    await ecs.standsOn('blue', 'v2');
  });
});

describe('an engine', () => {
  it('whose change of a weight is throttled or uncertain is read back; denied, the release is taken back', async () => {
    await begin();
    let slot: 'blue' | 'green' = 'blue';
    for (const [at, how] of (['throttled', 'unavailable', 'appliedUnavailable'] as const satisfies readonly FaultKind[]).entries()) {
      slot = slot === 'blue' ? 'green' : 'blue';
      ecs.aws.fails({ on: 'modify-listener', nth: at + 1, how });
      expect([how, (await ecs.ship(`v${at + 1}`)).code]).toEqual([how, 0]);
      await ecs.standsOn(slot, `v${at + 1}`);
    }
    ecs.aws.fails({ on: 'modify-listener', nth: 2, how: 'denied' });
    const denied = await ecs.ship('v4');
    expect([denied.code, denied.output]).toEqual([1, expect.stringContaining('set the weight to 50 % failed: elbv2 modify-listener: AccessDeniedException')]);
    await ecs.standsOn('green', 'v3');
    // neither the first change of the rollback nor any that follows
    ecs.aws.fails({ on: 'modify-listener', nth: 2, times: 999, how: 'denied' });
    expect((await ecs.ship('v5', 'bad')).code).toBe(3);
    expect((await ecs.status()).last?.state).toBe('halted');
  });

  it('that does not scale the service back: users are on Stable, which is what counts', async () => {
    await begin();
    ecs.aws.fails({ on: 'update-service', nth: 2, times: 9, how: 'denied' });
    const ended = await ecs.ship('v1', 'bad');
    expect([ended.code, ended.output]).toEqual([1, expect.stringContaining('web-green may have more than its 0 tasks still: ecs update-service: AccessDeniedException')]);
    expect([ecs.aws.served, ecs.aws.weights, (await ecs.status()).last?.state]).toEqual(['v0', { blue: 100, green: 0 }, 'rolledBack']);
  });
});

it('what cannot work is named before anything is changed', async () => {
  await begin();
  const sticky = actionsWith({ blue: 100, green: 0 }).map((action) => (action.Type === 'forward' ? { ...action, ForwardConfig: { ...action.ForwardConfig as object, TargetGroupStickinessConfig: { Enabled: true, DurationSeconds: 60 } } } : action));
  ecs.aws.state = { ...ecs.aws.state, listener: { ...ecs.aws.state.listener, actions: sticky } };
  const refused = await ecs.ship('v1');
  expect([refused.code, refused.output]).toEqual([2, expect.stringContaining('its forward action keeps users on their target group (TargetGroupStickinessConfig)')]);
  ecs.aws.weigh({ blue: 60, green: 5, other: 35 });
  const shared = await ecs.ship('v2');
  expect([shared.code, shared.output]).toEqual([2, expect.stringContaining('and target groups of neither slot with 35 %, and a deployment needs a slot without users')]);
  ecs.aws.weigh({ blue: 100, green: 0 });
  const [{ strategy }] = ecs.world.manifest.environments;
  const metric = Metric.cloudWatch({ targetGroups: { loadBalancer: 'app/shop/0123456789abcdef', blue: 'targetgroup/green/0123456789abcdef', green: 'targetgroup/blue/0123456789abcdef' } });
  const { analysis } = Strategy.canary({ steps: [CanaryStep.weight(10)], analysis: [Analysis.errors(metric)] })._definition.manifest;
  ecs.world.change({ strategy: { ...strategy, analysis, weights: strategy.weights!.map((weight) => ({ ...weight, atMostMs: 60_000 })) } });
  const swapped = await ecs.ship('v3');
  expect([swapped.code, swapped.output]).toEqual([2, expect.stringContaining('Metric.cloudWatch targetGroups blue: it is targetgroup/green/0123456789abcdef, and web-blue is behind targetgroup/blue/0123456789abcdef')]);
  expect(ecs.aws.changes).toEqual([]);
});
