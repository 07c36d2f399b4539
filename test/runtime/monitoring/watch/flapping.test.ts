/** A service that is never well for long enough: its alert is written of in every run, and no run costs more for it. */
import { WatchWorld } from './watch-world';
import { answer } from '../../../misbehaving-server';

const RUNS = 100;
/** What going on in another record costs the run that does it. */
const ROLLOVER = 6;

let world: WatchWorld;

afterEach(async () => {
  expect(world.github.violations).toEqual([]);
  await world.destroy();
});

/** A run, and what it asked of GitHub. */
async function count(): Promise<number> {
  const before = world.github.requests.length;
  await world.watch();
  return world.github.requests.length - before;
}

it('costs every run the same number of requests; people are told that it fires, and when it ends, once', async () => {
  world = await WatchWorld.create({ retries: 0, firesAfter: 2, resolvesAfter: 2 });
  await world.deployed();
  world.service.behave(answer(500));
  for (let i = 0; i < 2; i++) await world.watch();
  const counts: number[] = [];
  for (let i = 0; i < RUNS; i++) {
    world.service.behave(answer(i % 2 === 0 ? 200 : 500));
    counts.push(await count());
  }
  const usual = counts[1]!;
  expect(counts.filter((one) => one !== usual).map((one) => one - usual).filter((more) => more > ROLLOVER || more < 0)).toEqual([]);
  // every 90 entries, and never twice in a row
  expect(counts.filter((one) => one !== usual).length).toBe(1);
  expect(world.pager.notices.map(({ event }) => event)).toEqual(['firing']);
  const records = world.github.deployments().filter(({ task }) => task === 'delivery-alert');
  expect(Math.max(...records.map(({ statuses }) => statuses.length))).toBeLessThanOrEqual(100);

  world.service.behave(answer(200));
  for (let i = 0; i < 3; i++) await world.watch();
  expect(world.pager.notices.map(({ event }) => event)).toEqual(['firing', 'resolved']);
  const [firing, resolved] = world.pager.notices;
  expect(resolved).toMatchObject({ key: firing!.key, since: firing!.since });
  // the end of an episode, whatever number of records it took
  expect(await count()).toBeLessThan(usual);
});
