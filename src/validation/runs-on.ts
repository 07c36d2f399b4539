import { listOf } from './option-types';
import { invalid, show } from './validation-error';

/** A hosted Windows runner, whatever its size; the labels of self-hosted runners are one's own. */
const WINDOWS = /^windows(-|$)/i;

/** Checks the labels of runners: a job without one never starts, and the steps are lines of bash. */
export function checkRunsOn(option: string, labels: readonly string[]): void {
  for (const label of listOf(option, labels, '\'ubuntu-latest\'')) {
    if (typeof label !== 'string' || label.trim() === '') invalid(option, `${show(label)} is not the label of a runner`, 'Write one, for example \'ubuntu-latest\'');
    if (WINDOWS.test(label)) invalid(option, `${show(label)} is a Windows runner, and the steps need bash and POSIX signals`, 'Use a Linux or macOS runner, for example \'ubuntu-latest\'');
  }
  if (labels.length === 0) invalid(option, 'it names no runner, so no job would ever start', 'Name one, for example [\'ubuntu-latest\'], or leave it out');
}
