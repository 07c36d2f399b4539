import { readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';

export const TASKS_FILE = '.projen/tasks.json';

/** A step of a projen task: what is known of it in the file. */
export interface TaskStep {
  readonly exec?: string;
  readonly execArgs?: readonly string[];
  readonly say?: string;
  readonly spawn?: string;
  readonly builtin?: string;
  readonly cwd?: string;
  readonly condition?: string;
  readonly env?: Readonly<Record<string, string>>;
}

export interface ProjenTask {
  readonly steps?: readonly TaskStep[];
  readonly cwd?: string;
  readonly condition?: string;
  readonly env?: Readonly<Record<string, string>>;
}

export interface ProjenTasks {
  readonly tasks: Readonly<Record<string, ProjenTask | undefined>>;
  readonly env?: Readonly<Record<string, string>>;
}

/** The tasks of the project in a directory; undefined where that has none. */
export function readTasks(directory: string): ProjenTasks | undefined {
  const read = readJson(join(directory, TASKS_FILE)) as Partial<ProjenTasks> | undefined;
  return typeof read?.tasks === 'object' ? read as ProjenTasks : undefined;
}

/** The task that a command runs: `projen ship` by npx or by `.env/bin/projen`, after `projen eject` `scripts/run-task.cjs ship`. */
export function taskIn(words: readonly string[]): string | undefined {
  const at = words.findIndex((word, i) => i < 3 && /^(?:.*\/)?(?:projen(?:@[\w.^~-]+)?|run-task(?:\.cjs)?)$/.test(word));
  const name = at < 0 ? undefined : words[at + 1];
  return name !== undefined && /^[\w@.:/-]+$/.test(name) && !name.startsWith('-') ? name : undefined;
}

const NPX_PATH = '$(npx -c "node --print process.env.PATH")';
/** A virtual environment's, as projen writes it for pip and for uv. */
const VENV_PATHS = [/^\$\(python -c .*print\('\{0\}\/([\w./-]+)\/\{1\}/, /^\$\(echo ([\w./-]+)\/bin:\$PATH\)$/];

/** The folders that a task finds programs in, where its PATH is one that projen writes. */
export function taskFolders(path: string | undefined, directory: string, inherited: readonly string[] | undefined): readonly string[] | undefined {
  if (path === undefined || inherited === undefined) return inherited;
  if (path === NPX_PATH) return [...upwards(directory).map((folder) => join(folder, 'node_modules/.bin')), ...inherited];
  const [, venv] = VENV_PATHS.flatMap((pattern) => pattern.exec(path) ?? []);
  return venv === undefined ? undefined : [join(directory, venv, 'bin'), ...inherited];
}

/** Whether the nearest package has no script of that name; with its file. Undefined where nothing is known of it. */
export function packageWithoutScript(name: string, directory: string): string | undefined {
  const file = upwards(directory).map((folder) => join(folder, 'package.json')).find((path) => readJson(path) !== undefined);
  if (file === undefined) return undefined;
  const { scripts } = readJson(file) as { readonly scripts?: Readonly<Record<string, unknown>> };
  return scripts?.[name] === undefined ? file : undefined;
}

function upwards(directory: string): string[] {
  const folders = [directory];
  for (let parent = dirname(directory); parent !== folders.at(-1); parent = dirname(parent)) folders.push(parent);
  return folders;
}

function readJson(path: string): object | undefined {
  try {
    const value: unknown = JSON.parse(readFileSync(path, 'utf8'));
    return typeof value === 'object' && value !== null ? value : undefined;
  } catch {
    return undefined;
  }
}
