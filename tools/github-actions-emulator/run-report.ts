import { RunEvent } from './run-event';
import { GithubStandIn, JobChange, RunChange, RunConclusion, RunStatus } from '../github-api-stand-in/stand-in';

export interface RunReportOptions {
  /** @default - no reports */
  readonly api?: GithubStandIn;
  readonly runId: number;
  /** What does not change while the run goes on. */
  readonly about: Pick<RunChange, 'attempt' | 'path' | 'name' | 'displayTitle' | 'event' | 'headBranch' | 'headSha' | 'actor'>;
}

/**
 * Reports the state of a run to the API, as GitHub does: a job appears once those it needs have ended, `pending` is who waits for a
 * concurrency group, `waiting` who waits for an approval.
 *
 * @see https://docs.github.com/en/pull-requests/collaborating-with-pull-requests/collaborating-on-repositories-with-code-quality-features/about-status-checks
 */
export class RunReport {
  private readonly jobs = new Map<string, RunStatus>();
  private hasBegun = false;

  constructor(private readonly options: RunReportOptions) {
    this.notify({ ...options.about, status: 'queued', conclusion: null });
  }

  /** The whole run waits for its turn. */
  public waits(): void {
    this.notify({ status: 'pending' });
  }

  /** The job may start as soon as there is a runner. */
  public queued(name: string): void {
    this.job(name, 'queued');
  }

  public skipped(name: string): void {
    this.job(name, 'completed', 'skipped');
  }

  /** A job of the attempt before that is not done again belongs to this one too. */
  public kept(name: string, conclusion: RunConclusion): void {
    this.job(name, 'completed', conclusion);
  }

  public happened(event: RunEvent): void {
    if (event.kind === 'jobWaiting') this.job(event.leg, event.for === 'approval' ? 'waiting' : 'pending');
    if (event.kind === 'jobStarted') this.job(event.leg, 'in_progress');
    if (event.kind === 'jobEnded' && event.result !== 'skipped') this.job(event.leg, 'completed', event.result);
  }

  public ended(conclusion: RunConclusion): void {
    this.notify({ status: 'completed', conclusion });
  }

  private job(name: string, status: RunStatus, conclusion: RunConclusion | null = null): void {
    this.jobs.set(name, status);
    this.hasBegun ||= status === 'in_progress';
    const change: JobChange = { name, status, conclusion };
    this.notify({ status: this.status(), jobs: [change] });
  }

  private status(): RunStatus {
    const all = [...this.jobs.values()];
    const worked = (['in_progress', 'waiting', 'pending'] as const).find((status) => all.includes(status));
    return worked ?? (this.hasBegun ? 'in_progress' : 'queued');
  }

  private notify(change: RunChange): void {
    this.options.api?.setRun(this.options.runId, change);
  }
}
