import { github } from 'projen';
import { OwnWorkflow } from './own-workflow';
import { commandWords, OPTION } from '../../../contract/command-line';
import { JOB, jobName } from '../../../contract/jobs';
import { INPUT, WORKFLOW } from '../../../contract/workflows';
import { DrillOptions } from '../../../delivery/drill';
import { Environment } from '../../../delivery/environment';
import { commandJob, monitorJob, recoverJob } from '../jobs/command-job';
import { byHandCondition, expression, input, onScheduleCondition } from '../jobs/conditions';
import { CHOSEN_ENV, JobEnvironment } from '../jobs/job-environment';
import { runsOnFor } from '../jobs/job-settings';
import { checkoutRuntime, runtime, WorkflowContext } from '../jobs/steps';
import { PLAN_MINUTES, timeoutsOf } from '../jobs/timeouts';

type Job = github.workflows.Job;

const RUN_NAME = `${expression(`${input(INPUT.ENVIRONMENT)} && format('drill {0}', ${input(INPUT.ENVIRONMENT)}) || 'drill'`)}`;

/**
 * Writes drill.yml: by hand, three jobs for the chosen environment. On a schedule, one job that starts a separate run for each environment.
 */
export class DrillWorkflow extends OwnWorkflow {
  private readonly environments: Environment[] = [];

  constructor(private readonly workflowContext: WorkflowContext, private readonly options: DrillOptions) {
    const { environments, schedule } = options;
    super(workflowContext.hub, workflowContext.scope.workflowName(WORKFLOW.DRILL), 'drillWorkflow', CHOSEN_ENV);
    this.nameRuns(RUN_NAME);
    this.listen({
      ...(schedule === undefined ? {} : { schedule: [{ cron: schedule._cron }] }),
      workflowDispatch: {
        inputs: {
          [INPUT.ENVIRONMENT]: { description: 'The environment whose rollback is tested', required: true, type: 'choice', options: environments },
          [INPUT.REQUEST]: { description: 'Leave it empty: the run on schedule finds its runs by this', required: false, type: 'string' },
        },
      },
    }, environments.length);
  }

  public addEnvironments(environments: Environment[]): void {
    const added = environments.filter(({ name }) => this.options.environments.includes(name));
    if (added.length === 0) return;
    this.environments.push(...added);
    const subject = JobEnvironment.chosen(this.environments);
    if (this.options.schedule) this.put(JOB.START, 'start', this.startJob(subject));
    this.put(JOB.DRILL, 'drill', drillJob(this.workflowContext, subject));
    this.put(JOB.MONITOR, 'monitor', monitorJob(this.workflowContext, subject, JOB.DRILL));
    this.put(JOB.RECOVER, 'recover', recoverJob(this.workflowContext, subject, { job: JOB.RECOVER, tried: JOB.DRILL, confirmation: JOB.MONITOR }));
  }

  private startJob(subject: JobEnvironment): Job {
    const { READ, WRITE } = github.workflows.JobPermission;
    const { project } = this.workflowContext.scope;
    const names = subject.all(({ name }) => [name]).join(',');
    return {
      name: 'start the drills',
      if: onScheduleCondition(),
      ...runsOnFor(this.workflowContext, JobEnvironment.of(this.environments[0])),
      timeoutMinutes: PLAN_MINUTES,
      permissions: { contents: READ, actions: WRITE },
      steps: [
        checkoutRuntime(),
        runtime('start', 'start a run for each environment', commandWords('start-drills', { options: { [OPTION.ENVIRONMENTS]: names, ...(project && { [OPTION.PROJECT]: project.name }) } }), {}, {}),
      ],
    };
  }
}

/** Deploys the live release, in the queue of deployments. */
function drillJob(workflowContext: WorkflowContext, subject: JobEnvironment): Job {
  const { name, title, words } = subject;
  const limits = timeoutsOf(subject);
  return commandJob(workflowContext, subject, {
    name: jobName(JOB.DRILL, title),
    condition: byHandCondition(),
    place: subject.text((environment) => environment.name)!,
    queue: 'deploy',
    minutes: limits.deploy,
    env: {},
    step: { id: 'drill', name: `drill ${name}`, command: commandWords('drill', { environment: words }), minutes: limits.deployStep },
  });
}
