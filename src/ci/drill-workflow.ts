import { github } from 'projen';
import { DrillOptions } from '../drill';
import { Environment } from '../environment';
import { commandJob, monitorJob, settleJob } from './command-job';
import { drillCondition } from './conditions';
import { OwnWorkflow } from './own-workflow';
import { artifactEnv, Workplace } from './steps';
import { timeouts } from './timeouts';

type Job = github.workflows.Job;

export const DRILL = 'drill';

/** Writes drill.yml: on schedule and by hand, three jobs for each environment on which the way back is tried. */
export class DrillWorkflow {
  private readonly own: OwnWorkflow;

  constructor(private readonly workplace: Workplace, private readonly options: DrillOptions) {
    const { environments, schedule } = options;
    this.own = new OwnWorkflow(workplace.hub, workplace.scope.nameOf(DRILL), 'drillWorkflow');
    this.own.listen({
      ...(schedule === undefined ? {} : { schedule: [{ cron: schedule._cron }] }),
      workflowDispatch: {
        inputs: { environment: { description: 'The environment on which the way back is tried', required: true, type: 'choice', options: environments } },
      },
    });
  }

  public get workflow(): github.GithubWorkflow {
    return this.own.workflow;
  }

  public addEnvironments(environments: Environment[]): void {
    for (const environment of environments.filter(({ name }) => this.options.environments.includes(name))) {
      this.own.add(`drill_${environment.id}`, 'drill', drillJob(this.workplace, environment));
      this.own.add(`monitor_${environment.id}`, 'monitor', monitorJob(this.workplace, environment, `drill_${environment.id}`));
      this.own.add(`settle_${environment.id}`, 'settle', settleJob(this.workplace, environment, `drill_${environment.id}`, 'settle'));
    }
  }

  /** What others did to the workflow meanwhile. */
  public check(): void {
    this.own.check();
  }
}

/** A deployment like any other, in the queue of deployments, of what is live already. */
function drillJob(workplace: Workplace, environment: Environment): Job {
  const { name, title, words } = environment;
  const limits = timeouts(environment);
  return commandJob(workplace, environment, {
    name: `drill ${title}`,
    condition: drillCondition(environment),
    place: name,
    queue: 'deploy',
    minutes: limits.deploy,
    artifacts: { command: `plan ${words} --artifacts --drill`, which: ['release', 'stable'] },
    env: artifactEnv(workplace),
    step: { id: 'drill', name: `drill ${name}`, command: `drill ${words}`, minutes: limits.deployStep },
  });
}
