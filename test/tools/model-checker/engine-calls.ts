import { crashWorlds } from './crash-worlds';
import { beforeCalls } from '../../../tools/model-checker/crashes/before-calls';
import { cutsAt, engineCalls, wrong } from '../../../tools/model-checker/crashes/every-point';
import { Story } from '../../../tools/model-checker/crashes/stories';
import { sayTaken, taken } from '../../../tools/model-checker/share';

interface EngineCallOptions {
  /** Kills it only at calls that change something. @default - whether `changes` is given */
  readonly isChange?: boolean;
  /** Kills it only at calls that change something: so many there are. @default - at every call */
  readonly changes?: number;
  /** The call that gives users another release. @default 'aws update-alias' */
  readonly move?: string;
  /** When it is killed. @default - before, during and after a call */
  readonly when?: readonly ('before' | 'during' | 'after')[];
  /** Kills it also before a call, where that differs from a point after a call: so many of these there are. @default - none of them */
  readonly before?: number;
  /** Kills each story at the share of the calls that this run takes. @default - at all of them */
  readonly isSampled?: boolean;
}

/** As crashes.test.ts: defines a test for each story that kills it before, during and after every call of the AWS CLI. */
export function testEngineCalls(
  stories: readonly Story[],
  { changes, isSampled = false, isChange = changes !== undefined, move = 'aws update-alias', when = ['before', 'during', 'after'], before }: EngineCallOptions = {},
): void {
  const { worlds, explored } = crashWorlds();

  test.each(stories.map((story) => [story.name, story] as const))('%s: killed at any call of the engine, it ends right, and so does the next command', async (_, story) => {
    const all = await worlds.points(story);
    const points = engineCalls(all, { isChange }).filter(({ name }) => when.some((one) => name.startsWith(one)));
    if (changes !== undefined) expect(points).toHaveLength(when.length * changes);
    for (const one of when) expect(points.map(({ name }) => name)).toContain(`${one} command ${move}`);
    const earlier = before === undefined ? [] : beforeCalls(all);
    expect(earlier).toHaveLength(before ?? 0);
    const some = isSampled ? taken(points) : points;
    const outcomes = [
      ...await worlds.cut(cutsAt(story, some, ['SIGKILL']), { goesOn: true }),
      // the next command is run after the kills beside these
      ...await worlds.cut(cutsAt(story, earlier, ['SIGKILL']), { goesOn: false }),
    ];
    explored.push(`  ${story.name}: killed at ${isSampled ? sayTaken(some.length, points.length) : `all ${outcomes.length}`} points of its engine calls`);
    expect(wrong(outcomes)).toEqual([]);
  });
}
