import { userInfo } from 'node:os';
import type { Manifest } from '../../../contract/manifest';
import { ConfigurationError } from '../../errors';
import { newProcessId } from '../../event-log/event-log';
import type { Ledger } from '../../ledger/ledger';
import { commitOf, git, commitNamed } from '../../processes/git';
import { CiArtifacts, CiCommits } from '../ci-runtime';
import { Run, RunWords } from '../run';

/** The commits of the clone. */
export function localCommits(root: string): CiCommits {
  return {
    named: async (name) => commitNamed(root, name),
    madeAt: async (sha) => {
      const seconds = /^[0-9a-f]{40}$/.test(sha) ? git(root, 'show', '--no-patch', '--format=%ct', sha) : undefined;
      return seconds === undefined ? undefined : Number(seconds.trim()) * 1000;
    },
  };
}

/** The files of releases, stored on this machine. */
export const LOCAL_ARTIFACTS: CiArtifacts = { exists: async () => true, newest: async () => undefined };

interface Besides {
  readonly ledger: Pick<Ledger, 'place'>;
  readonly manifest: Pick<Manifest, 'project'>;
}

/** Other data on this machine, of a ledger and a project. */
export function besideLedger({ ledger, manifest }: Besides, what: string): string {
  return `${ledger.place}${manifest.project ? `.${manifest.project.name}` : ''}.${what}`;
}

const LAPTOP_WORDS: RunWords = {
  noun: 'command',
  // a number that no person has seen says nothing
  title: () => 'another command',
  repeat: 'run this command again',
  startNew: 'Run the command again to deploy.',
  cancel: 'stop that command',
};

/**
 * Reads the run of a laptop from git. Throws `ConfigurationError`.
 * @param nextRun the number of a run on this machine
 */
export function localRun(env: NodeJS.ProcessEnv, root: string, nextRun: () => number): Run {
  const sha = commitOf(root, 'HEAD') ?? fail(root);
  const id = nextRun();
  return {
    inCi: false,
    words: LAPTOP_WORDS,
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
