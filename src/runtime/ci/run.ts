import { RELEASE_NAME } from '../../contract/release-name';
import { ConfigurationError } from '../errors';
import { git } from '../processes/git';
import { Release } from '../release';
import { Ref } from './trigger-match';

/** Who runs a command, and for which commit. */
export interface Run {
  readonly inCi: boolean;
  /** Orders runs: a larger number is newer. On a laptop the ledger counts them, because the clock may be wrong. */
  readonly id: number;
  readonly attempt: number;
  /** This process, for the ledger: `<run id>.<attempt>.<random>`. */
  readonly processId: string;
  /** The commit that is checked out. */
  readonly sha: string;
  /** The release that a job of this run published, if one did. */
  readonly released?: string;
  /** What started the run; absent on a laptop. */
  readonly ref?: Ref;
  readonly actor: string;
  /** The page with this run's logs; absent on a laptop. */
  readonly url?: string;
  /** Whether the run's deploy job succeeded; set in later jobs. */
  readonly deployed: boolean;
  /** The result of the run's deploy job; set in later jobs. */
  readonly outcome?: DeployOutcome;
  readonly words: RunWords;
}

/** How messages name a run and its actions: a laptop has commands, and neither runs nor jobs. */
export interface RunWords {
  /** `run`. */
  readonly noun: string;
  /** How to repeat what this process did: `run this job again`. */
  readonly repeat: string;
  /** A sentence: how to deploy although this run began too early. */
  readonly startNew: string;
  /** How to end another run: `cancel that run`. */
  readonly cancel: string;
  /** `run 42`; with its attempt if it may have several: `run 42, attempt 2`. */
  title(id: number, attempt?: number): string;
}

/**
 * `confirming`: the release is promoted and baked. `unchanged`: the release was live already. `frozen`: a freeze had begun.
 * `stable`: it is verified (a rollback by hand, or the requested release was live already). `superseded`: the deployment that it was to
 * roll back is no longer the newest.
 */
export type DeployOutcome = typeof OUTCOMES[number];
export const OUTCOMES = ['confirming', 'unchanged', 'frozen', 'stable', 'superseded'] as const;

/** The default release of a command: what this run released, else the tag (on a laptop the only one at HEAD), else the short sha of HEAD. Throws `ConfigurationError`. */
export function ownRelease(run: Run, root: string): Release {
  return { version: checkVersion(run.released ?? tagOf(run, root) ?? run.sha.slice(0, 7)), sha: run.sha };
}

/** Throws `ConfigurationError` if it is not a valid name of a release. */
export function checkVersion(version: string): string {
  if (RELEASE_NAME.test(version)) return version;
  throw new ConfigurationError(`${JSON.stringify(version.slice(0, 140))} is no name for a release. Use letters, digits and . _ + / @ -, at most 128, beginning with a letter, a digit or @.`);
}

function tagOf(run: Run, root: string): string | undefined {
  if (run.inCi) return run.ref?.type === 'tag' ? run.ref.name : undefined;
  const tags = git(root, 'tag', '--points-at', run.sha)?.split('\n').filter((tag) => RELEASE_NAME.test(tag)) ?? [];
  return tags.length === 1 ? tags[0] : undefined;
}
