import { Cli, runCli } from './cli';
import { ConfigurationError } from './errors';
import { RequestedProject } from './requested-project';
import { ExitCode } from '../contract/command-line';

/** A project of the repository. */
export interface ProjectOf {
  /** Undefined: the root project. */
  readonly name?: string;
  /** Its command line, which prints so. */
  open(print: (text: string) => void): Cli;
}

/** Whether the words are about the status of all projects: those of a repository with several, where none is named. */
export function isStatusOfAll({ project, rest }: RequestedProject, projects: readonly ProjectOf[]): boolean {
  const isAsked = rest.includes('--help') || rest.includes('--version');
  return rest[0] === 'status' && !isAsked && project === undefined && projects.some(({ name }) => name !== undefined);
}

/** The status of each project that has the environment, one after the other; with `--json` in one list. Throws `ConfigurationError`. */
export async function statusOfProjects(words: readonly string[], projects: readonly ProjectOf[], print: (text: string) => void): Promise<ExitCode> {
  if (words.includes('--watch')) {
    throw new ConfigurationError(`status --watch shows one project: add ${projects.flatMap(({ name }) => (name === undefined ? [] : [`--project ${name}`])).join(', or ')}`);
  }
  const environment = words.slice(1).find((word) => !word.startsWith('-'));
  const concerned = projects.filter((one) => environment === undefined || one.open(print).environments().includes(environment));
  if (concerned.length === 0) throw new ConfigurationError(`there is no environment ${JSON.stringify(environment)} in any project. There is: ${everyEnvironment(projects, print)}`);
  const rows: unknown[] = [];
  let code: ExitCode = 0;
  for (const one of concerned) {
    const isJson = words.includes('--json');
    if (!isJson) print(`${one === concerned[0] ? '' : '\n'}project: ${one.name ?? 'the root project'}`);
    const ended = await runCli([...words], one.open(isJson ? (text) => rows.push(...namedRows(text, one.name)) : print));
    code = ended === 0 ? code : ended;
  }
  if (words.includes('--json')) print(JSON.stringify(rows, null, 2));
  return code;
}

/** What the command printed of a project, with its name. */
function namedRows(text: string, project: string | undefined): unknown[] {
  const rows = JSON.parse(text) as object[];
  return rows.map((row) => ({ ...(project !== undefined && { project }), ...row }));
}

function everyEnvironment(projects: readonly ProjectOf[], print: (text: string) => void): string {
  return projects.map((one) => `${one.open(print).environments().join(', ')} (${one.name ?? 'the root project'})`).join('; ');
}
