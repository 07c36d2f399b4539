/**
 * Previews, with the real code of their commands: every order of the operations of two jobs, a process that dies before or after each of its operations,
 * and an API that fails at each of them.
 */
import { previewManifests } from './preview-manifests';
import { crash, CRASH_STORIES } from '../../../tools/model-checker/previews/crashes';
import { explore } from '../../../tools/model-checker/previews/explore';
import { loadPreviewCode } from '../../../tools/model-checker/previews/preview-code';
import { SCENARIOS } from '../../../tools/model-checker/previews/scenarios';

/** Where a scenario has more orders than this, some are chosen: early and late ones alike, the same each time. */
const MOST_RUNS = 600;

const manifests = previewManifests();
const lines: string[] = [];

afterAll(() => process.stdout.write(`\n${lines.join('\n')}\n`));

it.each(SCENARIOS.map((scenario) => [scenario.name, scenario] as const))('every order: %s', async (name, scenario) => {
  const { ends, faults, isComplete, runs, states } = await explore(scenario, { code: await loadPreviewCode(), manifests, mostRuns: MOST_RUNS });
  lines.push(`${name}: ${states} states, ${runs} orders${isComplete ? '' : ' (a bound)'}, ${ends} ends`);
  expect(Object.fromEntries(faults)).toEqual({});
});

it.each(CRASH_STORIES.map((story) => [story.name, story] as const))('a process that dies: %s', async (name, story) => {
  const { cases, faults } = await crash(story, { code: await loadPreviewCode(), manifests, faults: [{ fault: 'killed before' }, { fault: 'killed after' }] });
  lines.push(`${name}: ${cases} deaths`);
  expect(cases).toBeGreaterThan(10);
  expect(faults).toEqual([]);
});

it('a process that dies, and so does the one that continues', async () => {
  const code = await loadPreviewCode();
  for (const story of CRASH_STORIES.filter(({ name }) => /^(the first deployment|a removal), run again/.test(name))) {
    const { cases, faults } = await crash(story, { code, manifests, faults: [{ fault: 'killed after' }], isTwice: true });
    lines.push(`${story.name}: ${cases} pairs of deaths`);
    expect(faults).toEqual([]);
  }
});

it.each(CRASH_STORIES.map((story) => [story.name, story] as const))('an API that fails, once or from then on, with its response lost or without: %s', async (name, story) => {
  const how = (['rejected', 'lost'] as const).flatMap((fault) => [{ fault }, { fault, lasts: true }]);
  const { cases, faults } = await crash(story, { code: await loadPreviewCode(), manifests, faults: how });
  lines.push(`${name}: ${cases} failures`);
  expect(faults).toEqual([]);
});
