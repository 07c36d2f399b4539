/** As crashes.test.ts: before, during and after every call of the AWS CLI. `crashes-lambda-redeploy.ci.ts` has the stories of the other strategy. */
import { cutsAt, engineCalls, Worlds, wrong } from '../../../tools/model-checker/crashes/every-point';
import { lambdaStories } from '../../../tools/model-checker/crashes/stories';

jest.setTimeout(1_200_000);

const stories = lambdaStories('blueGreen');
const worlds = new Worlds();
const explored: string[] = [];

afterAll(async () => {
  await worlds.destroy();
  process.stdout.write(`crash points:\n${explored.join('\n')}\n`);
});

test.each(stories.map((story) => [story.name, story] as const))('%s: killed at any call of the engine, it ends right, and so does what comes next', async (_, story) => {
  const points = engineCalls(await worlds.points(story));
  for (const when of ['before', 'during', 'after']) expect(points.map(({ name }) => name)).toContain(`${when} command aws update-alias`);
  const outcomes = await worlds.cut(cutsAt(story, points, ['SIGKILL']), { goesOn: true });
  explored.push(`  ${story.name}: killed at ${outcomes.length} points of its engine calls`);
  expect(wrong(outcomes)).toEqual([]);
});
