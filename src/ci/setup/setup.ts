import { github, Project } from 'projen';
import { hardened, warningsOf } from './hardening';
import { linesIn } from './project-directory';
import { toolchainOf } from './toolchain';

type Step = github.workflows.JobStep;

/** The steps that the commands of the jobs need first, as the jobs run them, and what is wrong with them. */
export interface Setup {
  readonly steps: Step[];
  readonly warnings: string[];
}

export interface SetupOptions {
  /** The option that says them, for messages. */
  readonly option: string;
  /** What the user says, if anything: it replaces the project's own toolchain. */
  readonly given?: Step[];
  readonly project: Project;
  /** Where the project is in the repository, relative to its root. Given steps may say another place. */
  readonly directory: string;
  readonly actions: github.GitHubActionsProvider;
}

/** What the user says, or the toolchain of the project's language. */
export function setup({ option, given, project, directory, actions }: SetupOptions): Setup {
  if (given) {
    const steps = hardened(option, linesIn(directory, given), false);
    return { steps, warnings: warningsOf(option, steps, actions) };
  }
  const toolchain = toolchainOf(project, directory);
  const steps = hardened(option, toolchain.steps, true);
  return { steps, warnings: [...toolchain.warnings, ...warningsOf(option, steps, actions)] };
}
