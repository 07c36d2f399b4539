/** preview-outcomes.ci.ts notices every condition of preview.yml that is a little wrong. */
import { PREVIEW_CASES } from './preview-cases';
import { noticedBy, outcomeMutantsOf } from '../../../tools/model-checker/previews/outcome-mutants';
import { taken } from '../../../tools/model-checker/share';

/** Mutations that change nothing, and why. */
const EQUIVALENT: Record<string, string> = {
  'begin_preview: without github.event_name == \'pull_request\'': 'only the event of a pull request names the repository of its head',
  'remove_preview: without github.event_name == \'pull_request\'': 'only the event of a pull request names the repository of its head',
  'begin_preview: without github.event_name == \'workflow_dispatch\'': 'only a dispatch has inputs',
};

it('every condition, a little wrong, is noticed, but for those that change nothing', () => {
  const noticed = new Map<string, string | undefined>();
  const mutants = Object.values(PREVIEW_CASES).flatMap((options) => outcomeMutantsOf({ ...options, events: 2 }));
  const names = [...new Set(mutants.map(({ name }) => name))];
  const some = new Set(taken(names));
  for (const mutant of mutants.filter(({ name }) => some.has(name))) {
    if (noticed.get(mutant.name) === undefined) noticed.set(mutant.name, noticedBy(mutant));
  }
  const survivors = [...noticed].filter(([, rule]) => rule === undefined).map(([name]) => name);
  expect(survivors.sort()).toEqual(Object.keys(EQUIVALENT).filter((name) => some.has(name) || !names.includes(name)).sort());
  expect(noticed.size).toBe(some.size);
  expect(names.length).toBeGreaterThan(100);
});
