/** A channel that is notified does not respond: a real server that hangs beside one that takes everything; the time is the test's. */
import { AlertManifest } from '../../../src/contract/manifest';
import { WatchWorld } from '../../../tools/model-checker/overlaps/watch-world';
import { respond, hang } from '../../misbehaving-server';
import { HandClock } from '../hand-clock';
import { Receiver } from '../notifications/receiver';

const ALERTS = 40;
const CHANNEL_SECONDS = 60;

let clock: HandClock;
let world: WatchWorld;
let hanging: Receiver;
let healthy: Receiver;

beforeEach(async () => {
  clock = new HandClock();
  jest.spyOn(AbortSignal, 'timeout').mockImplementation((ms) => {
    const end = new AbortController();
    void clock.sleep(ms).then(() => end.abort(new DOMException('The operation was aborted due to timeout', 'TimeoutError')));
    return end.signal;
  });
  world = await WatchWorld.create({ retries: 0, firesAfter: 1, resolvesAfter: 1 }, {}, clock);
  [hanging, healthy] = [await Receiver.start(), await Receiver.start()];
  hangFromNow();
  world.channels = undefined;
  world.secrets = { HANGING: hanging.address, HEALTHY: healthy.address };
  world.manifest = { ...world.manifest, alerts: [webhook('HANGING'), webhook('HEALTHY')] };
  world.service.behave((request, response) => void response.writeHead(bad.includes(request.url ?? '') ? 500 : 200).end());
  bad = paths(ALERTS);
  watchPaths(bad);
  await world.deployed();
});

afterEach(async () => {
  jest.restoreAllMocks();
  expect(world.github.violations).toEqual([]);
  await hanging.stop();
  await healthy.stop();
  await world.destroy();
});

/** What responds with an error. */
let bad: string[];

const paths = (count: number, prefix = '/part') => Array.from({ length: count }, (_, i) => `${prefix}-${i + 1}`);

function watchPaths(all: readonly string[]): void {
  const healthChecks = all.map((path) => world.check({ name: path.slice(1), url: `${world.service.url}${path}` }));
  world.manifest = { ...world.manifest, environments: [{ ...world.environment('production'), healthChecks }] };
}

function webhook(secret: string): AlertManifest {
  return { kind: 'webhook', name: `webhook (${secret})`, address: secret, on: ['firing', 'resolved'], secrets: [secret] };
}

/** One run, its output. Time stands still until everything has happened that needs none. */
async function run(sees: () => boolean): Promise<string> {
  world.later += 300_000;
  let over: { readonly output: string } | undefined;
  const watched = world.runOf(world.begin()).then((result) => { over = result; });
  for (let i = 0; i < 6_000 && !sees() && !over; i++) await new Promise((resolve) => setTimeout(resolve, 10));
  expect({ healthy: healthy.letters.length, isSeen: sees() }).toEqual({ healthy: healthy.letters.length, isSeen: true });
  while (!over) {
    // everything that is on its way arrives, then a second passes
    for (let i = 0; i < 50 && !over; i++) await new Promise((resolve) => setImmediate(resolve));
    if (!over) clock.pass(1_000);
  }
  await watched;
  return over.output;
}

/** Never responds. From the first to the last try, in seconds. */
let triedFor: () => number;

function hangFromNow(): void {
  const tries: number[] = [];
  hanging.forget();
  hanging.behave((...args) => {
    tries.push(clock.now());
    hang(...args);
  });
  triedFor = () => (tries.at(-1)! - tries[0]!) / 1000;
}

const received = (receiver: Receiver) => receiver.bodies.map(({ check, event }) => `${String(event)} ${String(check)}`);
const firing = (all: readonly string[]) => all.map((path) => `firing ${path.slice(1)}`);

it('a channel that responds is notified of 40 alerts at once, of the next run\'s new one, and of nothing twice; one that hangs costs each run a minute', async () => {
  const first = await run(() => healthy.letters.length === ALERTS);
  expect(received(healthy).sort()).toEqual(firing(bad).sort());
  expect(triedFor()).toBeGreaterThan(CHANNEL_SECONDS / 2);
  expect(triedFor()).toBeLessThanOrEqual(CHANNEL_SECONDS);
  expect(first).toContain('::warning title=webhook (HANGING) could not be notified::');
  expect(first).toContain('no time was left for it. The next command tries again.');

  hangFromNow();
  bad = [...bad, '/new'];
  watchPaths(bad);
  await run(() => healthy.letters.length === ALERTS + 1 && hanging.letters.length > 0);
  expect(received(healthy).slice(ALERTS)).toEqual(['firing new']);
  expect(received(hanging)[0]).toBe('firing new');
  expect(triedFor()).toBeLessThanOrEqual(CHANNEL_SECONDS);
});

it('a channel that recovers is notified of everything once, in order, in one run', async () => {
  await run(() => healthy.letters.length === ALERTS);
  bad = bad.slice(1);
  await run(() => healthy.letters.length === ALERTS + 1);
  hanging.forget();
  hanging.behave(respond(200));
  await run(() => hanging.letters.length === ALERTS + 1);
  expect(received(hanging).slice().sort()).toEqual([...firing(paths(ALERTS)), 'resolved part-1'].sort());
  expect(received(hanging).indexOf('firing part-1')).toBeLessThan(received(hanging).indexOf('resolved part-1'));
  await run(() => true);
  expect([hanging.letters.length, healthy.letters.length]).toEqual([ALERTS + 1, ALERTS + 1]);
  expect(new Set(healthy.bodies.map(({ id }) => id)).size).toBe(ALERTS + 1);
});

it('a run that is cancelled while a channel hangs records the sent notifications, so that none is sent twice', async () => {
  const cancelled = world.runOf(world.begin());
  while (healthy.letters.length < ALERTS || hanging.letters.length === 0) await new Promise((resolve) => setTimeout(resolve, 5));
  // what got a response has come back
  for (let i = 0; i < 50; i++) await new Promise((resolve) => setImmediate(resolve));
  world.interrupt.abort();
  await cancelled;
  hangFromNow();
  await run(() => hanging.letters.length > 0);
  expect(healthy.letters).toHaveLength(ALERTS);
});
