/**
 * As crashes.test.ts, of a target whose releases have a URL each, which only their deployment knows: killed before and after the URL is recorded,
 * the recovery, the next deployment and a rollback by hand use the URL of the release that users get.
 */
import { crashWorlds } from './crash-worlds';
import { changes, cutsAt, wrong } from '../../../tools/model-checker/crashes/every-point';
import { outputStories } from '../../../tools/model-checker/crashes/stories';
import { AT_ONCE, IN_PLACE } from '../../../tools/model-checker/strategies';

jest.setTimeout(1_200_000);

const { worlds, explored } = crashWorlds();

test.each(IN_PLACE.flatMap(outputStories).map((story) => [story.name, story] as const))('%s: killed where the world has changed, the recorded URL is right', async (_, story) => {
  const points = changes(await worlds.points(story));
  for (const name of ['during command deploy', 'after command deploy']) expect(points.map((point) => point.name)).toContain(name);
  const outcomes = await worlds.cut(cutsAt(story, points, ['SIGKILL']), { goesOn: story.isGood });
  explored.push(`  ${story.name}: killed at ${outcomes.length} points`);
  expect(wrong(outcomes)).toEqual([]);
});

// there a release has its URL before users get it
const slots = AT_ONCE.flatMap(outputStories).filter(({ name }) => name.endsWith(', a bad release'));
test.each(slots.map((story) => [story.name, story] as const))('%s: killed around a command, the recorded URL is right', async (_, story) => {
  const points = (await worlds.points(story)).filter(({ name }) => /^(during|after) command (deploy|promote)$/.test(name));
  for (const name of ['after command deploy', 'after command promote']) expect(points.map((point) => point.name)).toContain(name);
  const outcomes = await worlds.cut(cutsAt(story, points, ['SIGKILL']), { goesOn: true });
  explored.push(`  ${story.name}: killed at ${outcomes.length} points`);
  expect(wrong(outcomes)).toEqual([]);
});
