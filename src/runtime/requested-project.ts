import { readdirSync } from 'node:fs';
import { ConfigurationError } from './errors';

export interface RequestedProject {
  /** Undefined: the root project. */
  readonly project?: string;
  /** The rest of the command line. */
  readonly rest: string[];
}

/**
 * The project of a command. The last `--project` counts: a subproject's task begins with its own, and a command that was printed for
 * another project must work there too. Throws `ConfigurationError`.
 */
export function requestedProject(argv: readonly string[]): RequestedProject {
  const rest: string[] = [];
  let project: string | undefined;
  for (let i = 0; i < argv.length; i++) {
    const word = argv[i];
    if (word === '--project') project = argv[++i] ?? '';
    else if (word.startsWith('--project=')) project = word.slice('--project='.length);
    else rest.push(word);
  }
  // it becomes part of a file's name
  if (project !== undefined && !/^\w[\w.-]*$/.test(project)) throw new ConfigurationError(`--project ${JSON.stringify(project)} names no subproject.`);
  return { project, rest };
}

/** Lists the deliveries if the named one does not exist. */
export function noSuchProject(project: string | undefined, folder: string): ConfigurationError | undefined {
  const others = readdirSync(folder).flatMap((file) => /^delivery-(.+)\.json$/.exec(file)?.[1] ?? []);
  if (project === undefined && others.length === 0) return undefined;
  const there = others.map((name) => `--project ${name}`).join(', ') || 'the root project\'s, without --project';
  return new ConfigurationError(`${project === undefined ? 'the root project' : `"${project}"`} has no delivery here. There is: ${there}`);
}
