import { listOf } from './option-types';
import { invalid, show } from './validation-error';

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
