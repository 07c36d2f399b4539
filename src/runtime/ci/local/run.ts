import { userInfo } from 'node:os';
import { ConfigurationError } from '../../errors';
import { newProcessId } from '../../event-log/process-id';
import { commitOf } from '../../processes/git';
import { Run } from '../run';

/**
 * Reads the run of a laptop from git. Throws `ConfigurationError`.
 * @param nextRun the number of a run on this machine
 */
export function localRun(env: NodeJS.ProcessEnv, root: string, nextRun: () => number): Run {
  const sha = commitOf(root, 'HEAD') ?? fail(root);
  const id = nextRun();
  return {
    inCi: false,
    id,
    attempt: 1,
    processId: newProcessId({ id, attempt: 1 }),
    sha,
    actor: env.USER ?? env.LOGNAME ?? userInfo().username,
    deployed: false,
  };
}

function fail(root: string): never {
  throw new ConfigurationError(`git finds no commit in ${root}, so there is no release. Commit first, or go to the project's folder.`);
}
