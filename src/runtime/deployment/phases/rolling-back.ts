import { failing, placeArtifact, promoteOf, runTargetCommand } from './command';
import { withAfterPromote } from './commands-around';
import { candidateUrlOf, replacedBy, watch } from './gate';
import { Phase, PhaseResult } from './phase';
import { StablePointer } from '../../ledger/ledger';
import { Replaced } from '../../probing/gate';
import { readCommandResult, withResultFile } from '../../processes/command-result';
import { Deployment } from '../deployment';
import { deploysAgain, idleSlot } from '../plan';

/** Brings Stable back, then asks it whether it is there. */
export const rollingBack: Phase = {
  title: ({ record }) => `Roll back to ${record.stable?.release.version ?? 'nothing'}`,

  async perform(deployment) {
    const { stable } = deployment.record;
    if (!stable) return { event: 'commandFailed', note: 'no verified release is recorded to go back to' };
    const restored = await failing(() => restore(deployment, stable));
    if (restored.event !== 'commandSucceeded') return restored;
    const verified = await watch(deployment, { release: stable.release, replaced: leftBy(deployment), ready: false });
    return { ...verified, note: `${restored.note}; ${verified.note}` };
  },
};

/** What was deployed and never answered may still show up: Stable's answers alone do not prove that it is restored. */
function leftBy(deployment: Deployment): Replaced {
  const { facts, record } = deployment;
  return { releases: [record.release, ...replacedBy(deployment).releases], mayShowUp: facts.trafficMoved && !facts.isSeen };
}

/** `rollback` where given; with blue/green back to the old slot; else the deploy command again with Stable's files. */
async function restore(deployment: Deployment, stable: StablePointer): Promise<PhaseResult> {
  const { target, strategy } = deployment.context.environment;
  const { record, facts } = deployment;
  if (!facts.hasBegun) return { event: 'commandSucceeded', note: 'nothing was deployed yet' };
  const request = { release: stable.release, slot: stable.slot, rollbackFrom: record.release };

  const { rollback } = target;
  if (rollback) return withAfterPromote(deployment, request, () => runTargetCommand(deployment, { ...request, name: 'rollback', command: rollback }));
  if (strategy.kind === 'redeploy') return withAfterPromote(deployment, request, () => deployAgain(deployment, stable));
  if (!facts.trafficMoved) return { event: 'commandSucceeded', note: 'users never left the old slot' };
  const again = deploysAgain(deployment.context, stable, record.slot);
  const slot = again ? idleSlot(record.slot) : stable.slot;
  if (again) {
    const deployed = await deployAgain(deployment, stable, slot);
    if (deployed.event !== 'commandSucceeded') return deployed;
    const candidateUrl = facts.candidateUrl ?? candidateUrlOf(deployment, slot);
    const candidate = { release: stable.release, replaced: { releases: [] }, candidateUrl, slot, ready: false };
    const verified = candidateUrl === undefined ? undefined : await watch(deployment, candidate);
    if (verified && verified.event !== 'healthy') return { ...verified, note: `${stable.release.version} does not answer well on the ${slot} slot, so users are not switched to it: ${verified.note}` };
  }
  const command = promoteOf(deployment.context.environment);
  const asked = { ...request, slot };
  return withAfterPromote(deployment, asked, () => runTargetCommand(deployment, { ...asked, name: 'switch back', command }));
}

async function deployAgain(deployment: Deployment, stable: StablePointer, slot?: string): Promise<PhaseResult> {
  await placeArtifact(deployment, stable.release);
  return withResultFile(async (resultFile) => {
    const result = await runTargetCommand(deployment, {
      name: 'deploy again',
      command: deployment.context.environment.target.deploy,
      release: stable.release,
      slot,
      rollbackFrom: deployment.record.release,
      resultFile,
    });
    if (result.event === 'commandSucceeded') deployment.facts.candidateUrl = (await readCommandResult(resultFile, 'deploy')).candidateUrl;
    return result;
  });
}
