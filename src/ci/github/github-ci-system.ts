import { existsSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { Component, FileBase, github, Project, release } from 'projen';
import { CiProvider, CiRequest, CiSystem, CiSystemOptions } from '../ci-system';
import { JobStep } from '../github-types';
import { GITHUB_RULES } from './github-rules';
import { Group } from './invariants/concurrency';
import { LastComponent } from './invariants/last-component';
import { checkTagsAreSeen } from './invariants/unseen-tags';
import { loginManifest } from './jobs/login-steps';
import { WorkflowContext } from './jobs/steps';
import { addedSetup, checkIds, toolchainSetup } from './toolchains/setup';
import { DeployWorkflows } from './workflows/deploy-workflows';
import { DrillWorkflow } from './workflows/drill-workflow';
import { pathFilters } from './workflows/events';
import { mergeBuildJob } from './workflows/merge-build';
import { MonitorWorkflow } from './workflows/monitor-workflow';
import { PlanWorkflow } from './workflows/plan-workflow';
import { PreviewWorkflow } from './workflows/preview-workflow';
import { branchesOf } from './workflows/release-branches';
import { RollbackWorkflow } from './workflows/rollback-workflow';
import { DeploymentWorkflowManifest, LoginManifest } from '../../contract/manifest';
import { WORKFLOW } from '../../contract/workflows';
import { Environment } from '../../delivery/environment';
import { Previews } from '../../delivery/previews';
import { Scope } from '../../delivery/scope';
import { WorkflowPlace } from '../../delivery/workflow';
import { checkDistinctNames } from '../../delivery/workflow-names';
import { invalid, show } from '../../validation/validation-error';

export interface GithubCiSystemOptions extends CiRequest, CiSystemOptions {
  readonly hub: github.GitHub;
  /** Warnings about the steps that set up. */
  readonly setupWarnings: string[];
  /** What the project's tasks need: in every job that runs one. */
  readonly toolchainSteps: JobStep[];
  /** What the commands of a deployment need in addition. */
  readonly setupSteps: JobStep[];
}

/** Returns GitHub Actions on the project's GitHub component. Throws `ValidationError` if the workflows cannot be written. */
export function githubCi({ project, scope, place, drill, monitoring, pullRequests, hasPreviews }: CiRequest): CiProvider {
  const has = { drill: drill !== undefined, monitoring: monitoring !== undefined, plan: pullRequests !== undefined, preview: hasPreviews };
  const own = ownWorkflows(scope, place, has);
  const hub = gitHubOf(project, own);
  return {
    ownFiles: own.map(workflowFile),
    runsOn: hub.runsOnConfig().runsOn,
    create({ toolchainSteps, setupSteps, ...options }) {
      const where = { project, directory: scope.directory, actions: hub.actions };
      const toolchain = toolchainSetup(toolchainSteps, where);
      const commands = addedSetup('setupSteps', setupSteps ?? [], where);
      checkIds('setupSteps', commands.steps, toolchain.steps);
      return new GithubCiSystem({
        ...options,
        hub,
        project,
        scope,
        place,
        drill,
        monitoring,
        pullRequests,
        hasPreviews,
        toolchainSteps: toolchain.steps,
        setupSteps: commands.steps,
        setupWarnings: [toolchain, commands].flatMap(({ warnings }) => warnings),
      });
    },
  };
}

/** Writes the workflows of a delivery for GitHub. */
class GithubCiSystem implements CiSystem {
  public readonly limits = GITHUB_RULES.limits;
  public readonly secretRules = GITHUB_RULES.secretRules;
  private readonly setupWarnings: string[];
  private readonly workflowContext: WorkflowContext;
  private readonly deploy: DeployWorkflows;
  private readonly rollback: RollbackWorkflow;
  private readonly drill?: DrillWorkflow;
  private readonly monitor?: MonitorWorkflow;
  private readonly plan?: PlanWorkflow;
  private preview?: PreviewWorkflow;

  constructor(private readonly options: GithubCiSystemOptions) {
    const { drill, files, monitoring, onlyIfChanged, project, scope } = options;
    this.setupWarnings = [...options.setupWarnings];
    this.workflowContext = {
      ...options,
      get artifact() {
        return (files.paths ?? files.image) !== undefined;
      },
      get hasFiles() {
        return files.paths !== undefined;
      },
      get image() {
        return files.image;
      },
    };
    this.deploy = new DeployWorkflows(this.workflowContext, {
      ...options,
      pathFilters: onlyIfChanged && pathFilters(onlyIfChanged, scope.manifestFile),
    });
    this.rollback = new RollbackWorkflow(this.workflowContext);
    this.drill = drill && new DrillWorkflow(this.workflowContext, drill);
    this.monitor = monitoring && new MonitorWorkflow(this.workflowContext, monitoring, `${project.root.name}/${scope.project?.name ?? ''}`);
    const { pullRequests } = options;
    const buildMerge = pullRequests?.changes && ((condition: string) => mergeBuildJob(this.workflowContext, options, condition));
    this.plan = pullRequests && new PlanWorkflow(this.workflowContext, buildMerge);
  }

  public setup(option: string, given: JobStep[], job: 'build' | 'deploy'): JobStep[] {
    const { hub, project, scope, setupSteps, toolchainSteps } = this.options;
    const { steps, warnings } = addedSetup(option, given, { project, directory: scope.directory, actions: hub.actions });
    checkIds(option, steps, job === 'build' ? toolchainSteps : [...toolchainSteps, ...setupSteps]);
    this.setupWarnings.push(...warnings);
    return steps;
  }

  public loginOf(environment: Environment): LoginManifest | undefined {
    return loginManifest(environment);
  }

  public addEnvironments(environments: Environment[]): void {
    this.deploy.addEnvironments(environments);
    this.rollback.addEnvironments(environments);
    this.drill?.addEnvironments(environments);
    this.monitor?.addEnvironments(environments);
    this.plan?.addEnvironments(environments);
  }

  public addPreviews(previews: Previews): void {
    this.preview = new PreviewWorkflow(this.workflowContext, previews, this.options.files);
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

  public get planWorkflow(): github.GithubWorkflow | undefined {
    return this.plan?.workflow;
  }

  public get previewWorkflow(): github.GithubWorkflow | undefined {
    return this.preview?.workflow;
  }

  public get approvalJobs(): DeploymentWorkflowManifest[] {
    return [...this.deploy.approvalJobs, this.rollback.approvalJobs];
  }

  public get files(): FileBase[] {
    const { deploy, rollback, drill, monitor, plan, preview } = this;
    const others = [rollback, drill, monitor, plan, preview].map((one) => one?.workflow);
    return [...deploy.workflows, ...others].flatMap((workflow) => workflow?.file ?? []);
  }

  public warnings(): string[] {
    const { drill, monitoring } = this.options;
    return [
      ...(drill?.schedule?._isAtFullHour ? [
        'the drill begins at the full hour, when GitHub is busiest and starts scheduled workflows late or not at all. Choose another minute: Schedule.weekly(\'Tue 03:17\')',
      ] : []),
      ...(monitoring && !monitoring.heartbeat ? [
        'in a public repository GitHub switches the watch off after 60 days without activity, and no one would notice. '
        + 'Set monitoring.heartbeat to the name of a secret that holds the URL of a service that alerts you when it receives nothing',
      ] : []),
      ...(repositoryAround(this.options.project.root.outdir) ? [
        'the project\'s folder is not the root of its git repository, and GitHub reads .github/workflows only there. '
        + 'Synthesize it at the root, or make it a subproject of a project there: parent and outdir',
      ] : []),
      ...this.setupWarnings,
    ];
  }

  public hostWarnings(): string[] {
    return this.deploy.warnings();
  }

  public get releaseBranches(): string[] {
    const names: string[] = [];
    for (let project: Project | undefined = this.options.project; project; project = project.parent) {
      const found = release.Release.of(project);
      if (found) names.push(...branchesOf(found).map(({ name }) => name));
    }
    return names;
  }

  public validateTriggers(environments: readonly Environment[]): void {
    if (this.options.onlyIfChanged !== undefined && !environments.some(({ trigger }) => trigger.kind === 'branch')) {
      invalid('Delivery onlyIfChanged', 'no environment has Trigger.branch, and GitHub filters only pushes to branches by path', 'Remove it');
    }
    checkTagsAreSeen(this.options.project, environments);
  }

  public atEnd(check: (validateFiles: () => string[]) => void): void {
    LastComponent.of(this.options.project.root).check(this, (groups) => check(() => this.checkAtEnd(groups)));
  }

  public validate(): void {
    this.deploy.check();
    this.rollback.check();
    this.drill?.check();
    this.monitor?.check();
    this.plan?.check();
    this.preview?.check();
  }

  /** Checks the written workflows, and returns warnings. */
  private checkAtEnd(groups: readonly Group[]): string[] {
    return [this.deploy, this.rollback, this.drill, this.monitor, this.plan, this.preview].flatMap((one) => one?.checkAtEnd(groups) ?? []);
  }
}

/** Returns the names of the workflows that belong to the delivery alone. */
function ownWorkflows(
  scope: Scope, place: WorkflowPlace,
  has: { readonly drill: boolean; readonly monitoring: boolean; readonly plan: boolean; readonly preview: boolean },
): string[] {
  const kinds = [
    ...(place.kind === 'own' ? [WORKFLOW.DEPLOY] : []), WORKFLOW.ROLLBACK, ...(has.drill ? [WORKFLOW.DRILL] : []), ...(has.monitoring ? [WORKFLOW.MONITOR] : []),
    ...(has.plan ? [WORKFLOW.PLAN] : []), ...(has.preview ? [WORKFLOW.PREVIEW] : []),
  ];
  const written = kinds.map((kind) => ({ kind, name: scope.workflowName(kind) }));
  checkDistinctNames(written);
  return written.map(({ name }) => name);
}

function workflowFile(name: string): string {
  return `.github/workflows/${name}.yml`;
}

/** Returns the project's GitHub component. Throws `ValidationError` if the workflows cannot be written with it. */
function gitHubOf({ root }: Project, names: string[]): github.GitHub {
  // like GitHub.of, without another search
  const { components } = root;
  const hub = components.find((one) => one instanceof github.GitHub);
  if (!hub) {
    invalid('Delivery', `the project ${show(root.name)} has no GitHub, for which the jobs are written`,
      'Add it before: new github.GitHub(project, { mergify: false, pullRequestLint: false }), with import { github } from \'projen\'');
  }
  if (!hub.workflowsEnabled) {
    invalid('Delivery', 'the project\'s githubOptions contain workflows: false, so no job can be written', 'Remove workflows: false');
  }
  for (const name of names) {
    const file = workflowFile(name);
    // some file systems ignore letter case
    const isTaken = (one: Component) => (
      (one instanceof github.GithubWorkflow && one.name === name) || (one instanceof FileBase && one.path.toLowerCase() === file.toLowerCase())
    );
    if (components.some(isTaken)) invalid('Delivery', `the project has a workflow ${show(name)} already, whose file ${file} is the delivery's`, 'Give the other one another name');
  }
  return hub;
}

/**
 * Returns the root of the git repository if the project is in a subfolder of it, because GitHub reads workflows only at the root. Returns
 * undefined if the project's folder is the root, or if there is no repository yet.
 */
function repositoryAround(outdir: string): string | undefined {
  for (let folder = outdir; ; folder = dirname(folder)) {
    // .git is a file in a linked worktree and in a submodule
    if (existsSync(join(folder, '.git'))) return folder === outdir ? undefined : folder;
    if (dirname(folder) === folder) return undefined;
  }
}
