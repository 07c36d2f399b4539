import { Project } from 'projen';
import { HEALTH_CHECK_OPTIONS, HealthCheckOptions, OptionName, asName, nameOf, pattern, times, optionNamesOf } from './health-check-options';
import { hasExpression } from '../ci/ci-rules';
import { CommandCheckManifest, CommandManifest } from '../contract/manifest';
import { taskCommand } from '../targets/commands';
import { Duration } from '../validation/duration';
import { OptionNames } from '../validation/option-types';
import { invalid, show } from '../validation/validation-error';
import { checkSecrets } from '../validation/variable-names';

/**
 * Options for a health check that runs a command or a task: when it is healthy, and how often it runs.
 *
 * The exit code is the result. 0 means healthy. 75 (`EX_TEMPFAIL`) means that the service did not respond; this does not count while the
 * release may still be starting. 126 and 127 (command not found) mean that the check itself could not run; this is inconclusive. Any
 * other code, and the end by a signal, means unhealthy.
 *
 * The command finds these variables in its environment: DELIVERY_URL (the URL to probe: the environment's URL, or the candidate's with
 * blue/green), DEPLOY_ENV, DELIVERY_VERSION and DELIVERY_SHA (the release that must respond), DELIVERY_SLOT (for a candidate), the
 * environment's variables, and the secrets listed in `secrets`. It does **not** get the environment's other secrets, because it also runs
 * in jobs without access to them.
 */
export interface CommandHealthCheckOptions extends HealthCheckOptions {
  /**
   * A regular expression (JavaScript) that the output (standard output and standard error) must match when the exit code is 0. It may
   * match anywhere. An output of more than 256 KiB is then unhealthy.
   *
   * @default - any output
   */
  readonly output?: string;

  /**
   * Names of secrets that the command finds in its environment under the same name. The plan and the watch must be able to read them too,
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
    invalid('HealthCheck.command line', `${show(line)} is not a shell line`, 'Write the command line that bash runs, for example \'./smoke-test.sh\'');
  }
  if (hasExpression(line)) {
    invalid('HealthCheck.command line', `${show(line)} contains an expression, which is never evaluated`, 'List a variable or a secret and write "$NAME"');
  }
  return manifest({ shown: line, command: { kind: 'bash', line } }, options, option);
}

/** Leaves the command empty: the task may be added after the delivery. */
export function taskCheck(task: string, options: CommandHealthCheckOptions): CommandCheckManifest {
  const option = optionNamesOf(`HealthCheck.task(${show(task)})`);
  if (typeof task !== 'string' || task === '') invalid('HealthCheck.task', `${show(task)} is not the name of a task`, 'Write the name of one of the project\'s tasks');
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
  return {
    kind: 'command',
    name: nameOf(options, option, asName(shown)),
    url: shown,
    ...times(options, option, TIMES),
    command,
    output: options.output === undefined ? undefined : pattern(option('output'), options.output),
    secrets,
  };
}
