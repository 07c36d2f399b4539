/** As crashes.test.ts: at every point, in every way. */
import { How } from './crash-world';
import { changes, cutsAt, Worlds, wrong } from './every-point';
import { deployStories, otherStories } from './stories';

jest.setTimeout(1_200_000);

/** How the runtime, its machine or its run comes to an end at every point. */
const EVERYWHERE: readonly How[] = ['SIGKILL', 'runner lost', 'cancelled'];
/** What differs from those only where the world does. */
const AT_CHANGES: readonly How[] = ['SIGKILL, command lives', 'runner paused', 'SIGINT', 'SIGTERM'];

const kinds = [{ strategy: 'redeploy' }, { strategy: 'blueGreen' }] as const;
const stories = [
  ...kinds.flatMap(deployStories),
  ...kinds.flatMap((kind) => deployStories({ ...kind, migrates: true }).slice(0, 2)),
  ...kinds.flatMap(otherStories),
];
const worlds = new Worlds();
const told: string[] = [];

afterAll(async () => {
  await worlds.destroy();
  process.stdout.write(`crash points:\n${told.join('\n')}\n`);
});

test.each(stories.map((story) => [story.name, story] as const))('%s: cut off anywhere, it ends right, and so does what comes next', async (_, story) => {
  const points = await worlds.points(story);
  const changed = changes(points);
  const there = await worlds.cut(cutsAt(story, points, [...EVERYWHERE, ...AT_CHANGES], changed), { goesOn: true });
  const between = await worlds.cut(cutsAt(story, points, EVERYWHERE, points.filter((point) => !changed.includes(point))), { goesOn: false });
  told.push(`  ${story.name}: ${points.length} points, cut off ${there.length + between.length} times`);
  expect(wrong([...there, ...between])).toEqual([]);
});

const good = kinds.flatMap((kind) => deployStories(kind).slice(0, 1)).map((story) => [story.name, story] as const);

test.each(good)('%s: cancelled while a command does not listen, it is settled within the time that GitHub gives', async (_, story) => {
  const outcomes = await worlds.cut(cutsAt(story, await worlds.points(story), ['cancelled, command stubborn']), { goesOn: true });
  told.push(`  ${story.name}: cancelled ${outcomes.length} times while a command does not listen`);
  expect(wrong(outcomes)).toEqual([]);
});
