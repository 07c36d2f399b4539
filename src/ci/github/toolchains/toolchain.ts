import { github } from 'projen';

/** What a project's tasks need on a fresh runner, in the order in which it is installed. */
export interface Toolchain {
  readonly steps: github.workflows.JobStep[];
  /** What the project leaves open, so that it may change by itself. */
  readonly warnings: string[];
}
