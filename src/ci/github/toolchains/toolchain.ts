import { github } from 'projen';

/** What a project's tasks need on a fresh runner, in the order of installation. */
export interface Toolchain {
  readonly steps: github.workflows.JobStep[];
  /** Versions that the project does not pin. */
  readonly warnings: string[];
}

/**
 * Versions of tools that no lock file pins, and of languages without a version in the project. A new release of a tool must not change a
 * deployment.
 */
export const TOOL_VERSIONS = {
  'python': '3.13',
  'java': '21',
  'uv': '0.13.8',
  'poetry': '2.5.1',
  'aws-cdk': '2.1148.1',
  'cdk8s-cli': '2.207.60',
  'maven-dependency-plugin': '3.8.1',
} as const;

type Step = github.workflows.JobStep;

/** Returns the working directory of a step; empty for the repository's root. */
export function runIn(directory: string): Pick<Step, 'workingDirectory'> {
  return directory === '.' ? {} : { workingDirectory: directory };
}

/** Runs the steps' lines in a directory, unless they set another. */
export function linesIn(directory: string, steps: Step[]): Step[] {
  return steps.map((step) => (step.run === undefined ? step : { ...runIn(directory), ...step }));
}

/** Returns a file's path relative to the repository's root. */
export function fileIn(directory: string, file: string): string {
  return directory === '.' ? file : `${directory}/${file}`;
}
