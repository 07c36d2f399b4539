import { Project, python, Task } from 'projen';
import { hasExpression } from '../ci/ci-rules';
import { CommandManifest } from '../contract/manifest';
import { didYouMean, invalid, show } from '../validation/validation-error';

/** A line for bash. */
export function shellLine(option: string, what: unknown): string {
  const name = option.split(' ').at(-1)!;
  const remedy = `Write the command line that bash runs, for example ${name}: './${name}.sh'`;
  if (what instanceof Task) invalid(option, `the task ${show(what.name)} is not a shell line, of which the target is made`, remedy);
  if (typeof what !== 'string' || what.trim() === '') invalid(option, `${show(what)} is not a shell line`, remedy);
  if (hasExpression(what)) {
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
  const name: unknown = typeof what === 'string' ? what : (what as Partial<Task> | null)?.name;
  if (typeof name !== 'string') invalid(option, `${show(what)} is neither a task nor the name of one`, 'Name a task of the project, for example \'bundle\'');
  const found = project.tasks.tryFind(name);
  if (found && (typeof what === 'string' || found === what)) return found;
  if (found) {
    invalid(option, `the task ${show(name)} is another project's`, `Give ${show(name)} of ${show(project.name)}, or a task of it that spawns the other one`);
  }
  const names = project.tasks.all.map((task) => task.name);
  invalid(option, `there is no task ${show(name)}`, didYouMean(String(name), names) ?? `Add it: project.addTask(${show(name)}, { exec: '...' })`);
}

/** Fetches what the task's line needs (npx asks the registry) without running a task. */
export function warmUp(project: Project): CommandManifest | undefined {
  const command = taskLine(project, new Task('--version'));
  // a project that runs its tasks with a script of its own has nothing to fetch
  return command.startsWith('npx ') ? words(command) : undefined;
}

function words(command: string): CommandManifest {
  const plain = /^[\w@%+=:,./ -]+$/.test(command);
  return plain ? { kind: 'exec', argv: command.trim().split(/ +/) } : { kind: 'bash', line: command };
}

/**
 * Returns the shell line that runs a task. In a Python project that has projen among its dependencies it is the projen that is installed
 * in the project's environment: npx would fetch a second one from the registry.
 */
export function taskLine(project: Project, task: Task): string {
  const installed = installedProjen(project);
  return installed === undefined ? project.runTaskCommand(task) : `${installed} ${task.name}`;
}

/** projen's default command. */
const DEFAULT_COMMAND = 'npx projen';

function installedProjen(project: Project): string | undefined {
  if (!(project instanceof python.PythonProject) || project.ejected || project.projenCommand !== DEFAULT_COMMAND) return undefined;
  if (!project.deps.all.some(({ name }) => name === 'projen')) return undefined;
  const { depsManager } = project;
  if (depsManager instanceof python.Poetry) return 'poetry run projen';
  return `${depsManager instanceof python.Uv ? '.venv' : virtualEnvironment(project)}/bin/projen`;
}

/** The folder of the virtual environment, as a word of bash. Only the tasks' environment contains it. */
export function virtualEnvironment(project: python.PythonProject): string {
  const [, folder] = /\{0\}\/(.+?)'\.format/.exec(project.tasks.env.VIRTUAL_ENV ?? '') ?? [];
  return folder === undefined ? '.env' : /^[\w./-]+$/.test(folder) ? folder : `'${folder}'`;
}
