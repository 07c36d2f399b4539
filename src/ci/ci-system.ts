import { FileBase, Project } from 'projen';
import { CiRules } from './ci-rules';
import { GithubWorkflow, JobStep } from './github-types';
import { Alert } from '../alerts/alert';
import { DeploymentWorkflowManifest, LoginManifest } from '../contract/manifest';
import { Compatibility } from '../delivery/delivery-options';
import { DrillOptions } from '../delivery/drill';
import { Environment } from '../delivery/environment';
import { ReleaseFiles } from '../delivery/release-files';
import { Scope } from '../delivery/scope';
import { WorkflowPlace } from '../delivery/workflow';
import { Monitoring } from '../monitoring/monitoring';

/** What decides which files a CI system writes. */
export interface CiRequest {
  readonly project: Project;
  readonly scope: Scope;
  /** Where the jobs that deploy stand. */
  readonly place: WorkflowPlace;
  readonly drill?: DrillOptions;
  /** Only where something is watched on a schedule. */
  readonly monitoring?: Monitoring;
}

/** What a delivery wants of a CI system. */
export interface CiSystemOptions {
  /** The files of releases. They are known when the first environments are added. */
  readonly files: Pick<ReleaseFiles, 'paths' | 'build'>;
  /** Files and folders, one of which a push must change to start a workflow of the delivery's own. */
  readonly onlyIfChanged?: string[];
  readonly toolchainSteps?: JobStep[];
  readonly setupSteps?: JobStep[];
  /** Jobs of the project's own that must succeed first, where they were named. */
  readonly needs?: string[];
  readonly runsOn?: string[];
  /** Whether the jobs that carry a deployment hold a lock that is a git ref. */
  readonly writesRefs: boolean;
  readonly compatibility: Compatibility;
  readonly alerts: Alert[];
}

/** The CI system of a project, before it has written anything. */
export interface CiProvider {
  /** The files that belong to the delivery alone, relative to the repository's root. */
  readonly ownFiles: string[];
  /** Labels of the project's runners; undefined for a group of them. */
  readonly runsOn?: string[];
  create(options: CiSystemOptions): CiSystem;
}

/** What a CI system provides at synthesis: it writes the jobs of a delivery, and checks what others do to them. */
export interface CiSystem extends Pick<CiRules, 'limits' | 'secretRules'> {
  /** Those that the jobs which deploy stand in. */
  readonly deployWorkflows: GithubWorkflow[];
  readonly rollbackWorkflow: GithubWorkflow;
  readonly drillWorkflow?: GithubWorkflow;
  readonly monitorWorkflow?: GithubWorkflow;
  /** The jobs that may wait for an approval, by workflow. */
  readonly approvalJobs: DeploymentWorkflowManifest[];
  /** All files that it writes. */
  readonly files: FileBase[];

  /**
   * Checks steps that a target or an artifact brings, and makes them fit for the jobs.
   *
   * @param option names them in messages
   * @param steps the steps
   * @param job whether they run in the job that builds, or in those that deploy and roll back
   */
  setup(option: string, steps: JobStep[], job: 'build' | 'deploy'): JobStep[];
  /** The cloud roles that the jobs of an environment take, with the names by which the roles trust them. */
  loginOf(environment: Environment): LoginManifest | undefined;
  /** Adds the jobs of environments that come after all that were added before. */
  addEnvironments(environments: Environment[]): void;
  /** Fails where something that should start a deployment cannot start one. */
  validateTriggers(environments: readonly Environment[]): void;
  /** Fails where others broke what the jobs rest on. */
  validate(): void;
  /** Returns warnings about what the options make of the CI system. */
  warnings(): string[];
  /** Returns warnings about the project's other jobs. Call it when all components have added theirs. */
  hostWarnings(): string[];
  /**
   * Calls back when all components of the repository have had their turn.
   *
   * @param check gets what checks the written files and returns warnings
   */
  atEnd(check: (validateFiles: () => string[]) => void): void;
}
