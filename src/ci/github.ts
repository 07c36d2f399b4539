import { github, JsonPatch, Project } from 'projen';
import { Environment } from '../environment';
import { refuse, show } from '../refusal';
import { buildCondition, buildJob, BuildJobOptions } from './build-job';
import { asksFor } from './conditions';
import { events } from './events';
import { checkJobGraph } from './job-graph';
import { deployJob, environmentJob, monitorJob, rollbackJob } from './jobs';
import { Workplace } from './steps';
import { writeOurWay } from './workflow-file';

export const WORKFLOW_NAME = 'deploy';
export const WORKFLOW_FILE = `.github/workflows/${WORKFLOW_NAME}.yml`;

/** The kinds of jobs that each environment has. */
export const JOB_KINDS = ['environment', 'deploy', 'monitor', 'rollback'] as const;

/** The step that makes a job what it is; if it is gone, somebody took the job's id. */
const MAIN_STEP: Record<string, string> = { environment: 'plan', deploy: 'deploy', monitor: 'monitor', rollback: 'rollback' };

export interface GitHubPipelineOptions {
  readonly hub: github.GitHub;
  readonly setupSteps: github.workflows.JobStep[];
  /** Jobs of the user's own that must succeed first. */
  readonly needs: string[];
  readonly build?: BuildJobOptions;
}

/** Writes deploy.yml: a build job where there is an artifact, four jobs for each environment. */
export class GitHubPipeline {
  public readonly workflow: github.GithubWorkflow;
  private readonly workplace: Workplace;
  private readonly environments: Environment[] = [];
  /** By name: where the chain begins that an environment stands in. */
  private readonly roots = new Map<string, Environment>();

  constructor(private readonly options: GitHubPipelineOptions) {
    const { hub, setupSteps, build } = options;
    this.workplace = { hub, setupSteps, artifact: build !== undefined };
    this.workflow = new github.GithubWorkflow(hub, WORKFLOW_NAME, { fileName: `${WORKFLOW_NAME}.yml` });
    writeOurWay(this.workflow);
    // an override with an empty object would be dropped
    this.workflow.file?.patch(JsonPatch.add('/permissions', {}));
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
    checkJobGraph(this.workflow, this.options.needs);
    for (const { id } of this.environments) {
      for (const kind of JOB_KINDS) this.checkOwn(`${kind}_${id}`, MAIN_STEP[kind]);
    }
    if (this.options.build) this.checkOwn('build', 'pack');
  }

  private addJobs(environment: Environment): void {
    const { id } = environment;
    const root = this.rootOf(environment);
    const after = this.find(environment.trigger.kind === 'after' ? environment.trigger.environment : undefined);
    const build = this.workplace.artifact && this.builds(root);
    this.addOwn(`environment_${id}`, environmentJob(this.workplace, environment, root));
    this.addOwn(`deploy_${id}`, deployJob(this.workplace, environment, { build, after, jobs: this.options.needs }));
    this.addOwn(`monitor_${id}`, monitorJob(this.workplace, environment));
    this.addOwn(`rollback_${id}`, rollbackJob(this.workplace, environment));
  }

  /** The build runs when an environment wants it, so each one changes its condition; what the user patched stays. */
  private putBuildJob(): void {
    const { build } = this.options;
    const roots = this.environments.filter((environment) => environment.trigger.kind !== 'after' && this.builds(environment));
    if (!build || roots.length === 0) return;
    const asked = roots.map(({ trigger, name }) => asksFor(trigger, name));
    const present = this.workflow.getJob('build');
    if (present) this.workflow.updateJob('build', { ...present, if: buildCondition(asked) });
    else this.workflow.addJob('build', buildJob(this.workplace, build, asked));
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

  private addOwn(id: string, job: github.workflows.Job): void {
    if (this.workflow.getJob(id)) taken(id);
    this.workflow.addJob(id, job);
  }

  private checkOwn(id: string, step: string): void {
    const job = this.workflow.getJob(id);
    if (!job) refuse('workflow', `the delivery's job ${show(id)} was removed`, 'Leave it, or leave the environment out');
    if (!('steps' in job) || !job.steps.some((one) => one.id === step)) taken(id);
  }
}

/** The project's GitHub, on which a workflow of ours can be written. */
export function gitHubOf(project: Project): github.GitHub {
  const hub = github.GitHub.of(project);
  if (!hub) {
    refuse('Delivery', `the project ${show(project.name)} has no GitHub, for which the jobs are written`,
      'Add it before: new github.GitHub(project, { mergify: false, pullRequestLint: false }), with import { github } from \'projen\'');
  }
  if (!hub.workflowsEnabled) {
    refuse('Delivery', 'the project\'s githubOptions say workflows: false, so no job can be written', 'Take workflows: false out');
  }
  if (hub.tryFindWorkflow(WORKFLOW_NAME) || project.tryFindFile(WORKFLOW_FILE)) {
    refuse('Delivery', `the project has a workflow ${show(WORKFLOW_NAME)} already, whose file ${WORKFLOW_FILE} is the delivery's`, 'Give the other one another name');
  }
  return hub;
}

function taken(id: string): never {
  refuse('workflow', `the job id ${show(id)} is the delivery's, and another job took it`, 'Give the other job another id');
}
