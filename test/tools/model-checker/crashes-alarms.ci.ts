/**
 * As crashes.test.ts, with an alarm of CloudWatch as a health check: it fires only after the bad release was rolled back. Killed anywhere, the restored
 * release is verified, and is not called bad because of the alarm.
 */
import { crashWorlds } from './crash-worlds';
import { Point } from '../../../tools/model-checker/crashes/crash-world';
import { cutsAt, wrong } from '../../../tools/model-checker/crashes/every-point';
import { alarmStories } from '../../../tools/model-checker/crashes/stories';
import { STRATEGY_KINDS } from '../../../tools/model-checker/strategies';

jest.setTimeout(1_200_000);

const { worlds, explored } = crashWorlds();

/** How often an alarm is read in a gate depends on the machine: only the first reads of a process come in every run. */
function isCut({ name, nth }: Point): boolean {
  return name === 'before command aws describe-alarms' ? nth <= 3 : /^after (POST|command (deploy|promote))/.test(name);
}

test.each(STRATEGY_KINDS.flatMap(alarmStories).map((story) => [story.name, story] as const))('%s: killed anywhere, the alarm does not count against the restored release', async (_, story) => {
  const points = (await worlds.points(story)).filter(isCut);
  expect(points.filter(({ name }) => name.endsWith('describe-alarms')).length).toBeGreaterThan(2);
  const outcomes = await worlds.cut(cutsAt(story, points, ['SIGKILL']), { goesOn: false });
  explored.push(`  ${story.name}: killed at ${outcomes.length} points`);
  expect(wrong(outcomes)).toEqual([]);
});
