import { github } from 'projen';

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
