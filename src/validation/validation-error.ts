import { join } from 'node:path';

/**
 * An invalid configuration. The message names the option, the value, what is wrong and the fix.
 * Node prints an uncaught error's stack, so the stack is the message and the user's own lines, without ours.
 */
export class ValidationError extends Error {
  /** The invalid option, as the user wrote it: `HealthCheck.http interval`. */
  declare public readonly option: string;
  /** What to do instead. */
  declare public readonly fix: string;

  constructor(option: string, fault: string, fix: string) {
    super(`${option}: ${fault}. ${fix}`);
    const hidden = { name: 'ValidationError', option, fix, stack: [`projen-delivery: ${this.message}`, ...usersOwnLines(this.stack)].join('\n') };
    // not enumerable: Node would print them below the message once more
    for (const [key, value] of Object.entries(hidden)) Object.defineProperty(this, key, { value, enumerable: false });
  }
}

/** Ends synthesis. `fault` continues the option's name: `is '5', which is not a Duration`. */
export function invalid(option: string, fault: string, fix: string): never {
  const { stackTraceLimit } = Error;
  // the user's own line may lie deeper than ten of ours and projen's
  Error.stackTraceLimit = 50;
  try {
    // Node prints the line that threw above the message, unless that line holds these words.
    throw new ValidationError(option, fault, fix); // node-do-not-add-exception-line
  } finally {
    Error.stackTraceLimit = stackTraceLimit;
  }
}

/** A value as the user would write it, short enough for a message, and without the credentials of an address. */
export function show(value: unknown): string {
  const text = withoutCredentials(written(value));
  return text.length > 80 ? `${text.slice(0, 77)}...` : text;
}

function written(value: unknown): string {
  if (typeof value === 'string') return `'${JSON.stringify(value).slice(1, -1).replaceAll('\\"', '"')}'`;
  if (typeof value === 'function') return `the ${/^class\b/.test(String(value)) ? 'class' : 'function'} ${value.name}`;
  if (typeof value !== 'object' || value === null || value instanceof RegExp) return String(value);
  const { name } = (value as object).constructor ?? Object;
  // what is in an object of a class nobody has written, and it may hold itself
  if (name !== 'Object' && name !== 'Array') return `${/^[aeiou]/i.test(name) ? 'an' : 'a'} ${name}`;
  try {
    return JSON.stringify(value);
  } catch {
    return Array.isArray(value) ? 'a list' : 'an object';
  }
}

function withoutCredentials(text: string): string {
  // asked first, because every option of a check shows the check's address in its own name
  return text.includes('@') ? text.replace(/[^\s/'"@]+:[^\s/'"@]+@/g, '***@') : text;
}

/** Where the user's code called us. Without parentheses: ts-node would print a line of source above the message. */
function usersOwnLines(stack: string | undefined): string[] {
  const root = join(__dirname, '../..');
  return (stack ?? '').split('\n')
    .map((line) => /^\s+at (?:.*\()?(.*?:\d+:\d+)\)?$/.exec(line)?.[1])
    .filter((place): place is string => place !== undefined && !/node_modules|node:/.test(place))
    .filter((place) => !place.startsWith(join(root, 'src')) && !place.startsWith(join(root, 'lib')))
    .map((place) => `    at ${place}`);
}
