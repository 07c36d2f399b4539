import { Project, Task } from 'projen';
import { AlertOptions, ALERT_OPTIONS } from './alert-options';
import { Channel } from './channel';
import { CommandManifest } from '../contract/manifest';
import { taskCommand } from '../targets/target';
import { OptionNames, optionsOf } from '../validation/option-types';
import { invalid, show } from '../validation/validation-error';
import { checkSecrets } from '../validation/variable-names';

/**
 * What of your own is run. Give a task or a line.
 */
export interface CommandAlertOptions extends AlertOptions {
  /**
   * A task of the project, or its name.
   *
   * @default - none: see `line`
   */
  readonly task?: string | Task;

  /**
   * A shell line, run by `bash -eo pipefail`; nothing is pasted into it.
   *
   * @default - none: see `task`
   */
  readonly line?: string;

  /**
   * Names of secrets that it finds in its environment. It sees no other channel's, and none of the environment's.
   *
   * @default - none
   */
  readonly secrets?: string[];
}

const COMMAND_OPTIONS: OptionNames<CommandAlertOptions> = { ...ALERT_OPTIONS, task: true, line: true, secrets: true };

export function command(options: CommandAlertOptions): Channel {
  const { task, line, secrets = [] } = optionsOf('Alert.command', options, COMMAND_OPTIONS, '{ task: \'notify\' }');
  if ((task === undefined) === (line === undefined)) {
    invalid('Alert.command', task === undefined ? 'it has neither a task nor a line' : 'it has a task and a line', 'Give one of them: Alert.command({ task: \'notify\' })');
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
  if (line !== undefined && (typeof line !== 'string' || line.trim() === '')) invalid('Alert.command line', `${show(line)} is not a shell line`, 'Write what bash should run');
  if (line?.includes('${{')) invalid('Alert.command line', `${show(line)} contains an expression, which is never evaluated`, 'Name a secret in secrets and write "$NAME"');
}

function commandOf(project: Project, task: string | Task | undefined, line: string | undefined): CommandManifest {
  return task === undefined ? { kind: 'bash', line: line! } : taskCommand('Alert.command task', project, task);
}
