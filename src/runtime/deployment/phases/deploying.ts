import { failing, placeArtifact, runTargetCommand } from './command';
import { CommandRequest, withAfterPromote, withBeforeDeploy } from './commands-around';
import { DeploymentInProgress, Phase, PhaseResult } from './phase';
import { takeOutputs } from './taken-outputs';
import { withoutTraffic } from './weights';
import { readCommandResult, withResultFile } from '../../processes/command-result';
import { restoringNeedsFiles } from '../restore-needs';

/** Deploys the release to the slot that the record names, or in place of the earlier release if there are no slots. */
export const deploying: Phase = {
  title: ({ record }) => `Deploy ${record.release.version}${record.slot ? ` to the ${record.slot} slot` : ''}`,

  perform: (deployment) => failing(async () => {
    const { facts, record, strategy, context } = deployment;
    const exposes = strategy.exposes === 'deploying';
    if (record.kind !== 'rollback' || restoringNeedsFiles(context)) await placeArtifact(deployment, record.release);
    // `beforeDeploy` may have changed something, too
    facts.hasBegun = true;
    if (exposes) facts.trafficMoved = true;
    const request = { release: record.release, slot: record.slot, rollbackFrom: record.leaving };
    const run = async (): Promise<PhaseResult> => {
      const before = await withoutTraffic(deployment, request);
      if (before === undefined) return deploy(deployment, request);
      // a driver's rollback moves all users itself, whatever runs where
      const goesOn = record.kind === 'rollback' && context.environment.target.rollback?.kind === 'driver';
      if (before.event !== 'commandSucceeded' && !goesOn) return before;
      context.log.line(before.note);
      // a process that lost its lease while it was suspended runs nothing more
      const wish = await deployment.lookAgain();
      return wish !== undefined ? { event: 'superseded', note: wish } : deploy(deployment, request);
    };
    const expose = exposes ? () => withAfterPromote(deployment, request, run) : run;
    const result = await (record.kind === 'rollback' ? expose() : withBeforeDeploy(deployment, request, expose));
    if (exposes) facts.exposedAt = context.clock.now();
    return result;
  }),
};

async function deploy(deployment: DeploymentInProgress, request: CommandRequest): Promise<PhaseResult> {
  const { target } = deployment.context.environment;
  const byHand = deployment.record.kind === 'rollback';
  const command = (byHand ? target.rollback : undefined) ?? target.deploy;
  return withResultFile(async (resultFile) => {
    const result = await runTargetCommand(deployment, { ...request, name: command === target.deploy ? 'deploy' : 'rollback', command, resultFile });
    if (result.event !== 'commandSucceeded') return result;
    const { candidateUrl, outputs } = await readCommandResult(resultFile, 'deploy');
    deployment.facts.candidateUrl = candidateUrl;
    return takeOutputs(deployment, { command, result, said: outputs });
  });
}
