import { failingLiveFaults } from './failing-live';
import { freezeAt } from './freeze';
import { recoveredTo, slotAfter } from './left-open';
import { heldStable, isPreview, LiveBefore, liveBefore, nextSlot, strayFault } from './live-before';
import { movedTagFaults } from './moved-tag';
import { openDeployment, OpenDeployment } from './recovery';
import { deploysAgain, restoresFiles, restoresImage } from './restore-needs';
import { isLowerVersion, isPrerelease } from './version-order';
import { checkoutFaults } from './working-tree';
import { TriggerManifest, workflowFileOf } from '../../contract/manifest';
import { reaches } from '../ci/trigger-match';
import { RuntimeContext } from '../context';
import { imagePresence } from '../images/image-presence';
import { EnvironmentHistory } from '../ledger/history';
import { isOutrunning } from '../ledger/history-summary';
import { Block, StablePointer } from '../ledger/record';
import { Built, Release, sameCommit, sameRelease } from '../release';
import { commandLine, placeOf } from '../reporting/command-line';
import { otherSlot, strategyOf } from '../strategies/rollout-strategy';
import { driverOf } from '../targets/driver-registry';
import { handChange, slotHolding } from '../targets/live-release';
import { whyUnread } from '../targets/read-fix';

/** What a deployment would do, and the reasons against it. */
export interface Plan {
  readonly release: Release;
  readonly stable?: StablePointer;
  /** Where the release would go (blue/green). */
  readonly slot?: string;
  readonly alreadyLive: boolean;
  /** It is Stable, and what the engine serves could not be read: why. */
  readonly unread?: string;
  /** The engine serves another release than the ledger says, with the fix. */
  readonly changedByHand?: string;
  /** How a bad release would be rolled back, for people. */
  readonly rollbackPoint: string;
  /** The files that a rollback needs are gone: a bad release would be halted. */
  readonly isRollbackPointGone: boolean;
  /** Nothing is wrong, but this ref does not deploy here. */
  readonly notNow?: string;
  /** Nothing is wrong, but a freeze is on: until when, and why. */
  readonly frozen?: string;
  /** Who lifted the freeze that is on, and why. */
  readonly override?: string;
  /** What was left open, or is at work. */
  readonly unfinished?: Unfinished;
  /** Each is a reason not to deploy, with its fix. */
  readonly faults: string[];
}

/** What comes before the deployment. */
export interface Unfinished {
  /** What was left, and what users have. */
  readonly sentence: string;
  /** What is done first. */
  readonly first: string;
}

/**
 * Decides from the ledger, the configuration, and what the engine says it serves; changes nothing.
 * Made before a person approves, and again by `deploy` after the approval.
 */
export async function makePlan(context: RuntimeContext, history: EnvironmentHistory, release: Release): Promise<Plan> {
  const { environment, run } = context;
  const recorded = await history.stable();
  const trigger = rootTrigger(context);
  const required = await requiredRelease(context, trigger, release);
  // a laptop may have built the commit again since
  const planned: Release = { ...release, ...(release.artifact && !required.built?.artifact ? {} : required.built) };
  const before = await liveBefore(context, history, planned);
  const { engine: live } = before;
  const stable = heldStable(recorded, before);
  const isUndisturbed = stable !== undefined && before.attempt === undefined && (await isLive(history));
  const open = await openDeployment(context, history);
  // what is open is recovered first, which may move users
  const slot = open?.isAbandoned
    ? otherSlot(strategyOf(environment), slotAfter(open.standing, environment.target))
    : await nextSlot(context, history, before);
  const isPublished = live?.kind === 'foreign' && live.engineId === driverOf(context)?.publishedAs?.(planned);
  const stray = isPublished ? undefined : strayFault(context, stable, before);
  const change = isUndisturbed && !isPublished && !stray ? handChange(context, live, stable.release) : undefined;
  const alreadyLive = isUndisturbed && !change && !stray && isSame(stable.release, planned);

  const { mismatch } = context;
  const faults = [
    ...(mismatch === undefined ? [] : [mismatch]),
    ...(stray === undefined ? [] : [stray]),
    ...required.faults,
    ...(await predecessorFaults(context, release)),
  ];
  if (!alreadyLive) faults.push(...prereleaseFaults(context, trigger, release));
  if (!alreadyLive) faults.push(...(await historyFaults(context, history, planned, stable)));
  if (!alreadyLive && !isPreview(context)) faults.push(...checkoutFaults(context, planned));
  if (!alreadyLive) faults.push(...(await movedTagFaults(context, history, planned, stable)));
  if (isUndisturbed && !alreadyLive && !stray && !change && !isPreview(context)) faults.push(...(await failingLiveFaults(context, stable, planned)));
  if (!alreadyLive && planned.artifact !== release.artifact) faults.push(...(await builtBeforeFaults(context, planned)));
  const kept = await rollbackArtifact(context, stable, slot);
  const gone = typeof kept === 'object' && 'gone' in kept ? kept.gone : undefined;
  return {
    release: planned,
    stable,
    slot,
    alreadyLive,
    ...(alreadyLive && live?.kind === 'unknown' && { unread: whyUnread(context, live) }),
    ...(open && { unfinished: sayUnfinished(context, open, isSame(stable?.release ?? planned, planned)) }),
    changedByHand: change && `${change.fault}. This deployment replaces it. ${change.fix}`,
    rollbackPoint: gone ? artifactGone(context, stable!, gone) : describeRollbackPoint(context, stable, slot) + (typeof kept === 'object' && 'unchecked' in kept ? `. ${kept.unchecked}` : ''),
    isRollbackPointGone: gone !== undefined,
    ...(alreadyLive ? {} : await freeze(context, history)),
    notNow: run.ref && !reaches(trigger, run.ref) ? `the ${run.ref.type} ${run.ref.name} does not deploy to ${environment.name}` : undefined,
    faults,
  };
}

/** What comes first, and where nothing is left to do after that. */
function sayUnfinished({ environment, run }: RuntimeContext, open: OpenDeployment, isStable: boolean): Unfinished {
  const { isAbandoned, recovery, sentence, standing } = open;
  if (!isAbandoned) return { sentence, first: `Wait until that ${run.words.noun} is done` };
  const isBack = recoveredTo(standing, environment.target) === 'rollingBack';
  const then = isStable && isBack ? `. Then ${standing.record.stable!.release.version} is live, and nothing is left to do` : '';
  return { sentence, first: `Recover ${standing.record.release.version}: ${recovery}${then}` };
}

/** The slot of a rollback by hand: the one that holds the release already, else the next one. */
export async function slotOfRollback(
  context: RuntimeContext, history: EnvironmentHistory, release: Release, before: LiveBefore,
): Promise<string | undefined> {
  if (strategyOf(context.environment).slots.length === 0) return undefined;
  return await slotHolding(context, release) ?? nextSlot(context, history, before);
}

/** Beside the build the new artifact is not known yet; then the commit alone decides. */
function isSame(live: Release, planned: Release): boolean {
  return planned.artifact ? sameRelease(live, planned) : sameCommit(live, planned);
}

/** A freeze stops deployments, never rollbacks. An override is valid until the freeze ends. */
export async function freeze({ clock, environment }: RuntimeContext, history: EnvironmentHistory): Promise<Pick<Plan, 'frozen' | 'override'>> {
  const window = freezeAt(environment.freezes, clock.now());
  // an unfinished deployment is recovered first, even in a freeze
  if (!window || (await history.open())) return {};
  const override = await history.overrideWithin(window);
  if (override) return { override: `${override.by} lifted the freeze${override.reason ? `: ${override.reason}` : ''}` };
  return { frozen: `until ${window.untilText}${window.reason ? ` (${window.reason})` : ''}` };
}

/** `after` follows another environment: the trigger of the first one determines the refs, and the source of the files. */
export function rootTrigger({ environment, manifest }: Pick<RuntimeContext, 'environment' | 'manifest'>): TriggerManifest {
  let { trigger } = environment;
  // at most as many steps as there are environments: a manifest that was changed by hand may contain a cycle
  for (let step = 0; trigger.kind === 'after' && step < manifest.environments.length; step++) {
    const { environment: before } = trigger;
    trigger = manifest.environments.find(({ name }) => name === before)?.trigger ?? trigger;
  }
  return trigger;
}

/** Whether users see Stable: not if a later attempt left another release there. */
export async function isLive(history: EnvironmentHistory): Promise<boolean> {
  const newest = await history.newest();
  return newest !== undefined && ['stable', 'rolledBack', 'failed', 'superseded'].includes(newest.state);
}

async function requiredRelease(
  { environment, ledger, run }: RuntimeContext, trigger: TriggerManifest, release: Release,
): Promise<{ faults: string[]; built?: Built }> {
  if (trigger.kind !== 'tag' || !trigger.requires) return { faults: [] };
  const verified = await new EnvironmentHistory(ledger, trigger.requires).verified(release.sha);
  if (verified) return { faults: [], built: { artifact: verified.artifact, ...(verified.image && { image: verified.image }) } };
  return {
    faults: [
      `${release.version} (${release.sha.slice(0, 7)}) was not verified on ${trigger.requires}, which ${environment.name} requires. ` +
      `Deploy this commit to ${trigger.requires} first, then ${run.words.repeat}.`,
    ],
  };
}

/** The jobs of a run are in order. A job that is run again alone may follow a rollback of the environment before it. */
async function predecessorFaults({ environment, ledger }: RuntimeContext, release: Release): Promise<string[]> {
  const { trigger } = environment;
  if (trigger.kind !== 'after' || !(await new EnvironmentHistory(ledger, trigger.environment).isBlocked(release))) return [];
  return [`${release.version} (${release.sha.slice(0, 7)}) was rolled back on ${trigger.environment}, which comes before ${environment.name}. Deploy a new commit that fixes it.`];
}

async function historyFaults(
  context: RuntimeContext, history: EnvironmentHistory, release: Release, stable: StablePointer | undefined,
): Promise<string[]> {
  const { environment } = context;
  const faults: string[] = [];
  const block = await history.blockOf(release);
  if (block) {
    const unblock = commandLine('unblock', placeOf(context), { release: block.release.version, reason: 'why' });
    faults.push(`${sayBlock(block, release)} on ${environment.name} before, so it is blocked there. Deploy a new commit that fixes it, or lift the block: ${unblock}`);
  }
  const outrun = await outrunFaults(context, history);
  // the release of an older run usually has a lower version, too: one fault is enough
  return [...faults, ...(outrun.length > 0 ? outrun : lowerFaults(context, release, stable))];
}

/** Synthesis knows which branches release prereleases; a command that chooses the version may do so on any branch. */
function prereleaseFaults({ environment }: RuntimeContext, trigger: TriggerManifest, { version }: Release): string[] {
  if (trigger.kind !== 'release' || trigger.prereleases || !isPrerelease(version)) return [];
  return [`${version} is a prerelease, and ${environment.name} takes none. Release it as a full version, or set Trigger.release({ prereleases: true }) if prereleases are intended.`];
}

/** A second release branch, or a tag on an old commit, would put users on an old release. Only a rollback lowers the version. */
function lowerFaults(context: RuntimeContext, { version }: Release, stable: StablePointer | undefined): string[] {
  const { environment } = context;
  if (!stable || environment.allowDowngrade || !isLowerVersion(version, stable.release.version)) return [];
  const goBack = commandLine('rollback', placeOf(context), { release: version, reason: 'why' });
  const back = environment.target.noRollback === undefined ? `To go back to a release that was verified there: ${goBack}. ` : '';
  return [
    `${version} is a lower version than ${stable.release.version}, which is Stable on ${environment.name}: a deployment never lowers the version. ` +
    `${back}If lower versions are intended, set allowDowngrade: true on the environment ${environment.name}.`,
  ];
}

function sayBlock(block: Block, release: Release): string {
  const name = ({ version, sha }: Release) => `${version} (${sha.slice(0, 7)})`;
  if (block.release.sha === release.sha) return `${name(release)} was rolled back`;
  return `${name(release)} has the same files as ${name(block.release)}, which was rolled back`;
}

/** An earlier run never replaces the release of a later run, or one that a person requested. */
export async function outrunFaults(context: RuntimeContext, history: EnvironmentHistory): Promise<string[]> {
  const { environment, run } = context;
  const { words } = run;
  const title = (record: { readonly run: { readonly id: number } }) => words.title(record.run.id);
  const faults: string[] = [];
  const newer = (await history.newerThan(run))?.record;
  if (newer) {
    const back = environment.target.noRollback === undefined
      ? `To go back to an older release use the workflow ${workflowFileOf('rollback', context.manifest)}: ${commandLine('rollback', placeOf(context), { release: 'VERSION', reason: 'why' })}`
      : words.startNew;
    faults.push(`${title(newer)} is newer than this one (${run.id}) and put ${newer.release.version} on ${environment.name}: an older ${words.noun} never deploys over a newer one. ${back}`);
  }
  const hold = newer ? undefined : await history.heldAgainst(run.id);
  if (hold) {
    faults.push(
      `${hold.by} requested ${hold.release.version} on ${environment.name} (${title(hold)}${hold.reason ? `: ${hold.reason}` : ''}), so ${words.noun}s that began before, such as this one (${run.id}), deploy nothing there. ` +
      words.startNew,
    );
  }
  return faults;
}

/**
 * Returns a fault if the current release comes from a run that began after this one. GitHub does not guarantee that the ids of runs
 * increase, so a deployment compares their times, too.
 */
export async function laterRunFault({ environment, ledger, run }: RuntimeContext, history: EnvironmentHistory): Promise<string | undefined> {
  const newest = await history.newest();
  if (!ledger.beganAt || !newest || !isOutrunning(newest) || newest.record.run.id === run.id) return undefined;
  const { createdAt, release, run: other } = newest.record;
  const ours = await ledger.beganAt(run.id);
  // a record that is older than this run comes from an earlier one
  if (ours === undefined || ours > Date.parse(createdAt)) return undefined;
  const theirs = await ledger.beganAt(other.id);
  if (theirs === undefined || theirs <= ours) return undefined;
  return `run ${other.id} began after this one (${run.id}), though its id is smaller, and put ${release.version} on ${environment.name}: an older run never deploys over a newer one. Start a new run.`;
}

/** Checks what an earlier run built. What this run builds is not known yet, or new. */
async function builtBeforeFaults(context: RuntimeContext, planned: Release): Promise<string[]> {
  const { ci, environment, manifest } = context;
  const { artifact, sha, version } = planned;
  if (!artifact) return [];
  const faultOf = (isGone: string, keepLonger: string) => (
    `the ${isGone.replace('NAME', `${version} (${sha.slice(0, 7)}), which an earlier run built,`)}, so ${environment.name} cannot get what was verified. Deploy a new commit, and ${keepLonger}.`
  );
  const faults: string[] = [];
  if (manifest.image && (await imagePresence(context, planned)).kind === 'gone') faults.push(faultOf('image of NAME is not in the registry', 'keep images longer'));
  if (artifact.image === undefined && !(await ci.artifacts.exists(artifact))) {
    faults.push(faultOf('files of NAME are gone from the CI\'s artifacts: they were deleted, or their retention has passed', 'keep artifacts longer'));
  }
  return faults;
}

/** Whether what a rollback needs of Stable is there, or what of it is gone; `unchecked` says why that is not known. */
type Kept = 'kept' | { readonly gone: 'files' | 'image' } | { readonly unchecked: string };

async function rollbackArtifact(context: RuntimeContext, stable: StablePointer | undefined, slot: string | undefined): Promise<Kept> {
  if (!stable) return 'kept';
  const { artifact } = stable.release;
  if (restoresFiles(context, stable, slot) && !(artifact && artifact.image === undefined && (await context.ci.artifacts.exists(artifact)))) return { gone: 'files' };
  if (!restoresImage(context, stable, slot)) return 'kept';
  const found = await imagePresence(context, stable.release);
  if (found.kind === 'unknown') return { unchecked: `Whether its image still exists was not checked here: ${found.reason}` };
  return found.kind === 'gone' ? { gone: 'image' } : 'kept';
}

function artifactGone({ environment: { target } }: RuntimeContext, { release }: StablePointer, gone: 'files' | 'image'): string {
  const name = `${release.version} (${release.sha.slice(0, 7)})`;
  const halts = 'so a bad release is halted, and a person must act';
  if (gone === 'image') return `none: the image of ${name}, which a rollback would restore, is not in the registry, ${halts}. Keep images longer`;
  return `none: the files of ${name}, which a rollback would restore, are gone from the CI's artifacts, ${halts}. Keep artifacts longer${target.rollback ? '' : ', or give the target a rollback command'}`;
}

function describeRollbackPoint(context: RuntimeContext, stable: StablePointer | undefined, slot: string | undefined): string {
  const { noRollback } = context.environment.target;
  if (noRollback !== undefined) return `none: the target cannot take a release back, so a bad release is halted, and a person must act. ${noRollback}`;
  if (!stable) return 'none: no release was verified here yet, so a first release that fails is halted, and a person must act';
  const to = `${stable.release.version} (${stable.release.sha.slice(0, 7)})`;
  if (context.environment.target.rollback) return `the rollback command restores ${to}`;
  return deploysAgain(context, stable, slot) ? `${to} is deployed again` : `users are switched back to the ${stable.slot} slot with ${to}`;
}
