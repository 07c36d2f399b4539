/**
 * As crashes.test.ts, with an analysis of the canary: killed at its measurements, and at the entries of the ledger around them, it ends right. No
 * measurement is needed to restore Stable.
 */
import { crashWorlds } from './crash-worlds';
import { Point } from '../../../tools/model-checker/crashes/crash-world';
import { cutsAt, wrong } from '../../../tools/model-checker/crashes/every-point';
import { analysisStories } from '../../../tools/model-checker/crashes/stories';
import { BY_WEIGHT } from '../../../tools/model-checker/strategies';

jest.setTimeout(1_200_000);

const { worlds, explored } = crashWorlds();

const isMeasurement = ({ name }: Point) => name.endsWith(' command counters');
const isAround = ({ name }: Point) => /command weight$|statuses (promoting|baking|rollingBack)/.test(name);

test.each(BY_WEIGHT.flatMap(analysisStories).map((story) => [story.name, story] as const))('%s: killed at every measurement, it ends right, and so does the next', async (_, story) => {
  const points = await worlds.points(story);
  const measured = points.filter(isMeasurement);
  expect(measured.length).toBeGreaterThan(6);
  const [changed, between] = [true, false].map((isChanged) => measured.filter(({ name }) => name.startsWith('after ') === isChanged));
  const outcomes = [
    ...await worlds.cut(cutsAt(story, changed, ['SIGKILL']), { goesOn: true }),
    ...await worlds.cut(cutsAt(story, [...between.slice(0, 2), ...between.slice(-2), ...points.filter(isAround)], ['SIGKILL']), { goesOn: false }),
    ...await worlds.cut(cutsAt(story, measured.slice(-1), ['cancelled', 'SIGTERM', 'runner lost']), { goesOn: false }),
  ];
  explored.push(`  ${story.name}: ${points.length} points, ${measured.length} of them measurements, cut off ${outcomes.length} times`);
  expect(wrong(outcomes)).toEqual([]);
});
