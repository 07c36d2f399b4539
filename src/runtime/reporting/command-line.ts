import { CommandName, OPTION, usesRecords } from '../../contract/command-line';
import { EnvironmentManifest, Manifest, RUNTIME_FILE, WRITER } from '../../contract/manifest';

/** After `projen eject` the files are the user's own, and there is no projen to run. */
const isEjected = !WRITER.includes('projen');

/** The command line of this tool at the root of the repository. */
export const DELIVERY = unlessEjected('npx projen delivery', `node ${RUNTIME_FILE}`);

/** The words for a project whose files projen writes, or for one whose files are its own. */
export function unlessEjected(projen: string, own: string): string {
  return isEjected ? own : projen;
}

/** What a command is about. */
export interface Place {
  readonly environment: string;
  /** The subproject's name, where it is one. */
  readonly project?: string;
  /** Whether a command must say --local to mean the same records. */
  readonly needsLocal?: boolean;
}

/** The parts of the context that make a place. */
interface PlaceContext {
  readonly ci: Pick<Place, 'needsLocal'>;
  readonly environment: Pick<EnvironmentManifest, 'name'>;
  readonly manifest: Pick<Manifest, 'project'>;
}

export function placeOf({ ci, environment, manifest }: PlaceContext): Place {
  return { environment: environment.name, project: manifest.project?.name, ...(ci.needsLocal && { needsLocal: true }) };
}

/** The command that recovers an unfinished deployment on a laptop. */
export function recoverLine(place: Place): string {
  return `${commandLine('rollback', place)} --${OPTION.RECOVER}`;
}

/** The exact line for a person to run, anywhere in the repository. */
export function commandLine(command: CommandName, { environment, needsLocal, project }: Place, options: Record<string, string> = {}): string {
  const flags = Object.entries({ ...(project && { project }), ...options }).map(([name, value]) => ` --${name} ${shellWord(value)}`);
  const local = needsLocal && usesRecords(command) ? ' --local' : '';
  return `${DELIVERY} ${command} ${shellWord(environment)}${flags.join('')}${local}`;
}

/** A word of a shell line that a person may copy: nothing in it is ever executed. */
export function shellWord(text: string): string {
  return /^[\w@%+=:,./-]+$/.test(text) ? text : `'${text.replaceAll("'", "'\\''")}'`;
}
