import { until } from '../github';
import { readReport } from '../parts';
import { WORKFLOW } from '../place';
import { Measurement } from './measurement';

const STARTED_MS = 10 * 60_000;
/** The timers of two machines and of a busy one: so much less still counts. */
const [INTERRUPT_MS, TERMINATE_MS] = [6_500, 1_500];

/** The workflow cancels a run of its own. */
export const cancelledRun: Measurement = {
  ids: ['cancel-signals', 'always-after-cancel'],
  measure: async ({ github, runs, branch, token }) => {
    const { id } = await runs.dispatch(WORKFLOW, branch, { part: 'cancel', request: token });
    await until('the step that is to be cancelled', STARTED_MS, () => readReport(github, id, 'started'));
    await github.post(`/actions/runs/${id}/cancel`, undefined, 202);
    const { conclusion } = await runs.ended(id);
    const signals = await readReport(github, id, 'signals');
    const next = await readReport(github, id, 'next-job');
    const [interrupt, terminate] = [signals?.values.interruptToTerminateMs, signals?.values.terminateToKillMs].map(Number);
    const ran = [...(signals ? ['step'] : []), ...(next ? ['job'] : [])];
    return {
      'cancel-signals': {
        measured: signals ? `SIGTERM ${interrupt} ms after SIGINT, killed ${terminate} ms after that` : 'nothing was reported',
        holds: interrupt >= INTERRUPT_MS && terminate >= TERMINATE_MS,
      },
      'always-after-cancel': { measured: `ran: ${ran.join(' and ') || 'nothing'}; the run ended ${conclusion}`, holds: ran.length === 2 && conclusion === 'cancelled' },
    };
  },
};
