/**
 * As haproxy-canary.ci.ts: what goes wrong in mid-canary, with the real programs. Afterwards Stable has all traffic, or the environment is halted and a
 * rollback by hand gives it all.
 */
import { CanaryStage } from './canary-stage';
import { BACK, CanaryStories, LONG_MS, STABLE_HAS_ALL } from './canary-stories';
import { Ended, OnLine } from '../runtime/world';

let stage: CanaryStage;
let stories: CanaryStories;

beforeAll(async () => {
  stage = await CanaryStage.open();
});
afterAll(async () => {
  await stage?.close();
  process.stdout.write(stories.table);
});
beforeEach(async () => {
  const world = await stage.world();
  stories ??= new CanaryStories(stage, world);
  stories.world = world;
});
afterEach(() => stories.world.destroy());

const BAD = { errorRate: 0.05 };

test('HAProxy is reloaded: its counters begin anew, its file gives Stable all traffic, and the canary is halted for want of evidence', async () => {
  stories.judgeBy('HAProxy', 20_000, { withoutVerdict: 'promoteIfShown' });
  const reload = atMeasurement(2, () => stage.reloadHaproxy());
  const { code, output } = await stories.release('HAProxy is reloaded', BAD, reload);
  await reload.done();
  expect(output).toMatch(/the counters of (Canary|Stable) were reset/);
  expect([code, await stage.weights()]).toEqual([3, STABLE_HAS_ALL]);
  await rolledBackByHand();
});

test('Prometheus dies: no verdict, and a person decides', async () => {
  stories.judgeBy('Prometheus', 20_000, { withoutVerdict: 'promoteIfShown' });
  const death = atMeasurement(2, () => stage.killPrometheus());
  const { code, output } = await stories.release('Prometheus dies', {}, death);
  await death.done();
  await stage.startPrometheus();
  expect(output).toContain('Prometheus does not respond');
  expect([code, stories.world.served, await stage.weights()]).toEqual([3, 'v1 and v2', { blue: 90, green: 10 }]);
  await rolledBackByHand();
});

test('Prometheus is late, and then goes on: what it missed is counted, and a bad release is taken back', async () => {
  stories.judgeBy('Prometheus', LONG_MS, { percent: 25 });
  const pause = atMeasurement(2, () => {
    stage.pausePrometheus();
    setTimeout(() => stage.resumePrometheus(), 3_000);
  });
  const { code } = await stories.release('Prometheus is late', BAD, pause);
  await pause.done();
  expect([code, stories.world.served, await stage.weights()]).toEqual([1, 'v1', STABLE_HAS_ALL]);
});

test('both versions are restarted, and count anew: a bad release is taken back', async () => {
  stories.judgeBy('Prometheus', LONG_MS, { percent: 25 });
  const restart = atMeasurement(3, () => Object.values(stage.slots).forEach((slot) => slot.forget()));
  const { code } = await stories.release('counters are reset', BAD, restart);
  await restart.done();
  expect([code, stories.world.served, await stage.weights()]).toEqual([1, 'v1', STABLE_HAS_ALL]);
});

test.each(['SIGINT', 'SIGTERM', 'SIGKILL'] as const)('%s: the next step of the job gives Stable all traffic', async (signal) => {
  stories.judgeBy('HAProxy', LONG_MS);
  stories.world.release('v2');
  const run = stories.newRun();
  const cancel = atMeasurement(2, (stop) => stop(signal));
  const { code } = await stories.release(signal, {}, { ...cancel, run });
  expect(code).not.toBe(0);
  const recovered = await stories.world.step(run, 'rollback', 'production', '--recover');
  expect([recovered.code, stories.world.served, stories.world.commands.slice(-2), await stage.weights()]).toEqual([1, 'v1', BACK, STABLE_HAS_ALL]);
});

test('a second release arrives: it changes nothing while the canary is at work, and takes it back first when its process has died', async () => {
  stories.judgeBy('HAProxy', LONG_MS);
  stories.world.release('v2');
  stories.world.release('v3');
  const [first, second] = [stories.newRun(), stories.newRun('v3')];
  let refused: Ended | undefined;
  const arrives = atMeasurement(2, async (stop) => {
    refused = await stories.world.step(second, 'deploy', 'production');
    expect(await stage.weights()).toEqual({ blue: 90, green: 10 });
    stop('SIGKILL');
  });
  await stories.release('a second release, and death', {}, { ...arrives, run: first });
  await arrives.done();
  expect([refused?.code, stories.world.commands.slice(-1)]).toEqual([1, ['weight 10 for v2 on green']]);
  stories.judgeBy('HAProxy', 2_000);
  const { code } = await stories.world.step({ ...second, attempt: 2 }, 'deploy', 'production');
  expect([code, stories.world.served, await stage.weights()]).toEqual([0, 'v3', { blue: 0, green: 100 }]);
  expect(stories.world.commands.slice(-7)).toEqual([
    ...BACK, 'weight 0 for v3 on green', 'deploy v3 to green', 'weight 10 for v3 on green', 'weight 50 for v3 on green', 'weight 100 for v3 on green',
  ]);
});

test('a rollback by hand: the canary sees at the end of its step that it is not wanted any more, and gives Stable all traffic', async () => {
  stories.judgeBy('HAProxy', 15_000);
  stories.world.release('v2');
  const first = stories.newRun();
  const byHand = { id: first.id + 1, tag: 'v2' };
  const act = (command: string) => stories.world.step(byHand, command, 'production', '--release', 'v1', '--reason', 'a test');
  let held: Ended | undefined;
  const person = atMeasurement(2, async () => { held = await act('hold'); });
  const { code, output } = await stories.release('a rollback by hand', {}, { ...person, run: first });
  await person.done();
  expect(output).toContain('octocat requested v1');
  expect([held?.code, code, stories.world.served, stories.world.commands.slice(-2), await stage.weights()]).toEqual([0, 1, 'v1', BACK, STABLE_HAS_ALL]);
  const { code: rolledBack } = await act('rollback');
  expect([rolledBack, stories.world.served, await stage.weights()]).toEqual([0, 'v1', STABLE_HAS_ALL]);
});

/** Does something once, when the canary has been measured so often. */
function atMeasurement(count: number, act: (stop: (signal: NodeJS.Signals) => void) => void | Promise<void>) {
  let seen = 0;
  let acting: Promise<void> | undefined;
  const onLine: OnLine = (line, stop) => {
    if (!/\d+ % of the traffic · Canary: /.test(line)) return;
    seen += 1;
    if (seen === count) acting = Promise.resolve(act(stop));
  };
  return {
    onLine,
    /** Resolves when it is done. Rejects if it was not measured so often. */
    done: async () => {
      expect(seen).toBeGreaterThanOrEqual(count);
      await acting;
    },
  };
}

/** Whatever was left, a person gets Stable back. */
async function rolledBackByHand(): Promise<void> {
  const { code } = await stories.world.delivery('rollback', 'production', '--release', 'v1', '--reason', 'a test');
  expect([code, stories.world.served]).toEqual([0, 'v1']);
  const weights = await stage.weights();
  expect([weights.blue, weights.green].sort((a, b) => a - b)).toEqual([0, 100]);
}
