/**
 * Synthesis refuses what could not work. The message names the option, the value, what is wrong and the mend;
 * the stack names only the user's own lines, so that the message is the first and nearly the only thing printed.
 */
export class Refusal extends Error {
  /** The option that was refused, as the user wrote it: `HealthCheck.http interval`. */
  public readonly option: string;
  /** What to do instead. */
  public readonly mend: string;

  constructor(option: string, fault: string, mend: string) {
    super(`${option}: ${fault}. ${mend}`);
    this.name = 'Refusal';
    this.option = option;
    this.mend = mend;
    this.stack = [`projen-delivery: ${this.message}`, ...usersOwnLines(this.stack)].join('\n');
  }
}

/** Ends synthesis. `fault` continues the option's name: `is '5', which is not a Duration`. */
export function refuse(option: string, fault: string, mend: string): never {
  // Node prints the line that threw above the message, unless that line holds these words.
  throw new Refusal(option, fault, mend); // node-do-not-add-exception-line
}

/** A value as the user would write it, short enough for a message. */
export function show(value: unknown): string {
  const text = typeof value === 'string' ? `'${value}'` : JSON.stringify(value) ?? String(value);
  return text.length > 80 ? `${text.slice(0, 77)}...` : text;
}

function usersOwnLines(stack: string | undefined): string[] {
  return (stack ?? '').split('\n').filter((line) => /^\s+at /.test(line) && !/node_modules|node:|\(internal/.test(line) && !line.includes(__dirname));
}
