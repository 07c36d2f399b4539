/** Runs of the watch that overlap, die and read old records, in a scheduler of the test's own: no alert is lost, and none is sent twice. */
import { sum, runStories } from '../../../tools/model-checker/overlaps/story';
import { Troubles } from '../../../tools/model-checker/overlaps/system';
import { loadWatchCode } from '../../../tools/model-checker/overlaps/watch-code';

const CALM: Troubles = { deathRate: 0, rejections: 0, hangs: 0, lag: 0, turns: 0.1, changes: 0.03 };

test('ten thousand runs that overlap: every channel is notified of every transition exactly once', async () => {
  const stories = await runStories(await loadWatchCode(), 200, CALM);
  expect(sum(stories, ({ runs }) => runs)).toBe(10_000);
  expect(stories.flatMap(({ faults }) => faults)).toEqual([]);
  expect(sum(stories, ({ again }) => again)).toBe(0);
  expect(sum(stories, ({ continued }) => continued)).toBeGreaterThan(100);
  expect(sum(stories, ({ transitions }) => transitions)).toBeGreaterThan(1000);
});
