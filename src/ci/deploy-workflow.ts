import { github } from 'projen';
import { Environment } from '../environment';
import { buildCondition, buildJob, BuildJobOptions } from './build-job';
import { monitorJob, settleJob } from './command-job';
import { asksFor } from './conditions';
import { deployJob, environmentJob } from './deploy-jobs';
import { events } from './events';
import { OwnWorkflow } from './own-workflow';
import { Workplace } from './steps';

export const DEPLOY = 'deploy';

export interface DeployWorkflowOptions {
  /** Jobs of the user's own that must succeed first. */
  readonly needs: string[];
  readonly build?: BuildJobOptions;
}

/** Writes deploy.yml: a build job where there is an artifact, four jobs for each environment. */
export class DeployWorkflow {
  private readonly own: OwnWorkflow;
  private readonly environments: Environment[] = [];
  /** By name: where the chain begins that an environment stands in. */
  private readonly roots = new Map<string, Environment>();

  constructor(private readonly workplace: Workplace, private readonly options: DeployWorkflowOptions) {
    this.own = new OwnWorkflow(workplace.hub, DEPLOY, 'workflow');
  }

  public get workflow(): github.GithubWorkflow {
    return this.own.workflow;
  }

  /** Adds the jobs of environments that come after all that were added before. */
  public addEnvironments(environments: Environment[]): void {
    this.environments.push(...environments);
    this.workflow.on(events(this.environments));
    this.putBuildJob();
    for (const environment of environments) this.addJobs(environment);
  }

  /** What others did to the workflow meanwhile. */
  public check(): void {
    this.own.check(this.options.needs);
  }

  private addJobs(environment: Environment): void {
    const { id } = environment;
    const root = this.rootOf(environment);
    const after = this.find(environment.trigger.kind === 'after' ? environment.trigger.environment : undefined);
    const build = this.workplace.artifact && this.builds(root);
    this.own.add(`environment_${id}`, 'plan', environmentJob(this.workplace, environment, root));
    this.own.add(`deploy_${id}`, 'deploy', deployJob(this.workplace, environment, { build, after, jobs: this.options.needs }));
    this.own.add(`monitor_${id}`, 'monitor', monitorJob(this.workplace, environment, `deploy_${id}`));
    this.own.add(`rollback_${id}`, 'rollback', settleJob(this.workplace, environment, `deploy_${id}`, 'rollback'));
  }

  /** The build runs when an environment wants it, so each one changes its condition; what the user patched stays. */
  private putBuildJob(): void {
    const { build } = this.options;
    const roots = this.environments.filter((environment) => environment.trigger.kind !== 'after' && this.builds(environment));
    if (!build || roots.length === 0) return;
    const asked = roots.map(({ trigger, name }) => asksFor(trigger, name));
    const present = this.workflow.getJob('build');
    if (present) this.workflow.updateJob('build', { ...present, if: buildCondition(asked) });
    else this.own.add('build', 'pack', buildJob(this.workplace, build, asked));
  }

  /** A tag on a commit that another environment verified deploys what was verified there. */
  private builds({ trigger }: Environment): boolean {
    return !(trigger.kind === 'tag' && trigger.requires !== undefined);
  }

  private rootOf(environment: Environment): Environment {
    const { name, trigger } = environment;
    // those that it follows were added before
    const root = trigger.kind === 'after' ? this.roots.get(trigger.environment)! : environment;
    this.roots.set(name, root);
    return root;
  }

  private find(name: string | undefined): Environment | undefined {
    return this.environments.find((environment) => environment.name === name);
  }
}
