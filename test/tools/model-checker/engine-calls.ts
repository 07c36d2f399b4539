import { cutsAt, engineCalls, Worlds, wrong } from '../../../tools/model-checker/crashes/every-point';
import { Story } from '../../../tools/model-checker/crashes/stories';

interface EngineCallOptions {
  /** Kills it only at calls that change something: so many there are. @default - at every call */
  readonly changes?: number;
}

/** As crashes.test.ts: defines a test for each story that kills it before, during and after every call of the AWS CLI. */
export function testEngineCalls(stories: readonly Story[], { changes }: EngineCallOptions = {}): void {
  const worlds = new Worlds();
  const explored: string[] = [];

  afterAll(async () => {
    await worlds.destroy();
    process.stdout.write(`crash points:\n${explored.join('\n')}\n`);
  });

  test.each(stories.map((story) => [story.name, story] as const))('%s: killed at any call of the engine, it ends right, and so does the next command', async (_, story) => {
    const points = engineCalls(await worlds.points(story), { isChange: changes !== undefined });
    if (changes !== undefined) expect(points).toHaveLength(3 * changes);
    for (const when of ['before', 'during', 'after']) expect(points.map(({ name }) => name)).toContain(`${when} command aws update-alias`);
    const outcomes = await worlds.cut(cutsAt(story, points, ['SIGKILL']), { goesOn: true });
    explored.push(`  ${story.name}: killed at ${outcomes.length} points of its engine calls`);
    expect(wrong(outcomes)).toEqual([]);
  });
}
