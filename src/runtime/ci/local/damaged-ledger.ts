import { EnvironmentManifest, Manifest } from '../../../contract/manifest';
import { commandLine, shellWord } from '../../reporting/command-line';
import { strategyOf } from '../../strategies/rollout-strategy';

/** How many environments get a line of their own. */
const NAMED = 3;

/** What a person does about a ledger that cannot be read, as lines that work as they are, except for the names of what is live. */
export function damagedLedgerRemedy(path: string, { environments, project }: Pick<Manifest, 'environments' | 'project'>): string {
  const lines = environments.slice(0, NAMED).map((environment) => adoptLine(environment, project?.name));
  const others = environments.slice(NAMED).map(({ name }) => name);
  const slotted = lines.some((line) => line.includes(SLOT));
  return [
    `Restore it from a backup. If there is none, move it away: mv ${shellWord(path)} ${shellWord(`${path}.damaged`)}.`,
    'A deployment then changes nothing until what is live is recorded, and its message names what responds.',
    `Record what is live, its name for ${VERSION}${slotted ? `, its slot for ${SLOT}` : ''}: ${lines.join(' ; ')}`,
    ...(others.length > 0 ? [`; and so for ${others.join(', ')}`] : []),
  ].join(' ');
}

const VERSION = 'VERSION';
const SLOT = 'SLOT';

/** Without records of this machine, only `--local` says that these are meant. */
function adoptLine(environment: EnvironmentManifest, project: string | undefined): string {
  const knowsSlot = strategyOf(environment).slots.length === 0 || environment.target.driver !== undefined;
  const options = { release: VERSION, ...(!knowsSlot && { slot: SLOT }) };
  return commandLine('adopt', { environment: environment.name, project, needsLocal: true }, options);
}
