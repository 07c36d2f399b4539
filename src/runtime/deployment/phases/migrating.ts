import { failing, placeArtifact, runTargetCommand } from './command';
import { Phase } from './phase';
import { ConfigurationError } from '../../errors';
import { readCommandResult, withResultFile } from '../../processes/command-result';
import { unlessEjected } from '../../reporting/command-line';

/** Runs the migration before the release is deployed. Users still see the old release. A rollback never migrates. */
export const migrating: Phase = {
  title: ({ record }) => `Migrate to ${record.release.version}`,

  perform: (deployment) => failing(async () => {
    const { environment } = deployment.context;
    const { release, slot } = deployment.record;
    const command = environment.target.migrate;
    if (!command) throw new ConfigurationError(`${environment.name}: the target has no migrate command any more. ${unlessEjected('Run npx projen', 'Restore .projen/delivery.json')}.`);
    await placeArtifact(deployment, release);
    return withResultFile(async (resultFile) => {
      const result = await runTargetCommand(deployment, { name: 'migrate', command, release, slot, resultFile });
      if (result.event !== 'commandSucceeded') return result;
      const { irreversible } = await readCommandResult(resultFile, 'migrate');
      return irreversible ? { ...result, irreversible, note: `${result.note}; it cannot be undone, so there is no automatic rollback from here on` } : result;
    });
  }),
};
