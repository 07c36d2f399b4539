import { github } from 'projen';
import { Environment } from '../environment';
import { TriggerManifest } from '../manifest';
import { monitorJob, settleJob } from './command-job';
import { asksFor } from './conditions';
import { deployJob, environmentJob } from './deploy-jobs';
import { events } from './events';
import { OurJobs } from './our-jobs';
import { Maker, Workplace } from './steps';
import { Subject } from './subject';

export const DEPLOY = 'deploy';

/** The job that gives the release's files. */
export interface MakerJob extends Maker {
  /** What makes it what it is. */
  readonly mainStep: string;
  /** @param asked when an environment wants them */
  job(asked: string[]): github.workflows.Job;
}

export interface DeployWorkflowOptions {
  /** The jobs in the workflow that they stand in. */
  readonly ours: OurJobs;
  /** Jobs of the user's own that must succeed first. */
  readonly needs: string[];
  readonly maker?: MakerJob;
  /** Filters of the paths that start it. */
  readonly pathFilters?: string[];
}

/** Writes the jobs that deploy into a workflow: one that gives the files where there is an artifact, four for each environment. */
export class DeployWorkflow {
  private readonly environments: Environment[] = [];
  /** By name: where the chain begins that an environment stands in. */
  private readonly roots = new Map<string, Environment>();

  constructor(private readonly workplace: Workplace, private readonly options: DeployWorkflowOptions) {}

  public get workflow(): github.GithubWorkflow {
    return this.options.ours.workflow;
  }

  /** Whether it has jobs of ours. */
  public get isUsed(): boolean {
    return this.environments.length > 0;
  }

  /** Whether environments belong here whose chain begins with this trigger. */
  public takes(root: TriggerManifest): boolean {
    return this.options.ours.takes(root);
  }

  /** Adds the jobs of environments that come after all that were added before. */
  public addEnvironments(environments: Environment[]): void {
    this.environments.push(...environments);
    this.listen();
    this.putMaker();
    for (const environment of environments) this.addJobs(environment);
  }

  /** What others did to the workflow meanwhile. */
  public check(): void {
    this.options.ours.check(this.options.needs);
  }

  private listen(): void {
    const { ours, pathFilters } = this.options;
    const manual = this.environments.filter(({ trigger }) => trigger.kind === 'manual').map((environment) => ours.choiceOf(environment));
    ours.listen(events(this.environments.map(({ trigger }) => trigger), manual, pathFilters), this.environments.length);
  }

  private addJobs(environment: Environment): void {
    const { ours, needs, maker } = this.options;
    const { id } = environment;
    const subject = Subject.of(environment);
    const root = this.rootOf(environment);
    const after = this.find(environment.trigger.kind === 'after' ? environment.trigger.environment : undefined);
    const made = this.isMadeFor(root) ? maker : undefined;
    ours.add(`environment_${id}`, 'plan', environmentJob(this.workplace, environment, { asked: this.asked(root), maker: root.trigger.kind === 'release' ? made : undefined }));
    ours.add(`deploy_${id}`, 'deploy', deployJob(this.workplace, environment, { maker: made, after, jobs: needs }));
    ours.add(`monitor_${id}`, 'monitor', monitorJob(this.workplace, subject, `deploy_${id}`));
    ours.add(`rollback_${id}`, 'rollback', settleJob(this.workplace, subject, { tried: `deploy_${id}`, judge: `monitor_${id}`, stepId: 'rollback' }));
  }

  /** The files are made when an environment wants them, so each one changes the condition; what the user patched stays. */
  private putMaker(): void {
    const { ours, maker } = this.options;
    const roots = this.environments.filter((environment) => environment.trigger.kind !== 'after' && this.isMadeFor(environment));
    if (!maker || roots.length === 0) return;
    const job = maker.job(roots.map((environment) => this.asked(environment)));
    if (ours.has(maker.id)) ours.ask(maker.id, job.if!);
    else ours.add(maker.id, maker.mainStep, job);
  }

  private asked(root: Environment): string {
    return asksFor(root.trigger, this.options.ours.choiceOf(root));
  }

  /** A tag on a commit that another environment verified deploys what was verified there. */
  private isMadeFor({ trigger }: Environment): boolean {
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
