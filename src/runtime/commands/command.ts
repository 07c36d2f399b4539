import { CommandName, ExitCode, OPTION } from '../../contract/command-line';
import { RuntimeContext } from '../context';

export type { ExitCode };

/** The arguments of the command line, checked against the command's options. */
export interface CommandArguments {
  readonly environment?: string;
  readonly release?: string;
  readonly json: boolean;
  readonly flags: Record<string, string | boolean | undefined>;
  /** The values of options that can be given more than once. */
  readonly lists?: Record<string, readonly string[]>;
}

export interface Command {
  readonly name: CommandName;
  /** One line for `--help`. */
  readonly summary: string;
  /** Whether the command is about one environment; `optional`: all of them when none is given. */
  readonly environment: 'required' | 'optional';
  /** Whether it changes the environment: then one at a time. */
  readonly changes: boolean;
  /** Whether it records a decision of a person, also while another command works on the environment. */
  readonly decides?: boolean;
  /** Whether it changes what the CI system recorded: on a laptop it runs in the CI system, unless it is about this machine. */
  readonly dispatches?: boolean;
  /** Whether it reads the records of the CI system, also on a laptop. */
  readonly readsRemote?: boolean;
  /** Whether it needs the manifest only. */
  readonly readsNoRecords?: boolean;
  /** Options of this command alone. */
  readonly options: Record<string, Option>;
  readonly examples: string[];
  /**
   * On a laptop, while another command works on the environment: asks that command to give way, and returns the arguments to run with when it is done.
   * Undefined where this command cannot ask. @default - it fails while another command is at work
   */
  asksFirst?(context: RuntimeContext, given: CommandArguments): Promise<CommandArguments | undefined>;
  run(context: RuntimeContext[], given: CommandArguments): Promise<ExitCode>;
}

export interface Option {
  readonly type: 'string' | 'boolean';
  readonly description: string;
  /** Whether it can be given more than once. */
  readonly multiple?: true;
}

/** An option's text; an empty one, as a workflow's input may be, counts as not given. */
export function textOf({ flags }: CommandArguments, name: string): string | undefined {
  const value = flags[name];
  return typeof value === 'string' && value.trim() !== '' ? value : undefined;
}

/** The option of the commands that take the files of the checkout. */
export const ALLOW_DIRTY: Record<typeof OPTION.ALLOW_DIRTY, Option> = {
  [OPTION.ALLOW_DIRTY]: { type: 'boolean', description: 'on a laptop: also with changes that are not committed, which the record says' },
};

/** The option of the commands that look whether the live release passes the health checks. */
export const EVEN_IF_LIVE_FAILS: Record<typeof OPTION.EVEN_IF_LIVE_FAILS, Option> = {
  [OPTION.EVEN_IF_LIVE_FAILS]: { type: 'boolean', description: 'also where the live release fails a health check with which it was not verified' },
};
