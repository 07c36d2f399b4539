import { listOf } from '../validation/option-types';
import { didYouMean, invalid, show } from '../validation/validation-error';

/**
 * Checks a list of environments that may be added later; undefined means all.
 *
 * @param consequence the consequence of an empty list
 */
export function environmentList(option: string, given: readonly string[] | undefined, consequence: string): string[] | undefined {
  if (given === undefined || given === null) return undefined;
  const names = listOf(option, given, '\'production\'');
  if (names.length === 0) invalid(option, `it names none, so ${consequence}`, 'Name one, or leave it out');
  for (const name of names) checkEnvironmentName(option, name);
  return names;
}

/** Rejects a name of `given` that is not one of the environments `names`. */
export function checkEnvironmentNames(option: string, given: readonly string[] | undefined, names: readonly string[]): void {
  for (const name of given ?? []) {
    checkEnvironmentName(option, name);
    if (!names.includes(name)) invalid(option, `there is no environment ${show(name)}`, didYouMean(name, names) ?? `There is: ${names.join(', ') || 'none yet'}`);
  }
}

/** Checks the type; the delivery checks that the environment exists. */
export function checkEnvironmentName(option: string, name: unknown): void {
  if (typeof name !== 'string') invalid(option, `${show(name)} is not the name of an environment`, 'Write names as text, for example \'production\'');
}
