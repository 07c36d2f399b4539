import { Project, Task } from 'projen';
import { taskLine } from './task-line';
import { CommandManifest, TargetManifest } from '../contract/manifest';
import { didYouMean } from '../validation/did-you-mean';
import { OptionNames, optionsOf } from '../validation/option-types';
import { invalid, show } from '../validation/validation-error';

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

const TARGET_OPTIONS: OptionNames<TargetOptions> = { idToken: 'boolean' };

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

  /** Deploys the release to the environment (blue/green: to the slot that DELIVERY_SLOT names). The task or its name. */
  readonly deploy: string | Task;

  /**
   * Moves all traffic to the slot that DELIVERY_SLOT names. The task or its name.
   *
   * @default - none; required for blue/green
   */
  readonly promote?: string | Task;

  /**
   * Restores the release that DELIVERY_VERSION and DELIVERY_SHA name. The task or its name.
   *
   * @default - blue/green promotes the old slot; otherwise `deploy` runs with the old release
   */
  readonly rollback?: string | Task;
}

const TASK_OPTIONS: OptionNames<TaskTargetOptions> = { ...TARGET_OPTIONS, migrate: true, deploy: true, promote: true, rollback: true };

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

  /** Deploys the release to the environment (blue/green: to the slot that DELIVERY_SLOT names). */
  readonly deploy: string;

  /**
   * Moves all traffic to the slot that DELIVERY_SLOT names.
   *
   * @default - none; required for blue/green
   */
  readonly promote?: string;

  /**
   * Restores the release that DELIVERY_VERSION and DELIVERY_SHA name.
   *
   * @default - blue/green promotes the old slot; otherwise `deploy` runs with the old release
   */
  readonly rollback?: string;
}

const COMMAND_OPTIONS: OptionNames<CommandTargetOptions> = { ...TARGET_OPTIONS, migrate: true, deploy: true, promote: true, rollback: true };

/**
 * Defines how a release is deployed to an environment and restored.
 */
export class Target {
  /**
   * Deploys with the project's own tasks.
   *
   * @param options the task for each phase
   */
  public static tasks(options: TaskTargetOptions): Target {
    return new Target('tasks', optionsOf('Target.tasks', options, TASK_OPTIONS, '{ deploy: \'ship\' }'));
  }

  /**
   * Deploys with shell lines, which need no projen in the jobs.
   *
   * @param options the shell line for each phase
   */
  public static commands(options: CommandTargetOptions): Target {
    optionsOf('Target.commands', options, COMMAND_OPTIONS, '{ deploy: \'./ship.sh\' }');
    for (const [name, line] of Object.entries(phases(options))) shellLine('Target.commands', name, line);
    return new Target('commands', options);
  }

  /** @internal */
  public readonly _idToken: boolean;

  private constructor(private readonly kind: 'tasks' | 'commands', private readonly options: TaskTargetOptions) {
    if (options.deploy === undefined) invalid(`Target.${kind} deploy`, 'it is missing', 'Set the command that deploys a release');
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
   * Returns the commands, ready to run. Called late, because tasks may be added after the delivery.
   *
   * @internal
   */
  public _manifest(project: Project): TargetManifest {
    const command = ([phase, what]: [string, string | Task]): [string, CommandManifest] => [phase, this._command(project, `Target.${this.kind}`, phase, what)];
    const commands = Object.fromEntries(Object.entries(phases(this.options)).map(command)) as unknown as TargetManifest;
    return { ...commands, warmUp: this.kind === 'tasks' ? warmUp(project) : undefined };
  }

  /**
   * Returns a command of this target's kind, ready to run.
   *
   * @internal
   */
  public _command(project: Project, where: string, name: string, what: string | Task): CommandManifest {
    if (this.kind === 'commands') return { kind: 'bash', line: shellLine(where, name, what) };
    return taskCommand(`${where} ${name}`, project, what);
  }
}

/** Plain JavaScript may pass any value, most likely the name of a task. */
export function checkTarget(option: string, target: Target): Target {
  if (typeof target?._command === 'function') return target;
  invalid(option, `${show(target)} is not a Target`, `Write Target.tasks({ deploy: ${show(typeof target === 'string' ? target : 'ship')} })`);
}

function shellLine(where: string, name: string, what: unknown): string {
  const option = `${where} ${name}`;
  const mend = `Write the command line that bash runs, for example ${name}: './${name}.sh'`;
  if (what instanceof Task) invalid(option, `the task ${show(what.name)} is not a shell line, of which the target is made`, mend);
  if (typeof what !== 'string' || what.trim() === '') invalid(option, `${show(what)} is not a shell line`, mend);
  if (what.includes('${{')) {
    invalid(option, `${show(what)} contains an expression, which is never evaluated`, 'Name a variable or a secret of the environment and write "$NAME"');
  }
  return what;
}

/** Returns the command that runs a task of the project. */
export function taskCommand(option: string, project: Project, what: string | Task): CommandManifest {
  return words(taskLine(project, findTask(option, project, what)));
}

/** Finds the project's task; the error for an unknown name suggests the nearest one. */
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
