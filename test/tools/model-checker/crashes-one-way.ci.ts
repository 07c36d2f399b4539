/** As crashes.test.ts, of a target that cannot take a release back: killed anywhere, nothing is rolled back, and the release is halted or verified. */
import { crashWorlds } from './crash-worlds';
import { changes, cutsAt, wrong } from '../../../tools/model-checker/crashes/every-point';
import { oneWayStories } from '../../../tools/model-checker/crashes/stories';
import { IN_PLACE } from '../../../tools/model-checker/strategies';

jest.setTimeout(1_200_000);

const { worlds, explored } = crashWorlds();

test.each(IN_PLACE.flatMap(oneWayStories).map((story) => [story.name, story] as const))('%s: killed where the world has changed, it ends halted or verified, and the next release rolls forward', async (_, story) => {
  const points = changes(await worlds.points(story));
  expect(points.map(({ name }) => name)).toContain('after command deploy');
  expect(points.filter(({ name }) => name.includes('rollingBack'))).toEqual([]);
  const outcomes = await worlds.cut(cutsAt(story, points, ['SIGKILL']), { goesOn: true });
  explored.push(`  ${story.name}: killed at ${outcomes.length} points`);
  expect(wrong(outcomes)).toEqual([]);
});
