/**
 * The runtime dies at a point of a deployment, and the rest of the workflow goes on as GitHub lets it go on: whatever the point,
 * users are served by a verified release and the ledger says so, or it is halted with an instruction.
 *
 * Here: once between any two changes of the world (the ledger's, the service's) and in the middle of each command, of one
 * deployment. `npx jest --testMatch '**\/test/tools/model-checker/crashes-*.ci.ts'` dies at each point of every story, in every way, and again while
 * that is being recovered.
 */
import { crashWorlds } from './crash-worlds';
import { How } from '../../../tools/model-checker/crashes/crash-world';
import { changes, cutsAt, wrong } from '../../../tools/model-checker/crashes/every-point';
import { asynchronousStories, deployStories } from '../../../tools/model-checker/crashes/stories';
import { AT_ONCE, IN_PLACE } from '../../../tools/model-checker/strategies';

const HOWS: readonly How[] = ['SIGKILL'];
const stories = IN_PLACE.map((strategy) => deployStories({ strategy, around: true })[1]);
const { worlds, explored } = crashWorlds();

test.each(stories.map((story) => [story.name, story] as const))('%s: killed anywhere, it ends on a verified release, or halted with an instruction', async (_, story) => {
  const points = await worlds.points(story);
  // a seam that sees nothing would find nothing wrong
  for (const kind of ['after POST /deployments', 'after command', 'before probe']) expect(points.map(({ name }) => name)).toContainEqual(expect.stringMatching(kind));
  const cuts = cutsAt(story, changes(points), HOWS);
  const outcomes = await worlds.cut(cuts, { goesOn: false });
  explored.push(`  ${story.name}: killed at ${outcomes.length} of ${points.length}`);
  expect(wrong(outcomes)).toEqual([]);
});

const late = [
  ...IN_PLACE.flatMap((strategy) => asynchronousStories(strategy).slice(0, 2)),
  ...AT_ONCE.map((strategy) => asynchronousStories(strategy)[0]),
];

test.each(late.map((story) => [story.name, story] as const))('%s: it is waited for, and killed after its command nothing else shows after what the ledger says', async (_, story) => {
  const points = changes(await worlds.points(story)).filter(({ name }) => name === 'after command deploy' || name === 'after command promote').slice(-1);
  expect(points).toHaveLength(1);
  const outcomes = await worlds.cut(cutsAt(story, points, HOWS), { goesOn: false });
  explored.push(`  ${story.name}: killed at ${outcomes.length}`);
  expect(wrong(outcomes)).toEqual([]);
});
