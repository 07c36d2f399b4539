import { Artifact, ArtifactOptions } from './artifact';
import { DrillOptions } from './drill';
import { NamedEnvironment } from './environment-options';
import { Lock } from './lock';
import { PreviewOptions } from './previews';
import { PullRequestOptions } from './pull-requests';
import { Workflow } from './workflow';
import { WorkflowNames } from './workflow-names';
import { Alert } from '../alerts/alert';
import { JobStep } from '../ci/github-types';
import { MonitoringOptions } from '../monitoring/monitoring';
import { Target } from '../targets/target';
import { OptionNames } from '../validation/option-types';

/**
 * Features to leave out if GitHub does not support them: on an older GitHub Enterprise Server, or with some GitHub Apps.
 */
export interface Compatibility {
  /**
   * Leaves `queue: max` out of the jobs' concurrency groups, which servers from before May 2026 reject. Such a server keeps only one job
   * waiting in a group and cancels an older waiting job, even a rollback. The ledger still records requests by hand: run a cancelled one
   * again.
   *
   * @see https://docs.github.com/en/actions/how-tos/write-workflows/choose-when-workflows-run/control-workflow-concurrency
   * @default false
   */
  readonly withoutQueueMax?: boolean;

  /**
   * Leaves `deployment: false` out of the jobs' environments, which servers from before March 2026 reject, and so do environments with
   * custom protection apps. GitHub then records its own deployments in addition to the ledger's: the result of the job for the run's
   * commit, regardless of verification and rollback. The delivery ignores them.
   *
   * @see https://docs.github.com/en/actions/how-tos/deploy/configure-and-manage-deployments/control-deployments
   * @default false
   */
  readonly withoutDeploymentFalse?: boolean;
}

export const COMPATIBILITY_OPTIONS: OptionNames<Compatibility> = { withoutQueueMax: 'boolean', withoutDeploymentFalse: 'boolean' };

/**
 * Options for a delivery: what is deployed, how, and to which environments.
 */
export interface DeliveryOptions {
  /** The target that deploys a release to an environment and restores it. Environments can override it. */
  readonly target: Target;

  /**
   * The environments to deploy to, in any order.
   *
   * @default - none; add them with `addEnvironment`
   */
  readonly environments?: NamedEnvironment[];

  /**
   * What is built once and deployed many times: files, or a container image (`Artifact.image`), which goes with the files of every target.
   *
   * @default - none: the deploy commands work from the repository
   */
  readonly artifact?: ArtifactOptions | Artifact;

  /**
   * Steps that set up what the project's tasks need: a language and its dependencies. They run in every job that runs a task: the build,
   * the jobs that deploy or roll back, and, if a health check or an alert is a command, the jobs that only probe. Your steps replace the
   * default; an empty list means none. Known actions are pinned to a commit, and caches are left out, because a job that can write a
   * cache could change a deployment.
   *
   * @default - derived from the project: Node and its package manager; Python (`.python-version`, otherwise what `pyproject.toml` allows,
   * otherwise 3.13) and the virtual environment of pip, Poetry or uv; the JDK that the pom compiles for and Maven's dependencies; the CLI
   * of AWS CDK and cdk8s apps in Python and Java. None for a project without a language.
   */
  readonly toolchainSteps?: JobStep[];

  /**
   * Steps that the commands of a deployment need beside the toolchain: a login, a tool. They run after it in the jobs that deploy, roll
   * back, drill or recover, and nowhere else: only those have the GitHub environment, its secrets and, with `idToken`, an OIDC token.
   * Actions are pinned and caches left out as in `toolchainSteps`.
   *
   * @default - none
   */
  readonly setupSteps?: JobStep[];

  /**
   * The workflow that contains the jobs.
   *
   * @default Workflow.own()
   */
  readonly workflow?: Workflow;

  /**
   * Names for the workflows of this delivery, if the default names are taken or do not fit. GitHub, bookmarks and `gh workflow run`
   * identify a workflow by its file, so choose the names before the first deployment.
   *
   * @default - `deploy`, `rollback`, `monitor` and `drill`; in a subproject with its name: `deploy_api`
   */
  readonly workflowNames?: WorkflowNames;

  /**
   * Files and folders, relative to the repository's root, that a push to a branch must change to start the workflow. The delivery's own
   * manifest is added to them. In a monorepo, list the subproject's folder and the folders that it is built from. A folder includes
   * everything in it, `*` matches anything except a slash, `**` matches anything; an entry that starts with `!` excludes files that an
   * earlier entry includes. In a workspace of npm, pnpm or yarn, the root's lock file is added, too, unless an entry names it.
   *
   * **A tag always starts the workflow**: GitHub does not filter tags by paths, so give each project its own tags:
   * `Trigger.tag('api-v*')`. For a push that changes many files, GitHub checks only the first 300.
   *
   * @see
   * https://docs.github.com/en/actions/reference/workflows-and-actions/workflow-syntax#onpushpull_requestpull_request_targetpathspaths-ignore
   * @default - every push to a branch of an environment
   */
  readonly onlyIfChanged?: string[];

  /**
   * Ids of jobs of the same workflow, for example a test matrix, that must succeed before anything is deployed. Add them with
   * `delivery.workflow.addJob`. A job that is missing at synthesis is an error, and so is a job whose condition prevents it from running
   * before a deployment. A warning lists the jobs that you leave out. An empty list says that deployments wait for none.
   *
   * @default - all jobs of the workflow that can succeed before a deployment, including jobs that are added later. Excluded are jobs that
   * run only after a failure, jobs that wait for a deployment, and, with a warning, jobs that the deploying event never runs
   */
  readonly needs?: string[];

  /**
   * Plain values that the commands find in their environment, in addition to those of the delivery. A name that both define takes this
   * value.
   *
   * @default - those of the delivery
   */
  readonly variables?: Record<string, string>;

  /**
   * Names of secrets of the GitHub environment or the repository. The commands find them in their environment under the same name, in
   * addition to those of the delivery. Only the steps that run commands get them.
   *
   * @see https://docs.github.com/en/actions/how-tos/write-workflows/choose-what-workflows-do/use-secrets
   *
   * @default - those of the delivery
   */
  readonly secrets?: string[];

  /**
   * Labels of the runners. The runners need Node 20 or later, bash and, for an artifact, GNU tar.
   *
   * @default - the project's, or ubuntu-latest
   */
  readonly runsOn?: string[];

  /**
   * The lock that prevents two concurrent deployments to an environment.
   *
   * @default Lock.ledger()
   */
  readonly lock?: Lock;

  /**
   * Drills that test the rollback, in a separate workflow `drill`.
   *
   * @default - none
   */
  readonly drill?: DrillOptions;

  /**
   * Channels that are notified of deployments and of the findings of the watch.
   *
   * @default - none; only the run and its summary show the result
   */
  readonly alerts?: Alert[];

  /**
   * Monitoring of the environments between deployments: a separate workflow `monitor`, configuration for other monitoring systems, or
   * both.
   *
   * @default - none
   */
  readonly monitoring?: MonitoringOptions;

  /**
   * What pull requests show: what merging them would deploy, and what they change in this configuration.
   *
   * @default - nothing
   */
  readonly pullRequests?: PullRequestOptions;

  /**
   * Environments of pull requests: each head commit is deployed to one of its own, verified, and removed when the pull request is closed.
   *
   * @default - none
   */
  readonly previews?: PreviewOptions;

  /**
   * Features to leave out if GitHub does not support them: on an older GitHub Enterprise Server, or with custom protection apps.
   *
   * @default - nothing is left out
   */
  readonly compatibility?: Compatibility;

  /**
   * Proves at synthesis that the jobs that deploy are safe, as they are written at the end, with the project's own jobs and all changes. The
   * proof goes through every way in which the jobs can end, be cancelled and be run again. Synthesis fails if one of them leaves an environment on a
   * release that is neither verified nor rolled back, reaches an environment past one that did not verify the release, deploys what was not
   * planned, built or tested, or asks twice for an approval. The message shows the shortest such path.
   *
   * With `false`, the conditions of these jobs may only be narrowed where less is deployed, and other jobs of the project are not considered.
   *
   * @default true
   * @see https://docs.github.com/en/actions/reference/workflows-and-actions/expressions#status-check-functions
   */
  readonly proof?: boolean;
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
  pullRequests: true,
  previews: true,
  compatibility: true,
  proof: 'boolean',
};
