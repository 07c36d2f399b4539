/** A service that flaps for a month. */
import { FlappingService, RUNS_A_DAY } from './flapping-service';
import { respond } from '../../misbehaving-server';

const DAYS = 30;

let flapping: FlappingService;
beforeAll(async () => {
  flapping = await FlappingService.open();
});
afterAll(async () => {
  expect(flapping.world.github.violations).toEqual([]);
  await flapping.world.destroy();
});

it('a run makes as many requests to GitHub on its last day as on its first; people are notified twice in total', async () => {
  const { world } = flapping;
  const first = [await flapping.watch(), await flapping.watch(), await flapping.watch(), await flapping.watch()];
  await flapping.pass(DAYS * RUNS_A_DAY);
  const last = [await flapping.watch(), await flapping.watch(), await flapping.watch(), await flapping.watch()];
  expect(last).toEqual(first);
  // one entry a run, 90 and the end of each record, and the first two runs' of the first
  expect(flapping.records.length).toBe(Math.ceil((DAYS * RUNS_A_DAY + 8) / 90));
  expect(Math.max(...flapping.records)).toBe(91);

  world.service.behave(respond(200));
  for (let i = 0; i < 3; i++) await world.watch();
  expect(world.pager.notifications.map(({ event }) => event)).toEqual(['firing', 'resolved']);
  const [firing, resolved] = world.pager.notifications;
  expect(resolved!.since).toBe(firing!.since);
  expect(resolved!.lastedMs).toBeGreaterThan(DAYS * 86_400_000);
});
