import { FileBase, Project, Task } from 'projen';
import { CiRules } from './ci-rules';
import { GithubWorkflow, JobStep } from './github-types';
import { Alert } from '../alerts/alert';
import { DeploymentWorkflowManifest, LoginManifest, PullRequestsManifest } from '../contract/manifest';
import { Compatibility } from '../delivery/delivery-options';
import { DrillOptions } from '../delivery/drill';
import { Environment } from '../delivery/environment';
import { Previews } from '../delivery/previews';
import { ReleaseFiles } from '../delivery/release-files';
import { Scope } from '../delivery/scope';
import { WorkflowPlace } from '../delivery/workflow';
import { Monitoring } from '../monitoring/monitoring';

/** Determines which files a CI system writes. */
export interface CiRequest {
  readonly project: Project;
  readonly scope: Scope;
  /** The workflow that contains the jobs that deploy. */
  readonly place: WorkflowPlace;
  readonly drill?: DrillOptions;
  /** Set if environments are watched on a schedule. */
  readonly monitoring?: Monitoring;
  /** Set if a workflow plans pull requests. */
  readonly pullRequests?: PullRequestsManifest;
  /** Whether a workflow deploys previews of pull requests. */
  readonly hasPreviews: boolean;
}

/** Options for a CI system. */
export interface CiSystemOptions {
  /** The files of releases, known when the first environments are added. */
  readonly files: Pick<ReleaseFiles, 'paths' | 'image' | 'build' | 'imageBuild'>;
  /** Files and folders, one of which a push must change to start a workflow of the delivery's own. */
  readonly onlyIfChanged?: string[];
  readonly toolchainSteps?: JobStep[];
  readonly setupSteps?: JobStep[];
  /** The project's jobs that must succeed first, if the options list them. */
  readonly needs?: string[];
  /** The tasks by which the release is built. */
  readonly buildTasks: () => readonly (string | Task)[];
  readonly runsOn?: string[];
  /** Whether the lock is a git ref. */
  readonly writesRefs: boolean;
  /** Whether all outcomes of the jobs that deploy are proven. */
  readonly proves: boolean;
  readonly compatibility: Compatibility;
  readonly alerts: Alert[];
}

/** The CI system of a project, before it writes anything. */
export interface CiProvider {
  /** The files that belong to the delivery alone, relative to the repository's root. */
  readonly ownFiles: string[];
  /** Labels of the project's runners; undefined for a runner group. */
  readonly runsOn?: string[];
  create(options: CiSystemOptions): CiSystem;
}

/** What a CI system provides at synthesis: it writes the jobs of a delivery, and checks what other components change in them. */
export interface CiSystem extends Pick<CiRules, 'limits' | 'secretRules'> {
  /** The workflows with the jobs that deploy. */
  readonly deployWorkflows: GithubWorkflow[];
  readonly rollbackWorkflow: GithubWorkflow;
  readonly drillWorkflow?: GithubWorkflow;
  readonly monitorWorkflow?: GithubWorkflow;
  readonly planWorkflow?: GithubWorkflow;
  readonly previewWorkflow?: GithubWorkflow;
  /** The jobs that may wait for an approval, by workflow. */
  readonly approvalJobs: DeploymentWorkflowManifest[];
  /** The branches from which projen releases the project, or a project around it. */
  readonly releaseBranches: string[];
  /** All files with the jobs. */
  readonly files: FileBase[];

  /**
   * Checks and completes the steps of a target or an artifact.
   *
   * @param option the option in messages
   * @param job whether they run in the job that builds, or in those that deploy and roll back
   */
  setup(option: string, steps: JobStep[], job: 'build' | 'deploy'): JobStep[];
  /** The cloud roles that the jobs of an environment take, with the names by which the roles trust them. */
  loginOf(environment: Environment): LoginManifest | undefined;
  /** Adds the jobs of environments that come after all that were added before. */
  addEnvironments(environments: Environment[]): void;
  /** Adds the jobs of previews. */
  addPreviews(previews: Previews): void;
  /** Rejects a trigger that cannot start a deployment. */
  validateTriggers(environments: readonly Environment[]): void;
  /** Rejects a change of the jobs that breaks a guarantee. */
  validate(): void;
  /** Returns warnings about what the options make of the CI system. */
  warnings(): string[];
  /** Returns warnings about the project's other jobs. Call it when all components have added theirs. */
  hostWarnings(): string[];
  /**
   * Calls back when all components of the repository are synthesized.
   *
   * @param check receives the function that checks the written files and returns warnings
   */
  atEnd(check: (validateFiles: () => string[]) => void): void;
}
