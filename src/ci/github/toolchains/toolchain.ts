import { github, java, javascript, Project, python } from 'projen';
import { commandLineTools } from './command-line-tools';
import { javaToolchain } from './java';
import { nodeToolchains } from './node';
import { pythonToolchain } from './python';

/** What a project's tasks need on a fresh runner, in the order in which it is installed. */
export interface Toolchain {
  readonly steps: github.workflows.JobStep[];
  /** What the project leaves open, so that it may change by itself. */
  readonly warnings: string[];
}

/**
 * As the project itself declares it. A project of no language has none.
 *
 * @param directory of the project, relative to the repository's root: '.' or 'packages/api'
 */
export function toolchainOf(project: Project, directory: string): Toolchain {
  const parts = [...language(project, directory), ...commandLineTools(project)];
  return { steps: parts.flatMap(({ steps }) => steps), warnings: parts.flatMap(({ warnings }) => warnings) };
}

function language(project: Project, directory: string): Toolchain[] {
  if (project instanceof javascript.NodeProject) return nodeToolchains(project, directory);
  if (project instanceof python.PythonProject) return [pythonToolchain(project, directory)];
  if (project instanceof java.JavaProject) return [javaToolchain(project, directory)];
  return [];
}
