import { DeploymentInProgress, PhaseResult } from './phase';
import { DeploymentOutputs } from '../../../contract/deployment-outputs';
import { TargetCommandManifest } from '../../../contract/manifest';
import { OutsideFault } from '../../outside-fault';
import { safeLine } from '../../reporting/untrusted-text';
import { driverOf } from '../../targets/driver-registry';
import { EngineError, outsideFaultOf } from '../../targets/engine-error';
import { asSynthesized, checkedOutputs } from '../outputs';

/** What deployed, and what it wrote about its outputs. */
export interface Deployed {
  readonly command: TargetCommandManifest;
  readonly result: PhaseResult;
  /** Of a command line. A driver is read. */
  readonly said?: DeploymentOutputs;
  /** Stable was restored: a rollback is not given up because of its outputs. */
  readonly isRestore?: boolean;
}

/** Reads the outputs of what was deployed. Everything after it uses them: `afterPromote`, the probes, reports. An invalid one is a failed command. */
export async function takeOutputs(deployment: DeploymentInProgress, { command, isRestore, result, said }: Deployed): Promise<PhaseResult> {
  const { context, facts, record } = deployment;
  if (result.event !== 'commandSucceeded') return result;
  const { all, fault, outside } = await readOutputs(deployment, command, said ?? {});
  if (fault === undefined) {
    const { needed } = checkedOutputs(asSynthesized(context), all);
    for (const [name, value] of Object.entries(needed ?? {})) context.log.line(`output ${name}: ${safeLine(value, 300)}`);
    if (Object.keys(all).length > 0) facts.outputs = all;
    return result;
  }
  if (!isRestore) return { event: 'commandFailed', note: `${result.note}; ${fault}`, ...(outside && { fault: outside }) };
  facts.outputs = record.stable?.outputs ?? facts.outputs;
  context.log.warning('The outputs of the restored release cannot be used', `${fault}. Those that were recorded with it are used.`);
  return result;
}

async function readOutputs(
  { context }: DeploymentInProgress, command: TargetCommandManifest, said: DeploymentOutputs,
): Promise<{ readonly all: DeploymentOutputs; readonly fault?: string; readonly outside?: OutsideFault }> {
  const environment = asSynthesized(context);
  const giveUpAt = context.clock.now() + environment.strategy.commandTimeoutMs;
  try {
    const all = command.kind === 'driver' ? await driverOf(context)?.outputs?.(giveUpAt) ?? {} : said;
    return { all, fault: checkedOutputs(environment, all).fault };
  } catch (error) {
    if (!(error instanceof EngineError)) throw error;
    // outputs that nothing needs are only published
    return { all: {}, fault: environment.outputs && `its outputs cannot be read: ${error.message}`, outside: outsideFaultOf(error) };
  }
}
