import { relative, sep } from 'node:path';
import { github, Project, Task } from 'projen';
import { AwaitedJobsOptions } from './awaited-jobs';
import { DeliveryWorkflow } from './delivery-workflow';
import { DeployWorkflow, FilesJob } from './deploy-workflow';
import { rejectHandWritten } from './hand-written-workflow';
import { rejectReleaseWorkflow } from './host-workflow';
import { JoinedWorkflow } from './joined-workflow';
import { OwnWorkflow } from './own-workflow';
import { buildWorkflowOf, hasTestsElsewhere, isBuildWorkflow, untestedWarning } from './project-tests';
import { checkPublishedTag } from './published-tag';
import { branchesOf, checkKnownBranches, checkReleaseBranches, ReleaseBranch } from './release-branches';
import { releaseOf, releaseWorkflows } from './release-workflow';
import { JOB } from '../../../contract/jobs';
import { DeploymentWorkflowManifest, TriggerManifest } from '../../../contract/manifest';
import { WORKFLOW } from '../../../contract/workflows';
import { Environment } from '../../../delivery/environment';
import { ReleaseFiles } from '../../../delivery/release-files';
import { WorkflowPlace } from '../../../delivery/workflow';
import { didYouMean, invalid, show } from '../../../validation/validation-error';
import { buildJob } from '../jobs/build-job';
import { imageJob } from '../jobs/image-job';
import { LAST_PUBLISHER, RELEASE, releaseJob } from '../jobs/release-job';
import { WorkflowContext } from '../jobs/steps';

export interface DeployWorkflowsOptions {
  readonly project: Project;
  readonly place: WorkflowPlace;
  /** The user's jobs that must succeed first, if the options list them. */
  readonly needs?: string[];
  /** The tasks by which the release is built. */
  readonly buildTasks: () => readonly (string | Task)[];
  /** Known when the first environments are added. */
  readonly files: Pick<ReleaseFiles, 'paths' | 'image' | 'build' | 'imageBuild'>;
  readonly runsOn?: string[];
  /** Filters of the paths that start a workflow of its own. */
  readonly pathFilters?: string[];
  /** Whether all outcomes of the written jobs are proven. */
  readonly proves: boolean;
}

/** The workflows with the jobs that deploy: one of the delivery's own, one of the project's, or one for each release branch. */
export class DeployWorkflows {
  private readonly all: DeployWorkflow[] = [];
  private readonly environments: Environment[] = [];
  /** The trigger at the beginning of each environment's chain. */
  private readonly roots = new Map<string, TriggerManifest>();
  private readonly find: () => DeliveryWorkflow[];

  constructor(private readonly workflowContext: WorkflowContext, private readonly options: DeployWorkflowsOptions) {
    this.find = finder(workflowContext, options);
    this.join();
  }

  /** Those with jobs of the delivery; all of them as long as there is no environment. */
  public get workflows(): github.GithubWorkflow[] {
    const used = this.all.filter(({ isUsed }) => isUsed);
    return (used.length > 0 ? used : this.all).map(({ workflow }) => workflow);
  }

  public get approvalJobs(): DeploymentWorkflowManifest[] {
    return this.all.filter(({ isUsed }) => isUsed).map(({ approvalJobs }) => approvalJobs);
  }

  public addEnvironments(environments: Environment[]): void {
    for (const environment of environments) {
      checkTrigger(environment, this.options.place);
      checkReleaseBranches(environment, this.branches);
      this.roots.set(environment.name, rootOf(environment, this.roots));
    }
    this.environments.push(...environments);
    for (const one of this.all) this.addTo(one, environments);
  }

  public check(): void {
    this.join();
    for (const environment of this.environments) {
      checkReleaseBranches(environment, this.branches);
      checkKnownBranches(environment, this.branches);
    }
    for (const one of this.all.filter(({ isUsed }) => isUsed)) {
      one.check();
      checkPublishedTag(this.options.project, one.workflow, this.environments.filter(({ name }) => one.takes(this.roots.get(name)!)));
    }
  }

  public warnings(): string[] {
    return [...this.all.flatMap((one) => one.warnings()), ...this.untested()];
  }

  /** In the build workflow, or a release workflow, deployments wait for its jobs. */
  private untested(): string[] {
    const { buildTasks, needs, pathFilters, place, project } = this.options;
    if (place.kind !== 'own' || needs !== undefined || !hasTestsElsewhere(project, buildTasks())) return [];
    const names = this.all.flatMap(({ waitingForNothing }) => waitingForNothing);
    return names.length === 0 ? [] : [untestedWarning(names, buildWorkflowOf(project)!.workflow, pathFilters !== undefined)];
  }

  public checkAtEnd(...rest: Parameters<DeliveryWorkflow['checkAtEnd']>): string[] {
    return this.all.flatMap((one) => one.checkAtEnd(...rest));
  }

  /** Release branches may be added later. */
  private join(): void {
    const known = this.all.map(({ workflow }) => workflow);
    for (const ours of this.find().filter(({ workflow }) => !known.includes(workflow))) {
      const { pathFilters, proves } = this.options;
      const options = { ours, awaited: this.awaited(ours), artifactJob: () => this.artifactJob(), pathFilters, proves };
      const one = new DeployWorkflow(this.workflowContext, options);
      this.addTo(one, this.environments);
      this.all.push(one);
    }
  }

  /** The workflow of a release branch without environments stays unchanged. */
  private addTo(one: DeployWorkflow, environments: Environment[]): void {
    const taken = environments.filter(({ name }) => one.takes(this.roots.get(name)!));
    if (taken.length > 0) one.addEnvironments(taken);
  }

  private get branches(): readonly ReleaseBranch[] {
    const { place, project } = this.options;
    return place.kind === 'release' ? branchesOf(releaseOf(project, OPTIONS.release)) : [];
  }

  private awaited({ workflow }: DeliveryWorkflow): AwaitedJobsOptions {
    const { needs: named, place, project } = this.options;
    return {
      workflow,
      named,
      covered: place.kind === 'release' ? [RELEASE, LAST_PUBLISHER] : [],
      fixing: isBuildWorkflow(project, workflow) ? [SELF_MUTATION] : [],
    };
  }

  private artifactJob(): FilesJob | undefined {
    const { files: { build: made, image, imageBuild, paths }, place, project, runsOn } = this.options;
    if (place.kind === 'release') {
      const folder = releaseOf(project, OPTIONS.release).artifactsDirectory;
      const job = releaseJob(this.workflowContext, { folder, paths: paths ?? [folder] });
      return { id: JOB.RELEASE, mainStep: 'download', namesRelease: true, job: () => job };
    }
    const id = place.kind === 'own' ? JOB.BUILD : this.workflowContext.scope.jobOf(JOB.RELEASE);
    const setupSteps = [...this.workflowContext.toolchainSteps, ...imageBuild?.setupSteps ?? [], ...made?.setupSteps ?? []];
    const files = paths && made && { paths, make: made.make };
    if (image) {
      return { id, mainStep: 'image', namesRelease: false, job: (conditions) => imageJob(this.workflowContext, { image, files, setupSteps, make: imageBuild?.make, runsOn }, conditions) };
    }
    if (!files) return undefined;
    return { id, mainStep: 'pack', namesRelease: false, job: (conditions) => buildJob(this.workflowContext, { ...files, setupSteps, runsOn }, conditions) };
  }
}

/** projen's job that fixes a pull request. */
const SELF_MUTATION = 'self-mutation';

/** The workflow in messages. */
const OPTIONS: Record<WorkflowPlace['kind'], string> = {
  own: 'workflow',
  build: 'Workflow.ofBuild',
  release: 'Workflow.ofRelease',
  named: 'Workflow.named',
  existing: 'Workflow.existing',
};

/** Returns a function that finds the workflows, now and later. */
function finder({ hub, scope }: WorkflowContext, { place, project }: DeployWorkflowsOptions): () => DeliveryWorkflow[] {
  const option = OPTIONS[place.kind];
  if (place.kind === 'release') {
    const found = releaseOf(project, option);
    return () => releaseWorkflows(found, option);
  }
  if (place.kind === 'own') {
    const own = new OwnWorkflow(hub, scope.workflowName(WORKFLOW.DEPLOY), option).letRunsWait();
    return () => [own];
  }
  const host = joined(project, hub, place);
  rejectReleaseWorkflow(project, host, option);
  const one = new JoinedWorkflow(host, option);
  return () => [one];
}

type JoinedPlace = Exclude<WorkflowPlace, { kind: 'own' | 'release' }>;

function joined(project: Project, hub: github.GitHub, place: JoinedPlace): github.GithubWorkflow {
  const workflow = find(project, hub, place);
  const path = workflow.file && relative(project.root.outdir, workflow.file.absolutePath).split(sep).join('/');
  if (path === undefined || /^\.github\/workflows\/[^/]+\.ya?ml$/.test(path)) return workflow;
  invalid(`${OPTIONS[place.kind]} workflow`, `the file of ${show(workflow.name)} is ${path}, and GitHub reads workflows in .github/workflows only`,
    'Give it a name without a slash, and make it with the root project\'s GitHub');
}

function find(project: Project, hub: github.GitHub, place: JoinedPlace): github.GithubWorkflow {
  if (place.kind === 'existing') return ofRepository(project, place.workflow);
  if (place.kind === 'build') {
    const found = buildWorkflowOf(project)?.workflow;
    if (!found) rejectHandWritten(OPTIONS.build, project, 'build');
    return found ?? invalid(OPTIONS.build, `the project ${show(project.name)} has no build workflow`,
      'Set buildWorkflow: true in its options (then Node projects have one), or use Workflow.own()');
  }
  const names = hub.workflows.map(({ name }) => name);
  const found = hub.tryFindWorkflow(place.name);
  if (!found) rejectHandWritten(`${OPTIONS.named} name`, project, place.name);
  return found ?? invalid(`${OPTIONS.named} name`, `there is no workflow ${show(place.name)}`, didYouMean(place.name, names) ?? `Make it before the delivery. There is: ${names.join(', ') || 'none'}`);
}

/** Rejects a workflow of another repository. */
function ofRepository({ root }: Project, workflow: github.GithubWorkflow): github.GithubWorkflow {
  const other = workflow.project.root;
  if (other === root) return workflow;
  return invalid(`${OPTIONS.existing} workflow`, `${show(workflow.name)} is a workflow of the project ${show(other.name)}, which is in another repository than ${show(root.name)}`,
    'Give one that was made for this repository: new github.GithubWorkflow(github.GitHub.of(project.root), \'ci\')');
}

/** Its predecessors are added before. */
function rootOf({ trigger }: Environment, roots: ReadonlyMap<string, TriggerManifest>): TriggerManifest {
  return trigger.kind === 'after' ? roots.get(trigger.environment)! : trigger;
}

/** In a release workflow only releases deploy. */
function checkTrigger({ name, trigger }: Environment, place: WorkflowPlace): void {
  const option = `environment ${show(name)} trigger`;
  if (trigger.kind === 'release' && place.kind !== 'release') {
    invalid(option, 'Trigger.release() stands for what the project\'s release workflow releases, and the jobs are in another one', 'Set workflow: Workflow.ofRelease()');
  }
  if (place.kind === 'release' && trigger.kind !== 'release' && trigger.kind !== 'after') {
    invalid(option, 'in a release workflow only what was released is deployed', 'Use Trigger.release(), or Trigger.after(...) with an environment that does');
  }
}
