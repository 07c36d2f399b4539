import { failing, placeArtifact, promoteOf, runTargetCommand } from './command';
import { withAfterPromote } from './commands-around';
import { candidateUrlOf, replacedBy, watch } from './gate';
import { DeploymentInProgress, Phase, PhaseResult } from './phase';
import { takeOutputs } from './taken-outputs';
import { lastTryAt, untilDone } from './until-done';
import { orStableAtLast } from './way-out';
import { setWeight, withoutTraffic } from './weights';
import { StablePointer } from '../../ledger/record';
import { Replaced } from '../../probing/gate';
import { readCommandResult, withResultFile } from '../../processes/command-result';
import { ALL_TRAFFIC, isWeighted, RestoreStep, restoreSteps, strategyOf } from '../../strategies/rollout-strategy';

/** Restores Stable, then probes it. */
export const rollingBack: Phase = {
  title: ({ record }) => `Roll back to ${record.stable?.release.version ?? 'nothing'}`,

  async perform(deployment) {
    const { facts, record: { stable } } = deployment;
    if (!stable) return { event: 'commandFailed', note: 'no verified release is recorded to go back to' };
    // what was deployed may have had others
    facts.outputs = stable.outputs ?? facts.outputs;
    const restored = await failing(() => restore(deployment, stable));
    if (restored.event !== 'commandSucceeded') return restored;
    const verified = await watch(deployment, { release: stable.release, replaced: leftBy(deployment), ready: false });
    return { ...verified, note: `${restored.note}; ${verified.note}` };
  },
};

/** A release that was deployed and never responded may still appear, so Stable's responses alone do not prove that it is restored. */
function leftBy(deployment: DeploymentInProgress): Replaced {
  const { context, facts, record } = deployment;
  const mayShowUp = facts.trafficMoved && !facts.isSeen;
  return { releases: [record.release, ...replacedBy(deployment).releases], mayShowUp, until: context.clock.now() };
}

/** Runs the target's `rollback` command if it has one, else the restore steps of the environment's strategy. */
async function restore(deployment: DeploymentInProgress, stable: StablePointer): Promise<PhaseResult> {
  const { record, facts } = deployment;
  if (!facts.hasBegun) return { event: 'commandSucceeded', note: 'nothing was deployed yet' };
  // users are back before anything else is done, and whatever becomes of it
  const freed = await orStableAtLast(deployment, async () => withoutTraffic(deployment, { rollbackFrom: record.release }));
  if (freed) {
    deployment.context.log.line(freed.note);
    // a process that lost its lease while it was suspended runs nothing more
    await deployment.checkStands();
  }
  const restored = await restoreStable(deployment, stable);
  if (!freed) return restored;
  const notes = [freed.note, restored.note];
  const isRestored = restored.event === 'commandSucceeded';
  // without a command of its own, Stable got all of the traffic just now
  const isFree = freed.event === 'commandSucceeded' || !deployment.context.environment.target.rollback;
  if (!isRestored || isFree) return { ...restored, note: notes.join('; ') };
  const again = async (timeoutMs: number) => (await withoutTraffic(deployment, { rollbackFrom: record.release, timeoutMs }))!;
  const atLast = await untilDone(deployment, lastTryAt(deployment), again);
  return { ...atLast, note: [...notes, atLast.note].join('; ') };
}

async function restoreStable(deployment: DeploymentInProgress, stable: StablePointer): Promise<PhaseResult> {
  const { environment } = deployment.context;
  const { record, facts } = deployment;

  const { rollback } = environment.target;
  if (rollback) {
    const request = { release: stable.release, slot: stable.slot, rollbackFrom: record.release };
    const once = (timeoutMs?: number) => withResultFile(async (resultFile) => {
      const result = await runTargetCommand(deployment, { ...request, name: 'rollback', command: rollback, resultFile, timeoutMs });
      const { outputs } = result.event === 'commandSucceeded' ? await readCommandResult(resultFile, 'rollback') : {};
      return takeOutputs(deployment, { command: rollback, result, said: outputs, isRestore: true });
    });
    // while both releases have users, it only needs a proxy that responds
    const run = isWeighted(strategyOf(environment)) ? () => untilDone(deployment, lastTryAt(deployment), once) : () => once();
    return withAfterPromote(deployment, request, run);
  }
  const steps = restoreSteps(strategyOf(environment), { slot: record.slot, stableSlot: stable.slot, trafficMoved: facts.trafficMoved });
  let result: PhaseResult = { event: 'commandSucceeded', note: 'users never left the old slot' };
  for (const [i, step] of steps.entries()) {
    const run = () => perform(deployment, stable, step);
    const isLast = i === steps.length - 1;
    const request = { release: stable.release, slot: step.slot ?? stable.slot, rollbackFrom: record.release };
    // users see Stable again after the last step
    result = await (isLast ? withAfterPromote(deployment, request, run) : run());
    if (!['commandSucceeded', 'healthy'].includes(result.event)) return result;
  }
  return result;
}

function perform(deployment: DeploymentInProgress, stable: StablePointer, { action, slot }: RestoreStep): Promise<PhaseResult> {
  switch (action) {
    case 'deploy': return deployAgain(deployment, stable, slot);
    case 'verify': return verifyRestored(deployment, stable, slot);
    case 'promote': {
      const request = { release: stable.release, slot, rollbackFrom: deployment.record.release };
      if (isWeighted(strategyOf(deployment.context.environment))) {
        return untilDone(deployment, lastTryAt(deployment), (timeoutMs) => setWeight(deployment, { ...request, timeoutMs }, ALL_TRAFFIC.percent));
      }
      return runTargetCommand(deployment, { ...request, name: 'switch back', command: promoteOf(deployment.context.environment) });
    }
  }
}

/** Probes Stable in its slot before users are switched to it, if the URL of the slot is known. */
async function verifyRestored(deployment: DeploymentInProgress, { release }: StablePointer, slot: string | undefined): Promise<PhaseResult> {
  const candidateUrl = deployment.facts.candidateUrl ?? candidateUrlOf(deployment, slot);
  if (candidateUrl === undefined) return { event: 'healthy', note: 'no candidate URL is known' };
  const verified = await watch(deployment, { release, replaced: { releases: [] }, candidateUrl, slot, ready: false });
  if (verified.event === 'healthy') return verified;
  return { ...verified, note: `${release.version} is not healthy on the ${slot} slot, so users are not switched to it: ${verified.note}` };
}

async function deployAgain(deployment: DeploymentInProgress, stable: StablePointer, slot?: string): Promise<PhaseResult> {
  await placeArtifact(deployment, stable.release);
  return withResultFile(async (resultFile) => {
    const { deploy: command } = deployment.context.environment.target;
    const result = await runTargetCommand(deployment, {
      name: 'deploy again',
      command,
      release: stable.release,
      slot,
      rollbackFrom: deployment.record.release,
      resultFile,
    });
    if (result.event !== 'commandSucceeded') return result;
    const { candidateUrl, outputs } = await readCommandResult(resultFile, 'deploy');
    deployment.facts.candidateUrl = candidateUrl;
    return takeOutputs(deployment, { command, result, said: outputs, isRestore: true });
  });
}
