/** DESIGN section 5: what must always hold, through the bundled runtime as a real process. */
import { appendFileSync, mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { check, Ended, OnLine, World } from './world';

jest.setTimeout(60_000);

let world: World;
afterEach(() => world.destroy());

describe.each(['redeploy', 'blueGreen'] as const)('with %s', (strategy) => {
  beforeEach(async () => {
    world = await World.create(strategy);
  });

  test('a good release becomes Stable', async () => {
    const { code, output } = await world.ship('v1');
    expect(output).toContain('v1 is live on production, verified and Stable');
    expect([code, world.served]).toEqual([0, 'v1']);
  });

  test('a bad release is taken back to the last verified one, and the run ends red', async () => {
    await world.ship('v1');
    const { code, output } = await world.ship('v2', strategy === 'redeploy' ? 'error' : 'bad');
    expect(output).toContain('v2 was bad on production and was taken back: v1 is live again, verified');
    expect([code, world.served]).toEqual([1, 'v1']);
  });

  test('rule 7: "the old version still answers" is a failed deploy', async () => {
    await world.ship('v1');
    const { code, output } = await world.ship('v2', 'stale');
    expect(output).toContain('v0 answered instead of v2');
    expect([code, world.served]).toEqual([1, 'v1']);
  });

  describe('rule 7, where a command is done before users see what it did', () => {
    // longer than any number of answers here takes, on the busiest machine
    const asynchronous = { deadlineMs: 30_000, propagationMs: 3_000 };
    beforeEach(() => world.change({ healthChecks: [check(`${world.manifest.environments[0].url}/health`, asynchronous)] }));

    test('a stale answer right after the command is waited out: the release shows and becomes Stable', async () => {
      await world.ship('v1');
      const { code, output } = await world.ship('v2', 'slow');
      expect(output).toContain('v1 answered instead of v2 · waiting for it');
      expect([code, world.served, world.answers.at(-1)]).toEqual([0, 'v2', 'v2']);
    });

    test('a release that shows only after it was given up is noticed: Stable counts as restored when it answers after it', async () => {
      await world.ship('v1');
      const { code, output } = await world.ship('v2', 'late');
      expect(output).toMatch(/v1 answered instead of v2 \(\d+ in a row, after it was waited for 3 s\)/);
      expect(output).toContain('v2 was bad on production and was taken back: v1 is live again, verified');
      expect(world.answers).toContain('v2');
      expect(world.answers.slice(world.answers.lastIndexOf('v2') + 1).length).toBeGreaterThanOrEqual(3);
      expect([code, world.served, world.answers.at(-1)]).toEqual([1, 'v1', 'v1']);
      const back = strategy === 'redeploy' ? 'deploy v1 to only' : 'promote v1 on blue';
      expect(world.commands.at(-1)).toBe(back);
    });

    test('a third release is none that users may still see: it is not waited for', async () => {
      await world.ship('v1');
      world.change({ healthChecks: [check(`${world.manifest.environments[0].url}/health`, { ...asynchronous, propagationMs: strategy === 'redeploy' ? 30_000 : 100 })] });
      const { code, output } = await world.ship('v2', 'stale');
      expect(output).toMatch(strategy === 'redeploy' ? /v0 answered instead of v2 \(3 in a row\)/ : /v0 answered instead of v2 \(3 in a row, after it was waited for 100 ms\)/);
      expect([code, world.served]).toEqual([1, 'v1']);
    });
  });

  test('rule 6: a service that the baseline reached and that now resets is unhealthy', async () => {
    await world.ship('v1');
    const { code } = await world.ship('v2', 'reset');
    expect([code, world.served]).toEqual([1, 'v1']);
  });

  test('rule 10: a first release that fails after it changed something is halted, never guessed back', async () => {
    const { code, output } = await world.ship('v1', 'error');
    expect(output).toContain('production is halted');
    expect(code).toBe(3);
  });

  test('rule 4: a release that was rolled back is blocked, whatever its tag is called now', async () => {
    await world.ship('v1');
    await world.ship('v2', 'error');
    world.git('tag', 'v2-again', 'v2');
    world.forgetCommands();
    const { code, output } = await world.delivery('deploy', 'production', '--release', 'v2-again');
    expect(output).toContain('was rolled back on production before');
    expect([code, world.commands]).toEqual([2, []]);
  });

  test.each(['my-pkg@1.2.3', '@scope/my-pkg@1.2.3'])('the tag %s of Lerna or changesets is deployed, and can be gone back to', async (tag) => {
    world.change({ trigger: { kind: 'tag', pattern: tag.replace('1.2.3', '*') } });
    world.release(tag);
    expect((await world.step({ id: world.newRun(), tag }, 'deploy', 'production')).code).toBe(0);
    expect((await world.step({ id: world.newRun(), tag }, 'monitor', 'production')).code).toBe(0);
    await world.ship('v2');
    const { code, output } = await world.delivery('rollback', 'production', '--release', tag, '--reason', 'as it was');
    expect({ code, served: world.served, output }).toMatchObject({ code: 0, served: tag });
  });

  test('rule 5: what is live already is left alone', async () => {
    await world.ship('v1');
    world.forgetCommands();
    const { code, output } = await world.delivery('deploy', 'production', '--release', 'v1');
    expect(output).toContain('v1 is already live');
    expect([code, world.commands]).toEqual([0, []]);
  });

  test('rule 9: an old run that is run again does not deploy its release over a newer one', async () => {
    world.release('v1');
    world.release('v2');
    const [older, newer] = [world.newRun(), world.newRun()];
    await world.step({ id: newer, tag: 'v2' }, 'deploy', 'production');
    await world.step({ id: newer, tag: 'v2', env: { DELIVERY_DEPLOYED: 'success' } }, 'monitor', 'production');
    world.forgetCommands();
    const { code, output } = await world.step({ id: older, tag: 'v1' }, 'deploy', 'production');
    expect(output).toContain('an older run never deploys over a newer one');
    expect([code, world.served, world.commands]).toEqual([2, 'v2', []]);
  });

  test('rule 9: whatever a run left unfinished, the next one finishes first', async () => {
    await world.ship('v1');
    world.release('v2', 'bad');
    await world.step({ id: world.newRun(), tag: 'v2', onLine: killAt('Verify') }, 'deploy', 'production');
    world.release('v3');
    const { code, output } = await world.step({ id: world.newRun(), tag: 'v3' }, 'deploy', 'production');
    expect(output).toContain('An earlier deployment was left unfinished');
    expect([code, world.served]).toEqual([0, 'v3']);
  });

  test('rule 1: if the rollback point cannot be written, nothing is changed', async () => {
    await world.ship('v1');
    rmSync(join(world.root, 'machine/ledger.json'));
    mkdirSync(join(world.root, 'machine/ledger.json'));
    world.forgetCommands();
    const { code, output } = await world.ship('v2');
    expect(output).toContain('ledger');
    expect([code, world.commands]).toEqual([1, []]);
  });

  test('a command that fails, and one that does not end, are taken back', async () => {
    await world.ship('v1');
    const good = world.manifest.environments[0].target.deploy;
    for (const line of ['if [ "$DELIVERY_VERSION" = v1 ]; then exit 0; fi; exit 7', 'if [ "$DELIVERY_VERSION" != v1 ]; then sleep 60; fi']) {
      const { strategy: times, target } = world.manifest.environments[0];
      world.change({ strategy: { ...times, commandTimeoutMs: 400 }, target: { ...target, deploy: { kind: 'bash', line } } });
      const { code } = await world.ship(`v2-${line.length}`);
      expect([code, world.served]).toEqual([1, 'v1']);
    }
    world.change({ target: { ...world.manifest.environments[0].target, deploy: good } });
    expect((await world.ship('v3')).code).toBe(0);
  });

  test('rule 3: the settle step finishes what SIGINT interrupted, and asked again it does nothing', async () => {
    await world.ship('v1');
    world.release('v2');
    const run = { id: world.newRun(), tag: 'v2' };
    const interrupted = await world.step({ ...run, onLine: killAt('Verify', 'SIGINT') }, 'deploy', 'production');
    expect(interrupted.code).toBe(1);
    const settled = await world.step(run, 'rollback', 'production', '--settle');
    expect([settled.code, world.served]).toEqual([1, 'v1']);
    world.forgetCommands();
    const again = await world.step(run, 'rollback', 'production', '--settle');
    expect(again.output).toContain('nothing is open');
    expect([again.code, world.commands]).toEqual([0, []]);
    // nobody judged the release, so nothing blocks it
    expect((await world.step({ ...run, attempt: 2 }, 'deploy', 'production')).code).toBe(0);
    expect(world.served).toBe('v2');
  });

  test('a second deploy on a laptop is refused instead of taking the first for left behind', async () => {
    world.release('v1');
    world.release('v2');
    const ended = await Promise.all(['v1', 'v2'].map((version) => world.delivery('deploy', 'production', '--release', version)));
    expect(ended.map(({ output }) => output.includes('left unfinished'))).toEqual([false, false]);
    expect(ended.map(({ code }) => code).sort()).toEqual([0, 1]);
    expect(world.commands.filter((line) => line.startsWith('deploy'))).toHaveLength(1);
  });

  test('what merely lacks its confirmation is probed again, not undone', async () => {
    await world.ship('v1');
    world.release('v2');
    const run = { id: world.newRun(), tag: 'v2', env: { DELIVERY_DEPLOYED: 'success' } };
    await world.step(run, 'deploy', 'production');
    const { code } = await world.step(run, 'rollback', 'production', '--settle');
    expect([code, world.served]).toEqual([0, 'v2']);
    expect((await world.delivery('status')).output).toMatch(/production +v2/);
  });
});

describe('a process that is stopped, as on a machine that is too busy', () => {
  test('condemns no healthy release when it goes on: the time does not count', async () => {
    world = await World.create('redeploy');
    const times = { intervalMs: 400, timeoutMs: 1_500, deadlineMs: 2_000 };
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

describe('a command', () => {
  test('does not outlive the runtime, not even when that is killed: what goes on half done would undo what settles it', async () => {
    world = await World.create('redeploy');
    await world.ship('v1');
    const { target } = world.manifest.environments[0];
    world.change({ target: { ...target, deploy: { kind: 'bash', line: 'echo "begun $$"; sleep 60; echo late >> machine/commands' } } });
    world.release('v2');
    let pid = 0;
    const onLine: OnLine = (line, stop) => {
      pid = Number(/begun (\d+)/.exec(line)?.[1] ?? pid);
      if (line.includes('begun')) stop('SIGKILL');
    };
    await world.step({ id: world.newRun(), tag: 'v2', onLine }, 'deploy', 'production');
    await gone(pid);
    expect(pid).toBeGreaterThan(1);
  });
});

describe('the judge', () => {
  beforeEach(async () => {
    world = await World.create();
  });

  test('makes a healthy release Stable and says, by the attempt, that nothing is open', async () => {
    world.release('v1');
    const run = { id: world.newRun(), tag: 'v1', attempt: 2 };
    await world.step(run, 'deploy', 'production');
    const { code, outputs } = await world.step({ ...run, env: { DELIVERY_DEPLOYED: 'success' } }, 'monitor', 'production');
    expect([code, outputs]).toEqual([0, { settled: '2', state: 'stable' }]);
  });

  test('rule 2: does not make a release Stable that went bad after its bake: the rollback job takes it back', async () => {
    await world.ship('v1');
    world.release('v2');
    const run = { id: world.newRun(), tag: 'v2', env: { DELIVERY_DEPLOYED: 'success' } };
    await world.step(run, 'deploy', 'production');
    world.behaviours.v2 = 'bad';
    const judged = await world.step(run, 'monitor', 'production');
    expect([judged.code, judged.outputs.settled]).toEqual([1, undefined]);
    const settled = await world.step(run, 'rollback', 'production', '--settle');
    expect([settled.code, world.served]).toEqual([1, 'v1']);
  });

  test('is red and settled for a release that was rolled back already', async () => {
    await world.ship('v1');
    world.release('v2', 'bad');
    const run = { id: world.newRun(), tag: 'v2' };
    await world.step(run, 'deploy', 'production');
    const { code, outputs } = await world.step(run, 'monitor', 'production');
    expect([code, outputs]).toEqual([1, { settled: '1', state: 'rolledBack' }]);
  });

  test('knows a deploy that had nothing to do from one that never was recorded', async () => {
    world.release('v1');
    const first = { id: world.newRun(), tag: 'v1', env: { DELIVERY_DEPLOYED: 'success' } };
    await world.step(first, 'deploy', 'production');
    await world.step(first, 'monitor', 'production');
    const second = { ...first, id: world.newRun(), env: { DELIVERY_DEPLOYED: 'success', DELIVERY_STATE: 'unchanged' } };
    const nothing = await world.step(second, 'deploy', 'production');
    expect(nothing.outputs).toEqual({ state: 'unchanged' });
    expect((await world.step(second, 'monitor', 'production')).outputs).toEqual({ settled: '1', state: 'stable' });
    // also after another release was tried and taken back
    await world.ship('v2', 'bad');
    const third = { ...second, id: world.newRun() };
    await world.step(third, 'deploy', 'production');
    const { code, outputs } = await world.step(third, 'monitor', 'production');
    expect([code, outputs]).toEqual([0, { settled: '1', state: 'stable' }]);
  });
});

describe('blue/green', () => {
  beforeEach(async () => {
    world = await World.create();
  });

  test('rule 8: traffic moves only to a candidate that was verified, to a slot that is named', async () => {
    await world.ship('v1');
    world.forgetCommands();
    await world.ship('v2', 'error');
    expect(world.commands).toEqual(['deploy v2 to green']);
    world.forgetCommands();
    await world.ship('v3', 'bad');
    expect(world.commands).toEqual(['deploy v3 to green', 'promote v3 on green', 'promote v1 on blue']);
  });

  test('rule 8: a slot is switched to only if it holds the release that is meant; else that one is deployed again', async () => {
    const { strategy } = world.manifest.environments[0];
    world.change({ strategy: { ...strategy, candidateUrl: undefined } as typeof strategy });
    await world.ship('v1');
    // nobody can see the machine, so v2 is promoted unseen and halted: users stay on green
    world.up = false;
    expect((await world.ship('v2')).code).toBe(3);
    expect(world.live).toBe('green');
    world.up = true;
    world.forgetCommands();
    const { code } = await world.ship('v3', 'bad');
    expect(world.commands).toEqual(['deploy v3 to blue', 'promote v3 on blue', 'deploy v1 to green', 'promote v1 on green']);
    expect([code, world.served]).toEqual([1, 'v1']);
  });

  test('the deploy command may say where the candidate answers', async () => {
    const { strategy, target } = world.manifest.environments[0];
    if (strategy.kind !== 'blueGreen' || target.deploy.kind !== 'bash') throw new Error('the world changed');
    const { candidateUrl, ...without } = strategy;
    const line = `${target.deploy.line}; echo "candidate-url=${candidateUrl}" | sed "s/{slot}/$DELIVERY_SLOT/" >> "$DELIVERY_RESULT"`;
    world.change({ strategy: without, target: { ...target, deploy: { kind: 'bash', line } } });
    await world.ship('v1');
    world.forgetCommands();
    await world.ship('v2', 'error');
    expect([world.commands, world.served]).toEqual([['deploy v2 to green'], 'v1']);
  });

  test('a result that is none of those fails the deploy', async () => {
    await world.ship('v1');
    const { target } = world.manifest.environments[0];
    world.change({ target: { ...target, deploy: { kind: 'bash', line: 'echo "candidate_url=x" > "$DELIVERY_RESULT"' } } });
    const { code, output } = await world.ship('v2');
    expect(output).toContain('candidate_url');
    expect([code, world.served]).toEqual([1, 'v1']);
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
    expect(output).toContain('production went back to v1');
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
    const refused = await world.delivery('deploy', 'production', '--release', 'v2');
    expect(refused.output).toContain('npx projen delivery unblock production --release v2');
    expect(refused.code).toBe(2);
    expect((await world.delivery('unblock', 'production', '--release', 'v1')).output).toContain('v1 is not blocked. Blocked here, of the last that were tried: v2');
    expect((await world.delivery('unblock', 'production', '--release', 'v2', '--reason', 'it was the database')).code).toBe(0);
    expect((await world.delivery('deploy', 'production', '--release', 'v2')).code).toBe(0);
    expect(world.served).toBe('v2');
  });

  test('that is asked for what is live already has nothing to do', async () => {
    world.forgetCommands();
    const { code, output } = await world.delivery('rollback', 'production', '--release', 'v2');
    expect(output).toContain('live already');
    expect([code, world.commands]).toEqual([0, []]);
  });

  test('whose process is gone is begun again, to the same release', async () => {
    const run = { id: world.newRun(), tag: 'v2' };
    await world.step({ ...run, onLine: killAt('Promote') }, 'rollback', 'production', '--release', 'v1');
    expect((await world.step({ ...run, env: { DELIVERY_DEPLOYED: 'failure' } }, 'monitor', 'production')).outputs).toEqual({});
    const { code } = await world.step(run, 'rollback', 'production', '--settle');
    expect([code, world.served]).toEqual([0, 'v1']);
    expect((await world.delivery('status')).output).toMatch(/production +v1/);
  });

  test('begins with a hold: a run that began before it deploys nothing any more, one that begins after it does', async () => {
    world.release('v3');
    const [queued, byHand] = [world.newRun(), world.newRun()];
    const held = await world.step({ id: byHand, tag: 'v2' }, 'hold', 'production', '--release', 'v1', '--reason', 'checkout is slow');
    expect([held.code, held.outputs.release]).toEqual([0, world.git('rev-parse', 'v1')]);
    const refused = await world.step({ id: queued, tag: 'v3' }, 'deploy', 'production');
    expect(refused.output).toContain('octocat asked for v1 on production');
    expect(refused.code).toBe(2);
    await world.step({ id: byHand, tag: 'v2' }, 'rollback', 'production', '--release', held.outputs.release);
    expect(world.served).toBe('v1');
    expect((await world.step({ id: queued, tag: 'v3' }, 'deploy', 'production')).code).toBe(2);
    expect((await world.step({ id: world.newRun(), tag: 'v3' }, 'deploy', 'production')).code).toBe(0);
    expect(world.served).toBe('v3');
  });

  test('is refused by the hold already, before anyone waits, where it could not work', async () => {
    const { code, output } = await world.step({ id: world.newRun(), tag: 'v2' }, 'hold', 'production', '--release', '');
    expect(output).toMatch(/name the release to go back to.*Verified here: v2 .*v1 /);
    expect(code).toBe(2);
    expect(readFileSync(join(world.root, 'machine/ledger.json'), 'utf8')).not.toContain('"kind": "hold"');
  });

  test('stops a deploy that is under way: it takes itself back', async () => {
    world.change({ healthChecks: [check(`${world.manifest.environments[0].url}/health`, { successThreshold: 60, deadlineMs: 20_000 })] });
    world.release('v3');
    const [deploying, byHand] = [world.newRun(), world.newRun()];
    let hold: Promise<Ended> | undefined;
    const onLine: OnLine = (line) => {
      if (line.includes('::group::Verify')) hold ??= world.step({ id: byHand, tag: 'v2' }, 'hold', 'production', '--release', 'v1');
    };
    const { code, output } = await world.step({ id: deploying, tag: 'v3', onLine }, 'deploy', 'production');
    expect((await hold)?.code).toBe(0);
    expect(output).toContain('octocat asked for v1');
    expect([code, world.served]).toEqual([1, 'v2']);
    // nobody judged v3
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
    expect(output).toContain('v1 is what production runs');
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
    const judged = await world.step({ ...run, env: { DELIVERY_DEPLOYED: 'success', DELIVERY_STATE: 'frozen' } }, 'monitor', 'production');
    expect([judged.code, judged.outputs]).toEqual([0, { settled: '1', state: 'frozen' }]);
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

  test('that fails leaves users where they are: nothing is deployed again, Stable is asked', async () => {
    migrate('exit 3');
    const { code, output } = await world.ship('v2');
    expect(output).toContain('migrate failed: exit code 3');
    expect([code, world.commands, world.served]).toEqual([1, ['migrate v2'], 'v1']);
  });

  test('that cannot be undone halts a bad release instead of going back', async () => {
    migrate('echo irreversible=true >> "$DELIVERY_RESULT"');
    const { code, output } = await world.ship('v2', 'error');
    expect(output).toContain('it cannot be undone');
    expect([code, world.commands]).toEqual([3, ['migrate v2', 'deploy v2 to only']]);
  });

  test('that cannot be undone is remembered by whoever finishes a run that is gone, and by a rollback by hand', async () => {
    migrate('echo irreversible=true >> "$DELIVERY_RESULT"');
    world.release('v2');
    const run = { id: world.newRun(), tag: 'v2' };
    await world.step({ ...run, onLine: killAt('Verify') }, 'deploy', 'production');
    expect((await world.step(run, 'rollback', 'production', '--settle')).code).toBe(3);
    await world.delivery('adopt', 'production', '--release', 'v2');
    const refused = await world.delivery('rollback', 'production', '--release', 'v1');
    expect(refused.output).toContain('v2 ran a migration that cannot be undone');
    expect(refused.code).toBe(2);
    expect((await world.delivery('rollback', 'production', '--release', 'v1', '--even-if-irreversible')).code).toBe(0);
  });

  test('that says what nobody understands has failed', async () => {
    migrate('echo irreversible=yes >> "$DELIVERY_RESULT"');
    const { code, output } = await world.ship('v2');
    expect(output).toContain('irreversible=yes, which is neither true nor false');
    expect([code, world.served]).toEqual([1, 'v1']);
  });
});

describe('a drill', () => {
  test.each(['redeploy', 'blueGreen'] as const)('tries the way back with %s and leaves everything as it was', async (strategy) => {
    world = await World.create(strategy);
    expect((await world.delivery('drill', 'production')).code).toBe(2);
    await world.ship('v1');
    const { live } = world;
    world.forgetCommands();
    const { code, output } = await world.delivery('drill', 'production');
    expect(output).toContain('the way back works, v1 is live again, verified, after ');
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
    await world.delivery('rollback', 'production', '--settle');
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

/** Resolves when the process has ended; what is not reaped is a zombie. */
async function gone(pid: number): Promise<void> {
  while (/^State:\s+[^Z]/m.test(statusOf(pid))) await new Promise((turn) => setImmediate(turn));
}

function statusOf(pid: number): string {
  try {
    return readFileSync(`/proc/${pid}/status`, 'utf8');
  } catch {
    return '';
  }
}

/** Kills the runtime as soon as it says that it begins a phase. */
function killAt(phase: string, how: NodeJS.Signals = 'SIGKILL'): OnLine {
  return (line, stop) => {
    if (line.includes(`::group::${phase}`)) stop(how);
  };
}
