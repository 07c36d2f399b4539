import { Project, Task } from 'projen';
import { taskLine } from './task-line';
import { CommandManifest, TargetManifest } from '../contract/manifest';
import { didYouMean } from '../validation/did-you-mean';
import { OptionNames, optionsOf } from '../validation/option-types';
import { invalid, show } from '../validation/validation-error';

/**
 * What every target may need.
 */
export interface TargetOptions {
  /**
   * Lets the deploy and rollback jobs ask GitHub for an OpenID Connect token (`id-token: write`), with which cloud
   * providers give short-lived credentials instead of a stored secret.
   *
   * @see https://docs.github.com/en/actions/concepts/security/openid-connect
   * @default false
   */
  readonly idToken?: boolean;
}

const TARGET_OPTIONS: OptionNames<TargetOptions> = { idToken: 'boolean' };

/**
 * The project's own tasks that move a release. Each must be idempotent: it may be run again after it was cut off.
 *
 * A task finds in its environment: DEPLOY_ENV, DELIVERY_VERSION and DELIVERY_SHA (the release that must be live when it
 * ends), DELIVERY_ROLLBACK_FROM (only in a rollback: the release being left), DELIVERY_STABLE_VERSION, DELIVERY_SLOT
 * (blue/green: the slot to deploy or switch to), and the environment's variables and secrets.
 */
export interface TaskTargetOptions extends TargetOptions {
  /**
   * Prepares what releases share, a database's schema for example: run before `deploy`, never in a rollback, so the release before
   * must be able to live with what it did. Users still see that one. The task or its name.
   *
   * A migration that cannot be undone says so, before it begins: `echo irreversible=true >> "$DELIVERY_RESULT"`. From then on
   * nothing goes back by itself: a bad release is halted for a person to decide.
   *
   * @default - none
   */
  readonly migrate?: string | Task;

  /** Puts the release on the environment (blue/green: on the slot that DELIVERY_SLOT names). The task or its name. */
  readonly deploy: string | Task;

  /**
   * Moves all traffic to the slot that DELIVERY_SLOT names. The task or its name.
   *
   * @default - none: blue/green needs one
   */
  readonly promote?: string | Task;

  /**
   * Restores the release that DELIVERY_VERSION and DELIVERY_SHA name. The task or its name.
   *
   * @default - blue/green promotes the old slot; else `deploy` is run with the old release
   */
  readonly rollback?: string | Task;
}

const TASK_OPTIONS: OptionNames<TaskTargetOptions> = { ...TARGET_OPTIONS, migrate: true, deploy: true, promote: true, rollback: true };

/**
 * Shell lines that move a release, run by `bash -eo pipefail`; nothing is pasted into them: values come through
 * the process's environment, as for tasks. Each must be idempotent: it may be run again after it was cut off.
 */
export interface CommandTargetOptions extends TargetOptions {
  /**
   * Prepares what releases share, a database's schema for example: run before `deploy`, never in a rollback, so the release before
   * must be able to live with what it did. Users still see that one.
   *
   * A migration that cannot be undone says so, before it begins: `echo irreversible=true >> "$DELIVERY_RESULT"`. From then on
   * nothing goes back by itself: a bad release is halted for a person to decide.
   *
   * @default - none
   */
  readonly migrate?: string;

  /** Puts the release on the environment (blue/green: on the slot that DELIVERY_SLOT names). */
  readonly deploy: string;

  /**
   * Moves all traffic to the slot that DELIVERY_SLOT names.
   *
   * @default - none: blue/green needs one
   */
  readonly promote?: string;

  /**
   * Restores the release that DELIVERY_VERSION and DELIVERY_SHA name.
   *
   * @default - blue/green promotes the old slot; else `deploy` is run with the old release
   */
  readonly rollback?: string;
}

const COMMAND_OPTIONS: OptionNames<CommandTargetOptions> = { ...TARGET_OPTIONS, migrate: true, deploy: true, promote: true, rollback: true };

/**
 * How a release gets to an environment and back.
 */
export class Target {
  /**
   * The project's own tasks.
   *
   * @param options which task does what
   */
  public static tasks(options: TaskTargetOptions): Target {
    return new Target('tasks', optionsOf('Target.tasks', options, TASK_OPTIONS, '{ deploy: \'ship\' }'));
  }

  /**
   * Shell lines, for projects that need no projen to deploy.
   *
   * @param options which line does what
   */
  public static commands(options: CommandTargetOptions): Target {
    optionsOf('Target.commands', options, COMMAND_OPTIONS, '{ deploy: \'./ship.sh\' }');
    for (const [name, line] of Object.entries(phases(options))) shellLine('Target.commands', name, line);
    return new Target('commands', options);
  }

  /** @internal */
  public readonly _idToken: boolean;

  private constructor(private readonly kind: 'tasks' | 'commands', private readonly options: TaskTargetOptions) {
    if (options.deploy === undefined) invalid(`Target.${kind} deploy`, 'it is missing', 'Say what puts a release on the environment');
    this._idToken = options.idToken ?? false;
  }

  /** @internal */
  public get _promotes(): boolean {
    return this.options.promote !== undefined;
  }

  /** @internal */
  public get _migrates(): boolean {
    return this.options.migrate !== undefined;
  }

  /** @internal */
  public get _rollsBack(): boolean {
    return this.options.rollback !== undefined;
  }

  /**
   * Ready to be executed. Late, because tasks may be added after the delivery.
   *
   * @internal
   */
  public _manifest(project: Project): TargetManifest {
    const command = ([phase, what]: [string, string | Task]): [string, CommandManifest] => [phase, this._command(project, `Target.${this.kind}`, phase, what)];
    const commands = Object.fromEntries(Object.entries(phases(this.options)).map(command)) as unknown as TargetManifest;
    return { ...commands, warmUp: this.kind === 'tasks' ? warmUp(project) : undefined };
  }

  /**
   * A command of this target's kind, ready to be executed.
   *
   * @internal
   */
  public _command(project: Project, where: string, name: string, what: string | Task): CommandManifest {
    if (this.kind === 'commands') return { kind: 'bash', line: shellLine(where, name, what) };
    return taskCommand(`${where} ${name}`, project, what);
  }
}

/** From JavaScript anything may come, a task's name above all. */
export function checkTarget(option: string, target: Target): Target {
  if (typeof target?._command === 'function') return target;
  invalid(option, `${show(target)} is not a Target`, `Write Target.tasks({ deploy: ${show(typeof target === 'string' ? target : 'ship')} })`);
}

function shellLine(where: string, name: string, what: unknown): string {
  const option = `${where} ${name}`;
  const mend = `Write what bash should run, for example ${name}: './${name}.sh'`;
  if (what instanceof Task) invalid(option, `the task ${show(what.name)} is not a shell line, of which the target is made`, mend);
  if (typeof what !== 'string' || what.trim() === '') invalid(option, `${show(what)} is not a shell line`, mend);
  if (what.includes('${{')) {
    invalid(option, `${show(what)} contains an expression, which is never evaluated`, 'Name a variable or a secret of the environment and write "$NAME"');
  }
  return what;
}

/** What runs a task of the project, ready to be executed. */
export function taskCommand(option: string, project: Project, what: string | Task): CommandManifest {
  return words(taskLine(project, findTask(option, project, what)));
}

/** The project's task, or a refusal that names the nearest one. */
export function findTask(option: string, project: Project, what: string | Task): Task {
  const name = typeof what === 'string' ? what : what?.name;
  const found = project.tasks.tryFind(name);
  if (found && (typeof what === 'string' || found === what)) return found;
  if (found) {
    invalid(option, `the task ${show(name)} is another project's`, `Give ${show(name)} of ${show(project.name)}, or a task of it that spawns the other one`);
  }
  const names = project.tasks.all.map((task) => task.name);
  invalid(option, `there is no task ${show(name)}`, didYouMean(String(name), names) ?? `Add it: project.addTask(${show(name)}, { exec: '...' })`);
}

function phases({ migrate, deploy, promote, rollback }: TaskTargetOptions): Record<string, string | Task> {
  const given = Object.entries({ migrate, deploy, promote, rollback }).filter(([, what]) => what !== undefined);
  return Object.fromEntries(given) as Record<string, string | Task>;
}

/** Fetches what the task's line needs (npx asks the registry) without running a task. */
function warmUp(project: Project): CommandManifest | undefined {
  const command = taskLine(project, new Task('--version'));
  // a project that runs its tasks with a script of its own has nothing to fetch
  return command.startsWith('npx ') ? words(command) : undefined;
}

function words(command: string): CommandManifest {
  const plain = /^[\w@%+=:,./ -]+$/.test(command);
  return plain ? { kind: 'exec', argv: command.trim().split(/ +/) } : { kind: 'bash', line: command };
}
