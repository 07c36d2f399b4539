import { Project } from 'projen';
import { TargetCommand } from './target-command';
import { JobPermissions, JobStep } from '../ci/github-types';
import { Artifact, ArtifactOptions } from '../delivery/artifact';
import { HealthCheck } from '../health-checks/health-check';
import { Duration } from '../validation/duration';

/**
 * The environment that a target is bound to, as plain values.
 */
export interface TargetContextProps {
  /** The project that is delivered. */
  readonly project: Project;

  /** The environment's name. */
  readonly environment: string;

  /** Where users find the service. */
  readonly url: string;
}

/**
 * The environment that a target is bound to. A class and not a struct: in Python, jsii would turn each field of a struct into an argument of `bind`, and a
 * new field would break every target that is written in Python.
 */
export class TargetContext {
  /** The project that is delivered. */
  public readonly project: Project;

  /** The environment's name. */
  public readonly environment: string;

  /** Where users find the service. */
  public readonly url: string;

  /**
   * Describes an environment. The delivery does this for you; it is useful in a test of your own target.
   *
   * @param props the environment's values
   */
  constructor(props: TargetContextProps) {
    this.project = props.project;
    this.environment = props.environment;
    this.url = props.url;
  }
}

/**
 * What a target can do beside deploying. A strategy that needs more than its target can do fails at synthesis.
 */
export enum TargetCapability {
  /** It holds two releases side by side, in the slots `blue` and `green`, and `promote` moves all traffic to one of them. */
  SLOTS = 'slots',
  /**
   * It holds two releases side by side, in the slots `blue` and `green`, and `setWeight` gives one of them a share of the traffic, and the other
   * one the rest.
   */
  WEIGHTS = 'weights',
  /**
   * It has outputs that are known only after a deployment, such as the URL of an API that the deployment creates. The `deploy` and `rollback` commands
   * write them to the file that DELIVERY_RESULT names, as lines `output.<stack>.<key>=<value>`. `StackOutput` uses them.
   */
  OUTPUTS = 'outputs',
}

/**
 * The commands that move a release. Each must be idempotent: it may run again after it was cut off.
 *
 * A command finds in its process environment: DEPLOY_ENV, DELIVERY_VERSION and DELIVERY_SHA (the release that must be live when it
 * ends), DELIVERY_ROLLBACK_FROM (only in a rollback: the release being left), DELIVERY_STABLE_VERSION, DELIVERY_SLOT
 * (blue/green: the slot to deploy or switch to), and the environment's variables and secrets.
 */
export interface TargetCommands {
  /**
   * Prepares what releases share, for example a database's schema. Runs before `deploy`, and never in a rollback.
   *
   * @default - none
   */
  readonly migrate?: TargetCommand;

  /** Puts the release on the environment. With slots: on the slot that DELIVERY_SLOT names. */
  readonly deploy: TargetCommand;

  /**
   * Moves all traffic to the slot that DELIVERY_SLOT names. Needs the capability `SLOTS`.
   *
   * @default - none
   */
  readonly promote?: TargetCommand;

  /**
   * Gives the slot that DELIVERY_SLOT names the share of the traffic that DELIVERY_WEIGHT says, in per cent from 0 to 100; the other slot gets
   * the rest. DELIVERY_VERSION names the release in the slot. Needs the capability `WEIGHTS`.
   *
   * @default - none
   */
  readonly setWeight?: TargetCommand;

  /**
   * Restores the release that DELIVERY_VERSION and DELIVERY_SHA name.
   *
   * @default - what the strategy does: it promotes the old slot, or runs `deploy` with the old release
   */
  readonly rollback?: TargetCommand;

  /**
   * Removes what `deploy` made for a preview, whose name is in DEPLOY_ENV and whose pull request is in DELIVERY_PREVIEW. Only previews run it.
   * It must be idempotent, and succeed if nothing is there.
   *
   * @default - none: the target cannot have previews
   */
  readonly remove?: TargetCommand;
}

/**
 * Everything that a target provides for one environment.
 */
export interface TargetBinding {
  /** The commands that move a release. */
  readonly commands: TargetCommands;

  /**
   * What the target can do beside deploying.
   *
   * @default - nothing
   */
  readonly capabilities?: TargetCapability[];

  /**
   * Says that no release can be taken back, and what a person does about a bad one, in one line: for a registry whose versions are final, for example.
   * A bad release is then halted, with this text, and nothing is rolled back: neither automatically nor by hand nor in a drill. Options that need
   * a rollback fail at synthesis.
   *
   * @default - a release can be rolled back
   */
  readonly noRollback?: string;

  /**
   * The files or the image that are built once and deployed to every environment. A delivery has one artifact: either the delivery's options
   * define it, or its targets do, all of them the same.
   *
   * @default - the delivery's artifact, if it has one
   */
  readonly artifact?: ArtifactOptions | Artifact;

  /**
   * Steps after the checkout and the toolchain and before the delivery's `setupSteps`, for example a sign-in or the installation of a
   * CLI. They run in the jobs that have the environment (deploy, roll back, drill, recover), and in no other job.
   *
   * @default - none
   */
  readonly setupSteps?: JobStep[];

  /**
   * Permissions of the GITHUB_TOKEN, for example `idToken` or `packages`. Only the jobs that deploy or roll back get them. Where the
   * job has a permission already, it keeps the higher one.
   *
   * @default - none
   */
  readonly permissions?: JobPermissions;

  /**
   * Names of secrets that the commands find in their process environment, beside those of the environment.
   *
   * @default - none
   */
  readonly secrets?: string[];

  /**
   * Names of those of `secrets` that are needed to read which release is live. The jobs that only read (plan, monitor, watch, adopt) get them if the
   * environment has a `monitorEnvironment`: store them there, if possible with credentials that can only read.
   *
   * @default - none
   */
  readonly readSecrets?: string[];

  /**
   * Plain values that the commands find in their process environment. A variable of the same name of the delivery or the environment
   * replaces the target's.
   *
   * @default - none
   */
  readonly variables?: Record<string, string>;

  /**
   * Health checks that the target adds to those of the environment.
   *
   * @default - none
   */
  readonly healthChecks?: HealthCheck[];

  /**
   * The time that one command of the target may take, unless the strategy's options set it.
   *
   * @default - the strategy's default
   */
  readonly commandTimeout?: Duration;
}
