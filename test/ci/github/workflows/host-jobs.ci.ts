/** As host-jobs.test.ts, in the workflows that are not the delivery's own; and what the validators say of each. */
import { job, LATER, PlaceName, PLACES, synthesized, whatHolds } from './host-jobs';
import { validate, validateJoined } from '../../../validators/validate';

const JOINED: readonly PlaceName[] = ['a workflow that was named', 'the build workflow', 'the release workflow'];

describe.each(JOINED)('in %s', (place) => whatHolds(place));

it.each(['a workflow of its own', ...JOINED] as const)('with jobs that were added later %s passes every validator', async (place) => {
  const { file, make } = PLACES[place];
  const { project, delivery } = make();
  Object.values(LATER).forEach((add, i) => add(delivery, `late-${i}`));
  delivery.workflow.addJob('idle', job({ if: 'github.event_name == \'pull_request\'' }));
  const { text } = synthesized(project, file);
  expect(text).toContain('needs.late-2.result == \'success\'');
  expect(await (place === 'a workflow of its own' ? validate : validateJoined)(text, `${file}.yml`)).toEqual([]);
});
