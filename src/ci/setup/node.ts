import { javascript } from 'projen';
import { runIn } from './project-directory';
import { Toolchain } from './toolchain';

/** What projen's own workflows do: Node at the project's version, its package manager, and what the lock file says. */
export function nodeToolchain(project: javascript.NodeProject, directory: string): Toolchain {
  const { package: { bunVersion } } = project;
  return {
    steps: project.renderWorkflowSetup({ mutable: false, installStepConfiguration: runIn(directory) }),
    warnings: bunVersion === undefined || /^\d+\.\d+\.\d+$/.test(bunVersion) ? [] : [
      `Bun is set up as ${bunVersion}, which may be another one at every deployment. Say bunVersion: '1.2.3', the one that you use`,
    ],
  };
}
