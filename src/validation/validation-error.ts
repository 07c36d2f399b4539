import { join } from 'node:path';

/**
 * An invalid configuration. The message names the option, the value, the reason and the fix. Node prints the stack of an uncaught error,
 * so the stack contains only the message and the user's own lines.
 */
export class ValidationError extends Error {
  /** The invalid option, as the user wrote it: `HealthCheck.http interval`. */
  declare public readonly option: string;
  /** What to do instead. */
  declare public readonly fix: string;

  constructor(option: string, fault: string, fix: string) {
    super(`${option}: ${fault}. ${fix}`);
    const hidden = { name: 'ValidationError', option, fix, stack: [`projen-delivery: ${this.message}`, ...usersOwnLines(this.stack)].join('\n') };
    // not enumerable, because Node would print them again below the message
    for (const [key, value] of Object.entries(hidden)) Object.defineProperty(this, key, { value, enumerable: false });
  }
}

/** Ends synthesis with an error. */
export function invalid(option: string, fault: string, fix: string): never {
  const { stackTraceLimit } = Error;
  // the user's own line may be deeper than the default of ten lines
  Error.stackTraceLimit = 50;
  try {
    // this comment keeps Node from printing the line above the message
    throw new ValidationError(option, fault, fix); // node-do-not-add-exception-line
  } finally {
    Error.stackTraceLimit = stackTraceLimit;
  }
}

/** Formats a value for a message as the user would write it: shortened, and without the credentials of an address. */
export function show(value: unknown): string {
  const text = withoutCredentials(written(value));
  return text.length > 80 ? `${text.slice(0, 77)}...` : text;
}

function written(value: unknown): string {
  if (typeof value === 'string') return `'${JSON.stringify(value).slice(1, -1).replaceAll('\\"', '"')}'`;
  if (typeof value === 'function') return `the ${/^class\b/.test(String(value)) ? 'class' : 'function'} ${value.name}`;
  if (typeof value !== 'object' || value === null || value instanceof RegExp) return String(value);
  const { name } = (value as object).constructor ?? Object;
  // an instance may contain itself, and the user did not write its properties
  if (name !== 'Object' && name !== 'Array') return `${/^[aeiou]/i.test(name) ? 'an' : 'a'} ${name}`;
  try {
    return JSON.stringify(value);
  } catch {
    return Array.isArray(value) ? 'a list' : 'an object';
  }
}

function withoutCredentials(text: string): string {
  // fast path: the name of every option of a check contains its URL
  return text.includes('@') ? text.replace(/[^\s/'"@]+:[^\s/'"@]+@/g, '***@') : text;
}

/** Returns the user's own stack lines, without parentheses, because ts-node would otherwise print a line of source above the message. */
function usersOwnLines(stack: string | undefined): string[] {
  const root = join(__dirname, '../..');
  return (stack ?? '').split('\n')
    .map((line) => /^\s+at (?:.*\()?(.*?:\d+:\d+)\)?$/.exec(line)?.[1])
    .filter((place): place is string => place !== undefined && !/node_modules|node:/.test(place))
    .filter((place) => !place.startsWith(join(root, 'src')) && !place.startsWith(join(root, 'lib')))
    .map((place) => `    at ${place}`);
}

/** Suggests the candidate that is most similar to a misspelt word; undefined if none is similar. */
export function didYouMean(word: string, candidates: readonly string[]): string | undefined {
  const limit = Math.max(1, Math.floor(word.length / 2.5));
  const ranked = candidates
    .map((candidate) => ({ candidate, distance: distance(word.toLowerCase(), candidate.toLowerCase()) }))
    .filter((entry) => entry.distance <= limit)
    .sort((a, b) => a.distance - b.distance);
  return ranked[0] && `Did you mean '${ranked[0].candidate}'?`;
}

/** Returns the Levenshtein distance: the number of letters to add, remove or change. */
function distance(a: string, b: string): number {
  let row = Array.from({ length: b.length + 1 }, (_, i) => i);
  for (let i = 1; i <= a.length; i++) {
    const before = row;
    row = [i];
    for (let j = 1; j <= b.length; j++) {
      row[j] = Math.min(before[j] + 1, row[j - 1] + 1, before[j - 1] + (a[i - 1] === b[j - 1] ? 0 : 1));
    }
  }
  return row[b.length];
}
