import { Github, until } from './github';

export interface Run {
  readonly id: number;
  readonly status: string;
  readonly conclusion: string | null;
  readonly run_attempt: number;
  readonly display_title: string;
}

export interface Job {
  readonly id: number;
  readonly name: string;
  readonly runner_name: string | null;
  readonly conclusion: string | null;
  readonly started_at: string;
  readonly completed_at: string | null;
}

export interface Dispatched {
  readonly id: number;
  /** Whether GitHub's response named it. */
  readonly isNamed: boolean;
  /** Until a list of runs showed it. */
  readonly listedAfterMs: number;
}

/** A hosted runner may take minutes to come. */
const RUN_MS = 15 * 60_000;
const LISTED_MS = 120_000;

/** The runs that the measurement starts and follows. */
export class Runs {
  /** Every status that was seen. */
  public readonly statuses = new Set<string>();

  constructor(private readonly github: Github) {}

  public async dispatch(workflow: string, ref: string, inputs: Record<string, string>): Promise<Dispatched> {
    const before = new Set((await this.list(workflow)).map(({ id }) => id));
    const { data } = await this.github.post<{ workflow_run_id?: number } | undefined>(
      `/actions/workflows/${workflow}/dispatches`, { ref, inputs, return_run_details: true }, 200, 204,
    );
    const startedAt = Date.now();
    const named = data?.workflow_run_id;
    const isMeant = (run: Run) => (named === undefined ? !before.has(run.id) : run.id === named);
    const listed = await until(`a run of ${workflow} to be listed`, LISTED_MS, async () => (await this.list(workflow)).find(isMeant));
    return { id: listed.id, isNamed: named !== undefined, listedAfterMs: Date.now() - startedAt };
  }

  /** The run, once this attempt of it is over. */
  public ended(id: number, attempt = 1): Promise<Run> {
    return until(`run ${id}, attempt ${attempt}, to end`, RUN_MS, async () => {
      const run = await this.github.get<Run>(`/actions/runs/${id}`);
      this.statuses.add(run.status);
      return run.run_attempt === attempt && run.status === 'completed' ? run : undefined;
    });
  }

  /** Of the newest attempt. */
  public async jobs(id: number): Promise<Job[]> {
    return (await this.github.get<{ jobs: Job[] }>(`/actions/runs/${id}/jobs?per_page=100`)).jobs;
  }

  private async list(workflow: string): Promise<Run[]> {
    return (await this.github.get<{ workflow_runs: Run[] }>(`/actions/workflows/${workflow}/runs?event=workflow_dispatch&per_page=50`)).workflow_runs;
  }
}
