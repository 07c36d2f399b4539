import { existsSync, readdirSync } from 'node:fs';
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

/** The subprojects whose manifests are in a folder, and `undefined` for the root project. */
export function projectsIn(folder: string): (string | undefined)[] {
  if (!existsSync(folder)) return [];
  const files = readdirSync(folder);
  return [...(files.includes('delivery.json') ? [undefined] : []), ...files.flatMap((file) => /^delivery-(.+)\.json$/.exec(file)?.[1] ?? [])];
}

/** Lists the deliveries if the named one does not exist. */
export function noSuchProject(project: string | undefined, folder: string): ConfigurationError | undefined {
  const others = projectsIn(folder).filter((name) => name !== undefined);
  if (project === undefined && others.length === 0) return undefined;
  const there = others.map((name) => `--project ${name}`).join(', ') || 'the root project\'s, without --project';
  return new ConfigurationError(`${project === undefined ? 'the root project' : `"${project}"`} has no delivery here. There is: ${there}`);
}
