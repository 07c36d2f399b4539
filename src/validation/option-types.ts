import { didYouMean, invalid, show } from './validation-error';

/** Returns an option that must be a list. Plain JavaScript may pass a string, which would be read as a list of its letters. */
export function listOf<T>(option: string, value: readonly T[], example: string): T[] {
  if (Array.isArray(value)) return value as T[];
  invalid(option, `${show(value)} is not a list`, `Write [${typeof value === 'string' ? show(value) : example}]`);
}

/** Returns an option that must be an object: a set of options, or values by name. */
export function objectOf<T extends object>(option: string, value: T, example: string): T {
  if (typeof value === 'object' && value !== null && !Array.isArray(value) && !isInstance(value)) return value;
  invalid(option, `${show(value)} is not a set of options`, `Write ${example}`);
}

/** Returns an option that must be a whole number in a range. */
export function wholeNumber(option: string, value: number, least: number, most: number): number {
  if (Number.isInteger(value) && value >= least && value <= most) return value;
  invalid(option, `${show(value)} is out of range`, `Set a whole number from ${least} to ${most}`);
}

/** The names of all options of a set, and which of them are booleans. The compiler keeps the table complete. */
export type OptionNames<T> = { readonly [K in keyof T]-?: [NonNullable<T[K]>] extends [boolean] ? 'boolean' : true };

/**
 * Returns a set of options. Rejects unknown names and booleans that are not booleans, which plain JavaScript does not.
 *
 * @param within the prefix of an option's name in messages
 */
export function optionsOf<T extends object>(within: string, value: T, names: OptionNames<T>, example: string, option = `${within} options`): T {
  objectOf(option, value, example);
  const kinds = new Map<string, unknown>(Object.entries(names));
  for (const [name, given] of Object.entries(value) as [string, unknown][]) {
    if (given === undefined) continue;
    const kind = kinds.get(name);
    if (kind === undefined) rejectUnknown(within, name, [...kinds.keys()]);
    // the string 'false' would count as true
    if (kind === 'boolean' && typeof given !== 'boolean') invalid(`${within} ${name}`, `${show(given)} is neither true nor false`, 'Write true or false, without quotes');
  }
  return value;
}

function rejectUnknown(within: string, name: string, known: string[]): never {
  invalid(`${within} ${name}`, 'there is no such option', didYouMean(name, known) ?? `Remove it, or use one of ${known.sort().join(', ')}`);
}

/** Whether the value is an instance that belongs into one of the options: `HealthCheck.http(url, ReleaseIdentity.json('version'))`. */
function isInstance(value: object): boolean {
  return value instanceof RegExp || '_manifest' in value || '_definition' in value || '_engine' in value || 'toMilliseconds' in value;
}

/** Sorts a record by its keys, so that their order in the user's code (or in Java's `Map.of`) does not change the manifest. */
export function inKeyOrder<T>(record: Record<string, T>): Record<string, T> {
  return Object.fromEntries(Object.entries(record).sort(([one], [other]) => (one < other ? -1 : 1)));
}
