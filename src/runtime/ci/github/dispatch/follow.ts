import { StartedRun } from './workflow-dispatch';
import { ExitCode } from '../../../../contract/command-line';
import { formatDuration } from '../../../../contract/duration-text';
import { Clock } from '../../../clock';
import { EventLogError, runOfProcess } from '../../../event-log/event-log';
import { Ledger } from '../../../ledger/ledger';
import { hasAttempts, isDecision } from '../../../ledger/record';
import { GithubApi, GithubError } from '../api';
import { GithubEventLog } from '../event-log';
import { readWorkflowJobs, readWorkflowRun, WorkflowRun, WorkflowJob } from '../workflow-run';

export interface FollowOptions {
  readonly api: GithubApi;
  readonly clock: Clock;
  readonly run: StartedRun;
  readonly environment: string;
  /** The subproject's name, if it is one. */
  readonly project?: string;
  /** Prints a line. */
  readonly say: (text: string) => void;
  /** Stops requests and output. */
  readonly stopped: AbortSignal;
}

/** One hour takes about 500 of the 5,000 requests of a person. */
const FIRST_WAIT_MS = 2000;
const LAST_WAIT_MS = 15_000;
/** A run that was just started may not be found yet. */
const APPEARS_WITHIN_MS = 60_000;
/** A run that halts an environment wrote one of its newest records, or took its lease. */
const NEWEST = 5;

/** Reports the progress of a run until it ends. Returns the exit code of its commands; undefined if stopped. Rejects with `EventLogError`. */
export async function follow(options: FollowOptions): Promise<ExitCode | undefined> {
  const { clock, run, environment, say } = options;
  const beganAt = clock.now();
  try {
    const ended = await completed(options);
    if (!ended) return undefined;
    const took = formatDuration(clock.now() - beganAt, 'seconds');
    if (ended.conclusion === 'success') {
      say(`done after ${took}`);
      return 0;
    }
    const halted = await isHalted(options);
    say(`The run ended with ${ended.conclusion ?? 'nothing'} after ${took}${halted ? `, and ${environment} is halted` : ''}. Its summary says what to do: ${run.url}`);
    return halted ? 3 : 1;
  } catch (error) {
    if (!(error instanceof EventLogError)) throw error;
    throw new EventLogError(`${error.message} The run goes on: ${run.url}`);
  }
}

async function completed({ api, clock, run, say, stopped }: FollowOptions): Promise<WorkflowRun | undefined> {
  const progress = new JobProgress(run.url);
  const giveUpAt = clock.now() + APPEARS_WITHIN_MS;
  for (let waitMs = FIRST_WAIT_MS; ; waitMs = Math.min(waitMs * 1.2, LAST_WAIT_MS)) {
    const now = await readWorkflowRun(api, run.id).catch((error: unknown) => {
      if (error instanceof GithubError && error.status === 404 && clock.now() < giveUpAt) return undefined;
      throw error;
    });
    // read after the run, so that all jobs of a completed run are completed
    const jobs = now ? await readWorkflowJobs(api, run.id) : [];
    if (stopped.aborted) return undefined;
    progress.news(jobs).forEach(say);
    if (now?.status === 'completed') return now;
    await clock.sleep(waitMs, stopped);
  }
}

/** The conclusion of a job does not show whether the environment was halted or restored; the ledger does. */
async function isHalted({ api, run, environment, project, say }: FollowOptions): Promise<boolean> {
  const ledger = new Ledger({ eventLog: new GithubEventLog({ api, project }), isAlive: async () => true });
  try {
    const attempts = (await ledger.records(environment, { isEnough: hasAttempts(NEWEST) })).filter((record) => !isDecision(record)).slice(0, NEWEST);
    const ends = await Promise.all(attempts.map(async (record) => ({ record, last: (await ledger.history(record)).at(-1) })));
    return ends.some(({ record, last }) => last?.state === 'halted' && runOfProcess(last.processId ?? record.processId).id === run.id);
  } catch (error) {
    if (!(error instanceof EventLogError)) throw error;
    say(`Whether ${environment} is halted could not be read. ${error.message}`);
    return false;
  }
}

/** The state to report; none for a job that was skipped or has no runner yet. */
const UNDER_WAY: Record<string, string> = {
  waiting: 'waits for approval',
  pending: 'waits for its turn',
  in_progress: 'at work',
};
const ENDED: Record<string, string> = {
  success: 'done',
  failure: 'failed',
  cancelled: 'cancelled',
  timed_out: 'timed out',
};

/** Reports each change of each job once. */
class JobProgress {
  private readonly reported = new Map<string, string>();

  /** @param url where the run is approved */
  constructor(private readonly url: string) {}

  /** The changes since the last call, one line per job. */
  public news(jobs: readonly WorkflowJob[]): string[] {
    return jobs.flatMap((job) => {
      const line = describe(job);
      if (line === undefined || this.reported.get(job.name) === line) return [];
      this.reported.set(job.name, line);
      return [`${job.name}: ${line}${job.status === 'waiting' ? `: ${this.url}` : ''}`];
    });
  }
}

function describe({ status, conclusion = '', startedAt, completedAt }: WorkflowJob): string | undefined {
  if (status !== 'completed') return UNDER_WAY[status];
  if (conclusion === 'skipped') return undefined;
  const tookMs = Date.parse(completedAt ?? '') - Date.parse(startedAt ?? '');
  return `${ENDED[conclusion] ?? conclusion}${tookMs >= 0 ? ` (${formatDuration(tookMs, 'seconds')})` : ''}`;
}
