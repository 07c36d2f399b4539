/** As crashes.test.ts, of a target that cannot take a release back: killed anywhere, nothing is rolled back, and the release is halted or verified. */
import { changes, cutsAt, Worlds, wrong } from '../../../tools/model-checker/crashes/every-point';
import { oneWayStories } from '../../../tools/model-checker/crashes/stories';
import { IN_PLACE } from '../../../tools/model-checker/strategies';

jest.setTimeout(1_200_000);

const worlds = new Worlds();
const lines: string[] = [];

afterAll(async () => {
  await worlds.destroy();
  process.stdout.write(`crash points:\n${lines.join('\n')}\n`);
});

test.each(IN_PLACE.flatMap(oneWayStories).map((story) => [story.name, story] as const))('%s: killed where the world has changed, it ends halted or verified, and the next release rolls forward', async (_, story) => {
  const points = changes(await worlds.points(story));
  expect(points.map(({ name }) => name)).toContain('after command deploy');
  expect(points.filter(({ name }) => name.includes('rollingBack'))).toEqual([]);
  const outcomes = await worlds.cut(cutsAt(story, points, ['SIGKILL']), { goesOn: true });
  lines.push(`  ${story.name}: killed at ${outcomes.length} points`);
  expect(wrong(outcomes)).toEqual([]);
});
