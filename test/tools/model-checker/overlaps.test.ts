/** Runs of the watch that overlap, die and read old records, in a scheduler of the test's own: no alert is lost, and none is sent twice. */
import { CALM, runStories, sum } from '../../../tools/model-checker/overlaps/story';
import { loadWatchCode } from '../../../tools/model-checker/overlaps/watch-code';
import { samples } from '../../random';

const STORIES = samples(200);
/** Of each story. */
const RUNS = 50;

test(`${STORIES * RUNS} runs that overlap: every channel is notified of every transition exactly once`, async () => {
  const stories = await runStories(await loadWatchCode(), STORIES, CALM);
  expect(sum(stories, ({ runs }) => runs)).toBe(STORIES * RUNS);
  expect(stories.flatMap(({ faults }) => faults)).toEqual([]);
  expect(sum(stories, ({ again }) => again)).toBe(0);
  expect(sum(stories, ({ continued }) => continued)).toBeGreaterThan(STORIES / 2);
  expect(sum(stories, ({ transitions }) => transitions)).toBeGreaterThan(STORIES * 5);
});
