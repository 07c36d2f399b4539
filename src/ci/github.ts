import { FileBase, github, Project } from 'projen';
import { Compatibility } from '../compatibility';
import { DrillOptions } from '../drill';
import { Environment } from '../environment';
import { refuse, show } from '../refusal';
import { BuildJobOptions } from './build-job';
import { DEPLOY, DeployWorkflow } from './deploy-workflow';
import { DRILL, DrillWorkflow } from './drill-workflow';
import { ROLLBACK, RollbackWorkflow } from './rollback-workflow';
import { Workplace } from './steps';

export interface GitHubPipelineOptions {
  readonly hub: github.GitHub;
  readonly setupSteps: github.workflows.JobStep[];
  /** Jobs of the user's own that must succeed first. */
  readonly needs: string[];
  readonly build?: BuildJobOptions;
  /** Whether the jobs that carry a deployment hold a lock that is a git ref. */
  readonly writesRefs: boolean;
  readonly compatibility: Compatibility;
  readonly drill?: DrillOptions;
}

/** Writes the workflows of a delivery for GitHub. */
export class GitHubPipeline {
  public readonly deploy: DeployWorkflow;
  public readonly rollback: RollbackWorkflow;
  public readonly drill?: DrillWorkflow;

  constructor({ build, needs, drill, ...rest }: GitHubPipelineOptions) {
    const workplace: Workplace = { ...rest, artifact: build !== undefined };
    this.deploy = new DeployWorkflow(workplace, { needs, build });
    this.rollback = new RollbackWorkflow(workplace);
    this.drill = drill && new DrillWorkflow(workplace, drill);
  }

  /** Adds the jobs of environments that come after all that were added before. */
  public addEnvironments(environments: Environment[]): void {
    this.deploy.addEnvironments(environments);
    this.rollback.addEnvironments(environments);
    this.drill?.addEnvironments(environments);
  }

  /** What others did to the workflows meanwhile. */
  public check(): void {
    this.deploy.check();
    this.rollback.check();
    this.drill?.check();
  }
}

/** The files that the workflows of a delivery are written to. */
export function workflowFiles(drills: boolean): string[] {
  return workflowNames(drills).map(workflowFile);
}

/** The project's GitHub, on which workflows of ours can be written. */
export function gitHubOf(project: Project, drills: boolean): github.GitHub {
  const hub = github.GitHub.of(project);
  if (!hub) {
    refuse('Delivery', `the project ${show(project.name)} has no GitHub, for which the jobs are written`,
      'Add it before: new github.GitHub(project, { mergify: false, pullRequestLint: false }), with import { github } from \'projen\'');
  }
  if (!hub.workflowsEnabled) {
    refuse('Delivery', 'the project\'s githubOptions say workflows: false, so no job can be written', 'Take workflows: false out');
  }
  const { components } = project;
  for (const name of workflowNames(drills)) {
    const file = workflowFile(name);
    if (components.some((one) => (one instanceof github.GithubWorkflow && one.name === name) || (one instanceof FileBase && one.path === file))) {
      refuse('Delivery', `the project has a workflow ${show(name)} already, whose file ${file} is the delivery's`, 'Give the other one another name');
    }
  }
  return hub;
}

function workflowNames(drills: boolean): string[] {
  return [DEPLOY, ROLLBACK, ...(drills ? [DRILL] : [])];
}

function workflowFile(name: string): string {
  return `.github/workflows/${name}.yml`;
}
