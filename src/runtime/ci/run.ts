import { ConfigurationError } from '../errors';
import { git } from '../processes/git';
import { Release } from '../release';
import { Ref } from './trigger-match';

/** Who runs a command, and for which commit. */
export interface Run {
  readonly inCi: boolean;
  /** Orders runs: a larger one is newer. On a laptop the ledger counts them, for its clock may be wrong. */
  readonly id: number;
  readonly attempt: number;
  /** This process, for the ledger: `<run id>.<attempt>.<random>`. */
  readonly processId: string;
  /** The commit that is checked out. */
  readonly sha: string;
  /** What the run released, where a job of it did. */
  readonly released?: string;
  /** What started the run; absent on a laptop. */
  readonly ref?: Ref;
  readonly actor: string;
  /** Where a person reads this run's logs; absent on a laptop. */
  readonly url?: string;
  /** Whether the run's deploy job succeeded, where a later job was told. */
  readonly deployed: boolean;
  /** What the run's deploy job made of it, where a later job was told. */
  readonly outcome?: DeployOutcome;
  readonly words: RunWords;
}

/** How messages name a run and what a person does with it: a laptop has commands, and neither runs nor jobs. */
export interface RunWords {
  /** `run`. */
  readonly noun: string;
  /** How to repeat what this process did: `run this job again`. */
  readonly repeat: string;
  /** How to deploy although this run began too early, a sentence. */
  readonly startNew: string;
  /** How to end another one: `cancel that run`. */
  readonly cancel: string;
  /** `run 42`; with its attempt, where it may have several: `run 42, attempt 2`. */
  title(id: number, attempt?: number): string;
}

/**
 * `confirming`: the release is promoted and baked. `unchanged`: it was live already. `frozen`: a freeze had begun.
 * `stable`: it is verified (a rollback by hand, or what it asked for was live already). `superseded`: the deployment that it was to
 * take back is not the newest one any more.
 */
export type DeployOutcome = typeof OUTCOMES[number];
export const OUTCOMES = ['confirming', 'unchanged', 'frozen', 'stable', 'superseded'] as const;

/** A release's name, `@scope/package@1.2.3` among them. What a tag may be called on top of that could not be printed or passed on safely. */
const VERSION = /^(?!@$)[A-Za-z0-9@][A-Za-z0-9._+/@-]{0,127}$/;

/** The release a command is about where none is named: what this run released, else the tag (on a laptop the only one at HEAD), else the short sha of HEAD. Throws `ConfigurationError`. */
export function ownRelease(run: Run, root: string): Release {
  return { version: checkVersion(run.released ?? tagOf(run, root) ?? run.sha.slice(0, 7)), sha: run.sha };
}

/** Throws `ConfigurationError` for what is no name of a release. */
export function checkVersion(version: string): string {
  if (VERSION.test(version)) return version;
  throw new ConfigurationError(`${JSON.stringify(version.slice(0, 140))} is no name for a release. Use letters, digits and . _ + / @ -, at most 128, beginning with a letter, a digit or @.`);
}

function tagOf(run: Run, root: string): string | undefined {
  if (run.inCi) return run.ref?.type === 'tag' ? run.ref.name : undefined;
  const tags = git(root, 'tag', '--points-at', run.sha)?.split('\n').filter((tag) => VERSION.test(tag)) ?? [];
  return tags.length === 1 ? tags[0] : undefined;
}
