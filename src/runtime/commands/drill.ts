import { Command } from './command';
import { failingLiveFaults } from '../deployment/failing-live';
import { heldStable, liveBefore, nextSlot } from '../deployment/live-before';
import { freeze, isLive, outrunFaults } from '../deployment/plan';
import { checkWayBack } from '../deployment/rollback-target';
import { runDeployment } from '../deployment/run-deployment';
import { ConfigurationError } from '../errors';
import { DELIVERY } from '../reporting/command-line';

/** Tests the rollback: deploys the live release again, and rolls it back. */
export const drill: Command = {
  name: 'drill',
  summary: 'test the rollback: deploy the live release again, treat it as bad, and measure how long the rollback takes',
  environment: 'required',
  changes: true,
  options: {},
  examples: [`${DELIVERY} drill staging`],

  run: async ([context]) => runDeployment(context, async (history) => {
    const { environment } = context;
    checkWayBack(context);
    const stable = await history.stable();
    const { frozen } = await freeze(context, history);
    if (!stable || !(await isLive(history))) throw new ConfigurationError(`${environment.name}: there is no drill while no verified release is live. Deploy one first.`);
    if (frozen) throw new ConfigurationError(`${environment.name} is frozen ${frozen}: no drill before that.`);
    const faults = await outrunFaults(context, history);
    if (faults.length > 0) throw new ConfigurationError(faults.join('\n'));
    const before = await liveBefore(context, history, stable.release);
    const failing = before.stray === undefined ? await failingLiveFaults(context, stable) : [];
    if (failing.length > 0) throw new ConfigurationError(failing.join('\n'));
    return {
      kind: 'drill',
      release: stable.release,
      stable: heldStable(stable, before),
      slot: await nextSlot(context, history, before),
      reason: 'a drill',
    };
  }),
};
