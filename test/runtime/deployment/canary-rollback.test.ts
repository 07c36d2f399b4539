/** A rollback of a canary while the proxy does not respond, and a canary whose process is told to stop. */
import { InMemoryEnvironment, SECOND, V1, V2 } from './in-memory-environment';
import { EnvironmentManifest } from '../../../src/contract/manifest';
import { RuntimeContext } from '../../../src/runtime/context';
import { runDeployment } from '../../../src/runtime/deployment/run-deployment';
import { canaryTimeBudget } from '../../../src/strategies/canary';
import { pointerTo, TO_STABLE } from '../ledger/records';

const WEIGHTS = [{ percent: 10, atLeastMs: 30 * SECOND }];
const exec = (name: string) => ({ kind: 'exec' as const, argv: ['env', name] });

let staging: InMemoryEnvironment;
/** When the proxy is away, by the clock, from the first rollback on. */
let awayMs: number;
let rollingBackSince: number | undefined;

async function shipped(target: Partial<EnvironmentManifest['target']> = {}, changes: Partial<RuntimeContext> = {}): Promise<number> {
  staging = new InMemoryEnvironment({
    strategy: { kind: 'canary', bakeMs: SECOND, commandTimeoutMs: 60 * SECOND, weights: WEIGHTS, timeBudget: canaryTimeBudget(WEIGHTS) },
    target: { deploy: exec('deploy'), setWeight: exec('weigh'), ...target },
  });
  const first = await staging.record({ release: V1, strategy: 'canary', slot: 'blue' }, ...TO_STABLE);
  staging.outcomes.v2 = 'unhealthy';
  const context = staging.context({ id: 5, inCi: false });
  const { clock } = staging;
  const execute: RuntimeContext['execute'] = async (command, options) => {
    const done = await context.execute(command, options);
    const name = command.kind === 'exec' ? command.argv.at(-1) : '';
    if (options.env.DELIVERY_WEIGHT !== undefined) staging.done.push(`${staging.done.pop()} to ${options.env.DELIVERY_WEIGHT}`);
    if (options.env.DELIVERY_ROLLBACK_FROM === undefined || name === 'purge') return done;
    rollingBackSince ??= clock.now();
    return clock.now() - rollingBackSince < awayMs ? { outcome: 'failed', exitCode: 7, durationMs: 0 } : done;
  };
  return clock.run(runDeployment({ ...context, execute, ...changes }, async () => (
    { kind: 'deploy', release: V2, slot: 'green', stable: pointerTo(first) }
  )));
}

const commands = () => staging.done.filter((one) => !one.startsWith('probe'));

beforeEach(() => {
  awayMs = 20 * SECOND;
  rollingBackSince = undefined;
});

it('a proxy that is away for 20 s does not halt a rollback: Stable gets all traffic as soon as it is back', async () => {
  expect(await shipped()).toBe(1);
  expect(await staging.attempts()).toEqual(['v1 stable', 'v2 rolledBack']);
  expect(commands().slice(0, 5)).toEqual(['weigh v2 to 0', 'deploy v2', 'weigh v2 to 10', 'weigh v2 to 0', 'weigh v1 to 100']);
  expect(new Set(commands().slice(4))).toEqual(new Set(['weigh v1 to 100']));
  expect(staging.clock.now() - rollingBackSince!).toBeLessThan(30 * SECOND);
});

it('one that does not come back halts it, after no longer than one command may take', async () => {
  awayMs = Infinity;
  expect(await shipped()).toBe(3);
  expect(await staging.attempts()).toEqual(['v1 stable', 'v2 halted']);
  expect(staging.clock.now() - rollingBackSince!).toBeLessThanOrEqual(60 * SECOND);
});

it('no try may take longer than what is left', async () => {
  const limits: number[] = [];
  const { execute } = new InMemoryEnvironment().context({ id: 5 });
  await shipped({}, {
    execute: async (command, options) => {
      if (options.env.DELIVERY_ROLLBACK_FROM === undefined) return execute(command, options);
      limits.push(staging.clock.now() + options.timeoutMs);
      return { outcome: 'failed', exitCode: 7, durationMs: 0 };
    },
  });
  expect(limits.length).toBeGreaterThan(5);
  expect(new Set(limits.slice(1))).toEqual(new Set([limits[1]]));
});

describe('with a rollback command of the target', () => {
  it('that command is repeated', async () => {
    expect(await shipped({ rollback: exec('back') })).toBe(1);
    expect(await staging.attempts()).toEqual(['v1 stable', 'v2 rolledBack']);
    expect(commands().filter((one) => one === 'back v1').length).toBeGreaterThan(3);
  });

  it('the traffic is taken away as soon as it can be, also where the command succeeds without it', async () => {
    awayMs = SECOND;
    const { execute } = new InMemoryEnvironment().context({ id: 5 });
    let tries = 0;
    const code = await shipped({ rollback: exec('back') }, {
      execute: async (command, options) => {
        const isBack = options.env.DELIVERY_ROLLBACK_FROM !== undefined && options.env.DELIVERY_WEIGHT === '0';
        if (isBack && tries++ < 3) return { outcome: 'failed', exitCode: 7, durationMs: 0 };
        return execute(command, options);
      },
    });
    expect([code, tries, await staging.attempts()]).toEqual([1, 4, ['v1 stable', 'v2 rolledBack']]);
  });

  it('where it cannot be taken away, the deployment is halted', async () => {
    const { execute } = new InMemoryEnvironment().context({ id: 5 });
    const code = await shipped({ rollback: exec('back') }, {
      execute: async (command, options) => {
        const isBack = options.env.DELIVERY_ROLLBACK_FROM !== undefined && options.env.DELIVERY_WEIGHT === '0';
        return isBack ? { outcome: 'failed', exitCode: 7, durationMs: 0 } : execute(command, options);
      },
    });
    expect([code, await staging.attempts()]).toEqual([3, ['v1 stable', 'v2 halted']]);
  });
});
