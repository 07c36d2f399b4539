import { DeploymentInProgress, PhaseResult } from './phase';
import { withoutTraffic } from './weights';
import { RuntimeContext } from '../../context';
import { InterruptedError } from '../../errors';

/** A cancelled step is killed 10 s after its first signal. What is not done then, the next process does. */
const PATIENCE_MS = 8_000;

/** Does the work. If this process is told to stop meanwhile, it gives Stable all traffic before it does. Rejects with `InterruptedError` or `LeaseLostError`. */
export async function orStableAtLast<T extends PhaseResult | undefined>(deployment: DeploymentInProgress, work: () => Promise<T>): Promise<T> {
  try {
    return await work();
  } catch (error) {
    if (error instanceof InterruptedError) await giveStableAll(deployment);
    throw error;
  }
}

async function giveStableAll(deployment: DeploymentInProgress): Promise<void> {
  const { context, record, state, strategy } = deployment;
  // the machine may have been suspended, and the slots may belong to another release now
  await deployment.checkStands();
  const freed = await withoutTraffic(
    { context: lasting(context), record, state, strategy },
    { rollbackFrom: record.release, timeoutMs: PATIENCE_MS },
  );
  if (!freed) return;
  if (freed.event === 'commandSucceeded') context.log.line(`told to stop, so users are on ${record.stable?.release.version} again: ${freed.note}`);
  else context.log.warning('Users may still get the release', `told to stop, and ${freed.note}`);
}

/** What this process knows, as if it were not told to stop. */
function lasting(context: RuntimeContext): RuntimeContext {
  const execute: RuntimeContext['execute'] = (command, options) => context.execute(command, { ...options, isOnTheWayOut: true });
  return { ...context, execute, interrupted: new AbortController().signal };
}
