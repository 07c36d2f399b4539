import { listOf } from '../validation/option-types';
import { invalid, show } from '../validation/validation-error';
import { GITHUB_RULES } from './github/github-rules';

/** The limits of a CI system. */
export interface CiLimits {
  /** The shortest time between two runs of a schedule. */
  readonly scheduleMinutes: number;
  /** The longest time that a job can take. */
  readonly jobMinutes: number;
  /** The largest file of a workflow. */
  readonly workflowBytes: number;
  /** The longest expression. */
  readonly expressionCharacters: number;
  /** The most inputs of a workflow that a person starts. */
  readonly workflowInputs: number;
  /** The most API requests of all jobs of a repository. */
  readonly requestsPerHour: number;
}

/** The names that a CI system accepts for a secret. */
export interface SecretRules {
  readonly pattern: RegExp;
  /** The fix for a name that does not match. */
  readonly fix: string;
}

/** What a CI system accepts, for the checks of options. */
export interface CiRules {
  /** The name of the system in messages. */
  readonly system: string;
  readonly limits: CiLimits;
  readonly secretRules: SecretRules;
  /** Matches the variables that the system sets in each job. */
  readonly reservedVariables: RegExp;
  /** The text that begins an expression. */
  readonly expressionStart: string;
}

/** The rules where no project is known: health checks, alerts and schedules are created before their delivery. */
export const CI_RULES: CiRules = GITHUB_RULES;

/** Returns whether a text contains an expression of the CI system. */
export function hasExpression(text: string): boolean {
  return text.includes(CI_RULES.expressionStart);
}

/** The labels of GitHub-hosted Windows runners of all sizes. */
const WINDOWS = /^windows(-|$)/i;

/** Checks the labels of runners. A job without a label never starts, and the steps need bash. */
export function checkRunsOn(option: string, labels: readonly string[]): void {
  for (const label of listOf(option, labels, '\'ubuntu-latest\'')) {
    if (typeof label !== 'string' || label.trim() === '') invalid(option, `${show(label)} is not the label of a runner`, 'Write a label, for example \'ubuntu-latest\'');
    if (WINDOWS.test(label)) invalid(option, `${show(label)} is a Windows runner, and the steps need bash and POSIX signals`, 'Use a Linux or macOS runner, for example \'ubuntu-latest\'');
  }
  if (labels.length === 0) invalid(option, 'it is empty, so no job would ever start', 'Add a label, for example [\'ubuntu-latest\'], or remove the option');
}
