import { Command } from './command';
import { NPX } from '../deployment/phases/command';
import { preflight } from '../deployment/preflight';
import { ConfigurationError } from '../errors';
import { requirePreview } from '../previews/preview-context';
import { commandEnvironment } from '../processes/user-command';
import { DELIVERY } from '../reporting/command-line';

/**
 * Runs the deploy command of the commit that is checked out. It reads and writes no records: this job runs the code of a pull request, and its token
 * cannot write.
 */
export const runPreview: Command = {
  name: 'run-preview',
  summary: 'run the deploy command of the head commit of a pull request (in preview.yml)',
  environment: 'required',
  changes: false,
  readsNoRecords: true,
  options: {},
  examples: [`${DELIVERY} run-preview preview-12`],

  run: async ([given]) => {
    const context = requirePreview(given!);
    const { environment, execute, log, processEnv, run: { sha } } = context;
    const { deploy } = environment.target;
    if (deploy.kind === 'driver') throw new ConfigurationError(`${environment.name}: a preview is deployed by a command, and not by a driver`);
    const release = { version: sha.slice(0, 7), sha };
    await preflight(context, { kind: 'deploy', release });
    const env = { ...commandEnvironment(processEnv, { environment, release }), ...NPX };
    const result = await execute(deploy, { env, timeoutMs: environment.strategy.commandTimeoutMs });
    if (result.outcome === 'succeeded') return 0;
    log.error(`${environment.name} was not deployed`, result.outcome === 'failed' ? `deploy failed: ${result.exitCode === undefined ? 'stopped by a signal' : `exit code ${result.exitCode}`}` : `deploy: ${result.outcome}`);
    return 1;
  },
};
