import { Task } from 'projen';
import { Freeze } from './freeze';
import { Trigger } from './trigger';
import { HealthCheck } from '../health-checks/health-check';
import { Login } from '../login/login';
import { Strategy } from '../strategies/strategy';
import { Target } from '../targets/target';
import { OptionNames } from '../validation/option-types';

/**
 * Options for an environment: a named place to which releases are deployed.
 */
export interface EnvironmentOptions {
  /** What makes a release go here. */
  readonly trigger: Trigger;

  /** Where users find the service: http(s), without credentials. */
  readonly url: string;

  /**
   * The conditions under which a release counts as good on this environment.
   *
   * @default - one HTTP check of `url`, which cannot identify the release
   */
  readonly healthChecks?: HealthCheck[];

  /**
   * Plain values that the commands find in their environment, beside those of the delivery; a name that both have is this one's.
   *
   * @default - those of the delivery
   */
  readonly variables?: Record<string, string>;

  /**
   * Names of secrets, of the GitHub environment or the repository, that the commands find in their environment under the
   * same name, beside those of the delivery. Only the steps that run commands get them.
   *
   * @see https://docs.github.com/en/actions/how-tos/write-workflows/choose-what-workflows-do/use-secrets
   *
   * @default - those of the delivery
   */
  readonly secrets?: string[];

  /**
   * The order in which a release is deployed, verified and given traffic.
   *
   * @default Strategy.redeploy()
   */
  readonly strategy?: Strategy;

  /**
   * The target that deploys a release here and restores it.
   *
   * @default - the delivery's
   */
  readonly target?: Target;

  /**
   * Runs before each `deploy` of a new release, after the target's `migrate`; never in a rollback. A task or its name if the target has
   * tasks, a shell line if it has commands. It gets the variables that `deploy` gets (except DELIVERY_RESULT), has its own
   * `commandTimeout`, and must be idempotent. If it fails, the deployment fails and is rolled back.
   *
   * @default - none
   */
  readonly beforeDeploy?: string | Task;

  /**
   * Runs each time users get a release, for example to purge a cache: after `promote` with blue/green, otherwise after `deploy`; also in
   * a rollback, with the restored release. A task or its name if the target has tasks, a shell line if it has commands. It gets the
   * variables that `promote` gets, has its own `commandTimeout`, and must be idempotent. If it fails, the deployment fails and is rolled
   * back; a rollback is halted.
   *
   * @default - none
   */
  readonly afterPromote?: string | Task;

  /**
   * The GitHub environment that rollbacks use instead of this one, including those by hand: an unprotected environment with the same
   * secrets, so that a rollback waits for no approval. **Recommended wherever reviewers are required.**
   *
   * The workflow `rollback` runs on the default branch. A deployment policy that allows only tags rejects it: allow the default branch on
   * the rollback environment as well.
   *
   * @see https://docs.github.com/en/actions/how-tos/deploy/configure-and-manage-deployments/manage-environments
   * @default - this environment, with its approval
   */
  readonly rollbackEnvironment?: string;

  /**
   * The GitHub environment from which the jobs that only probe (plan, confirm, and the jobs of the workflow `rollback` that verify the
   * live release) read the secrets of health checks: an unprotected environment that contains only those secrets.
   *
   * @default - none: these jobs have no secrets
   */
  readonly monitorEnvironment?: string;

  /**
   * The sign-in to a cloud of the jobs that deploy and roll back, without a stored secret.
   *
   * @default - none
   */
  readonly login?: Login;

  /**
   * Periods in which nothing is deployed here. Freezes stop deployments, never rollbacks.
   *
   * @default - none
   */
  readonly freezes?: Freeze[];

  /**
   * A URL that is probed when the service does not respond: http(s), on another host than the service. If it does not respond either, the
   * runner's own network is at fault and the release is not blamed: `https://www.githubstatus.com`, or a page of your own at another
   * provider. Any response counts.
   *
   * @default - none: only errors of the runner's own network are recognized
   */
  readonly controlUrl?: string;

  /**
   * Labels of the runners for this environment's jobs.
   *
   * @default - the delivery's
   */
  readonly runsOn?: string[];

  /**
   * Allows deployments of a version lower than the Stable one, in the order of semantic versions: a patch of an old major version, a tag
   * on an old commit, or a prerelease of a released version. Without it the plan rejects such a deployment, and so does the deployment
   * after the approval; use a rollback by hand instead. Releases without a version (the short shas of `Trigger.branch`) are not compared.
   *
   * @see https://semver.org/#spec-item-11
   * @default false
   */
  readonly allowDowngrade?: boolean;

  /**
   * Allows plain http outside loopback in `url`, `controlUrl` and the strategy's `candidateUrl`. Anyone on the network path can then
   * forge responses.
   *
   * @default false
   */
  readonly allowInsecure?: boolean;
}

export const ENVIRONMENT_OPTIONS: OptionNames<EnvironmentOptions> = {
  trigger: true,
  url: true,
  healthChecks: true,
  variables: true,
  secrets: true,
  strategy: true,
  target: true,
  beforeDeploy: true,
  afterPromote: true,
  rollbackEnvironment: true,
  monitorEnvironment: true,
  login: true,
  freezes: true,
  controlUrl: true,
  runsOn: true,
  allowDowngrade: 'boolean',
  allowInsecure: 'boolean',
};

/**
 * An environment in a list of environments.
 */
export interface NamedEnvironment extends EnvironmentOptions {
  /** Its name, as on GitHub: letters, digits and `. _ / -`, 64 at most. Letter case does not make a difference. */
  readonly name: string;
}
