import { Component, FileBase, github, Project } from 'projen';
import { CiSystem } from '../ci-system';
import { Group } from './invariants/concurrency';
import { LastComponent } from './invariants/last-component';
import { checkTagsAreSeen } from './invariants/unseen-tags';
import { WorkflowContext } from './jobs/steps';
import { addedSetup, checkIds } from './toolchains/setup';
import { DeployWorkflows, DeployWorkflowsOptions } from './workflows/deploy-workflows';
import { DrillWorkflow } from './workflows/drill-workflow';
import { MonitorWorkflow } from './workflows/monitor-workflow';
import { RollbackWorkflow } from './workflows/rollback-workflow';
import { Alert } from '../../alerts/alert';
import { DeploymentWorkflowManifest } from '../../contract/manifest';
import { WORKFLOW } from '../../contract/workflows';
import { Compatibility } from '../../delivery/compatibility';
import { DrillOptions } from '../../delivery/drill';
import { Environment } from '../../delivery/environment';
import { Scope } from '../../delivery/scope';
import { WorkflowPlace } from '../../delivery/workflow';
import { checkDistinctNames } from '../../delivery/workflow-names';
import { Monitoring } from '../../monitoring/monitoring';
import { invalid, show } from '../../validation/validation-error';

export interface GithubCiSystemOptions extends DeployWorkflowsOptions {
  readonly hub: github.GitHub;
  /** What a person should know of the steps that set up. */
  readonly setupWarnings: string[];
  readonly scope: Scope;
  /** What the project's tasks need: in every job that runs one. */
  readonly toolchainSteps: github.workflows.JobStep[];
  /** What the commands of a deployment need beside it. */
  readonly setupSteps: github.workflows.JobStep[];
  /** Whether the jobs that carry a deployment hold a lock that is a git ref. */
  readonly writesRefs: boolean;
  readonly compatibility: Compatibility;
  readonly drill?: DrillOptions;
  readonly monitoring?: Monitoring;
  readonly alerts: Alert[];
}

/** Writes the workflows of a delivery for GitHub. */
export class GithubCiSystem implements CiSystem {
  public readonly setupWarnings: string[];
  private readonly project: Project;
  private readonly workflowContext: WorkflowContext;
  private readonly deploy: DeployWorkflows;
  private readonly rollback: RollbackWorkflow;
  private readonly drill?: DrillWorkflow;
  private readonly monitor?: MonitorWorkflow;

  constructor({
    hub, scope, toolchainSteps, setupSteps,
    writesRefs, compatibility, drill, monitoring, alerts, setupWarnings, ...rest
  }: GithubCiSystemOptions) {
    this.project = rest.project;
    this.setupWarnings = [...setupWarnings];
    const workflowContext: WorkflowContext = {
      hub,
      scope,
      toolchainSteps,
      setupSteps,
      writesRefs,
      compatibility,
      alerts,
      get artifact() {
        return rest.files.paths !== undefined;
      },
    };
    this.workflowContext = workflowContext;
    this.deploy = new DeployWorkflows(workflowContext, rest);
    this.rollback = new RollbackWorkflow(workflowContext);
    this.drill = drill && new DrillWorkflow(workflowContext, drill);
    this.monitor = monitoring && new MonitorWorkflow(workflowContext, monitoring, `${rest.project.root.name}/${scope.project?.name ?? ''}`);
  }

  public setup(option: string, given: github.workflows.JobStep[], job: 'build' | 'deploy'): github.workflows.JobStep[] {
    const { hub, scope, setupSteps, toolchainSteps } = this.workflowContext;
    const { steps, warnings } = addedSetup(option, given, { project: this.project, directory: scope.directory, actions: hub.actions });
    checkIds(option, steps, job === 'build' ? toolchainSteps : [...toolchainSteps, ...setupSteps]);
    this.setupWarnings.push(...warnings);
    return steps;
  }

  /** Adds the jobs of environments that come after all that were added before. */
  public addEnvironments(environments: Environment[]): void {
    this.deploy.addEnvironments(environments);
    this.rollback.addEnvironments(environments);
    this.drill?.addEnvironments(environments);
    this.monitor?.addEnvironments(environments);
  }

  public get deployWorkflows(): github.GithubWorkflow[] {
    return this.deploy.workflows;
  }

  public get rollbackWorkflow(): github.GithubWorkflow {
    return this.rollback.workflow;
  }

  public get drillWorkflow(): github.GithubWorkflow | undefined {
    return this.drill?.workflow;
  }

  public get monitorWorkflow(): github.GithubWorkflow | undefined {
    return this.monitor?.workflow;
  }

  /** The jobs that may wait for an approval, by workflow. */
  public get approvalJobs(): DeploymentWorkflowManifest[] {
    return [...this.deploy.approvalJobs, this.rollback.approvalJobs];
  }

  /** Those of the workflows that the jobs stand in. */
  public get files(): FileBase[] {
    const { deploy, rollback, drill, monitor } = this;
    return [...deploy.workflows, rollback.workflow, drill?.workflow, monitor?.workflow].flatMap((workflow) => workflow?.file ?? []);
  }

  /** What a person should know of the jobs of others, now that there are all. */
  public warnings(): string[] {
    return this.deploy.warnings();
  }

  public validateTriggers(environments: readonly Environment[]): void {
    checkTagsAreSeen(this.project, environments);
  }

  public atEnd(check: (validateFiles: () => string[]) => void): void {
    LastComponent.of(this.project.root).check(this, (groups) => check(() => this.checkAtEnd(groups)));
  }

  /** What others did to the workflows meanwhile. */
  public validate(): void {
    this.deploy.check();
    this.rollback.check();
    this.drill?.check();
    this.monitor?.check();
  }

  /**
   * What became of the workflows in the end.
   *
   * @returns warnings
   */
  private checkAtEnd(groups: readonly Group[]): string[] {
    return [this.deploy, this.rollback, this.drill, this.monitor].flatMap((one) => one?.checkAtEnd(groups) ?? []);
  }
}

/** The workflows that are the delivery's own, by name. */
export function ownWorkflows(scope: Scope, place: WorkflowPlace, has: { readonly drill: boolean; readonly monitoring: boolean }): string[] {
  const kinds = [...(place.kind === 'own' ? [WORKFLOW.DEPLOY] : []), WORKFLOW.ROLLBACK, ...(has.drill ? [WORKFLOW.DRILL] : []), ...(has.monitoring ? [WORKFLOW.MONITOR] : [])];
  const written = kinds.map((kind) => ({ kind, name: scope.workflowName(kind) }));
  checkDistinctNames(written);
  return written.map(({ name }) => name);
}

/** The file that a workflow of the delivery's own is written to. */
export function workflowFile(name: string): string {
  return `.github/workflows/${name}.yml`;
}

/** The project's GitHub, on which workflows of ours can be written. */
export function gitHubOf({ root }: Project, names: string[]): github.GitHub {
  // as GitHub.of, which would gather them once more
  const { components } = root;
  const hub = components.find((one) => one instanceof github.GitHub);
  if (!hub) {
    invalid('Delivery', `the project ${show(root.name)} has no GitHub, for which the jobs are written`,
      'Add it before: new github.GitHub(project, { mergify: false, pullRequestLint: false }), with import { github } from \'projen\'');
  }
  if (!hub.workflowsEnabled) {
    invalid('Delivery', 'the project\'s githubOptions say workflows: false, so no job can be written', 'Take workflows: false out');
  }
  for (const name of names) {
    const file = workflowFile(name);
    // files are one on a disk that ignores letter case
    const isTaken = (one: Component) => (
      (one instanceof github.GithubWorkflow && one.name === name) || (one instanceof FileBase && one.path.toLowerCase() === file.toLowerCase())
    );
    if (components.some(isTaken)) invalid('Delivery', `the project has a workflow ${show(name)} already, whose file ${file} is the delivery's`, 'Give the other one another name');
  }
  return hub;
}
