import { didYouMean } from '../validation/did-you-mean';
import { listOf } from '../validation/option-types';
import { invalid, show } from '../validation/validation-error';

/**
 * What an option may say of environments that may still come; undefined stands for all.
 *
 * @param consequence of naming none
 */
export function environmentList(option: string, given: readonly string[] | undefined, consequence: string): string[] | undefined {
  if (given === undefined || given === null) return undefined;
  const names = listOf(option, given, '\'production\'');
  if (names.length === 0) invalid(option, `it names none, so ${consequence}`, 'Name one, or leave it out');
  for (const name of names) checkEnvironmentName(option, name);
  return names;
}

/** Refuses the first of `given` that is none of `names`, the delivery's environments. */
export function checkEnvironmentNames(option: string, given: readonly string[] | undefined, names: readonly string[]): void {
  for (const name of given ?? []) {
    checkEnvironmentName(option, name);
    if (!names.includes(name)) invalid(option, `there is no environment ${show(name)}`, didYouMean(name, names) ?? `There is: ${names.join(', ') || 'none yet'}`);
  }
}

/** Whether it is there, only the delivery knows. */
export function checkEnvironmentName(option: string, name: unknown): void {
  if (typeof name !== 'string') invalid(option, `${show(name)} is not the name of an environment`, 'Write names as text, for example \'production\'');
}
