import { didYouMean } from './did-you-mean';
import { invalid, show } from './validation-error';

/** What an option that is a list holds: from JavaScript anything may come, and a text would be taken for a list of its letters. */
export function listOf<T>(option: string, value: readonly T[], example: string): T[] {
  if (Array.isArray(value)) return value as T[];
  invalid(option, `${show(value)} is not a list`, `Write [${typeof value === 'string' ? show(value) : example}]`);
}

/** What an option that has options of its own, or values by name, holds. */
export function objectOf<T extends object>(option: string, value: T, example: string): T {
  if (typeof value === 'object' && value !== null && !Array.isArray(value) && !isWhole(value)) return value;
  invalid(option, `${show(value)} is no set of options`, `Write ${example}`);
}

/** Every option of a set by its name, and which of them are true or false: the compiler keeps it complete. */
export type OptionNames<T> = { readonly [K in keyof T]-?: [NonNullable<T[K]>] extends [boolean] ? 'boolean' : true };

/**
 * What an option that has options of its own holds. A name that is none of theirs is refused, and what is neither true nor false where
 * one of them belongs: plain JavaScript lets both pass. `within` is what stands before such a name in a message.
 */
export function optionsOf<T extends object>(within: string, value: T, names: OptionNames<T>, example: string, option = `${within} options`): T {
  objectOf(option, value, example);
  const kinds = new Map<string, unknown>(Object.entries(names));
  for (const [name, given] of Object.entries(value) as [string, unknown][]) {
    if (given === undefined) continue;
    const kind = kinds.get(name);
    if (kind === undefined) refuseUnknown(within, name, [...kinds.keys()]);
    // the text 'false' would count as yes
    if (kind === 'boolean' && typeof given !== 'boolean') invalid(`${within} ${name}`, `${show(given)} is neither true nor false`, 'Write true or false, without quotes');
  }
  return value;
}

function refuseUnknown(within: string, name: string, known: string[]): never {
  invalid(`${within} ${name}`, 'there is no such option', didYouMean(name, known) ?? `Leave it out, or use one of ${known.sort().join(', ')}`);
}

/** What belongs into an option, and not in place of all of them: `HealthCheck.http(url, ReleaseIdentity.json('version'))`. */
function isWhole(value: object): boolean {
  return value instanceof RegExp || '_manifest' in value || '_definition' in value || '_engine' in value || 'toMilliseconds' in value;
}
