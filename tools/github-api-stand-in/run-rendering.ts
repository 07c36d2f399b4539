import { nodeId, user } from './rendering';
import { minimalRepository } from './repository-rendering';
import { StoredJob, StoredRun, StoredWorkflow } from './workflow-runs';

/** Gives runs and jobs the shape that GitHub responds with. */
export class RunRendering {
  private readonly repositoryUrl: string;
  private readonly htmlUrl: string;

  constructor(private readonly apiUrl: string, private readonly repository: string) {
    this.repositoryUrl = `${apiUrl}/repos/${repository}`;
    this.htmlUrl = `https://github.com/${repository}`;
  }

  public run(run: StoredRun, workflow: StoredWorkflow): Record<string, unknown> {
    const url = this.runUrl(run);
    const repository = minimalRepository(this.apiUrl, this.repository);
    return {
      id: run.id,
      name: run.name,
      node_id: nodeId('WFR', run.id),
      head_branch: run.headBranch,
      head_sha: run.headSha,
      path: run.path,
      display_title: run.displayTitle,
      run_number: run.id,
      run_attempt: run.attempt,
      event: run.event,
      status: run.status,
      conclusion: run.conclusion,
      workflow_id: workflow.id,
      check_suite_id: run.id,
      check_suite_node_id: nodeId('CS', run.id),
      url,
      html_url: `${this.htmlUrl}/actions/runs/${run.id}`,
      pull_requests: [],
      created_at: run.createdAt,
      updated_at: run.updatedAt,
      run_started_at: run.startedAt,
      actor: user(this.apiUrl, run.actor),
      triggering_actor: user(this.apiUrl, run.actor),
      jobs_url: `${url}/jobs`,
      logs_url: `${url}/logs`,
      check_suite_url: `${this.repositoryUrl}/check-suites/${run.id}`,
      artifacts_url: `${url}/artifacts`,
      cancel_url: `${url}/cancel`,
      rerun_url: `${url}/rerun`,
      previous_attempt_url: run.attempt > 1 ? `${url}/attempts/${run.attempt - 1}` : null,
      workflow_url: `${this.repositoryUrl}/actions/workflows/${workflow.id}`,
      head_commit: null,
      repository,
      head_repository: repository,
    };
  }

  public job(run: StoredRun, job: StoredJob): Record<string, unknown> {
    const hasRunner = job.status === 'in_progress' || (job.status === 'completed' && job.conclusion !== 'skipped');
    return {
      id: job.id,
      run_id: run.id,
      workflow_name: run.name,
      head_branch: run.headBranch,
      run_url: this.runUrl(run),
      run_attempt: job.attempt,
      node_id: nodeId('CR', job.id),
      head_sha: run.headSha,
      url: `${this.repositoryUrl}/actions/jobs/${job.id}`,
      html_url: `${this.htmlUrl}/actions/runs/${run.id}/job/${job.id}`,
      status: job.status,
      conclusion: job.conclusion,
      created_at: job.createdAt,
      started_at: job.startedAt,
      completed_at: job.completedAt,
      name: job.name,
      steps: [],
      check_run_url: `${this.repositoryUrl}/check-runs/${job.id}`,
      labels: ['ubuntu-latest'],
      runner_id: hasRunner ? 1 : null,
      runner_name: hasRunner ? job.runner ?? 'GitHub Actions 1' : null,
      runner_group_id: hasRunner ? 0 : null,
      runner_group_name: hasRunner ? 'GitHub Actions' : null,
    };
  }

  /** What a dispatch returns, if it asks for it. */
  public dispatched(runId: number): Record<string, unknown> {
    return {
      workflow_run_id: runId,
      run_url: `${this.repositoryUrl}/actions/runs/${runId}`,
      html_url: `${this.htmlUrl}/actions/runs/${runId}`,
    };
  }

  private runUrl({ id }: StoredRun): string {
    return `${this.repositoryUrl}/actions/runs/${id}`;
  }
}
