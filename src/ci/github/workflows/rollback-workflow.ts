import { github } from 'projen';
import { OwnWorkflow } from './own-workflow';
import { BY_REQUEST } from './run-name';
import { Environment } from '../../../delivery/environment';
import { monitorJob, recoverJob } from '../jobs/command-job';
import { CHOSEN_ENV, JobEnvironment } from '../jobs/job-environment';
import { decideJob, holdJob, rollbackByHandJob } from '../jobs/rollback-jobs';
import { WorkflowContext } from '../jobs/steps';

export const ROLLBACK = 'rollback';

/** What a person may ask for; the first is what the form says at first. */
const ACTIONS = ['rollback', 'unblock', 'adopt', 'resolve', 'unfreeze'];

/** Whoever looks for a run finds in its name what was asked, by whom, and the id that the command line gave it. */
const RUN_NAME = '${{ inputs.action }} ${{ inputs.environment }} by ${{ github.actor }}' + BY_REQUEST;

/** Writes rollback.yml, by which a person decides: five jobs for all environments, of which those run that were asked for. */
export class RollbackWorkflow {
  private readonly own: OwnWorkflow;
  private readonly environments: Environment[] = [];

  constructor(private readonly workflowContext: WorkflowContext) {
    this.own = new OwnWorkflow(workflowContext.hub, workflowContext.scope.workflowName(ROLLBACK), 'rollbackWorkflow', CHOSEN_ENV);
    this.own.nameRuns(RUN_NAME, BY_REQUEST);
  }

  public get workflow(): github.GithubWorkflow {
    return this.own.workflow;
  }

  public addEnvironments(environments: Environment[]): void {
    this.environments.push(...environments);
    this.own.listen({ workflowDispatch: { inputs: inputs(this.environments) } }, this.environments.length);
    const subject = JobEnvironment.chosen(this.environments);
    this.own.put('hold', 'hold', holdJob(this.workflowContext, subject));
    this.own.put('rollback', 'rollback', rollbackByHandJob(this.workflowContext, subject, 'hold'));
    this.own.put('monitor', 'monitor', monitorJob(this.workflowContext, subject, 'rollback'));
    this.own.put('settle', 'settle', recoverJob(this.workflowContext, subject, { tried: 'rollback', judge: 'monitor', stepId: 'settle' }));
    this.own.put('decide', 'unblock', decideJob(this.workflowContext, subject));
  }

  /** What others did to the workflow meanwhile. */
  public check(): void {
    this.own.check();
  }

  public checkAtEnd(...rest: Parameters<OwnWorkflow['checkAtEnd']>): string[] {
    return this.own.checkAtEnd(...rest);
  }
}

/** A question that no environment has an answer for is not asked. */
function inputs(environments: Environment[]): Record<string, github.workflows.WorkflowDispatchInput> {
  return {
    environment: { description: 'The environment', required: true, type: 'choice', options: environments.map(({ name }) => name) },
    action: { description: 'What to do', required: true, type: 'choice', options: ACTIONS, default: ACTIONS[0] },
    release: { description: 'The release it is about: version or commit (rollback: Stable, if empty and something else is live)', required: false, type: 'string' },
    reason: { description: 'Why, for the record', required: true, type: 'string' },
    ...(environments.some(({ strategy }) => strategy.kind === 'blueGreen') ? {
      slot: { description: 'adopt: the slot that users see', required: false, type: 'choice', options: ['unknown', 'blue', 'green'], default: 'unknown' },
    } : {}),
    ...(environments.some(({ migrates }) => migrates) ? {
      even_if_irreversible: { description: 'rollback: even if the release that is left made a migration that cannot be undone', required: false, type: 'boolean' },
    } : {}),
    from_deployment: { description: 'rollback: only while this deployment is the newest one (its id; the watch fills it in)', required: false, type: 'string' },
    request: { description: 'Leave it empty: the command line finds its run by this', required: false, type: 'string' },
  };
}
