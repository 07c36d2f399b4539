import { CommandManifest, EnvironmentManifest, Manifest } from '../../contract/manifest';
import { ConfigurationError } from '../errors';
import { unlessEjected } from '../reporting/ejected';
import { strategyOf } from '../strategies/rollout-strategy';

/** How this runtime can run a command. */
const COMMAND_KINDS: readonly string[] = ['exec', 'bash'] satisfies CommandManifest['kind'][];

/** Throws `ConfigurationError` where the manifest names a strategy or a kind of command that this runtime does not know. */
export function checkKnown({ environments }: Manifest): void {
  for (const environment of environments) {
    strategyOf(environment);
    checkCommands(environment);
  }
}

function checkCommands({ afterPromote, beforeDeploy, name, target }: EnvironmentManifest): void {
  const commands = Object.entries<CommandManifest | undefined>({ ...target, beforeDeploy, afterPromote });
  const unknown = commands.find(([, command]) => command && !COMMAND_KINDS.includes(command.kind));
  if (!unknown) return;
  throw new ConfigurationError(
    `the manifest's environment ${JSON.stringify(name)} has a target whose ${unknown[0]} is of the kind ${JSON.stringify(unknown[1]?.kind)}, which this runtime does not know `
    + `(it knows ${COMMAND_KINDS.join(', ')}). ${unlessEjected('Use the version of projen-delivery that wrote it, or a later one', 'Take .projen/delivery.cjs from the commit that wrote it')}.`,
  );
}
