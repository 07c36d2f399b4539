import { github } from 'projen';
import { OwnWorkflow } from './own-workflow';
import { JOB } from '../../../contract/jobs';
import { DeploymentWorkflowManifest } from '../../../contract/manifest';
import { INPUT, InputName, ROLLBACK_ACTIONS, SLOTS, WORKFLOW } from '../../../contract/workflows';
import { Environment } from '../../../delivery/environment';
import { monitorJob, recoverJob } from '../jobs/command-job';
import { expression, input } from '../jobs/conditions';
import { CHOSEN, CHOSEN_ENV, JobEnvironment } from '../jobs/job-environment';
import { decisionJob, holdJob, rollbackByHandJob, UNKNOWN_SLOT } from '../jobs/rollback-jobs';
import { WorkflowContext } from '../jobs/steps';

/** The action, the environment and the person. */
const RUN_NAME = `${expression(input(INPUT.ACTION))} ${CHOSEN} by ${expression('github.actor')}`;

/** Writes rollback.yml for decisions of a person: five jobs for all environments, of which those of the chosen action run. */
export class RollbackWorkflow extends OwnWorkflow {
  private readonly environments: Environment[] = [];

  constructor(private readonly workflowContext: WorkflowContext) {
    super(workflowContext.hub, workflowContext.scope.workflowName(WORKFLOW.ROLLBACK), 'rollbackWorkflow', CHOSEN_ENV);
    this.nameRuns(RUN_NAME);
  }

  public addEnvironments(environments: Environment[]): void {
    this.environments.push(...environments);
    this.listen({ workflowDispatch: { inputs: inputs(this.environments) } }, this.environments.length);
    const subject = JobEnvironment.chosen(this.environments);
    this.put(JOB.HOLD, 'hold', holdJob(this.workflowContext, subject));
    this.put(JOB.ROLLBACK, 'rollback', rollbackByHandJob(this.workflowContext, subject, JOB.HOLD));
    this.put(JOB.MONITOR, 'monitor', monitorJob(this.workflowContext, subject, JOB.ROLLBACK));
    this.put(JOB.RECOVER, 'recover', recoverJob(this.workflowContext, subject, { job: JOB.RECOVER, tried: JOB.ROLLBACK, confirmation: JOB.MONITOR }));
    this.put(JOB.DECISION, 'unblock', decisionJob(this.workflowContext, subject));
  }

  public get approvalJobs(): DeploymentWorkflowManifest {
    const environments = this.environments.map(({ name }) => name);
    return this.approvalJobsOf([JOB.ROLLBACK, JOB.RECOVER].map((id) => ({ id, kind: 'rollbacks', environments })));
  }
}

/** Leaves out inputs that no environment uses. */
function inputs(environments: Environment[]): Partial<Record<InputName, github.workflows.WorkflowDispatchInput>> {
  return {
    [INPUT.ENVIRONMENT]: { description: 'The environment', required: true, type: 'choice', options: environments.map(({ name }) => name) },
    [INPUT.ACTION]: { description: 'What to do', required: true, type: 'choice', options: [...ROLLBACK_ACTIONS], default: ROLLBACK_ACTIONS[0] },
    [INPUT.RELEASE]: { description: 'The release it is about: version or commit (rollback: Stable, if empty and something else is live)', required: false, type: 'string' },
    [INPUT.REASON]: { description: 'Why, for the record', required: true, type: 'string' },
    ...(environments.some(({ strategy }) => strategy.slots.length > 0) ? {
      [INPUT.SLOT]: { description: 'adopt: the slot that users see', required: false, type: 'choice', options: [UNKNOWN_SLOT, ...SLOTS], default: UNKNOWN_SLOT },
    } : {}),
    ...(environments.some(({ migrates }) => migrates) ? {
      [INPUT.EVEN_IF_IRREVERSIBLE]: { description: 'rollback: even if the release that is left made a migration that cannot be undone', required: false, type: 'boolean' },
    } : {}),
    [INPUT.FROM]: { description: 'adopt: the former name of a renamed environment, instead of a release', required: false, type: 'string' },
    [INPUT.FROM_DEPLOYMENT]: { description: 'rollback: only while this deployment is the newest one (its id; the watch fills it in)', required: false, type: 'string' },
    [INPUT.REQUEST]: { description: 'Leave it empty: the command line finds its run by this', required: false, type: 'string' },
  };
}
