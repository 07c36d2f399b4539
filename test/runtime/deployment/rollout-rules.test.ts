/** DESIGN section 5: what must always hold beside the rules of each strategy, through the bundled runtime as a real process. */
import { readFileSync } from 'node:fs';
import { OnLine, World } from '../world';

let world: World;
afterEach(() => world.destroy());

describe('a command', () => {
  test('does not outlive the runtime, even if that is killed: it could undo the recovery', async () => {
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

describe('the confirmation', () => {
  beforeEach(async () => {
    world = await World.create();
  });

  test('makes a healthy release Stable and says, by the attempt, that nothing is open', async () => {
    world.release('v1');
    const run = { id: world.newRun(), tag: 'v1', attempt: 2 };
    await world.step(run, 'deploy', 'production');
    const { code, outputs } = await world.step({ ...run, env: { DELIVERY_DEPLOYED: 'success' } }, 'monitor', 'production');
    expect([code, outputs]).toEqual([0, { completed_attempt: '2', state: 'stable' }]);
  });

  test('rule 2: does not make a release Stable that failed after its bake: the rollback job rolls it back', async () => {
    await world.ship('v1');
    world.release('v2');
    const run = { id: world.newRun(), tag: 'v2', env: { DELIVERY_DEPLOYED: 'success' } };
    await world.step(run, 'deploy', 'production');
    world.behaviours.v2 = 'bad';
    const confirmed = await world.step(run, 'monitor', 'production');
    expect([confirmed.code, confirmed.outputs.completed_attempt]).toEqual([1, undefined]);
    const recovered = await world.step(run, 'rollback', 'production', '--recover');
    expect([recovered.code, world.served]).toEqual([1, 'v1']);
  });

  test('fails, and leaves nothing open, for a release that was already rolled back', async () => {
    await world.ship('v1');
    world.release('v2', 'bad');
    const run = { id: world.newRun(), tag: 'v2' };
    await world.step(run, 'deploy', 'production');
    const { code, outputs } = await world.step(run, 'monitor', 'production');
    expect([code, outputs]).toEqual([1, { completed_attempt: '1', state: 'rolledBack' }]);
  });

  test('knows a deploy that had nothing to do from one that never was recorded', async () => {
    world.release('v1');
    const first = { id: world.newRun(), tag: 'v1', env: { DELIVERY_DEPLOYED: 'success' } };
    await world.step(first, 'deploy', 'production');
    await world.step(first, 'monitor', 'production');
    const second = { ...first, id: world.newRun(), env: { DELIVERY_DEPLOYED: 'success', DELIVERY_STATE: 'unchanged' } };
    const nothing = await world.step(second, 'deploy', 'production');
    expect(nothing.outputs).toEqual({ state: 'unchanged' });
    expect((await world.step(second, 'monitor', 'production')).outputs).toEqual({ completed_attempt: '1', state: 'stable' });
    // also after another release was tried and taken back
    await world.ship('v2', 'bad');
    const third = { ...second, id: world.newRun() };
    await world.step(third, 'deploy', 'production');
    const { code, outputs } = await world.step(third, 'monitor', 'production');
    expect([code, outputs]).toEqual([0, { completed_attempt: '1', state: 'stable' }]);
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
    // nothing can see the machine, so v2 is promoted unseen and halted: users stay on green
    world.shortenDeadline();
    world.up = false;
    expect((await world.ship('v2')).code).toBe(3);
    expect(world.live).toBe('green');
    world.up = true;
    world.forgetCommands();
    const { code } = await world.ship('v3', 'bad');
    expect(world.commands).toEqual(['deploy v3 to blue', 'promote v3 on blue', 'deploy v1 to green', 'promote v1 on green']);
    expect([code, world.served]).toEqual([1, 'v1']);
  });

  test('the deploy command may name the URL of the candidate', async () => {
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
