import { shellWord } from './shell-word';
import { RuntimeContext } from '../context';
import { DELIVERY } from './ejected';

/** What a command is about. */
export interface Place {
  readonly environment: string;
  /** The subproject's name, where it is one. */
  readonly project?: string;
}

export function placeOf({ environment, manifest }: Pick<RuntimeContext, 'environment' | 'manifest'>): Place {
  return { environment: environment.name, project: manifest.project?.name };
}

/** What finishes what a laptop left open. */
export function recoverLine(place: Place): string {
  return `${commandLine('rollback', place)} --settle`;
}

/**
 * The exact line for a person to run, wherever in the repository. From a laptop it starts rollback.yml, where the ledger is the
 * CI's.
 */
export function commandLine(command: string, { environment, project }: Place, options: Record<string, string> = {}): string {
  const spelled = Object.entries({ ...(project && { project }), ...options }).map(([name, value]) => ` --${name} ${shellWord(value)}`);
  return `${DELIVERY} ${command} ${shellWord(environment)}${spelled.join('')}`;
}
