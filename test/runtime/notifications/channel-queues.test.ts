/** Whom a run notifies when: decisions alone, with a clock of the test's own. */
import { CHANNEL_MS, ChannelQueues, NO_TIME, NOTIFICATION_MS, QueuedChannel } from '../../../src/runtime/notifications/channel-queues';
import { Notification } from '../../../src/runtime/notifications/notification';
import { VirtualClock } from '../../virtual-clock';

let clock: VirtualClock;
let queues: ChannelQueues;
let startedAt: number;
/** What was begun, in this order, with the second at which it was. */
let begun: string[];

beforeEach(() => {
  clock = new VirtualClock();
  queues = new ChannelQueues(clock);
  startedAt = clock.now();
  begun = [];
});

const second = () => (clock.now() - startedAt) / 1000;

function channel(name: string, work: (giveUpAt: number) => Promise<void>): QueuedChannel {
  return {
    name,
    notify: (notification, giveUpAt) => {
      begun.push(`${second()} ${name} ${notification.title}`);
      return work(giveUpAt);
    },
  };
}

/** Takes everything, each after so many seconds. */
const takes = (name: string, seconds = 0) => channel(name, () => clock.sleep(seconds * 1000));
/** Never responds: gives up when it must. */
const hangs = (name = 'hanging') => channel(name, async (giveUpAt) => {
  await clock.sleep(giveUpAt - clock.now());
  throw new Error('no response');
});

function add(to: QueuedChannel, title: string, isRepeat = false): Promise<{ title: string; fault?: string; at: number }> {
  return queues.add({ channel: to, notification: { title } as Notification, isRepeat }).then((fault) => ({ title, fault, at: second() }));
}

const many = (count: number, prefix = 'alert') => Array.from({ length: count }, (_, i) => `${prefix} ${i + 1}`);

it('no channel waits for another one: beside one that hangs, the healthy one is notified of everything at once', async () => {
  const [hanging, healthy] = [hangs(), takes('healthy')];
  const results = await clock.run(Promise.all(many(40).flatMap((title) => [add(hanging, title), add(healthy, title)])));
  const of = (parity: number) => results.filter((_, i) => i % 2 === parity);
  expect(of(1)).toEqual(many(40).map((title) => ({ title, fault: undefined, at: 0 })));
  expect(of(0).every(({ fault }) => fault !== undefined)).toBe(true);
});

it('a notification that is not taken ends after 20 s, and a channel keeps the run busy for 60 s in all', async () => {
  expect([NOTIFICATION_MS, CHANNEL_MS]).toEqual([20_000, 60_000]);
  const results = await clock.run(Promise.all(many(40).map((title) => add(hangs(), title))));
  expect(results.map(({ at, fault }) => `${fault} at ${at} s`)).toEqual([
    ...Array.from({ length: 12 }, (_, i) => `no response at ${20 * (Math.floor(i / 4) + 1)} s`), ...Array.from({ length: 28 }, () => `${NO_TIME} at 60 s`),
  ]);
});

it('the last notification of a slow channel has what is left of the time', async () => {
  const work = Promise.all([...many(4).map((title) => add(takes('slow', 50), title)), add(hangs('slow'), 'last')]);
  expect((await clock.run(work)).at(-1)).toEqual({ title: 'last', fault: 'no response', at: 60 });
});

it('only the time of notifications counts, not that of the checks of a large fleet', async () => {
  for (let i = 0; i < 5; i++) {
    const { fault } = await clock.run(add(takes('chat', 10), `alert ${i}`));
    expect(fault).toBeUndefined();
    await clock.run(clock.sleep(120_000));
  }
  expect(await clock.run(add(hangs('chat'), 'late'))).toMatchObject({ fault: 'no response', at: 660 });
  expect(queues.hasRoom('chat')).toBe(false);
  expect(await add(takes('chat'), 'too late')).toMatchObject({ fault: NO_TIME });
});

it('new findings go before repeats, whenever they come, and each in the order in which they came', async () => {
  const slow = takes('slow', 1);
  const work = [...many(6, 'repeat').map((title) => add(slow, title, true)), ...many(6, 'new').map((title) => add(slow, title))];
  await clock.run(Promise.all(work));
  expect(begun).toEqual([
    ...many(4, 'repeat').map((title) => `0 slow ${title}`),
    ...many(4, 'new').map((title) => `1 slow ${title}`),
    '2 slow new 5', '2 slow new 6', '2 slow repeat 5', '2 slow repeat 6',
  ]);
});

it('a repeat is taken only where it would be sent soon', async () => {
  const hanging = hangs();
  const work: Promise<unknown>[] = [];
  let taken = 0;
  for (; queues.hasRoom('hanging'); taken++) work.push(add(hanging, `repeat ${taken}`, true));
  expect(taken).toBe(12);
  expect(queues.hasRoom('another')).toBe(true);
  await clock.run(Promise.all(work));
  expect(queues.hasRoom('hanging')).toBe(false);
});

it('what a channel refuses is said, and costs the others of its queue nothing', async () => {
  const rejects = channel('chat', () => Promise.reject(new Error('HTTP 404: no_service')));
  const results = await clock.run(Promise.all([add(rejects, 'first'), add(takes('chat'), 'second')]));
  expect(results).toEqual([{ title: 'first', fault: 'HTTP 404: no_service', at: 0 }, { title: 'second', fault: undefined, at: 0 }]);
});
