import { VARIABLE_PREFIX } from './environment-variables';
import { RUNTIME_FILE } from './manifest';

/** The commands of the runtime. */
export const COMMAND_NAMES = [
  'plan', 'deploy', 'monitor', 'rollback', 'status', 'config', 'adopt', 'resolve', 'unblock',
  'unfreeze', 'hold', 'drill', 'start-drills', 'notify', 'watch', 'page', 'trust',
] as const;

export type CommandName = typeof COMMAND_NAMES[number];

/** The options that the jobs' lines use. */
export const OPTION = {
  PROJECT: 'project',
  RELEASE: 'release',
  REASON: 'reason',
  SLOT: 'slot',
  EVEN_IF_IRREVERSIBLE: 'even-if-irreversible',
  FROM_DEPLOYMENT: 'from-deployment',
  /** rollback: finish what the run left open. */
  RECOVER: 'recover',
  /** watch, start-drills: only these environments, with commas between. */
  ENVIRONMENTS: 'environments',
  /** watch: `none` or `only`. */
  HEARTBEAT: 'heartbeat',
  /** page: the folder to write into, and the one with the last page. */
  OUT: 'out',
  FROM: 'from',
} as const;

export type OptionName = typeof OPTION[keyof typeof OPTION];

/** What a command of the runtime is given: shell words. */
export interface CommandWords {
  readonly environment?: string;
  /** A flag has no value. An undefined option is left out. */
  readonly options?: Partial<Record<OptionName, string | true>>;
}

/** A command of the runtime with its words, as the shell lines of the jobs have it: `rollback staging --recover`. */
export function commandWords(command: CommandName, { environment, options = {} }: CommandWords = {}): string {
  const words = Object.entries(options).filter((entry): entry is [string, string | true] => entry[1] !== undefined).map(([name, value]) => (value === true ? `--${name}` : `--${name}${separator(value)}${value}`));
  return [command, ...(environment === undefined ? [] : [environment]), ...words].join(' ');
}

/** What a person wrote may be empty, or begin with a dash. */
function separator(value: string): string {
  return value.startsWith(`"$${VARIABLE_PREFIX}`) ? '=' : ' ';
}

/** The shell line that runs a command. GitHub signals the shell of a cancelled step, which keeps the signal to itself: `exec` leaves no shell. */
export function runtimeLine(words: string): string {
  return `${RUNTIME_LINE}${words}`;
}

/** How such lines begin. */
export const RUNTIME_LINE = `exec node ${RUNTIME_FILE} `;
