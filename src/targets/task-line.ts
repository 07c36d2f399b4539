import { Project, python, Task } from 'projen';

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
