import { WORKFLOW } from '../place';
import { Dispatched, Job } from '../runs';
import { Measurement } from './measurement';

const COUNT = 3;
/** Long enough that the others wait meanwhile, though each runner takes its time to come. */
const WAIT_SECONDS = '30';
const LISTED_MS = 60_000;

/** Three runs that want one concurrency group, started one after the other. */
export const queue: Measurement = {
  ids: ['queue-max', 'run-ids-increase', 'dispatch-with-token', 'dispatch-names-run', 'dispatched-run-listed'],
  measure: async ({ runs, env, branch, runId, token }) => {
    const dispatched: Dispatched[] = [];
    const seconds = env.CONFORMANCE_WAIT_SECONDS ?? WAIT_SECONDS;
    for (let count = 1; count <= COUNT; count++) dispatched.push(await runs.dispatch(WORKFLOW, branch, { part: 'queue', request: `${token}-${count}`, seconds }));
    const ended = await Promise.all(dispatched.map(({ id }) => runs.ended(id)));
    const jobs = (await Promise.all(dispatched.map(({ id }) => runs.jobs(id)))).flat().filter(({ name }) => name === 'wait');
    const ids = [runId, ...dispatched.map(({ id }) => id)];
    const listedMs = Math.max(...dispatched.map(({ listedAfterMs }) => listedAfterMs));
    const overlaps = overlapping(jobs);
    return {
      'queue-max': {
        measured: `${ended.map(({ conclusion }) => conclusion).join(', ')}; ${overlaps} ran at once`,
        holds: ended.every(({ conclusion }) => conclusion === 'success') && overlaps === 0,
      },
      'run-ids-increase': { measured: ids.join(', '), holds: ids.every((id, index) => index === 0 || id > ids[index - 1]) },
      'dispatch-with-token': { measured: `${ended.length} of ${COUNT} ran`, holds: ended.length === COUNT },
      'dispatch-names-run': { measured: `${dispatched.filter(({ isNamed }) => isNamed).length} of ${COUNT} were named`, holds: dispatched.every(({ isNamed }) => isNamed) },
      'dispatched-run-listed': { measured: `after ${(listedMs / 1000).toFixed(1)} s at most`, holds: listedMs <= LISTED_MS },
    };
  },
};

/** How many began before the one before them had ended; GitHub's times are whole seconds. */
function overlapping(jobs: readonly Job[]): number {
  const times = jobs.map(({ started_at: start, completed_at: end }) => ({ start: Date.parse(start), end: Date.parse(end ?? '') })).sort((a, b) => a.start - b.start);
  return times.filter(({ start }, index) => index > 0 && start < times[index - 1].end).length;
}
