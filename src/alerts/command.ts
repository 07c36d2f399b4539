import { Project, Task } from 'projen';
import { AlertOptions, ALERT_OPTIONS, Channel } from './channel';
import { hasExpression } from '../ci/ci-rules';
import { CommandManifest } from '../contract/manifest';
import { taskCommand } from '../targets/commands';
import { OptionNames, optionsOf } from '../validation/option-types';
import { invalid, show } from '../validation/validation-error';
import { checkSecrets } from '../validation/variable-names';

/**
 * Options for a notification by a task or a shell line. Set one of the two.
 */
export interface CommandAlertOptions extends AlertOptions {
  /**
   * A task of the project, or its name.
   *
   * @default - none; set `line` instead
   */
  readonly task?: string | Task;

  /**
   * A shell line that `bash -eo pipefail` runs. No values are interpolated into it.
   *
   * @default - none; set `task` instead
   */
  readonly line?: string;

  /**
   * Names of secrets that the command finds in its environment. It does not get the secrets of other channels or of the environment.
   *
   * @default - none
   */
  readonly secrets?: string[];
}

const COMMAND_OPTIONS: OptionNames<CommandAlertOptions> = { ...ALERT_OPTIONS, task: true, line: true, secrets: true };

export function command(options: CommandAlertOptions): Channel {
  const { task, line, secrets = [] } = optionsOf('Alert.command', options, COMMAND_OPTIONS, '{ task: \'notify\' }');
  if ((task === undefined) === (line === undefined)) {
    invalid('Alert.command', task === undefined ? 'neither task nor line is set' : 'task and line are both set', 'Set one of them: Alert.command({ task: \'notify\' })');
  }
  checkTask(task);
  checkLine(line);
  checkSecrets('Alert.command secrets', secrets);
  const name = `command (${typeof task === 'string' ? task : task?.name ?? line!.trim().replace(/\s+/g, ' ').slice(0, 60)})`;
  return { name, secrets, settings: (project) => ({ kind: 'command', command: commandOf(project, task, line) }) };
}

function checkTask(task: string | Task | undefined): void {
  if (task === undefined || typeof task === 'string' || typeof task?.name === 'string') return;
  invalid('Alert.command task', `${show(task)} is not a task`, 'Write { task: \'notify\' }');
}

function checkLine(line: string | undefined): void {
  if (line !== undefined && (typeof line !== 'string' || line.trim() === '')) invalid('Alert.command line', `${show(line)} is not a shell line`, 'Write the command line that bash runs');
  if (line !== undefined && hasExpression(line)) invalid('Alert.command line', `${show(line)} contains an expression, which is never evaluated`, 'List a secret in secrets and write "$NAME"');
}

function commandOf(project: Project, task: string | Task | undefined, line: string | undefined): CommandManifest {
  return task === undefined ? { kind: 'bash', line: line! } : taskCommand('Alert.command task', project, task);
}
