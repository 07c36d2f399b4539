import { Command, CommandArguments, textOf } from './commands/command';
import { ExitCode, OPTION } from '../contract/command-line';
import { workflowFileOf } from '../contract/manifest';
import { RemoteCi, RollbackInputs, rollbackOnRemote } from './ci/remote-ci';
import { RuntimeContext } from './context';
import { fromDeploymentOf } from './deployment/from-deployment';

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
      from: textOf(given, OPTION.FROM),
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
