import { isLive } from './plan';
import { restoringNeedsFiles, restoringNeedsImage } from './restore-needs';
import { OPTION } from '../../contract/command-line';
import { formatDuration } from '../../contract/duration-text';
import { CommandArguments } from '../commands/command';
import { RuntimeContext } from '../context';
import { ConfigurationError } from '../errors';
import { imagePresence } from '../images/image-presence';
import { EnvironmentHistory } from '../ledger/history';
import { StablePointer } from '../ledger/record';
import { commitNamed, oneOf, theOneNamed } from '../processes/git';
import { builtImageOf, otherForm, Release, sameRelease } from '../release';
import { commandLine, placeOf } from '../reporting/command-line';
import { liveRelease, serves } from '../targets/live-release';

/** The release that the rollback leaves, and that is blocked from then on: Stable, or a later attempt. */
export async function leaving(history: EnvironmentHistory, release: Release): Promise<Release | undefined> {
  const newest = await history.newest();
  const left = newest && (await isLive(history)) ? (await history.stable())?.release : newest?.record.release;
  return left && !sameRelease(left, release) ? left : undefined;
}

/** The release that a rollback by hand restores. Throws `ConfigurationError`, which lists the verified releases with their ages. */
export async function chosen(
  context: RuntimeContext, history: EnvironmentHistory, given: CommandArguments,
): Promise<{ readonly pointer: StablePointer; readonly isLive: boolean }> {
  const { environment, clock, root, run } = context;
  checkWayBack(context);
  const newer = (await history.newerThan(run))?.record;
  if (newer) {
    throw new ConfigurationError(`${environment.name}: ${run.words.title(newer.run.id)} is newer than this one (${run.id}) and put ${newer.release.version} there. Start the rollback again, as a new ${run.words.noun}.`);
  }
  const verified = await history.verifiedReleases();
  const stable = await history.stable();
  const stands = stable !== undefined && (await isLive(history));
  const known = verified.map(({ release, since }) => `${release.version} (${release.sha.slice(0, 7)}, ${formatDuration(clock.now() - Date.parse(since), 'seconds')} ago)`).join(', ') || 'none yet';
  if (given.release === undefined) {
    if (stable && !stands) return { pointer: stable, isLive: false };
    throw new ConfigurationError(`${environment.name}: name the release to roll back to with --release: a rollback never chooses it. Verified here: ${known}.`);
  }
  const requested = given.release;
  const pointer = theOneNamed(requested, await history.verifiedNamed(requested));
  if (!pointer) {
    const deploy = commandLine('deploy', placeOf(context), { [OPTION.RELEASE]: requested });
    const none = `Nothing was ever verified here: restore the records from a backup, or deploy, which says how to record what is live: ${deploy}`;
    throw new ConfigurationError(`${environment.name}: ${requested} was never verified here, so it cannot be restored. ${verified.length > 0 || run.inCi ? `Verified here: ${known}.` : none}`);
  }
  // its other spelling may be a tag of another commit
  if (pointer.release.version === otherForm(requested)) oneOf(requested, pointer.release, commitNamed(root, requested));
  await checkReversible(environment.name, history, pointer, given);
  const isServed = stands && sameRelease(stable.release, pointer.release) && serves(await liveRelease(context), stable.release) !== false;
  return { pointer, isLive: isServed };
}

/** Rejects a rollback and a drill where the target cannot take a release back. Throws `ConfigurationError`. */
export function checkWayBack({ environment: { name, target: { noRollback } } }: Pick<RuntimeContext, 'environment'>): void {
  if (noRollback === undefined) return;
  throw new ConfigurationError(`${name}: the target cannot take a release back, so there is no rollback. ${noRollback}.`);
}

/** Rejects a release whose files or image are gone, before anyone waits for it. What cannot be checked here counts as kept. Throws `ConfigurationError`. */
export async function checkKept(context: RuntimeContext, { release }: StablePointer): Promise<void> {
  const gone = await whatIsGone(context, release);
  if (gone === undefined) return;
  throw new ConfigurationError(
    `${context.environment.name}: ${gone}, so it cannot be restored. Nothing was held. Roll back to another release, or deploy a new commit.`,
  );
}

async function whatIsGone(context: RuntimeContext, release: Release): Promise<string | undefined> {
  const { ci, manifest } = context;
  const { artifact, version } = release;
  if (manifest.artifact && restoringNeedsFiles(context)) {
    if (!artifact || artifact.image !== undefined) return `no files are known of ${version}`;
    if (!(await ci.artifacts.exists(artifact))) return `the files of ${version} are gone from the CI's artifacts: they were deleted, or their retention has passed`;
  }
  const isImageGone = manifest.image && restoringNeedsImage(context) && builtImageOf(release) && (await imagePresence(context, release)).kind === 'gone';
  return isImageGone ? `the image of ${version} is not in the registry` : undefined;
}

/** Rejects a rollback across an irreversible migration, unless a person allows it. */
async function checkReversible(
  environment: string, history: EnvironmentHistory, { recordId, release }: StablePointer, given: CommandArguments,
): Promise<void> {
  const crossed = given.flags[OPTION.EVEN_IF_IRREVERSIBLE] ? undefined : await history.irreversibleSince(recordId);
  if (!crossed) return;
  throw new ConfigurationError(
    `${environment}: ${crossed.version} ran a migration that cannot be undone, so ${release.version} may not run any more. ` +
    'Roll forward; or, if you know that it does run, add --even-if-irreversible.',
  );
}
