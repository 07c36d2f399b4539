import { github } from 'projen';
import { OwnWorkflow } from './own-workflow';
import { JOB } from '../../../contract/jobs';
import { INPUT, PREVIEW_ACTION, WORKFLOW } from '../../../contract/workflows';
import { Previews } from '../../../delivery/previews';
import { expression, input } from '../jobs/conditions';
import { PreviewJobs, PreviewJobsOptions } from '../jobs/preview-jobs';
import { WorkflowContext } from '../jobs/steps';

type Triggers = github.workflows.Triggers;
type PullRequestTypes = NonNullable<github.workflows.PullRequestOptions['types']>;

/** Names a run that a person or the sweep started. Runs of pull requests keep the title of theirs. */
const RUN_NAME = expression(`${input(INPUT.ACTION)} && format('{0}: pull request {1}', ${input(INPUT.ACTION)}, ${input(INPUT.PULL_REQUEST)})`);

/**
 * Writes preview.yml: deploys the head commit of pull requests of the repository, removes previews, sweeps what is left over, and deploys a commit
 * of a fork after its approval. It never runs on `pull_request_target`.
 */
export class PreviewWorkflow extends OwnWorkflow {
  constructor(context: WorkflowContext, private readonly previews: Previews, files: PreviewJobsOptions['files']) {
    super(context.hub, context.scope.workflowName(WORKFLOW.PREVIEW), 'previewWorkflow');
    const jobs = new PreviewJobs(context, { previews, files });
    this.listen(this.events(), 0);
    if (!previews.isShared) this.nameRuns(RUN_NAME);
    this.queueRuns(jobs.concurrency());
    this.put(JOB.BEGIN_PREVIEW, 'begin', jobs.begin());
    this.put(JOB.PREVIEW, 'preview', jobs.preview());
    if (previews.forkEnvironment !== undefined) this.put(JOB.PREVIEW_FORK, 'preview', jobs.fork(previews.forkEnvironment));
    this.put(JOB.FINISH_PREVIEW, 'finish', jobs.finish());
    if (!previews.isShared) this.put(JOB.REMOVE_PREVIEW, 'remove', jobs.remove());
    this.put(JOB.COMMENT, 'comment', jobs.comment());
    if (!previews.isShared) this.put(JOB.SWEEP, 'sweep', jobs.sweep());
  }

  private events(): Triggers {
    const { forkEnvironment, isShared, label, sweepCron } = this.previews;
    const types: PullRequestTypes = ['opened', 'synchronize', 'reopened', ...(isShared ? [] : ['closed' as const]), ...(label === undefined ? [] : ['labeled' as const, ...(isShared ? [] : ['unlabeled' as const])])];
    if (isShared) return { pullRequest: { types } };
    const { REMOVE, REMOVE_IF_DUE, DEPLOY_FORK } = PREVIEW_ACTION;
    const actions = [REMOVE, REMOVE_IF_DUE, ...(forkEnvironment === undefined ? [] : [DEPLOY_FORK])];
    return {
      pullRequest: { types },
      schedule: [{ cron: sweepCron! }],
      workflowDispatch: {
        inputs: {
          [INPUT.ACTION]: { description: 'What to do (removeIfDue: what the schedule does)', required: true, type: 'choice', options: actions, default: REMOVE },
          [INPUT.PULL_REQUEST]: { description: 'The number of the pull request', required: true, type: 'string' },
          ...(forkEnvironment === undefined ? {} : {
            [INPUT.COMMIT]: { description: 'deployFork: the full sha of the head commit that you have reviewed', required: false, type: 'string' },
          }),
          [INPUT.REQUEST]: { description: 'Leave it empty: the sweep finds its runs by this', required: false, type: 'string' },
        },
      },
    };
  }
}
