import { github } from 'projen';
import { AwaitedJobs, AwaitedJobsOptions, Destination, jobsThatMayFail, titlesOf } from './awaited-jobs';
import { DeliveryWorkflow } from './delivery-workflow';
import { deployingEvents } from './deploying-events';
import { events, eventsOf } from './events';
import { JobResults } from './skipped-jobs';
import { BeforeWorkflowFile } from './workflow-file';
import { environmentJobId, JOB } from '../../../contract/jobs';
import { DeploymentWorkflowManifest, TriggerManifest } from '../../../contract/manifest';
import { Environment } from '../../../delivery/environment';
import { show } from '../../../validation/validation-error';
import { violation } from '../invariants/violation';
import { monitorJob, recoverJob } from '../jobs/command-job';
import { ArtifactJob, deployCondition, deployNeeds, DeployNeeds, requests } from '../jobs/conditions';
import { deployJob, environmentJob } from '../jobs/deploy-jobs';
import { JobEnvironment } from '../jobs/job-environment';
import { WorkflowContext } from '../jobs/steps';
import { Jobs, ProvenEnvironment } from '../proof/cone';
import { disproofOf, Unproven } from '../proof/proof';

/** The job that provides the release's files. */
export interface FilesJob extends ArtifactJob {
  readonly mainStep: string;
  /** @param conditions when an environment wants them */
  job(conditions: string[]): github.workflows.Job;
}

export interface DeployWorkflowOptions {
  readonly ours: DeliveryWorkflow;
  readonly awaited: AwaitedJobsOptions;
  /** Known when the first environments are added. */
  readonly artifactJob: () => FilesJob | undefined;
  readonly pathFilters?: string[];
  /** Whether all outcomes of the written jobs are proven. */
  readonly proves: boolean;
}

/** Writes the jobs that deploy into a workflow: one that provides the files, if there is an artifact, and four for each environment. */
export class DeployWorkflow {
  private readonly environments: Environment[] = [];
  /** The first environment of each environment's chain, by name. */
  private readonly roots = new Map<string, Environment>();

  /** Why the jobs could not be proven, if so. */
  private unproven?: Unproven;

  constructor(private readonly workflowContext: WorkflowContext, private readonly options: DeployWorkflowOptions) {
    // other components may add jobs until then
    new BeforeWorkflowFile(this.workflow, () => this.await());
  }

  public get workflow(): github.GithubWorkflow {
    return this.options.ours.workflow;
  }

  /** Whether it has jobs of the delivery. */
  public get isUsed(): boolean {
    return this.environments.length > 0;
  }

  public takes(root: TriggerManifest): boolean {
    return this.options.ours.takes(root);
  }

  public addEnvironments(environments: Environment[]): void {
    this.environments.push(...environments);
    this.listen();
    this.putArtifactJob();
    const { awaited } = this;
    for (const environment of environments) this.addJobs(environment, awaited);
  }

  public get approvalJobs(): DeploymentWorkflowManifest {
    return this.options.ours.approvalJobsOf(this.environments.flatMap(({ id, name }) => [
      { id: environmentJobId('deploy', id), kind: 'deployments' as const, environments: [name] },
      { id: environmentJobId('rollback', id), kind: 'rollbacks' as const, environments: [name] },
    ]));
  }

  public check(): void {
    const { ours, awaited } = this.options;
    this.await();
    ours.check(awaited.named ?? []);
  }

  public warnings(): string[] {
    return this.awaited.warnings(this.destinations);
  }

  /** The environments whose deployments wait for no job of the project, neither now nor before another environment's. */
  public get waitingForNothing(): string[] {
    const { awaited } = this;
    const waits = (environment: Environment | undefined): boolean => {
      if (!environment) return false;
      const { trigger } = environment;
      return awaited.of(this.destination(environment)).length > 0 || (trigger.kind === 'after' && waits(this.find(trigger.environment)));
    };
    return this.environments.filter((environment) => this.isMadeFor(environment) && !waits(environment)).map(({ name }) => name);
  }

  /** Lets each deployment wait for the jobs so far. */
  private await(): void {
    const { awaited } = this;
    for (const environment of this.environments) {
      const needs = this.needs(environment, awaited);
      this.options.ours.wait(environmentJobId('deploy', environment.id), deployNeeds(environment, needs), deployCondition(environment, needs));
    }
    awaited.check(this.destinations);
  }

  private get awaited(): AwaitedJobs {
    return new AwaitedJobs(this.options.awaited);
  }

  private needs(environment: Environment, awaited: AwaitedJobs): DeployNeeds {
    return {
      artifactJob: this.artifactJobFor(environment),
      after: this.find(environment.trigger.kind === 'after' ? environment.trigger.environment : undefined),
      jobs: awaited.of(this.destination(environment)),
    };
  }

  private artifactJobFor({ name }: Environment): FilesJob | undefined {
    return this.isMadeFor(this.roots.get(name)!) ? this.options.artifactJob() : undefined;
  }

  private get destinations(): Destination[] {
    return this.environments.map((environment) => this.destination(environment));
  }

  private destination(environment: Environment): Destination {
    const { id, name } = environment;
    const root = this.roots.get(name)!;
    const artifactJob = this.artifactJobFor(environment);
    return { name, prepared: [...(artifactJob ? [artifactJob.id] : []), environmentJobId('environment', id)], events: deployingEvents(root.trigger, this.options.ours.choiceOf(root), eventsOf(this.workflow)) };
  }

  public checkAtEnd(...rest: Parameters<DeliveryWorkflow['checkAtEnd']>): string[] {
    const warnings = this.options.ours.checkAtEnd(...rest);
    for (const one of this.environments) this.checkCanDeploy(one);
    return [...warnings, ...this.warningsOfGates()];
  }

  /** What deployments wait for that says less than it seems to. */
  private warningsOfGates(): string[] {
    const { awaited, environments, options: { ours }, unproven } = this;
    const awaitedIds = this.destinations.flatMap((one) => awaited.of(one));
    const mayFail = jobsThatMayFail(ours.written, [...awaitedIds, ...this.options.awaited.covered]).map((id) => `${ours.option}: the job ${show(id)} of the workflow ${show(this.workflow.name)} `
      + 'has continue-on-error, so it counts as successful when it fails, and what it finds bad is deployed all the same. It is not part of what is proven. '
      + 'Take it out (continueOnError), or let the steps that may fail have it');
    if (!unproven) return mayFail;
    const ofWhat = unproven.jobs === undefined ? `${environments.length} environments` : show(unproven.environment.name);
    const fix = unproven.jobs === undefined ? 'Split the environments among several deliveries' : 'Let the jobs before it be one job with a matrix, or let needs name them instead of a job that collects their results';
    return [...mayFail, `${ours.option}: the jobs of ${ofWhat} have too many outcomes, so they are not proven, but compared with the delivery's own: your own jobs are not considered. ${fix}, or say proof: false`];
  }

  /** Rejects a condition that never holds: nothing would be deployed, and every run would be green. */
  private checkCanDeploy(environment: Environment): void {
    const { name, prepared, events: starts } = this.destination(environment);
    const ids = [...prepared, environmentJobId('deploy', environment.id)];
    const jobs = this.options.ours.rewritten(ids);
    const idle = jobs && ids.find((id) => starts.every((event) => !new JobResults(jobs, event).mayRun(id)));
    if (idle === undefined) return;
    this.options.ours.rejectJob(idle, violation('if', `never holds before a deployment to ${show(name)}, which begins with ${titlesOf(starts)}, so nothing would be deployed`,
      'Write a condition that can hold. To stop deployments for a time, use a variable (vars.OPEN == \'yes\'), or set freezes'));
  }

  private listen(): void {
    const { ours, pathFilters } = this.options;
    const manual = this.environments.filter(({ trigger }) => trigger.kind === 'manual').map((environment) => ours.choiceOf(environment));
    ours.listen(events(this.environments.map(({ trigger }) => trigger), manual, pathFilters), this.environments.length);
  }

  private addJobs(environment: Environment, awaited: AwaitedJobs): void {
    const { ours } = this.options;
    const { id } = environment;
    const subject = JobEnvironment.of(environment);
    const root = this.rootOf(environment);
    const needs = this.needs(environment, awaited);
    const [planned, deployed, monitored, rolledBack] = (['environment', 'deploy', 'monitor', 'rollback'] as const).map((job) => environmentJobId(job, id));
    ours.add(planned, 'plan', environmentJob(this.workflowContext, environment, { requested: this.requestedBy(root), artifactJob: root.trigger.kind === 'release' || environment.plansChanges ? needs.artifactJob : undefined }));
    ours.add(deployed, 'deploy', deployJob(this.workflowContext, environment, needs));
    ours.add(monitored, 'monitor', monitorJob(this.workflowContext, subject, deployed));
    ours.add(rolledBack, 'rollback', recoverJob(this.workflowContext, subject, { job: JOB.ROLLBACK, tried: deployed, confirmation: monitored }));
    if (this.options.proves) ours.leaveToProof([deployed, monitored, rolledBack], (jobs) => this.prove(jobs));
  }

  /** Rejects jobs of which a path leads to something that must not be. Returns false if there are too many paths. */
  private prove(jobs: Jobs): boolean {
    const { ours } = this.options;
    try {
      const found = disproofOf(jobs, this.environments.map((environment) => this.proven(environment)));
      this.unproven = undefined;
      if (found) ours.rejectPath(found, jobs);
      return true;
    } catch (error) {
      if (!(error instanceof Unproven)) throw error;
      this.unproven = error;
      return false;
    }
  }

  private proven(environment: Environment): ProvenEnvironment {
    const { name, id, trigger } = environment;
    const [plan, deploy, monitor, rollback] = (['environment', 'deploy', 'monitor', 'rollback'] as const).map((job) => environmentJobId(job, id));
    const before = this.find(trigger.kind === 'after' ? trigger.environment : undefined);
    const ownJobs = before ? (['deploy', 'monitor'] as const).map((job) => environmentJobId(job, before.id)) : [];
    return {
      name,
      jobs: { plan, deploy, monitor, rollback },
      after: before?.name,
      awaited: this.options.ours.needsOf(deploy).filter((need) => ![plan, ...ownJobs].includes(need)),
      starts: this.destination(environment).events,
    };
  }

  /** Each environment changes the condition of the job that provides the files; the user's changes stay. */
  private putArtifactJob(): void {
    const { ours } = this.options;
    const artifactJob = this.options.artifactJob();
    const roots = this.environments.filter((environment) => environment.trigger.kind !== 'after' && this.isMadeFor(environment));
    if (!artifactJob || roots.length === 0) return;
    const job = artifactJob.job(roots.map((environment) => this.requestedBy(environment)));
    if (ours.has(artifactJob.id)) ours.setCondition(artifactJob.id, job.if!);
    else ours.add(artifactJob.id, artifactJob.mainStep, job);
  }

  private requestedBy(root: Environment): string {
    return requests(root.trigger, this.options.ours.choiceOf(root));
  }

  /** A tag with `requires` deploys the files that were verified on the other environment. */
  private isMadeFor({ trigger }: Environment): boolean {
    return !(trigger.kind === 'tag' && trigger.requires !== undefined);
  }

  private rootOf(environment: Environment): Environment {
    const { name, trigger } = environment;
    // its predecessors are added before
    const root = trigger.kind === 'after' ? this.roots.get(trigger.environment)! : environment;
    this.roots.set(name, root);
    return root;
  }

  private find(name: string | undefined): Environment | undefined {
    return this.environments.find((environment) => environment.name === name);
  }
}
