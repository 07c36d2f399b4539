/**
 * The runtime dies at a point of a deployment, and the rest of the workflow goes on as GitHub lets it go on: whatever the point,
 * users are served by a verified release and the ledger says so, or it is halted with an instruction.
 *
 * Here: at a few points of one deployment. crashes-first-order.ci.ts dies between any two changes of the world (the ledger's, the service's) and in the
 * middle of each command, of every story and in every way; crashes-second-order.ci.ts dies again while that is being recovered.
 */
import { crashWorlds } from './crash-worlds';
import { How, Point } from '../../../tools/model-checker/crashes/crash-world';
import { changes, cutsAt, wrong } from '../../../tools/model-checker/crashes/every-point';
import { asynchronousStories, deployStories } from '../../../tools/model-checker/crashes/stories';
import { IN_PLACE } from '../../../tools/model-checker/strategies';

const HOWS: readonly How[] = ['SIGKILL'];
/** Its record, half a command, a command whose end is not in the ledger, and the beginning of the way back. */
const POINTS = ['after POST /deployments deploy', 'during command deploy', 'after command deploy', 'after POST /deployments/#/statuses rollingBack'];
const { worlds, explored } = crashWorlds();

test.each(IN_PLACE.map((strategy) => deployStories({ strategy, around: true })[1]!).map((story) => [story.name, story] as const))('%s: killed there, it ends on a verified release, or halted with an instruction', async (_, story) => {
  const points = await worlds.points(story);
  // a seam that sees nothing would find nothing wrong
  for (const kind of ['after POST /deployments', 'after command', 'before probe']) expect(points.map(({ name }) => name)).toContainEqual(expect.stringMatching(kind));
  const few = POINTS.map((wanted) => changes(points).find(({ name }) => name === wanted));
  expect(few).not.toContain(undefined);
  const outcomes = await worlds.cut(cutsAt(story, few as Point[], HOWS), { goesOn: false });
  explored.push(`  ${story.name}: killed at ${outcomes.length} of ${points.length}`);
  expect(wrong(outcomes)).toEqual([]);
});

test.each(IN_PLACE.map((strategy) => asynchronousStories(strategy)[0]!).map((story) => [story.name, story] as const))('%s: it is waited for, and killed after its command nothing else shows after what the ledger says', async (_, story) => {
  const points = changes(await worlds.points(story)).filter(({ name }) => name === 'after command deploy').slice(-1);
  expect(points).toHaveLength(1);
  const outcomes = await worlds.cut(cutsAt(story, points, HOWS), { goesOn: false });
  explored.push(`  ${story.name}: killed at ${outcomes.length}`);
  expect(wrong(outcomes)).toEqual([]);
});
