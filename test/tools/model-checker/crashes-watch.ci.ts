/**
 * The watch dies after each request that changed something, and GitHub shows the run that it started, or did not start: the bad release goes back all
 * the same, once, by the next runs of the watch; and people are notified of the same things as without a death.
 */
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { CrashWorld, Point, Saved } from '../../../tools/model-checker/crashes/crash-world';
import { changes } from '../../../tools/model-checker/crashes/every-point';
import { Receiver } from '../../runtime/notifications/receiver';

// every point, each with runs of its own
jest.setTimeout(1_200_000);

let root: string;
let receiver: Receiver;
let world: CrashWorld;

beforeAll(async () => {
  root = mkdtempSync(join(tmpdir(), 'delivery-watch-crashes-'));
  receiver = await Receiver.start();
  world = await CrashWorld.create(join(root, 'world'), { strategy: 'redeploy', webhook: receiver.address, watches: true });
});
afterAll(async () => {
  await world.stop();
  await receiver.stop();
  rmSync(root, { recursive: true, force: true });
});

/** What the watch of a story does is notified in these runs of it; the last one may die. */
interface Story {
  readonly name: string;
  /** How often the watch ran before. */
  readonly before: number;
  /** Whether people approve what the watch starts. */
  readonly approves: boolean;
  /** So many runs of rollback.yml are started in the end. */
  readonly started: number;
  /** What people are notified of in the end, besides what became of the deployments. */
  readonly received: readonly string[];
  readonly served: string;
}

const STORIES: readonly Story[] = [
  { name: 'a young release turns bad', before: 0, approves: true, started: 1, received: ['firing health', 'resolved health'], served: 'v1' },
  { name: 'the first rollback is not approved', before: 1, approves: false, started: 3, received: ['firing health', 'firing rollback'], served: 'v2' },
  { name: 'no rollback is approved', before: 3, approves: false, started: 3, received: ['firing health', 'firing rollback'], served: 'v2' },
];

/** Runs of the watch after which all is over, whatever one of them died of. */
const RUNS = 6;

describe.each(STORIES)('$name', (story) => {
  let saved: Saved;
  let points: readonly Point[];

  beforeAll(async () => {
    await world.begin();
    world.approves = story.approves;
    await world.push('v1');
    await world.push('v2');
    world.service.behaviours.v2 = 'bad';
    saved = world.save(story.name);
    ({ points } = await lastWatch(story));
  });

  it('nothing dies', async () => {
    await goOn(story.before + 1);
    expect(ended()).toEqual({ served: story.served, started: story.started, received: story.received, violations: [] });
  });

  it('the watch dies wherever the world is another one than before', async () => {
    const wrong: string[] = [];
    // before a request the world is as after the one before it
    const cuts = [points[0], ...changes(points)];
    for (const point of cuts) {
      await world.begin(saved);
      const { points: met } = await lastWatch(story, point);
      await goOn(story.before + 1);
      const came = met.some(({ name, nth }) => name === point.name && nth === point.nth);
      const what = ended();
      // who dies between its claim and the request has made an attempt
      const lost = !story.approves && point.name.endsWith('/statuses rollback') ? 1 : 0;
      const right = { served: story.served, started: story.started - lost, received: story.received, violations: [] };
      if (!came || JSON.stringify(what) !== JSON.stringify(right)) wrong.push(`${point.name} (${point.nth}): ${came ? JSON.stringify(what) : 'never came there'}`);
    }
    process.stdout.write(`  ${story.name}: the watch died at ${cuts.length} points\n`);
    expect(wrong).toEqual([]);
  });
});

/** The runs of the watch that a story begins with, and then the one that is looked at. */
async function lastWatch({ before }: Story, end?: Point) {
  receiver.forget();
  for (let i = 0; i < before; i++) await world.watch();
  return world.watch(end ? [{ ...end, how: 'SIGKILL', where: end.where.replace(/^\d+/, String(world.runs + 1)) }] : []);
}

async function goOn(done: number): Promise<void> {
  for (let i = done; i < RUNS; i++) await world.watch();
}

/** What it came to: the notifications are in their order, each once, however often the same was sent. */
function ended() {
  const alerts = receiver.bodies.filter(({ event }) => ['firing', 'reminder', 'resolved', 'unwatched'].includes(String(event)));
  const received = new Map(alerts.map(({ check, event, id }) => [id, `${String(event)} ${check === undefined ? 'rollback' : 'health'}`]));
  return { served: world.service.served, started: world.started, received: [...received.values()].sort(), violations: [...world.api.violations] };
}
