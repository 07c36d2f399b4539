import { failing, placeArtifact, runTargetCommand } from './command';
import { Phase } from './phase';
import { readCommandResult, withResultFile } from '../processes/command-result';

/** Brings the release onto the environment: onto the idle slot with blue/green, before users with redeploy. */
export const deploying: Phase = {
  title: ({ record }) => `Deploy ${record.release.version}${record.slot ? ` to the ${record.slot} slot` : ''}`,

  perform: (deployment) => failing(async () => {
    const { environment } = deployment.surroundings;
    const { record } = deployment;
    await placeArtifact(deployment, record.release);
    deployment.learnt.hasBegun = true;
    if (record.strategy === 'redeploy') deployment.learnt.trafficMoved = true;
    const byHand = record.kind === 'rollback';
    const command = (byHand ? environment.target.rollback : undefined) ?? environment.target.deploy;
    return withResultFile(async (resultFile) => {
      const result = await runTargetCommand(deployment, {
        name: command === environment.target.deploy ? 'deploy' : 'rollback',
        command,
        release: record.release,
        slot: record.slot,
        rollbackFrom: record.leaving,
        resultFile,
      });
      if (record.strategy === 'redeploy') deployment.learnt.exposedAt = deployment.surroundings.clock.now();
      if (result.event === 'commandSucceeded') deployment.learnt.candidateUrl = (await readCommandResult(resultFile, 'deploy')).candidateUrl;
      return result;
    });
  }),
};
