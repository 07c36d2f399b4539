import { dispatchAndFollow, RollbackInputs } from './dispatch-and-follow';
import { workflowFileOf } from '../../../../contract/manifest';
import { Command, ExitCode, CommandArguments, textOf } from '../../../commands/command';
import { RuntimeContext } from '../../../context';
import { fromDeploymentOf } from '../../../deployment/from-deployment';

/**
 * Whether a command on a laptop is about what the CI did: the ledger here knows nothing of the environment.
 * DELIVERY_LEDGER and --local say that it is about this machine's own.
 */
export async function shouldDispatch(
  command: Command, { environment, ledger, processEnv, run }: RuntimeContext, given: CommandArguments,
): Promise<boolean> {
  if (!command.dispatches || run.inCi || processEnv.DELIVERY_LEDGER || given.flags.local || given.flags.settle) return false;
  return (await ledger.records(environment.name, { isEnough: () => true })).length === 0;
}

/** Asks the CI by starting its workflow, and tells how that goes. */
export async function dispatchCommand(command: Command, context: RuntimeContext, given: CommandArguments): Promise<ExitCode> {
  const { clock, environment, interrupted, log, manifest, processEnv, root } = context;
  const slot = textOf(given, 'slot');
  log.line(`The ledger on this machine knows nothing of ${environment.name}, so the CI is asked (--local: not).`);
  return dispatchAndFollow({
    inputs: {
      environment: environment.name,
      action: command.name as RollbackInputs['action'],
      release: given.release,
      slot: slot === 'blue' || slot === 'green' ? slot : undefined,
      reason: textOf(given, 'reason'),
      evenIfIrreversible: given.flags['even-if-irreversible'] === true,
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
