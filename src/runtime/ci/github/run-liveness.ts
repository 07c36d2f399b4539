import { GithubApi, GithubError } from './api';
import { readWorkflowJobs, readWorkflowRun, WorkflowRun } from './workflow-run';
import { Clock } from '../../clock';
import { Ledger } from '../../ledger/ledger';

export interface RunLivenessOptions {
  readonly api: GithubApi;
  readonly clock: Clock;
  /** Told once where GitHub does not answer the question. */
  readonly warn: (text: string) => void;
}

/** A run that was started a moment ago may not be found yet: so GitHub is asked twice before it counts as deleted. */
const DELETED_AFTER_MS = 5000;

/**
 * Whether a run's process may still be at work, from GitHub's word about the run and not from a clock:
 *
 * - completed, run again (a later attempt) or deleted: no.
 * - an attempt that GitHub does not know of yet: yes, for its answer is older than what we know.
 * - waiting (a job of it needs a person, who may take weeks): only if another of its jobs runs. What a job left open
 *   that is gone is nobody's, and must not keep a rollback waiting for an approval. If the approval comes later,
 *   that job finds in the ledger that its deployment was taken.
 * - queued, requested, pending: yes. Its own jobs come soon without anybody's help, and finish what it left.
 * - GitHub may not tell (403): yes, with a warning. Whoever waits for it waits a bounded time.
 *
 * A lost self-hosted runner may live on after GitHub gave its run up: so ownership is asked again before each phase.
 * The function rejects with `EventLogError` when GitHub does not answer, or refuses otherwise.
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

/** Undefined where there is no such run. */
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
