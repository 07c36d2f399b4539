import { crashWorlds } from './crash-worlds';
import { beforeCalls } from '../../../tools/model-checker/crashes/before-calls';
import { cutsAt, engineCalls, wrong } from '../../../tools/model-checker/crashes/every-point';
import { pointsTaken, sayShare, share } from '../../../tools/model-checker/crashes/share';
import { Story } from '../../../tools/model-checker/crashes/stories';

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
  /** Kills each story at no more points than this, at others each night. @default - at all of them */
  readonly atNight?: number;
}

/** As crashes.test.ts: defines a test for each story that kills it before, during and after every call of the AWS CLI. */
export function testEngineCalls(
  stories: readonly Story[],
  { atNight, changes, isChange = changes !== undefined, move = 'aws update-alias', when = ['before', 'during', 'after'], before }: EngineCallOptions = {},
): void {
  const { worlds, explored } = crashWorlds();
  const most = atNight === undefined ? Infinity : pointsTaken(atNight);

  test.each(stories.map((story) => [story.name, story] as const))('%s: killed at any call of the engine, it ends right, and so does the next command', async (_, story) => {
    const all = await worlds.points(story);
    const points = engineCalls(all, { isChange }).filter(({ name }) => when.some((one) => name.startsWith(one)));
    if (changes !== undefined) expect(points).toHaveLength(when.length * changes);
    for (const one of when) expect(points.map(({ name }) => name)).toContain(`${one} command ${move}`);
    const earlier = before === undefined ? [] : beforeCalls(all);
    expect(earlier).toHaveLength(before ?? 0);
    const outcomes = [
      ...await worlds.cut(cutsAt(story, share(points, most), ['SIGKILL']), { goesOn: true }),
      // the next command is run after the kills beside these
      ...await worlds.cut(cutsAt(story, earlier, ['SIGKILL']), { goesOn: false }),
    ];
    explored.push(`  ${story.name}: killed at ${outcomes.length} of ${points.length + earlier.length} points of its engine calls, ${sayShare(points, most)}`);
    expect(wrong(outcomes)).toEqual([]);
  });
}
