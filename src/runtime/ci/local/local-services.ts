import type { Manifest } from '../../../contract/manifest';
import type { Ledger } from '../../ledger/ledger';
import { git } from '../../processes/git';
import { CiArtifacts, CiCommits } from '../ci-runtime';
import { commitNamed } from '../named-commit';

/** What a laptop knows of the commits: what its clone has. */
export function localCommits(root: string): CiCommits {
  return {
    named: async (name) => commitNamed(root, name),
    madeAt: async (sha) => {
      const seconds = /^[0-9a-f]{40}$/.test(sha) ? git(root, 'show', '--no-patch', '--format=%ct', sha) : undefined;
      return seconds === undefined ? undefined : Number(seconds.trim()) * 1000;
    },
  };
}

/** A laptop keeps the files of its releases itself. */
export const LOCAL_ARTIFACTS: CiArtifacts = { exists: async () => true, newest: async () => undefined };

interface Besides {
  readonly ledger: Pick<Ledger, 'place'>;
  readonly manifest: Pick<Manifest, 'project'>;
}

/** What a laptop keeps besides: it belongs to a ledger and to a project. */
export function besideLedger({ ledger, manifest }: Besides, what: string): string {
  return `${ledger.place}${manifest.project ? `.${manifest.project.name}` : ''}.${what}`;
}
