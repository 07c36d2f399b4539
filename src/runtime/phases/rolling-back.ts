import { failing, placeArtifact, runTargetCommand } from './command';
import { watch } from './gate';
import { Phase, PhaseResult } from './phase';
import { Deployment } from '../deployment';
import { StablePointer } from '../ledger/ledger';

/** Brings Stable back, then asks it whether it is there. */
export const rollingBack: Phase = {
  title: ({ record }) => `Roll back to ${record.stable?.release.version ?? 'nothing'}`,

  async perform(deployment) {
    const { stable } = deployment.record;
    if (!stable) return { event: 'commandFailed', note: 'no verified release is recorded to go back to' };
    const restored = await failing(() => restore(deployment, stable));
    if (restored.event !== 'commandSucceeded') return restored;
    const verified = await watch(deployment, { release: stable.release, ready: false });
    return { ...verified, note: `${restored.note}; ${verified.note}` };
  },
};

/** `rollback` where given; with blue/green back to the old slot; else the deploy command again with Stable's files. */
async function restore(deployment: Deployment, stable: StablePointer): Promise<PhaseResult> {
  const { target, strategy } = deployment.surroundings.environment;
  const { record, learnt } = deployment;
  const request = { release: stable.release, slot: stable.slot, rollbackFrom: record.release };

  if (target.rollback) return runTargetCommand(deployment, { ...request, name: 'rollback', command: target.rollback });
  if (strategy.kind === 'blueGreen' && target.promote) {
    if (!learnt.trafficMoved) return { event: 'commandSucceeded', note: 'users never left the old slot' };
    if (!stable.slot) return { event: 'commandFailed', note: `no slot is recorded for ${stable.release.version}, so there is none to switch back to` };
    return runTargetCommand(deployment, { ...request, name: 'switch back', command: target.promote });
  }
  await placeArtifact(deployment, stable.release);
  return runTargetCommand(deployment, { ...request, name: 'deploy again', command: target.deploy });
}
