import { GithubApi, GithubError } from './api';
import { readWorkflowJobs, readWorkflowRun, WorkflowRun } from './workflow-run';
import { Clock } from '../../clock';
import { Ledger } from '../../ledger/ledger';

export interface RunLivenessOptions {
  readonly api: GithubApi;
  readonly clock: Clock;
  /** Called once if GitHub does not report it. */
  readonly warn: (text: string) => void;
}

/** A new run may not be found yet, so it counts as deleted only after a second request. */
const DELETED_AFTER_MS = 5000;

/**
 * Whether a run's process may still be at work, by GitHub's state of the run, not by a clock:
 *
 * - completed, run again (a later attempt) or deleted: no.
 * - an attempt that GitHub does not know yet: yes, its response is outdated.
 * - waiting (a job needs an approval, which may take weeks): only if another of its jobs runs. The unfinished deployment of a dead
 *   job must not delay a rollback. If the approval comes later, that job finds in the ledger that it lost the lease.
 * - queued, requested, pending: yes. Its own jobs start soon and finish what it left.
 * - not permitted (403): yes, with a warning. Waiting for it is bounded.
 *
 * A lost self-hosted runner may continue after GitHub ended its run, so the lease is checked before each phase.
 * The function rejects with `EventLogError` when GitHub does not respond, or rejects the request for another reason.
 */
export function runLiveness({ api, clock, warn }: RunLivenessOptions): Ledger['isAlive'] {
  let warned = false;
  return async ({ id, attempt }) => {
    try {
      const run = await find(api, id) ?? (await clock.sleep(DELETED_AFTER_MS), await find(api, id));
      return run !== undefined && await mayBeAtWork(api, run, attempt);
    } catch (error) {
      if (!(error instanceof GithubError) || error.transient || error.status !== 403) throw error;
      if (!warned) warn(`${error.message} Until then, every other run counts as still at work, and what it left unfinished is not recovered.`);
      warned = true;
      return true;
    }
  };
}

/** Undefined if the run does not exist. */
async function find(api: GithubApi, id: number): Promise<WorkflowRun | undefined> {
  try {
    return await readWorkflowRun(api, id);
  } catch (error) {
    if (error instanceof GithubError && error.status === 404) return undefined;
    throw error;
  }
}

async function mayBeAtWork(api: GithubApi, run: WorkflowRun, attempt: number): Promise<boolean> {
  if (run.attempt !== attempt) return run.attempt < attempt;
  if (run.status === 'waiting') return (await readWorkflowJobs(api, run.id)).some(({ status }) => status === 'in_progress');
  return run.status !== 'completed';
}
