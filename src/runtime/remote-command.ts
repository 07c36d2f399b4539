import { Command, CommandArguments, textOf } from './commands/command';
import { ExitCode, OPTION } from '../contract/command-line';
import { workflowFileOf } from '../contract/manifest';
import { RemoteCi, RemoteSearch, RollbackInputs, rollbackOnRemote } from './ci/remote-ci';
import { RuntimeContext } from './context';
import { fromDeploymentOf } from './deployment/from-deployment';
import { ConfigurationError } from './errors';

/**
 * The CI system whose records a command on a laptop uses. Undefined if this machine has records of the environment, and there is no CI
 * system. Rejects with `ConfigurationError` if there are no records.
 */
export async function remoteMeant({ environment, ledger }: RuntimeContext, search: RemoteSearch): Promise<RemoteCi | undefined> {
  if ('found' in search) return search.found;
  const hasRecords = (await ledger.records(environment.name, { isEnough: () => true })).length > 0;
  if (!hasRecords) throw new ConfigurationError(`${search.error.message} To use the records of this machine, add --local.`);
  return undefined;
}

/** Runs a command in the CI system: starts its workflow and follows the run. */
export async function runOnRemote(remote: RemoteCi, command: Command, context: RuntimeContext, given: CommandArguments): Promise<ExitCode> {
  const { clock, environment, interrupted, log, manifest, processEnv, root } = context;
  const slot = textOf(given, 'slot');
  return rollbackOnRemote(remote, {
    inputs: {
      environment: environment.name,
      action: command.name as RollbackInputs['action'],
      release: given.release,
      slot: slot === 'blue' || slot === 'green' ? slot : undefined,
      reason: textOf(given, 'reason'),
      evenIfIrreversible: given.flags[OPTION.EVEN_IF_IRREVERSIBLE] === true,
      fromDeployment: fromDeploymentOf(given),
    },
    env: processEnv,
    root,
    workflow: workflowFileOf('rollback', manifest),
    project: manifest.project?.name,
    clock,
    interrupted,
    print: (line) => log.line(line),
  });
}
