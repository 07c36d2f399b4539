import { github } from 'projen';
import { ArtifactOptions } from './artifact';
import { Compatibility } from './compatibility';
import { DrillOptions } from './drill';
import { NamedEnvironment } from './environment-options';
import { Lock } from './lock';
import { Workflow } from './workflow';
import { WorkflowNames } from './workflow-names';
import { Alert } from '../alerts/alert';
import { MonitoringOptions } from '../monitoring/monitoring';
import { Target } from '../targets/target';
import { OptionNames } from '../validation/option-types';

/**
 * What is delivered, how, and where to.
 */
export interface DeliveryOptions {
  /** How a release gets to an environment and back. Environments can have another one. */
  readonly target: Target;

  /**
   * Where releases go. Their order does not matter.
   *
   * @default - none yet: see `addEnvironment`
   */
  readonly environments?: NamedEnvironment[];

  /**
   * Files that are built once and deployed many times.
   *
   * @default - none: the deploy commands work from the repository
   */
  readonly artifact?: ArtifactOptions;

  /**
   * Steps that the project's tasks need first: a language and its dependencies. They run in every job that runs a task: the build, the
   * jobs that deploy or roll back, and those that only look where a health check or an alert is a command. Given steps replace the
   * default; an empty list means none. Known actions are pinned to a commit, and caches are left out: what can write a cache could deploy.
   *
   * @default - what the project's tasks need, as the project says it: Node and its package manager; Python (`.python-version`, else
   * what `pyproject.toml` allows, else 3.13) and the virtual environment that pip, Poetry or uv fill; the JDK that the pom compiles for
   * and Maven's dependencies; the CLI of AWS CDK and cdk8s apps in Python and Java. Nothing where a project has no language.
   */
  readonly toolchainSteps?: github.workflows.JobStep[];

  /**
   * Steps that the commands of a deployment need beside the toolchain: a login, a tool. They run after it in the jobs that deploy, roll
   * back, drill or recover, and nowhere else: only those have the GitHub environment, its secrets and, with `idToken`, an OIDC token.
   * Actions are pinned and caches left out as in `toolchainSteps`.
   *
   * @default - none
   */
  readonly setupSteps?: github.workflows.JobStep[];

  /**
   * The workflow that the jobs stand in.
   *
   * @default Workflow.own()
   */
  readonly workflow?: Workflow;

  /**
   * Names for the workflows that this delivery writes, where the standard names are taken or do not fit. GitHub, your bookmarks and
   * `gh workflow run` know a workflow by its file, so choose them before the first deployment.
   *
   * @default - `deploy`, `rollback`, `monitor` and `drill`, in a subproject with its name: `deploy_api`
   */
  readonly workflowNames?: WorkflowNames;

  /**
   * Files and folders, relative to the repository's root, which a push to a branch must change to start the workflow; what this
   * delivery's options say counts as one of them. In a monorepo typically the subproject's folder and those that it is built from.
   * A folder stands for everything in it, `*` for anything without a slash, `**` for anything; what begins with `!` takes out of
   * what stands before it.
   *
   * **A tag starts it whatever it changed**: GitHub does not filter tags by paths, so give each project tags of its own:
   * `Trigger.tag('api-v*')`. Of a push that changes very many files GitHub looks at the first 300.
   *
   * @see https://docs.github.com/en/actions/reference/workflows-and-actions/workflow-syntax#onpushpull_requestpull_request_targetpathspaths-ignore
   * @default - every push to a branch that an environment names
   */
  readonly onlyIfChanged?: string[];

  /**
   * Ids of jobs of the same workflow, a test matrix for example, that must succeed before anything is deployed.
   * Add them with `delivery.workflow.addJob`. A job that is missing when the project is synthesized is an error, and so is one whose
   * condition keeps it from running before a deployment. A warning lists jobs that you leave out.
   *
   * @default - all jobs of the workflow that can succeed before a deployment, also those that are added later. Left out are jobs that
   * only run when another one failed, that wait for a deployment, and, with a warning, those that the event that deploys never runs
   */
  readonly needs?: string[];

  /**
   * Plain values that the commands of every environment find in their environment.
   *
   * @default - none
   */
  readonly variables?: Record<string, string>;

  /**
   * Names of secrets that the commands of every environment find in their environment under the same name.
   *
   * @default - none
   */
  readonly secrets?: string[];

  /**
   * Labels of the runners. They need node 20 or later, bash and, for an artifact, GNU tar.
   *
   * @default - the project's, or ubuntu-latest
   */
  readonly runsOn?: string[];

  /**
   * What keeps two deployments of an environment apart.
   *
   * @default Lock.ledger()
   */
  readonly lock?: Lock;

  /**
   * Whether, where and when the way back is tried out: a workflow `drill` of its own.
   *
   * @default - never
   */
  readonly drill?: DrillOptions;

  /**
   * Who is told what becomes of deployments.
   *
   * @default - nobody: a red run and its summary are what tells
   */
  readonly alerts?: Alert[];

  /**
   * Whether and how the environments are watched between deployments: a workflow `monitor` of its own, configuration for other monitoring
   * systems, or both.
   *
   * @default - they are not
   */
  readonly monitoring?: MonitoringOptions;

  /**
   * What to leave out where GitHub cannot do it: on an older GitHub Enterprise Server, or beside custom protection apps.
   *
   * @default - nothing
   */
  readonly compatibility?: Compatibility;
}

export const DELIVERY_OPTIONS: OptionNames<DeliveryOptions> = {
  target: true,
  environments: true,
  artifact: true,
  toolchainSteps: true,
  setupSteps: true,
  workflow: true,
  workflowNames: true,
  onlyIfChanged: true,
  needs: true,
  variables: true,
  secrets: true,
  runsOn: true,
  lock: true,
  drill: true,
  alerts: true,
  monitoring: true,
  compatibility: true,
};
