/**
 * A canary with the bundled runtime as a real process, the real HAProxy that splits the traffic by its weights, two versions of a service, a client
 * with 100 requests a second, and an analysis of HAProxy's own counters or of the real Prometheus. Not part of `npm test`: .ci/prometheus installs
 * the programs.
 */
import { CanaryStage } from './canary-stage';
import { BACK, CanaryStories, Judge, LONG_MS, STABLE_HAS_ALL } from './canary-stories';
import { ServiceBehaviour } from './counting-service';

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

test('a good release gets all traffic, and no request of a user fails', async () => {
  stories.judgeBy('HAProxy', 5_000);
  const { code, users } = await stories.release('healthy', {});
  expect([code, stories.world.served, users.failed, await stage.weights()]).toEqual([0, 'v2', 0, { blue: 0, green: 100 }]);
  expect(users.requests).toBeGreaterThan(100);
});

test.each<[string, Judge, ServiceBehaviour, number]>([
  ['100 % errors', 'HAProxy', { errorRate: 1 }, 10],
  ['5 % errors', 'HAProxy', { errorRate: 0.05 }, 10],
  ['1 % errors', 'HAProxy', { errorRate: 0.01 }, 25],
  ['50 % errors', 'Prometheus', { errorRate: 0.5 }, 10],
  ['errors on one route of ten', 'Prometheus', { errorRate: 1, failingPath: '/checkout' }, 10],
])('%s, judged by %s: taken back, and users get the stable one', async (name, judge, behaviour, percent) => {
  stories.judgeBy(judge, LONG_MS, { percent });
  const { code, output, users } = await stories.release(name, behaviour);
  expect(output).toContain('errors: Canary is worse than Stable');
  expect([code, stories.world.served, stories.world.commands.slice(-2), await stage.weights()]).toEqual([1, 'v1', BACK, STABLE_HAS_ALL]);
  expect(users.failed).toBeGreaterThan(0);
  // every failed request is one of the release: moving the traffic there and back costs none
  expect(users.failedElsewhere('green')).toEqual([]);
  expect(users.failed).toBeLessThanOrEqual(stage.slots.green.failed);
  // most users never saw it
  expect(users.failed).toBeLessThan(users.requests / 2);
});

test('a doubled 99th percentile, judged by Prometheus: taken back, and users get the stable one', async () => {
  const slow = { slowShare: 0.05, slowMs: 90 };
  stage.slots.blue.behaviour = slow;
  stories.judgeBy('latency', LONG_MS, { percent: 50 });
  const { code, output, users } = await stories.release('doubled p99', { ...slow, slowMs: 2 * slow.slowMs });
  expect(output).toContain('latency (p99): Canary is worse than Stable');
  expect([code, stories.world.served, users.failed, await stage.weights()]).toEqual([1, 'v1', 0, STABLE_HAS_ALL]);
});
