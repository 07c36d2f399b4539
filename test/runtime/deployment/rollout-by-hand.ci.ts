/** Beside rollout-rules.ts: what people do by hand, freezes, migrations, drills, and what surrounds a deployment. */
import { appendFileSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { check, Ended, killAt, OnLine, World } from '../world';

let world: World;
afterEach(() => world.destroy());

describe.each(['redeploy', 'blueGreen'] as const)('a command that does not end, with %s', (strategy) => {
  test('is stopped, and what it may have done is rolled back', async () => {
    world = await World.create(strategy);
    await world.ship('v1');
    const { strategy: times, target } = world.manifest.environments[0];
    // the rollback has as little time
    world.change({ strategy: { ...times, commandTimeoutMs: 15_000 }, target: { ...target, deploy: { kind: 'bash', line: 'test "$DELIVERY_VERSION" = v1 || sleep 60' } } });
    expect([(await world.ship('v2')).code, world.served]).toEqual([1, 'v1']);
    world.change({ strategy: times, target });
    expect((await world.ship('v3')).code).toBe(0);
  });
});

describe('a process that is stopped, as on a machine that is too busy', () => {
  test('condemns no healthy release when it goes on: the time does not count', async () => {
    world = await World.create('redeploy');
    const times = { intervalMs: 400, timeoutMs: 5_000, deadlineMs: 15_000 };
    world.change({ healthChecks: [check(`${world.manifest.environments[0].url}/health`, times)] });
    await world.ship('v1');
    world.release('v2');
    let stopped = false;
    const { code, output } = await world.run(['deploy', 'production', '--release', 'v2'], {}, (line, signal) => {
      if (stopped || !line.includes('healthy 1 of 3')) return;
      stopped = true;
      signal('SIGSTOP');
      // until its deadline is over for certain
      setTimeout(() => signal('SIGCONT'), 2 * times.deadlineMs);
    });
    expect(output).toContain('v2 is live on production, verified and Stable');
    expect([stopped, code, world.served]).toEqual([true, 0, 'v2']);
  });
});

describe('a rollback by hand', () => {
  beforeEach(async () => {
    world = await World.create();
    await world.ship('v1');
    await world.ship('v2');
  });

  test('goes to a release that was verified here, verifies it again, and is recorded with its reason', async () => {
    const { code, output } = await world.delivery('rollback', 'production', '--release', 'v1', '--reason', 'checkout is slow');
    expect(output).toContain('production was rolled back to v1');
    expect([code, world.served]).toEqual([0, 'v1']);
    expect(readFileSync(join(world.root, 'machine/ledger.json'), 'utf8')).toContain('checkout is slow');
  });

  test.each([['a release that was never verified here', ['--release', 'v9']], ['nothing: nothing is ever toggled', []]])('refuses %s, and lists those that were', async (_what, args) => {
    world.forgetCommands();
    const { code, output } = await world.delivery('rollback', 'production', ...args);
    expect(output).toMatch(/Verified here: v2 .*v1 /);
    expect([code, world.commands]).toEqual([2, []]);
  });

  test('blocks what it left, until a person unblocks it', async () => {
    await world.delivery('rollback', 'production', '--release', 'v1', '--reason', 'checkout is slow');
    const rejected = await world.delivery('deploy', 'production', '--release', 'v2');
    expect(rejected.output).toContain('npx projen delivery unblock production --release v2');
    expect(rejected.code).toBe(2);
    expect((await world.delivery('unblock', 'production', '--release', 'v1')).output).toContain('v1 is not blocked. Blocked here, of the last that were tried: v2');
    expect((await world.delivery('unblock', 'production', '--release', 'v2', '--reason', 'it was the database')).code).toBe(0);
    expect((await world.delivery('deploy', 'production', '--release', 'v2')).code).toBe(0);
    expect(world.served).toBe('v2');
  });

  test('to the live release has nothing to do', async () => {
    world.forgetCommands();
    const { code, output } = await world.delivery('rollback', 'production', '--release', 'v2');
    expect(output).toContain('live already');
    expect([code, world.commands]).toEqual([0, []]);
  });

  test('whose process is gone is begun again, to the same release', async () => {
    const run = { id: world.newRun(), tag: 'v2' };
    await world.step({ ...run, onLine: killAt('Promote') }, 'rollback', 'production', '--release', 'v1');
    expect((await world.step({ ...run, env: { DELIVERY_DEPLOYED: 'failure' } }, 'monitor', 'production')).outputs).toEqual({});
    const { code } = await world.step(run, 'rollback', 'production', '--recover');
    expect([code, world.served]).toEqual([0, 'v1']);
    expect((await world.delivery('status')).output).toMatch(/production +v1/);
  });

  test('begins with a hold: a run that began before it deploys nothing any more, one that begins after it does', async () => {
    world.release('v3');
    const [queued, byHand] = [world.newRun(), world.newRun()];
    const held = await world.step({ id: byHand, tag: 'v2' }, 'hold', 'production', '--release', 'v1', '--reason', 'checkout is slow');
    expect([held.code, held.outputs.release]).toEqual([0, world.git('rev-parse', 'v1')]);
    const rejected = await world.step({ id: queued, tag: 'v3' }, 'deploy', 'production');
    expect(rejected.output).toContain('octocat requested v1 on production');
    expect(rejected.code).toBe(2);
    await world.step({ id: byHand, tag: 'v2' }, 'rollback', 'production', '--release', held.outputs.release);
    expect(world.served).toBe('v1');
    expect((await world.step({ id: queued, tag: 'v3' }, 'deploy', 'production')).code).toBe(2);
    expect((await world.step({ id: world.newRun(), tag: 'v3' }, 'deploy', 'production')).code).toBe(0);
    expect(world.served).toBe('v3');
  });

  test('is rejected by the hold already, before anyone waits, where it could not work', async () => {
    const { code, output } = await world.step({ id: world.newRun(), tag: 'v2' }, 'hold', 'production', '--release', '');
    expect(output).toMatch(/name the release to roll back to.*Verified here: v2 .*v1 /);
    expect(code).toBe(2);
    expect(readFileSync(join(world.root, 'machine/ledger.json'), 'utf8')).not.toContain('"kind": "hold"');
  });

  test('stops a deploy that is under way: it takes itself back', async () => {
    world.change({ healthChecks: [check(`${world.manifest.environments[0].url}/health`, { successThreshold: 60 })] });
    world.release('v3');
    const [deploying, byHand] = [world.newRun(), world.newRun()];
    let hold: Promise<Ended> | undefined;
    const onLine: OnLine = (line) => {
      if (line.includes('::group::Verify')) hold ??= world.step({ id: byHand, tag: 'v2' }, 'hold', 'production', '--release', 'v1');
    };
    const { code, output } = await world.step({ id: deploying, tag: 'v3', onLine }, 'deploy', 'production');
    expect((await hold)?.code).toBe(0);
    expect(output).toContain('octocat requested v1');
    expect([code, world.served]).toEqual([1, 'v2']);
    // v3 has no verdict
    expect((await world.step({ id: world.newRun(), tag: 'v3' }, 'plan', 'production')).code).toBe(0);
  });

  test('that fails is halted, not undone', async () => {
    world.behaviours.v1 = 'bad';
    const { code } = await world.delivery('rollback', 'production', '--release', 'v1');
    expect(code).toBe(3);
  });
});

describe('halted', () => {
  beforeEach(async () => {
    world = await World.create();
    await world.ship('v1');
    // v2 is bad before users, and so is what is behind it
    world.behaviours.v1 = 'bad';
    const { code, output } = await world.ship('v2', 'bad');
    expect(code).toBe(3);
    expect(output).toContain('npx projen delivery resolve production --reason why');
    expect(output).toContain('npx projen delivery adopt production --release VERSION --slot SLOT --reason why');
  });

  test('ends by resolve, which finds out which of the two releases is live, with its slot', async () => {
    const early = await world.delivery('resolve', 'production');
    expect(early.output).toContain('stays halted');
    expect(early.code).toBe(3);
    world.behaviours.v1 = 'good';
    const { code, output } = await world.delivery('resolve', 'production', '--reason', 'the disk was full');
    expect(output).toContain('v1 was adopted on production');
    expect(code).toBe(0);
    world.forgetCommands();
    await world.ship('v3', 'bad');
    expect(world.commands).toEqual(['deploy v3 to green', 'promote v3 on green', 'promote v1 on blue']);
    expect((await world.delivery('resolve', 'production')).output).toContain('it is not halted but rolledBack with v3: nothing to do');
  });

  test('stops automation only: another release may roll forward', async () => {
    expect((await world.ship('v3')).code).toBe(0);
    expect(world.served).toBe('v3');
  });

  test('can be left by hand, back to Stable, without naming it', async () => {
    world.behaviours.v1 = 'good';
    const { code } = await world.delivery('rollback', 'production');
    expect([code, world.served]).toEqual([0, 'v1']);
  });
});

describe('a freeze', () => {
  const day = (days: number) => new Date(Date.now() + days * 86_400_000).toISOString().slice(0, 16);
  const freezes = [{ kind: 'between' as const, from: day(-1), until: day(1), timeZone: 'UTC', reason: 'the holidays' }];

  beforeEach(async () => {
    world = await World.create('redeploy');
    await world.ship('v1');
    world.change({ freezes });
  });

  test('stops deploys, green: the plan says go=false, and until when', async () => {
    world.release('v2');
    world.forgetCommands();
    const run = { id: world.newRun(), tag: 'v2' };
    const plan = await world.step(run, 'plan', 'production');
    expect(plan.output).toContain('is frozen until');
    expect(plan.summary).toContain('the holidays');
    expect([plan.code, plan.outputs.go]).toEqual([0, 'false']);
    // the approval came after it had begun
    const deploy = await world.step(run, 'deploy', 'production');
    expect([deploy.code, deploy.outputs, world.commands]).toEqual([0, { state: 'frozen' }, []]);
    const confirmed = await world.step({ ...run, env: { DELIVERY_DEPLOYED: 'success', DELIVERY_STATE: 'frozen' } }, 'monitor', 'production');
    expect([confirmed.code, confirmed.outputs]).toEqual([0, { completed_attempt: '1', state: 'frozen' }]);
  });

  test('never stops a rollback', async () => {
    world.change({ freezes: [] });
    await world.ship('v2');
    world.change({ freezes });
    expect((await world.delivery('rollback', 'production', '--release', 'v1')).code).toBe(0);
    expect(world.served).toBe('v1');
  });

  test('is lifted by a person until it ends, and the record says who and why', async () => {
    await world.delivery('unfreeze', 'production', '--reason', 'the fix for checkout');
    const { code } = await world.ship('v2');
    expect([code, world.served]).toEqual([0, 'v2']);
    expect(readFileSync(join(world.root, 'machine/ledger.json'), 'utf8')).toContain('engineer lifted the freeze: the fix for checkout');
  });

  test('that has ended does not lift the next one', async () => {
    await world.delivery('unfreeze', 'production');
    world.change({ freezes: [{ ...freezes[0], from: new Date(Date.now() + 61_000).toISOString().slice(0, 16) }] });
    expect((await world.delivery('unfreeze', 'production')).output).toContain('no freeze is on');
  });
});

describe('a migration', () => {
  const migrate = (line: string) => {
    const { target } = world.manifest.environments[0];
    world.change({ target: { ...target, migrate: { kind: 'bash', line: `echo "migrate $DELIVERY_VERSION" >> machine/commands; ${line}` } } });
    world.forgetCommands();
  };

  beforeEach(async () => {
    world = await World.create('redeploy');
    await world.ship('v1');
  });

  test('runs before the deploy, and never in a rollback', async () => {
    migrate('true');
    const { code } = await world.ship('v2', 'error');
    expect(world.commands).toEqual(['migrate v2', 'deploy v2 to only', 'deploy v1 to only']);
    expect([code, world.served]).toEqual([1, 'v1']);
  });

  test('that fails deploys nothing again, and probes Stable', async () => {
    migrate('exit 3');
    const { code, output } = await world.ship('v2');
    expect(output).toContain('migrate failed: exit code 3');
    expect([code, world.commands, world.served]).toEqual([1, ['migrate v2'], 'v1']);
  });

  test('that cannot be undone halts a bad release instead of rolling it back', async () => {
    migrate('echo irreversible=true >> "$DELIVERY_RESULT"');
    const { code, output } = await world.ship('v2', 'error');
    expect(output).toContain('it cannot be undone');
    expect([code, world.commands]).toEqual([3, ['migrate v2', 'deploy v2 to only']]);
  });

  test('that cannot be undone is known to the recovery of a dead run, and to a rollback by hand', async () => {
    migrate('echo irreversible=true >> "$DELIVERY_RESULT"');
    world.release('v2');
    const run = { id: world.newRun(), tag: 'v2' };
    await world.step({ ...run, onLine: killAt('Verify') }, 'deploy', 'production');
    expect((await world.step(run, 'rollback', 'production', '--recover')).code).toBe(3);
    await world.delivery('adopt', 'production', '--release', 'v2');
    const rejected = await world.delivery('rollback', 'production', '--release', 'v1');
    expect(rejected.output).toContain('v2 ran a migration that cannot be undone');
    expect(rejected.code).toBe(2);
    expect((await world.delivery('rollback', 'production', '--release', 'v1', '--even-if-irreversible')).code).toBe(0);
  });

  test('with an unknown result has failed', async () => {
    migrate('echo irreversible=yes >> "$DELIVERY_RESULT"');
    const { code, output } = await world.ship('v2');
    expect(output).toContain('irreversible=yes, which is neither true nor false');
    expect([code, world.served]).toEqual([1, 'v1']);
  });
});

describe('a drill', () => {
  test.each(['redeploy', 'blueGreen'] as const)('tests the rollback with %s and leaves everything as it was', async (strategy) => {
    world = await World.create(strategy);
    expect((await world.delivery('drill', 'production')).code).toBe(2);
    await world.ship('v1');
    const { live } = world;
    world.forgetCommands();
    const { code, output } = await world.delivery('drill', 'production');
    expect(output).toContain('the rollback works, v1 is live again, verified, after ');
    expect([code, world.live, world.served]).toEqual([0, live, 'v1']);
    expect(world.commands).toEqual(strategy === 'redeploy'
      ? ['deploy v1 to only', 'deploy v1 to only']
      : ['deploy v1 to green', 'promote v1 on green', 'promote v1 on blue']);
    expect((await world.delivery('deploy', 'production', '--release', 'v1')).output).toContain('v1 is already live');
    expect((await world.ship('v2')).code).toBe(0);
  });

  test('that finished does not invalidate a deployment that waits for approval', async () => {
    world = await World.create('redeploy');
    await world.ship('v1');
    world.release('v2');
    const waiting = { id: world.newRun(), tag: 'v2' };
    expect((await world.step(waiting, 'plan', 'production')).outputs.go).toBe('true');
    expect((await world.step({ id: world.newRun(), tag: 'v1' }, 'drill', 'production')).code).toBe(0);
    const deployed = await world.step(waiting, 'deploy', 'production');
    expect(deployed.output).not.toContain('is newer');
    expect([deployed.code, world.served]).toEqual([0, 'v2']);
  });

  test('of a release that is bad by now says so', async () => {
    world = await World.create('redeploy');
    await world.ship('v1');
    world.behaviours.v1 = 'error';
    expect((await world.delivery('drill', 'production')).code).toBe(3);
  });
});

describe('the environment of a deployment', () => {
  test('a secret reaches the commands and is shown nowhere', async () => {
    world = await World.create('redeploy', { secrets: ['DEPLOY_TOKEN'] });
    const { target } = world.manifest.environments[0];
    world.change({ target: { ...target, deploy: { kind: 'bash', line: `echo "token $DEPLOY_TOKEN, $GREETING"; ${target.deploy.kind === 'bash' ? target.deploy.line : ''}` } } });
    world.release('v1');
    const run = { id: world.newRun(), tag: 'v1' };
    const missing = await world.step(run, 'deploy', 'production');
    expect([missing.code, world.commands]).toEqual([2, []]);
    expect(missing.output).toContain('DEPLOY_TOKEN');
    const { output, summary } = await world.step({ ...run, env: { DEPLOY_TOKEN: 'hunter2' } }, 'deploy', 'production');
    expect(output).toContain('token ***, hello; $(id)');
    expect(output + summary).not.toContain('hunter2');
  });

  test('a check that cannot reach what the baseline could not reach either halts, and never rolls back', async () => {
    world = await World.create('redeploy');
    await world.ship('v1');
    world.shortenDeadline();
    world.up = false;
    world.forgetCommands();
    const { code } = await world.ship('v2');
    expect([code, world.commands]).toEqual([3, ['deploy v2 to only']]);
  });

  test('a runtime that is not the one of the manifest deploys nothing, and still rolls back', async () => {
    world = await World.create('redeploy');
    await world.ship('v1');
    world.release('v2');
    await world.step({ id: world.newRun(), tag: 'v2', onLine: killAt('Verify') }, 'deploy', 'production');
    appendFileSync(join(world.root, '.projen/delivery.cjs'), '// changed by hand\n');
    world.forgetCommands();
    world.git('tag', 'v3');
    const { code, output } = await world.delivery('plan', 'production', '--release', 'v3');
    expect(output).toContain('Run npx projen and commit both');
    expect([code, world.commands]).toEqual([2, []]);
    await world.delivery('rollback', 'production', '--recover');
    expect(world.served).toBe('v1');
  });

  test('a rollback by deploying again has a result file, too', async () => {
    world = await World.create('redeploy');
    const { target } = world.manifest.environments[0];
    const line = target.deploy.kind === 'bash' ? target.deploy.line : '';
    world.change({ target: { ...target, deploy: { kind: 'bash', line: `${line}; echo "candidate-url=http://127.0.0.1:1" >> "$DELIVERY_RESULT"` } } });
    await world.ship('v1');
    const { code } = await world.ship('v2', 'error');
    expect([code, world.served]).toEqual([1, 'v1']);
  });

  test('an existing service is adopted, and what is not healthy is not', async () => {
    world = await World.create();
    writeFileSync(join(world.root, 'machine/blue'), 'v7');
    writeFileSync(join(world.root, 'machine/live'), 'blue');
    for (const tag of ['v6', 'v7']) world.git('tag', tag);
    const wrong = await world.delivery('adopt', 'production', '--release', 'v6', '--slot', 'blue');
    expect([wrong.code, wrong.output.includes('was not adopted')]).toEqual([1, true]);
    expect((await world.delivery('adopt', 'production', '--release', 'v7', '--slot', 'blue')).code).toBe(0);
    expect((await world.ship('v8', 'bad')).code).toBe(1);
    expect(world.served).toBe('v7');
  });

  test('the wrong use of the command line is one clear message', async () => {
    world = await World.create();
    for (const [args, said] of [
      [['deplyo'], 'there is no command "deplyo"'],
      [['deploy'], 'which environment?'],
      [['deploy', 'prod'], 'there is no environment "prod". There is: production'],
      [['deploy', 'production', '--relase', 'v1'], '--relase'],
      [['deploy', 'production', '--release', '$(id)'], 'is no name for a release'],
    ] as const) {
      const { code, output } = await world.delivery(...args);
      expect(output).toContain(said);
      expect(output).not.toMatch(/^ +at /m);
      expect(code).toBe(2);
    }
  });

  test('a slow check of several is waited for', async () => {
    world = await World.create('redeploy');
    const [{ url, healthChecks }] = world.manifest.environments;
    world.change({ healthChecks: [...healthChecks, check(`${url}/other`, { name: 'other', successThreshold: 5 })] });
    const { code, output } = await world.ship('v1');
    expect(output).toMatch(/other .*5 +5/);
    expect(code).toBe(0);
  });
});
