import { Task } from 'projen';
import { TargetBinding, TargetCapability, TargetCommands } from './target-binding';
import { TargetCommand } from './target-command';
import { JobPermission } from '../ci/github-types';
import { OptionNames, optionsOf } from '../validation/option-types';
import { invalid } from '../validation/validation-error';

/**
 * Options that all targets share.
 */
export interface TargetOptions {
  /**
   * Allows the deploy and rollback jobs to request an OpenID Connect token from GitHub (`id-token: write`). Cloud providers exchange it
   * for short-lived credentials, so that no credentials are stored as secrets.
   *
   * @see https://docs.github.com/en/actions/concepts/security/openid-connect
   * @default false
   */
  readonly idToken?: boolean;
}

/**
 * Options for a target that deploys with the project's own tasks. Each task must be idempotent: it may run again after it was
 * interrupted.
 *
 * A task finds these variables in its environment: DEPLOY_ENV, DELIVERY_VERSION and DELIVERY_SHA (the release that must be live when it
 * ends), DELIVERY_ROLLBACK_FROM (only in a rollback: the release that is replaced), DELIVERY_STABLE_VERSION, DELIVERY_SLOT (blue/green:
 * the slot to deploy to or switch to), and the environment's variables and secrets.
 */
export interface TaskTargetOptions extends TargetOptions {
  /**
   * Prepares what releases share, for example the schema of a database. Runs before `deploy` while users still see the old release, and
   * never in a rollback, so the old release must work with the result. The task or its name.
   *
   * A migration that cannot be undone declares it before it starts: `echo irreversible=true >> "$DELIVERY_RESULT"`. From then on nothing
   * is rolled back automatically: a bad release is halted until a person decides.
   *
   * @default - none
   */
  readonly migrate?: string | Task;

  /** Deploys the release to the environment (blue/green and canary: to the slot that DELIVERY_SLOT names). The task or its name. */
  readonly deploy: string | Task;

  /**
   * Moves all traffic to the slot that DELIVERY_SLOT names. The task or its name.
   *
   * @default - none; required for blue/green
   */
  readonly promote?: string | Task;

  /**
   * Gives the slot that DELIVERY_SLOT names the share of the traffic that DELIVERY_WEIGHT says, in per cent from 0 to 100; the other slot
   * gets the rest. DELIVERY_VERSION names the release in the slot. The task or its name.
   *
   * @default - none; required for a canary
   */
  readonly setWeight?: string | Task;

  /**
   * Restores the release that DELIVERY_VERSION and DELIVERY_SHA name. The task or its name.
   *
   * @default - blue/green promotes the old slot; otherwise `deploy` runs with the old release
   */
  readonly rollback?: string | Task;

  /**
   * Removes what `deploy` made for a preview, whose name is in DEPLOY_ENV and whose pull request is in DELIVERY_PREVIEW. Only previews run it.
   * It must be idempotent, and succeed if nothing is there. The task or its name.
   *
   * @default - none; required for `previews`
   */
  readonly remove?: string | Task;
}

const TASK_OPTIONS: OptionNames<TaskTargetOptions> = { idToken: 'boolean', migrate: true, deploy: true, promote: true, setWeight: true, rollback: true, remove: true };

/** The project's own tasks. */
export function taskTarget(options: TaskTargetOptions): TargetBinding {
  optionsOf('Target.tasks', options, TASK_OPTIONS, '{ deploy: \'ship\' }');
  return commandBinding('Target.tasks', options, (task) => TargetCommand._ofTask(task));
}

type Phase = keyof TargetCommands;

/** The commands that are given, and what follows from them. */
export function commandBinding<T>(
  within: string, options: TargetOptions & { readonly [name in Phase]?: T }, commandOf: (what: T) => TargetCommand,
): TargetBinding {
  const { deploy, idToken, migrate, promote, remove, rollback, setWeight } = options;
  if (deploy === undefined) invalid(`${within} deploy`, 'it is missing', 'Set the command that deploys a release');
  const optional = (what: T | undefined) => (what === undefined ? undefined : commandOf(what));
  return {
    commands: {
      migrate: optional(migrate),
      deploy: commandOf(deploy),
      promote: optional(promote),
      setWeight: optional(setWeight),
      rollback: optional(rollback),
      remove: optional(remove),
    },
    capabilities: [...(promote === undefined ? [] : [TargetCapability.SLOTS]), ...(setWeight === undefined ? [] : [TargetCapability.WEIGHTS])],
    permissions: idToken ? { idToken: JobPermission.WRITE } : {},
  };
}
