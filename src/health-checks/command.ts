import { Project } from 'projen';
import { HEALTH_CHECK_OPTIONS, HealthCheckOptions, OptionName, checkName, pattern, times, optionNamesOf } from './health-check-options';
import { CommandCheckManifest, CommandManifest } from '../contract/manifest';
import { taskCommand } from '../targets/target';
import { Duration } from '../validation/duration';
import { OptionNames } from '../validation/option-types';
import { invalid, show } from '../validation/validation-error';
import { checkSecrets } from '../validation/variable-names';

/**
 * When a health check that is a command or a task is satisfied, and how often it is run.
 *
 * Its exit code says what it saw: 0 healthy; 75 (`EX_TEMPFAIL`) nobody answered, which does not count while the release may still be
 * starting; 126 and 127 (no such command) that it could not look, which is nobody's fault; any other, and the end by a signal, unhealthy.
 *
 * It finds in its environment: DELIVERY_URL (what to ask: the environment's URL, or with blue/green the candidate's), DEPLOY_ENV,
 * DELIVERY_VERSION and DELIVERY_SHA (the release that must answer), DELIVERY_SLOT (of a candidate), the environment's variables, and the
 * secrets named here. It does **not** get the environment's other secrets: it runs in jobs that have none.
 */
export interface CommandHealthCheckOptions extends HealthCheckOptions {
  /**
   * A regular expression (JavaScript) that the output (standard output and standard error) must match somewhere, where the exit
   * code is 0. An output of more than 256 KiB is unhealthy then.
   *
   * @default - any output
   */
  readonly output?: string;

  /**
   * Names of secrets that it finds in its environment under the same name. They must be readable by the plan and the watch as well,
   * so the environment needs a `monitorEnvironment`.
   *
   * @default - none
   */
  readonly secrets?: string[];
}

export const COMMAND_OPTIONS: OptionNames<CommandHealthCheckOptions> = { ...HEALTH_CHECK_OPTIONS, output: true, secrets: true };

const TIMES = { interval: Duration.seconds(5), timeout: Duration.seconds(30) };

export function commandCheck(line: string, options: CommandHealthCheckOptions): CommandCheckManifest {
  const option = optionNamesOf(`HealthCheck.command(${show(line)})`);
  if (typeof line !== 'string' || line.trim() === '') {
    invalid('HealthCheck.command line', `${show(line)} is not a shell line`, 'Write what bash should run, for example \'./smoke-test.sh\'');
  }
  if (line.includes('${{')) {
    invalid('HealthCheck.command line', `${show(line)} holds an expression, which nobody would evaluate`, 'Name a variable or a secret and write "$NAME"');
  }
  return manifest({ shown: line, command: { kind: 'bash', line } }, options, option);
}

/** Without its command: the task may be added after the delivery. */
export function taskCheck(task: string, options: CommandHealthCheckOptions): CommandCheckManifest {
  const option = optionNamesOf(`HealthCheck.task(${show(task)})`);
  if (typeof task !== 'string' || task === '') invalid('HealthCheck.task', `${show(task)} is not a task's name`, 'Give the name of one of the project\'s tasks');
  return manifest({ shown: `task ${task}`, command: { kind: 'exec', argv: [] } }, options, option);
}

export function withTask(check: CommandCheckManifest, project: Project, task: string): CommandCheckManifest {
  return { ...check, command: taskCommand('HealthCheck.task', project, task) };
}

interface Run {
  readonly shown: string;
  readonly command: CommandManifest;
}

function manifest({ shown, command }: Run, options: CommandHealthCheckOptions, option: OptionName): CommandCheckManifest {
  const secrets = options.secrets ?? [];
  checkSecrets(option('secrets'), secrets);
  const name = options.name ?? shown.replace(/[|<>`\p{Cc}\s]+/gu, ' ').trim().slice(0, 100);
  checkName(option('name'), name);
  return {
    kind: 'command',
    name,
    url: shown,
    ...times(options, option, TIMES),
    command,
    output: options.output === undefined ? undefined : pattern(option('output'), options.output),
    secrets,
  };
}
