/** Runs of the watch that overlap, where nothing else goes wrong, and where everything does. */
import { CALM, LAGGING, ROUGH, ROUGH_STORIES, runStories, sum } from '../../../tools/model-checker/overlaps/story';
import { loadWatchCode } from '../../../tools/model-checker/overlaps/watch-code';

test('ten thousand runs that overlap: every channel is notified of every transition exactly once', async () => {
  const stories = await runStories(await loadWatchCode(), 200, CALM);
  expect(sum(stories, ({ runs }) => runs)).toBe(10_000);
  expect(stories.flatMap(({ faults }) => faults)).toEqual([]);
  expect(sum(stories, ({ again }) => again)).toBe(0);
  expect(sum(stories, ({ continued }) => continued)).toBeGreaterThan(100);
  expect(sum(stories, ({ transitions }) => transitions)).toBeGreaterThan(1000);
});

test.each([['for 10 s', ROUGH], ['for 30 s', LAGGING]])('if runs die, lists lag %s and channels fail, every transition is notified, and again only after a death', async (_, troubles) => {
  const stories = await runStories(await loadWatchCode(), ROUGH_STORIES, troubles);
  expect(stories.flatMap(({ faults }) => faults)).toEqual([]);
  expect(sum(stories, ({ deaths }) => deaths)).toBeGreaterThan(100);
  expect(sum(stories, ({ continued }) => continued)).toBeGreaterThan(100);
  expect(sum(stories, ({ transitions }) => transitions)).toBeGreaterThan(300);
});
