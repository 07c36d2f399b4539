import { Project, Task } from 'projen';
import { shellLine, taskCommand } from './commands';
import { hasExpression } from '../ci/ci-rules';
import { DriverCall, DriverManifest, TargetCommandManifest } from '../contract/manifest';
import { listOf } from '../validation/option-types';
import { invalid, show } from '../validation/validation-error';

/** The command as the manifest has it. Late, because a task may be added after the delivery. */
type Resolve = (option: string, project: Project) => TargetCommandManifest;

/**
 * A command of a target. Nothing is pasted into it: values come through the process environment.
 */
export class TargetCommand {
  /**
   * Runs a task of the project.
   *
   * @param name the task's name
   */
  public static task(name: string): TargetCommand {
    return TargetCommand._ofTask(name);
  }

  /**
   * Runs a program with arguments, without a shell, in the project's directory.
   *
   * @param argv the program and its arguments
   */
  public static argv(argv: string[]): TargetCommand {
    return new TargetCommand('argv', (option) => {
      if (listOf(option, argv, '\'./ship\'').length === 0) invalid(option, 'it names no program', 'Write the program and its arguments: [\'./ship\', \'--all\']');
      for (const word of argv) checkWord(option, word);
      return { kind: 'exec', argv };
    });
  }

  /**
   * Runs a shell line with `bash -eo pipefail`, in the project's directory.
   *
   * @param line what bash runs
   */
  public static line(line: string): TargetCommand {
    return new TargetCommand('line', (option) => ({ kind: 'bash', line: shellLine(option, line) }));
  }

  /**
   * A task, or its name.
   *
   * @internal
   */
  public static _ofTask(task: string | Task): TargetCommand {
    return new TargetCommand('task', (option, project) => taskCommand(option, project, task));
  }

  /**
   * A call of a driver of the runtime.
   *
   * @internal
   */
  public static _ofDriver(call: DriverCall, driver: DriverManifest): TargetCommand {
    return new TargetCommand('driver', () => ({ kind: 'driver', call }), driver);
  }

  /** @internal */
  public readonly _kind: 'task' | 'argv' | 'line' | 'driver';

  /** @internal */
  public readonly _resolve: Resolve;

  /** @internal */
  public readonly _driver?: DriverManifest;

  private constructor(kind: 'task' | 'argv' | 'line' | 'driver', resolve: Resolve, driver?: DriverManifest) {
    this._kind = kind;
    this._resolve = resolve;
    this._driver = driver;
  }
}

function checkWord(option: string, word: string): void {
  if (typeof word !== 'string' || word.includes('\0')) invalid(option, `${show(word)} is not text`, 'Write each argument as a text');
  if (hasExpression(word)) {
    invalid(option, `${show(word)} is an expression, which is not evaluated here`, 'Read a variable or a secret of the environment in the program itself');
  }
}
