import { accessSync, constants, statSync } from 'node:fs';
import { delimiter, resolve } from 'node:path';

/** Where a command looks for its programs. */
export interface ProgramPlace {
  readonly directory: string;
  /** The folders of its PATH; undefined where they are not known before it runs. */
  readonly folders?: readonly string[];
}

export type ProgramProblem = 'missing' | 'notExecutable';

/** Why a command cannot start the program that it names. Undefined where it can, or where that is not known. */
export function problemOfProgram(name: string, { directory, folders }: ProgramPlace): ProgramProblem | undefined {
  if (name.includes('/')) return problemOfFile(resolve(directory, name));
  if (!folders || folders.some((folder) => problemOfFile(resolve(directory, folder, name)) === undefined)) return undefined;
  return 'missing';
}

export function foldersOf({ PATH }: NodeJS.ProcessEnv): string[] | undefined {
  return PATH?.split(delimiter);
}

function problemOfFile(file: string): ProgramProblem | undefined {
  try {
    if (!statSync(file).isFile()) return 'missing';
    accessSync(file, constants.X_OK);
    return undefined;
  } catch (error) {
    return (error as NodeJS.ErrnoException).code === 'EACCES' ? 'notExecutable' : 'missing';
  }
}
