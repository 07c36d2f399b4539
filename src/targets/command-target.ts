import { shellLine } from './commands';
import { TargetBinding } from './target-binding';
import { TargetCommand } from './target-command';
import { commandBinding, TargetOptions } from './task-target';
import { OptionNames, optionsOf } from '../validation/option-types';

/**
 * Options for a target that deploys with shell lines, run by `bash -eo pipefail`. No values are interpolated into the lines; they get the
 * same environment variables as tasks. Each line must be idempotent: it may run again after it was interrupted.
 */
export interface CommandTargetOptions extends TargetOptions {
  /**
   * Prepares what releases share, for example the schema of a database. Runs before `deploy` while users still see the old release, and
   * never in a rollback, so the old release must work with the result.
   *
   * A migration that cannot be undone declares it before it starts: `echo irreversible=true >> "$DELIVERY_RESULT"`. From then on nothing
   * is rolled back automatically: a bad release is halted until a person decides.
   *
   * @default - none
   */
  readonly migrate?: string;

  /** Deploys the release to the environment (blue/green and canary: to the slot that DELIVERY_SLOT names). */
  readonly deploy: string;

  /**
   * Moves all traffic to the slot that DELIVERY_SLOT names.
   *
   * @default - none; required for blue/green
   */
  readonly promote?: string;

  /**
   * Gives the slot that DELIVERY_SLOT names the share of the traffic that DELIVERY_WEIGHT says, in per cent from 0 to 100; the other slot
   * gets the rest. DELIVERY_VERSION names the release in the slot.
   *
   * @default - none; required for a canary
   */
  readonly setWeight?: string;

  /**
   * Restores the release that DELIVERY_VERSION and DELIVERY_SHA name.
   *
   * @default - blue/green promotes the old slot; otherwise `deploy` runs with the old release
   */
  readonly rollback?: string;

  /**
   * Removes what `deploy` made for a preview, whose name is in DEPLOY_ENV and whose pull request is in DELIVERY_PREVIEW. Only previews run it.
   * It must be idempotent, and succeed if nothing is there.
   *
   * @default - none; required for `previews`
   */
  readonly remove?: string;
}

const COMMAND_OPTIONS: OptionNames<CommandTargetOptions> = { idToken: 'boolean', migrate: true, deploy: true, promote: true, setWeight: true, rollback: true, remove: true };

/** Shell lines. */
export function commandTarget(options: CommandTargetOptions): TargetBinding {
  optionsOf('Target.commands', options, COMMAND_OPTIONS, '{ deploy: \'./ship.sh\' }');
  const { migrate, deploy, promote, setWeight, rollback, remove } = options;
  for (const [name, line] of Object.entries({ migrate, deploy, promote, setWeight, rollback, remove })) {
    if (line !== undefined) shellLine(`Target.commands ${name}`, line);
  }
  return commandBinding('Target.commands', options, (line) => TargetCommand.line(line));
}
