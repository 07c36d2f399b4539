import { Task } from 'projen';
import { Freeze } from './freeze';
import { Trigger } from './trigger';
import { HealthCheck } from '../health-checks/health-check';
import { Strategy } from '../strategies/strategy';
import { Target } from '../targets/target';
import { OptionNames } from '../validation/option-types';

/**
 * A named place to which releases go.
 */
export interface EnvironmentOptions {
  /** What makes a release go here. */
  readonly trigger: Trigger;

  /** Where users find the service: http(s), without credentials. */
  readonly url: string;

  /**
   * What must hold before a release counts as good here.
   *
   * @default - one HTTP check of `url`, which cannot tell which release answered
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
   * How a release gets here and back.
   *
   * @default - the delivery's
   */
  readonly target?: Target;

  /**
   * Run before each `deploy` of the target that brings a release here, after its `migrate`; never in a rollback. A task or its name where the target
   * has tasks, a shell line where it has commands. It gets what `deploy` gets (but no DELIVERY_RESULT), has a `commandTimeout` of
   * its own, and must be idempotent. If it fails, the deployment has failed: it is taken back.
   *
   * @default - none
   */
  readonly beforeDeploy?: string | Task;

  /**
   * Run whenever users have just been given a release: after `promote` with blue/green, else after `deploy`; in a rollback too, then
   * with the release that was restored. For purging a cache, for example. A task or its name where the target has tasks, a shell line
   * where it has commands. It gets what `promote` gets, has a `commandTimeout` of its own, and must be idempotent. If it fails, the
   * deployment has failed: it is taken back; in a rollback: halted.
   *
   * @default - none
   */
  readonly afterPromote?: string | Task;

  /**
   * The GitHub environment that rollbacks use instead of this one, those by hand too: an unprotected twin with the same secrets, so
   * that a rollback waits for nobody's approval. **Recommended wherever reviewers are required.**
   *
   * The workflow `rollback` runs on the default branch. A policy for branches and tags that allows only tags refuses it: let the
   * twin's allow the default branch beside the tags.
   *
   * @see https://docs.github.com/en/actions/how-tos/deploy/configure-and-manage-deployments/manage-environments
   * @default - this environment, with its approval
   */
  readonly rollbackEnvironment?: string;

  /**
   * The GitHub environment that the jobs that only look (plan, confirm, and those of the workflow `rollback` that verify what is
   * live) read the secrets of health checks from: an unprotected twin that holds only those.
   *
   * @default - none: these jobs have no secrets
   */
  readonly monitorEnvironment?: string;

  /**
   * When nothing is deployed here. Freezes stop deploys, never rollbacks.
   *
   * @default - releases are always welcome
   */
  readonly freezes?: Freeze[];

  /**
   * An address elsewhere that is asked when the service does not answer: http(s), on another host than the service. If that does not
   * answer either, the prober's own network is at fault, and the release is not blamed: `https://www.githubstatus.com`, or a
   * page of your own with another provider. Any answer will do.
   *
   * @default - none: what the prober's own machine says of its network must do
   */
  readonly controlUrl?: string;

  /**
   * Labels of the runners for this environment's jobs.
   *
   * @default - the delivery's
   */
  readonly runsOn?: string[];

  /**
   * Allows a deployment to bring a lower version than the one that is Stable here, in the order of semantic versions: a patch of an old major
   * version, a tag on an old commit, a prerelease of what is released. Without it such a deployment is refused in its plan, and again after
   * the approval; a rollback by hand is the way down. Releases without a version (the short shas of `Trigger.branch`) are not compared.
   *
   * @see https://semver.org/#spec-item-11
   * @default false
   */
  readonly allowDowngrade?: boolean;

  /**
   * Allows plain http outside loopback in `url`, `controlUrl` and the strategy's `candidateUrl`: anybody on the way can then answer
   * for the service.
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
