/** A service that is never well for long enough: its alert is written of in every run, and no run costs more for it. */
import { FlappingService } from './flapping-service';
import { respond } from '../../misbehaving-server';

const RUNS = 92;
/** What going on in another record costs the run that does it. */
const ROLLOVER = 6;

let flapping: FlappingService;

afterEach(async () => {
  expect(flapping.world.github.violations).toEqual([]);
  await flapping.world.destroy();
});

it('costs every run the same number of requests; people are notified once that it fires, and once that it ends', async () => {
  flapping = await FlappingService.open();
  const { world } = flapping;
  const counts: number[] = [];
  for (let i = 0; i < RUNS; i++) counts.push(await flapping.watch());
  const [, usual] = counts;
  // one run goes on in another record
  expect(counts.map((one) => one - usual!).filter((more) => more !== 0)).toEqual([ROLLOVER]);
  expect(Math.max(...flapping.records)).toBeLessThanOrEqual(100);
  expect(world.pager.notifications.map(({ event }) => event)).toEqual(['firing']);

  world.service.behave(respond(200));
  for (let i = 0; i < 3; i++) await world.watch();
  expect(world.pager.notifications.map(({ event }) => event)).toEqual(['firing', 'resolved']);
  const [firing, resolved] = world.pager.notifications;
  expect(resolved).toMatchObject({ key: firing!.key, since: firing!.since });
});
