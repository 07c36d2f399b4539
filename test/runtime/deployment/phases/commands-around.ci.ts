/** `beforeDeploy` and `afterPromote` of an environment, through the bundled runtime as a real process. */
import { EnvironmentManifest } from '../../../../src/contract/manifest';
import { REDEPLOY_TIME_BUDGET } from '../../../../src/strategies/redeploy';
import { OnLine, World } from '../../world';

let world: World;
afterEach(() => world.destroy());

const VARIABLES = '$DEPLOY_ENV $DELIVERY_VERSION ${DELIVERY_SLOT:-only} from ${DELIVERY_ROLLBACK_FROM:-nothing} result ${DELIVERY_RESULT:-none}';

/** Commands that record their environment. */
function around(before = 'true', after = 'true'): Pick<EnvironmentManifest, 'beforeDeploy' | 'afterPromote'> {
  return {
    beforeDeploy: { kind: 'bash', line: `echo "before: ${VARIABLES}" >> machine/commands; ${before}` },
    afterPromote: { kind: 'bash', line: `echo "after: ${VARIABLES}" >> machine/commands; ${after}` },
  };
}

/** A world where v1 is live, and what is run around the commands from then on. */
async function begin(strategy: 'redeploy' | 'blueGreen', commands = around()): Promise<void> {
  world = await World.create(strategy);
  await world.ship('v1');
  world.change(commands);
  world.forgetCommands();
}

describe('with redeploy', () => {
  test('both are run around the deploy', async () => {
    await begin('redeploy');
    world.release('v2');
    const { code, output, summary } = await world.step({ id: world.newRun(), tag: 'v2' }, 'deploy', 'production');
    expect(code).toBe(0);
    expect(world.commands).toEqual([
      'before: production v2 only from nothing result none', 'deploy v2 to only', 'after: production v2 only from nothing result none',
    ]);
    for (const name of ['beforeDeploy', 'deploy', 'afterPromote']) {
      expect(output).toMatch(new RegExp(`${name} succeeded in \\d`));
      expect(summary).toMatch(new RegExp(`${name} succeeded in \\d`));
    }
  });

  test('a rollback runs the one after, for the release that was restored, and never the one before', async () => {
    await begin('redeploy');
    const { code } = await world.ship('v2', 'error');
    expect(code).toBe(1);
    expect(world.commands.slice(3)).toEqual(['deploy v1 to only', 'after: production v1 only from v2 result none']);
  });

  test('a rollback command is followed by it, too', async () => {
    await begin('redeploy');
    const { target } = world.manifest.environments[0];
    world.change({ target: { ...target, rollback: { kind: 'bash', line: 'echo restore >> machine/commands; echo "$DELIVERY_VERSION" > machine/only' } } });
    expect((await world.ship('v2', 'error')).code).toBe(1);
    expect(world.commands.slice(3)).toEqual(['restore', 'after: production v1 only from v2 result none']);
  });

  test('a rollback by hand runs the one after, and not the one before', async () => {
    await begin('redeploy');
    await world.ship('v2');
    world.forgetCommands();
    expect((await world.delivery('rollback', 'production', '--release', 'v1')).code).toBe(0);
    expect(world.commands).toEqual(['deploy v1 to only', 'after: production v1 only from v2 result none']);
  });

  test('a drill deploys and rolls back like a deployment', async () => {
    await begin('redeploy');
    expect((await world.delivery('drill', 'production')).code).toBe(0);
    expect(world.commands.map((command) => command.split(' ')[0])).toEqual(['before:', 'deploy', 'after:', 'deploy', 'after:']);
  });

  test('if beforeDeploy fails, nothing is deployed, and Stable is restored, because it may have changed something', async () => {
    await begin('redeploy', around('exit 7'));
    const { code, output } = await world.ship('v2');
    expect(output).toContain('beforeDeploy failed: exit code 7');
    expect([code, world.served]).toEqual([1, 'v1']);
    expect(world.commands.map((command) => command.split(' ').slice(0, 2).join(' '))).toEqual(['before: production', 'deploy v1', 'after: production']);
  });

  test('if the one after fails, the release is rolled back', async () => {
    await begin('redeploy', around('true', 'test "$DELIVERY_VERSION" != v2'));
    const { code, output } = await world.ship('v2');
    expect(output).toMatch(/deploy succeeded in [\d.]+ m?s; afterPromote failed: exit code 1/);
    expect([code, world.served]).toEqual([1, 'v1']);
  });

  test('if it fails in the rollback, too, the deployment is halted', async () => {
    await begin('redeploy', around('true', 'exit 1'));
    expect((await world.ship('v2')).code).toBe(3);
    expect(world.served).toBe('v1');
  });

  test('what does not end in time is stopped, each by its own time', async () => {
    await begin('redeploy', around('sleep 60'));
    world.change({ strategy: { kind: 'redeploy', bakeMs: 60, commandTimeoutMs: 20_000, timeBudget: REDEPLOY_TIME_BUDGET } });
    const { code, output } = await world.ship('v2');
    expect(output).toContain('beforeDeploy did not end within its 20 s and was stopped');
    expect([code, world.served]).toEqual([1, 'v1']);
  });

  test('a runtime that is killed between the one before and the deploy may have changed something: it is rolled back', async () => {
    await begin('redeploy', around('echo now'));
    world.release('v2');
    const run = { id: world.newRun(), tag: 'v2' };
    await world.step({ ...run, onLine: killAt('now') }, 'deploy', 'production');
    world.forgetCommands();
    expect((await world.step(run, 'rollback', 'production', '--recover')).code).toBe(1);
    expect(world.commands).toEqual(['deploy v1 to only', 'after: production v1 only from v2 result none']);
  });
});

describe('with blue/green', () => {
  test('the one before precedes the deploy, the one after follows the promotion', async () => {
    await begin('blueGreen');
    expect((await world.ship('v2')).code).toBe(0);
    expect(world.commands).toEqual([
      'before: production v2 green from nothing result none', 'deploy v2 to green', 'promote v2 on green', 'after: production v2 green from nothing result none',
    ]);
  });

  test('a rollback promotes the old slot, and then runs afterPromote', async () => {
    await begin('blueGreen');
    expect((await world.ship('v2', 'bad')).code).toBe(1);
    expect(world.commands.slice(4)).toEqual(['promote v1 on blue', 'after: production v1 blue from v2 result none']);
  });

  test('where users never left the old slot there is nothing to follow', async () => {
    await begin('blueGreen');
    expect((await world.ship('v2', 'error')).code).toBe(1);
    expect(world.commands).toEqual(['before: production v2 green from nothing result none', 'deploy v2 to green']);
  });

  test('a runtime that is killed between the promotion and afterPromote rolls back, and runs afterPromote there', async () => {
    await begin('blueGreen', around('true', 'echo now'));
    world.release('v2');
    const run = { id: world.newRun(), tag: 'v2' };
    await world.step({ ...run, onLine: killAt('now') }, 'deploy', 'production');
    world.forgetCommands();
    expect((await world.step(run, 'rollback', 'production', '--recover')).code).toBe(1);
    expect([world.live, world.commands]).toEqual(['blue', ['promote v1 on blue', 'after: production v1 blue from v2 result none']]);
  });

  test('a rollback by hand promotes once, and runs the one after once', async () => {
    await begin('blueGreen');
    await world.ship('v2');
    world.forgetCommands();
    expect((await world.delivery('rollback', 'production', '--release', 'v1')).code).toBe(0);
    expect(world.commands.map((command) => command.split(' ')[0])).toEqual(['deploy', 'promote', 'after:']);
  });
});

test('secrets and variables of the environment reach them, and no secret is shown', async () => {
  world = await World.create('redeploy', { secrets: ['DEPLOY_TOKEN'], ...around('echo "token $DEPLOY_TOKEN, $GREETING"') });
  world.release('v1');
  const { output } = await world.step({ id: world.newRun(), tag: 'v1', env: { DEPLOY_TOKEN: 'hunter2hunter2' } }, 'deploy', 'production');
  expect(output).toContain('token ***, hello; $(id)');
  expect(output.replaceAll(/^::add-mask::.*$/gm, '')).not.toContain('hunter2');
});

/** Kills the runtime as soon as a command prints this. */
function killAt(said: string): OnLine {
  return (line, stop) => {
    if (line.endsWith(said)) stop('SIGKILL');
  };
}
