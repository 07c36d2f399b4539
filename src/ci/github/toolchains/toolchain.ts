import { github } from 'projen';

/** What a project's tasks need on a fresh runner, in the order in which it is installed. */
export interface Toolchain {
  readonly steps: github.workflows.JobStep[];
  /** What the project leaves open, so that it may change by itself. */
  readonly warnings: string[];
}

/**
 * Tools that no lock file of a project holds, each at one version: a release of theirs must not change what a deployment does.
 * Of a language that a project does not name a version of, too.
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

/** Where a step's lines run. The repository's root needs no word. */
export function runIn(directory: string): Pick<Step, 'workingDirectory'> {
  return directory === '.' ? {} : { workingDirectory: directory };
}

/** Steps of the project's: their lines run there, unless they say where. */
export function linesIn(directory: string, steps: Step[]): Step[] {
  return steps.map((step) => (step.run === undefined ? step : { ...runIn(directory), ...step }));
}

/** A file of the project, as an action wants it: relative to the repository's root. */
export function fileIn(directory: string, file: string): string {
  return directory === '.' ? file : `${directory}/${file}`;
}
