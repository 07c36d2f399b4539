import { spellTime } from '../../../reporting/duration-text';
import { WorkflowJob } from '../workflow-run';

/** What is worth a line; a job that was skipped, or has no runner yet, is not. */
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

/** Tells each change of each job once. */
export class JobProgress {
  private readonly told = new Map<string, string>();

  /** @param url where the run is approved */
  constructor(private readonly url: string) {}

  /** What changed since the last time, a line a job. */
  public news(jobs: readonly WorkflowJob[]): string[] {
    return jobs.flatMap((job) => {
      const line = describe(job);
      if (line === undefined || this.told.get(job.name) === line) return [];
      this.told.set(job.name, line);
      return [`${job.name}: ${line}${job.status === 'waiting' ? `: ${this.url}` : ''}`];
    });
  }
}

function describe({ status, conclusion = '', startedAt, completedAt }: WorkflowJob): string | undefined {
  if (status !== 'completed') return UNDER_WAY[status];
  if (conclusion === 'skipped') return undefined;
  const tookMs = Date.parse(completedAt ?? '') - Date.parse(startedAt ?? '');
  return `${ENDED[conclusion] ?? conclusion}${tookMs >= 0 ? ` (${spellTime(tookMs)})` : ''}`;
}
