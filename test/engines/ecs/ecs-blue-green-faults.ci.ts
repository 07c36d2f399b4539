/** Target.ecs blueGreen where AWS fails, someone else changes the listener, or the process is killed. */
import { SlotsWorld } from './slots-world';
import { Fault, FaultKind } from '../../../tools/aws-cli-stand-in/stand-in';

let ecs: SlotsWorld;
afterEach(() => ecs.destroy());

async function shipped(version: string): Promise<void> {
  ecs = await SlotsWorld.create();
  expect((await ecs.ship(version)).code).toBe(0);
}

describe('an engine that fails', () => {
  it('once, at any call, with a result that is uncertain or a throttle: the deployment ends as without', async () => {
    await shipped('v1');
    const faults: readonly (readonly [FaultKind, string])[] = [
      ['throttled', 'modify-listener'], ['unavailable', 'modify-listener'], ['appliedUnavailable', 'modify-listener'],
      ['throttled', 'describe-target-health'], ['unavailable', 'describe-listeners'], ['appliedUnavailable', 'update-service'], ['unavailable', 'register-task-definition'],
    ];
    // both slots get two of the faults of a change
    for (const [at, [how, on]] of faults.entries()) {
      ecs.aws.fails({ on, nth: 1, how });
      const version = `v${at + 2}`;
      const { code } = await ecs.ship(version);
      expect([how, on, code, ecs.aws.served, Object.values(ecs.aws.weights).sort()]).toEqual([how, on, 0, version, [0, 100]]);
    }
  });

  it('in the rollback: it ends verified', async () => {
    await shipped('v1');
    for (const [at, how] of (['throttled', 'unavailable', 'appliedUnavailable', 'other'] as const).entries()) {
      ecs.aws.fails({ on: 'modify-listener', nth: 2, how });
      const { code } = await ecs.ship(`v${at + 2}`, 'bad');
      expect([how, code, (await ecs.status()).last?.state]).toEqual([how, 1, 'rolledBack']);
      await ecs.standsOn('green', 'v1');
    }
  });

  it.each<FaultKind>(['hangs', 'appliedHangs'])('%s at modify-listener: the command is stopped at its time limit, and Stable is restored', async (how) => {
    await shipped('v1');
    ecs.limitCommands(25_000);
    ecs.aws.fails({ on: 'modify-listener', nth: 1, how });
    expect((await ecs.ship('v2')).code).toBe(1);
    expect((await ecs.status()).last?.state).toBe('rolledBack');
    await ecs.standsOn('green', 'v1');
  });

  it.each<[string, Fault, string, RegExp, string]>([
    ['a conflict', { on: 'describe-target-health', nth: 1, how: 'other' }, 'rolledBack', /someone else changed the weights of the listener meanwhile/, 'v1'],
    ['a permission that is missing', { on: 'modify-listener', nth: 1, how: 'denied' }, 'rolledBack', /AccessDeniedException/, 'v1'],
    ['AWS is not reached', { on: 'modify-listener', nth: 1, times: 99, how: 'unreachable' }, 'rolledBack', /Could not connect|time limit/, 'v1'],
    ['no space on this machine', { on: 'register-task-definition', nth: 1, how: 'full' }, 'rolledBack', /No space left on device/, 'v1'],
    ['a sign-in that expired', { on: 'modify-listener', nth: 1, how: 'expired' }, 'rolledBack', /ExpiredTokenException/, 'v1'],
  ])('is not the release\'s fault: %s', async (_, fault, state, cause, users) => {
    await shipped('v1');
    if (fault.how === 'unreachable') ecs.limitCommands(20_000);
    ecs.aws.fails(fault);
    expect((await ecs.ship('v2')).code).toBe(1);
    expect(await ecs.aftermath()).toEqual({ state, cause: expect.stringMatching(cause), blocked: [], users });
  });

  it('denies the promotion: Stable stays; denies the rollback: halted; denies the preflight: nothing begins', async () => {
    await shipped('v1');
    ecs.aws.fails({ on: 'modify-listener', nth: 1, how: 'denied' });
    const ended = await ecs.ship('v2');
    expect([ended.code, ended.output]).toEqual([1, expect.stringContaining('promote failed: elbv2 modify-listener: AccessDeniedException')]);
    await ecs.standsOn('green', 'v1');
    for (const [how, fix] of [['denied', 'Add the permissions'], ['expired', 'Sign in']] as const) {
      ecs.aws.fails({ on: 'describe-listeners', nth: 1, times: 99, how });
      const refused = await ecs.ship(how === 'denied' ? 'v3' : 'v4');
      expect([refused.code, refused.output, ecs.aws.changes]).toEqual([2, expect.stringContaining(fix), []]);
    }
    ecs.aws.fails({ on: 'modify-listener', nth: 2, times: 9, how: 'denied' });
    expect((await ecs.ship('v5', 'bad')).code).toBe(3);
    expect((await ecs.status()).last?.state).toBe('halted');
  });
});

describe('someone else', () => {
  it('who changes the weights, or deploys to the slot, during a deployment comes first, and Stable is restored', async () => {
    await shipped('v1');
    // while the driver waits for the targets
    ecs.aws.fails({ on: 'describe-target-health', nth: 1, how: 'other' });
    const moved = await ecs.ship('v2');
    expect([moved.code, moved.output]).toEqual([1, expect.stringContaining('someone else changed the weights of the listener meanwhile: users are on blue with 50 % and green with 50 %')]);
    expect((await ecs.status()).last?.state).toBe('rolledBack');
    await ecs.standsOn('green', 'v1');
    const updated = await ecs.ship('v3', 'good', (line) => {
      if (line.includes('deploy succeeded')) ecs.aws.deployByHand('blue', 1);
    });
    expect(updated.code).toBe(1);
    expect((await ecs.status()).last?.state).toBe('rolledBack');
    await ecs.standsOn('green', 'v1');
  });
});

describe('a process that is killed', () => {
  /**
   * Before the next call is the same place as after this one. The way there and back of a bad release contains that of a good one. A call that
   * reads between two others that read leaves what they leave.
   */
  it('after any call of the AWS CLI that changes something, and around it, on the way there and back: the next command ends it', async () => {
    await shipped('v1');
    ecs.aws.fails();
    await ecs.ship('v2', 'bad');
    const { calls } = ecs.aws;
    const changes = (at: number) => /^(register|update|modify)/.test(calls[at] ?? '');
    const points = calls.map((on, at) => ({ at, on, nth: calls.slice(0, at + 1).filter((one) => one === on).length }))
      .filter(({ at }) => [at - 1, at, at + 1].some(changes));
    expect(points).toEqual(expect.arrayContaining([expect.objectContaining({ on: 'modify-listener', nth: 1 }), expect.objectContaining({ on: 'modify-listener', nth: 2 })]));
    for (const { at, nth, on } of points) {
      ecs.aws.fails({ on, nth, how: 'killsAfter' });
      const { code } = await ecs.ship(`v${at + 3}`, 'bad');
      ecs.aws.fails();
      await ecs.deliver('rollback', 'production', '--recover');
      const { last, live, stable } = await ecs.status();
      expect({ on, nth, code, state: last?.state, stable: stable?.version, served: ecs.aws.served, weights: ecs.aws.weights, isLive: live?.includes('v1') })
        .toEqual({ on, nth, code: null, state: expect.stringMatching(/^(rolledBack|failed)$/), stable: 'v1', served: 'v1', weights: { blue: 0, green: 100 }, isLive: true });
    }
  }, 900_000);
});
