import { VARIABLE_PREFIX } from './environment-variables';
import { RUNTIME_FILE } from './manifest';

/** The commands of the runtime. */
export const COMMAND_NAMES = [
  'plan', 'deploy', 'monitor', 'rollback', 'status', 'config', 'adopt', 'resolve', 'unblock',
  'unfreeze', 'hold', 'drill', 'start-drills', 'notify', 'watch', 'page', 'trust', 'build', 'check', 'rehearse', 'plan-merge', 'plan-changes', 'comment',
  'preview', 'run-preview', 'finish-preview', 'remove-preview', 'sweep-previews', 'comment-preview',
] as const;

export type CommandName = typeof COMMAND_NAMES[number];

/** Whether the runtime has such a command where nothing is left out of it. */
export function isCommandName(name: string | undefined): name is CommandName {
  return (COMMAND_NAMES as readonly (string | undefined)[]).includes(name);
}

/** The commands that use records: on a laptop `--local` means those of the machine, where the CI system may have others. */
const WITH_RECORDS: readonly CommandName[] = ['plan', 'deploy', 'monitor', 'rollback', 'status', 'adopt', 'resolve', 'unblock', 'unfreeze', 'hold', 'drill', 'watch'];

export function usesRecords(command: CommandName): boolean {
  return WITH_RECORDS.includes(command);
}

/** The options that the jobs' lines use. */
export const OPTION = {
  PROJECT: 'project',
  RELEASE: 'release',
  REASON: 'reason',
  SLOT: 'slot',
  EVEN_IF_IRREVERSIBLE: 'even-if-irreversible',
  FROM_DEPLOYMENT: 'from-deployment',
  /** rollback: finishes an open deployment of the run. */
  RECOVER: 'recover',
  /** watch, start-drills: a comma-separated list of environments. */
  ENVIRONMENTS: 'environments',
  /** watch: `none` or `only`. */
  HEARTBEAT: 'heartbeat',
  /** page: the output folder; plan: the plan file. */
  OUT: 'out',
  /** page: the folder with the last page; adopt: the environment's former name. */
  FROM: 'from',
  /** plan, deploy, build on a laptop: also with changes that are not committed. */
  ALLOW_DIRTY: 'allow-dirty',
  /** plan, deploy: also where the live release fails a health check that has never verified it. */
  EVEN_IF_LIVE_FAILS: 'even-if-live-fails',
  /** deploy: a plan file. */
  PLAN: 'plan',
  /** deploy: the SHA-256 of the plan file. */
  PLAN_SHA256: 'plan-sha256',
  /** plan-merge: the commit or branch to merge into. */
  INTO: 'into',
  /** remove-preview: not while the pull request may have a preview. */
  IF_DUE: 'if-due',
} as const;

export type OptionName = typeof OPTION[keyof typeof OPTION];

/** The arguments of a command: shell words. */
export interface CommandWords {
  readonly environment?: string;
  /** A flag has no value. An undefined option is left out. */
  readonly options?: Partial<Record<OptionName, string | true>>;
}

/** Returns a command with its arguments, as in the jobs' lines: `rollback staging --recover`. */
export function commandWords(command: CommandName, { environment, options = {} }: CommandWords = {}): string {
  const words = Object.entries(options).filter((entry): entry is [string, string | true] => entry[1] !== undefined).map(([name, value]) => (value === true ? `--${name}` : `--${name}${separator(value)}${value}`));
  return [command, ...(environment === undefined ? [] : [environment]), ...words].join(' ');
}

/** A person's input may be empty, or begin with a dash. */
function separator(value: string): string {
  return value.startsWith(`"$${VARIABLE_PREFIX}`) ? '=' : ' ';
}

/** Returns the shell line that runs a command. `exec` replaces the shell, which would not pass on the signal of a cancelled step. */
export function runtimeLine(words: string): string {
  return `${RUNTIME_LINE}${words}`;
}

/** The beginning of these lines. */
export const RUNTIME_LINE = `exec node ${RUNTIME_FILE} `;

/** The exit codes of the runtime. 0: done or nothing to do. 1: unhealthy or rolled back. 2: wrong use or configuration. 3: halted. */
export type ExitCode = 0 | 1 | 2 | 3;
