/** What a canary does beside the rules of each strategy (rollout-rules.ts), through the bundled runtime as a real process. */
import { Ended, killAt, World } from '../world';

let world: World;
beforeEach(async () => {
  world = await World.create('canary');
  await world.ship('v1');
});
afterEach(() => world.destroy());

const FORTH = ['weight 0 for v2 on green', 'deploy v2 to green', 'weight 10 for v2 on green', 'weight 50 for v2 on green', 'weight 100 for v2 on green'];
const BACK = ['weight 0 for v2 on green', 'weight 100 for v1 on blue'];

test('the first release has nothing to share the traffic with: it gets all of it at once', () => {
  expect(world.commands).toEqual(['deploy v1 to blue', 'weight 100 for v1 on blue']);
});

test('a good release passes every weight, and both releases respond to users meanwhile', async () => {
  world.forgetCommands();
  const before = world.responses.length;
  const { code, output } = await world.ship('v2');
  expect([code, world.served, world.commands]).toEqual([0, 'v2', FORTH]);
  expect(output).toContain('with 10 % of the traffic for at least 60 ms');
  expect(new Set(world.responses.slice(before))).toEqual(new Set(['v1', 'v2']));
});

test('a release that is bad for users gets no more than the first weight, and loses that first', async () => {
  world.forgetCommands();
  const { code, output } = await world.ship('v2', 'bad');
  expect([code, world.served, world.commands]).toEqual([1, 'v1', [...FORTH.slice(0, 3), ...BACK]]);
  expect(output).toContain('v2 was bad on production and was rolled back: v1 is live again, verified');
});

test('where only what users see is probed, Stable is as good as the release, and a bad response of either is not', async () => {
  const { strategy } = world.manifest.environments[0];
  world.change({ strategy: { ...strategy, candidateUrl: undefined } });
  world.forgetCommands();
  expect([(await world.ship('v2')).code, world.commands]).toEqual([0, FORTH]);
});

test('where users got bad responses before, those of Stable do not judge the release that fixes it', async () => {
  world.behaviours.v1 = 'bad';
  world.forgetCommands();
  const { code, output } = await world.ship('v2');
  expect([code, world.served, world.commands]).toEqual([0, 'v2', FORTH]);
  expect(output).toContain('not used to judge this step, because users got bad responses before the deployment: health');
});

test('a weight that cannot be set is rolled back', async () => {
  const { target } = world.manifest.environments[0];
  const line = target.setWeight?.kind === 'bash' ? target.setWeight.line : '';
  world.change({ target: { ...target, setWeight: { kind: 'bash', line: `test "$DELIVERY_WEIGHT" != 50 || exit 7; ${line}` } } });
  world.forgetCommands();
  const { code } = await world.ship('v2');
  expect([code, world.served, world.commands]).toEqual([1, 'v1', [...FORTH.slice(0, 3), ...BACK]]);
});

test('without weight 0 Stable is restored all the same', async () => {
  const { target } = world.manifest.environments[0];
  const line = target.setWeight?.kind === 'bash' ? target.setWeight.line : '';
  world.change({ target: { ...target, setWeight: { kind: 'bash', line: `test "$DELIVERY_WEIGHT$DELIVERY_ROLLBACK_FROM" != 0v2 || exit 7; ${line}` } } });
  const { code, output } = await world.ship('v2', 'bad');
  expect(output).toContain('set the weight to 0 % failed: exit code 7; set the weight to 100 % succeeded');
  expect([code, world.served]).toEqual([1, 'v1']);
});

test('the target\'s rollback command runs after weight 0', async () => {
  const { target } = world.manifest.environments[0];
  world.change({ target: { ...target, rollback: { kind: 'bash', line: 'echo "rollback to $DELIVERY_VERSION from $DELIVERY_ROLLBACK_FROM" >> machine/commands' } } });
  world.forgetCommands();
  const { code } = await world.ship('v2', 'bad');
  expect([code, world.served, world.commands]).toEqual([1, 'v1', [...FORTH.slice(0, 3), BACK[0], 'rollback to v1 from v2']]);
});

test.each([['10 %', 10], ['50 %', 50], ['users', undefined]])('killed with %s, it is recovered: weight 0, and Stable has all traffic', async (title, weight) => {
  world.release('v2');
  const run = { id: world.newRun(), tag: 'v2' };
  await world.step({ ...run, onLine: killAt(`Promote v2: ${title}`) }, 'deploy', 'production');
  const [{ last, split }] = JSON.parse((await world.delivery('status', '--json')).output) as [{ last: { state: string }; split?: { percent: number } }];
  expect([last.state, split?.percent]).toEqual(['promoting', weight]);
  world.forgetCommands();
  const { code } = await world.step(run, 'rollback', 'production', '--recover');
  expect([code, world.served, world.commands]).toEqual([1, 'v1', BACK]);
});

test.each(['SIGINT', 'SIGTERM'] as const)('told to stop in a step (%s), it gives Stable all traffic on its way out, and is recovered later', async (signal) => {
  const { strategy } = world.manifest.environments[0];
  world.change({ strategy: { ...strategy, weights: strategy.weights!.map(({ percent }) => ({ percent, atLeastMs: 86_400_000 })) } });
  world.release('v2');
  world.forgetCommands();
  const { code, output } = await world.run(['deploy', 'production', '--release', 'v2'], {}, (line, stop) => {
    if (line.includes('set the weight to 10 % succeeded')) stop(signal);
  });
  expect([code, world.served, world.commands]).toEqual([1, 'v1', [...FORTH.slice(0, 3), BACK[0]]]);
  expect(output).toContain('told to stop, so users are on v1 again: set the weight to 0 % succeeded');
  world.forgetCommands();
  expect((await world.delivery('rollback', 'production', '--recover')).code).toBe(0);
  expect([world.served, world.commands]).toEqual(['v1', BACK]);
});

test('told to stop while it sets a weight, it stops that command first', async () => {
  const { target } = world.manifest.environments[0];
  const line = target.setWeight?.kind === 'bash' ? target.setWeight.line : '';
  world.change({ target: { ...target, setWeight: { kind: 'bash', line: `${line}; if [ "$DELIVERY_WEIGHT" = 10 ]; then echo "it is 10 now"; sleep 60; fi` } } });
  world.release('v2');
  const { code } = await world.run(['deploy', 'production', '--release', 'v2'], {}, (text, stop) => {
    if (text.includes('it is 10 now')) stop('SIGINT');
  });
  expect([code, world.served, world.commands.at(-1)]).toEqual([1, 'v1', BACK[0]]);
});

test('where Stable cannot get the traffic on the way out, the log says so', async () => {
  const { target } = world.manifest.environments[0];
  const line = target.setWeight?.kind === 'bash' ? target.setWeight.line : '';
  world.change({ target: { ...target, setWeight: { kind: 'bash', line: `test "$DELIVERY_WEIGHT$DELIVERY_ROLLBACK_FROM" != 0v2 || exit 7; ${line}; if [ "$DELIVERY_WEIGHT" = 10 ]; then echo "it is 10 now"; sleep 60; fi` } } });
  world.release('v2');
  const { output } = await world.run(['deploy', 'production', '--release', 'v2'], {}, (text, stop) => {
    if (text.includes('it is 10 now')) stop('SIGINT');
  });
  expect([world.served, output]).toEqual(['v1 and v2', expect.stringContaining('told to stop, and set the weight to 0 % failed: exit code 7')]);
});

test('halted in the middle, users are split: status says so, resolve does not guess, and a rollback by hand begins with weight 0', async () => {
  const { strategy } = world.manifest.environments[0];
  world.change({ strategy: { ...strategy, candidateUrl: undefined } });
  world.shortenDeadline();
  // no one can see the machine, so no one can say which release is to blame
  world.up = false;
  const { code } = await world.ship('v2');
  world.up = true;
  expect([code, world.served]).toEqual([3, 'v1 and v2']);
  expect((await world.delivery('status')).output).toContain('10 % of the traffic on production went to v2 when it was halted');
  const resolved = await world.delivery('resolve', 'production', '--reason', 'a test');
  expect([resolved.code, resolved.output.includes('10 % of the traffic')]).toEqual([3, true]);
  world.forgetCommands();
  const back = await world.delivery('rollback', 'production', '--release', 'v1', '--reason', 'a test');
  expect([back.code, world.served]).toEqual([0, 'v1']);
  expect(world.commands).toEqual(['weight 0 for v1 on green', 'deploy v1 to green', 'weight 100 for v1 on green']);
});

test('a rollback by hand in mid-canary on a laptop: the canary gives way between two steps, and Stable has all traffic', async () => {
  const { strategy } = world.manifest.environments[0];
  world.change({ strategy: { ...strategy, weights: [{ percent: 10, atLeastMs: 4_000 }, { percent: 50, atLeastMs: 86_400_000 }] } });
  world.release('v2');
  world.forgetCommands();
  let back: Promise<Ended> | undefined;
  const { code, output } = await world.run(['deploy', 'production', '--release', 'v2'], {}, (line) => {
    if (line.includes('set the weight to 10 % succeeded')) back ??= world.delivery('rollback', 'production', '--release', 'v1', '--reason', 'a test');
  });
  const { code: backCode, output: backOutput } = (await back)!;
  expect({ code, output }).toEqual({ code: 1, output: expect.stringMatching(/engineer requested v1/) });
  expect({ backCode, backOutput }).toEqual({ backCode: 0, backOutput: expect.stringContaining('it was asked to give way to v1') });
  expect(backOutput).toContain('v1 is live already');
  expect([world.served, world.commands]).toEqual(['v1', [...FORTH.slice(0, 3), ...BACK]]);
});

test('a rollback by hand gives all traffic at once', async () => {
  await world.ship('v2');
  world.forgetCommands();
  const { code } = await world.delivery('rollback', 'production', '--release', 'v1', '--reason', 'a test');
  expect([code, world.served, world.commands]).toEqual([0, 'v1', ['weight 0 for v1 on blue', 'deploy v1 to blue', 'weight 100 for v1 on blue']]);
});

test('a drill passes the weights without waiting, and rolls back', async () => {
  const { strategy } = world.manifest.environments[0];
  world.change({ strategy: { ...strategy, weights: strategy.weights!.map(({ percent }) => ({ percent, atLeastMs: 86_400_000 })) } });
  world.forgetCommands();
  const { code } = await world.delivery('drill', 'production');
  expect([code, world.served]).toEqual([0, 'v1']);
  expect(world.commands).toEqual([...FORTH, ...BACK].map((line) => line.replace('v2', 'v1')));
});
