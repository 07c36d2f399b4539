/** Every way through the conditions of preview.yml: what happens to a pull request, and how each job may end. */
import { PREVIEW_CASES } from './preview-cases';
import { outcomesOf } from '../../../tools/model-checker/previews/outcomes';

it.each(Object.entries(PREVIEW_CASES))('%s', (_, options) => {
  const { faults, moments } = outcomesOf({ ...options, events: 3 });
  expect(moments).toBeGreaterThan(options.isFork ? 10 : 1000);
  expect(Object.fromEntries(faults)).toEqual({});
});
