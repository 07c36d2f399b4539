import { awscdk, cdk8s, github, java, javascript, Project, python } from 'projen';
import { hardened, warningsOf } from './hardening';
import { javaToolchain } from './java';
import { nodeToolchains } from './node';
import { pythonToolchain } from './python';
import { linesIn, TOOL_VERSIONS, Toolchain } from './toolchain';
import { listOf, objectOf } from '../../../validation/option-types';
import { invalid, show } from '../../../validation/validation-error';

type Step = github.workflows.JobStep;

/** Set-up steps as the jobs run them, and warnings about them. */
export interface Setup {
  readonly steps: Step[];
  readonly warnings: string[];
}

export interface SetupOptions {
  readonly project: Project;
  /** The project's directory, relative to the repository's root: the default for steps. */
  readonly directory: string;
  readonly actions: github.GitHubActionsProvider;
}

/** Returns the user's steps, or the toolchain of the project's language. */
export function toolchainSetup(given: Step[] | undefined, options: SetupOptions): Setup {
  const { actions, directory, project } = options;
  if (given !== undefined) return addedSetup('toolchainSteps', given, options);
  const toolchain = toolchainOf(project, directory);
  const steps = hardened('toolchainSteps', toolchain.steps, true);
  return { steps, warnings: [...toolchain.warnings, ...warningsOf('toolchainSteps', steps, actions)] };
}

/**
 * Returns the user's steps.
 *
 * @param option the option in messages
 */
export function addedSetup(option: string, given: Step[], { actions, directory }: SetupOptions): Setup {
  for (const [i, step] of listOf(option, given, EXAMPLE).entries()) checkStep(`${option}[${i}]`, step);
  const steps = hardened(option, linesIn(directory, given), false);
  return { steps, warnings: warningsOf(option, steps, actions) };
}

const EXAMPLE = '{ name: \'log in\', run: \'./login\' }';
const TEXTS = ['id', 'name', 'uses', 'run', 'shell', 'workingDirectory'] as const;

/** JavaScript callers can pass values of the wrong type. */
function checkStep(option: string, step: Step): void {
  objectOf(option, step, EXAMPLE);
  const wrong = TEXTS.find((key) => step[key] !== undefined && typeof step[key] !== 'string');
  if (wrong) invalid(`${option}.${wrong}`, `${show(step[wrong])} is not a text`, 'Write one; lines of run stand in one text, each on its own line');
}

/** Rejects an id that is used twice in a job, which GitHub does not accept. */
export function checkIds(option: string, added: Step[], before: Step[]): void {
  const ids = before.map(({ id }) => id);
  for (const [i, { id }] of added.entries()) {
    if (id !== undefined && ids.includes(id)) invalid(`${option}[${i}].id`, `${show(id)} is the id of another step of the same job`, 'Choose another id');
    ids.push(id);
  }
}

/**
 * Returns the toolchain that the project declares; empty for a project without a language.
 *
 * @param directory the project's directory, relative to the repository's root: '.' or 'packages/api'
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

/** Programs that projen's tasks call, and that the language's package manager does not install. */
function commandLineTools(project: Project): Toolchain[] {
  if (project instanceof awscdk.AwsCdkPythonApp || project instanceof awscdk.AwsCdkJavaApp) return [cdk(project.cdkDeps)];
  if (project instanceof cdk8s.Cdk8sPythonApp) return [{ steps: [install('cdk8s-cli', TOOL_VERSIONS['cdk8s-cli'])], warnings: [] }];
  return [];
}

/** A CDK library needs a CLI at least as new as itself. */
function cdk({ cdkCliVersion }: awscdk.AwsCdkDeps): Toolchain {
  const isExact = /^\d+\.\d+\.\d+$/.test(cdkCliVersion);
  return {
    steps: [install('aws-cdk', isExact ? cdkCliVersion : TOOL_VERSIONS['aws-cdk'])],
    warnings: isExact ? [] : [
      `the CDK CLI is set up as ${TOOL_VERSIONS['aws-cdk']}, which aws-cdk-lib may outgrow. Set cdkCliVersion: '${TOOL_VERSIONS['aws-cdk']}', or a newer one`,
    ],
  };
}

function install(name: string, version: string) {
  return { name: `install ${name}`, run: `npm install --global --ignore-scripts ${name}@${version}` };
}
