/** As crashes.test.ts: and what recovers it dies, too, at each change. A landing takes a share of the points at which it is killed first. */
import { crashWorlds } from './crash-worlds';
import { How, Point } from '../../../tools/model-checker/crashes/crash-world';
import { changes, cutsAt, endAt, Outcome, wrong } from '../../../tools/model-checker/crashes/every-point';
import { deployStories, otherStories } from '../../../tools/model-checker/crashes/stories';
import { sayTaken, taken } from '../../../tools/model-checker/share';
import { AT_ONCE, IN_PLACE, STRATEGY_KINDS } from '../../../tools/model-checker/strategies';

jest.setTimeout(1_200_000);

const HOWS: readonly How[] = ['SIGKILL', 'runner lost'];
const kinds = STRATEGY_KINDS.map((strategy) => ({ strategy }));
const stories = [...kinds.flatMap(deployStories), ...[...IN_PLACE, ...AT_ONCE].map((strategy) => ({ strategy })).flatMap(otherStories).filter(({ name }) => /by hand|drill/.test(name))];
const { worlds, explored } = crashWorlds('crash points of what recovers from a crash');

const named = stories.map((story) => [story.name, story] as const);

test.each(named)('%s: killed anywhere, and again during the recovery, it is right after the next run at the latest', async (_, story) => {
  const all = changes(await worlds.points(story));
  const points = taken(all);
  const outcomes: Outcome[] = [];
  for (const how of HOWS) {
    const once = await worlds.cut(cutsAt(story, points, [how]), { goesOn: false });
    const twice = once.flatMap(({ cut: { ends }, ran: { points: then } }) =>
      changes(afterwards(then, ends[0])).map((point) => ({ story, ends: [...ends, endAt(point, how)] })));
    outcomes.push(...await worlds.cut(twice, { goesOn: true }));
  }
  explored.push(`  ${story.name}: ${outcomes.length}, killed first at ${sayTaken(points.length, all.length)}`);
  expect(wrong(outcomes)).toEqual([]);
});

/** In the processes that began after it was over. */
function afterwards(points: readonly Point[], { where }: Point): Point[] {
  return points.slice(points.map((point) => point.where).lastIndexOf(where) + 1);
}
