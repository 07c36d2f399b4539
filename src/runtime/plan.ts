import { EnvironmentHistory } from './ledger/history';
import { StablePointer } from './ledger/ledger';
import { Artifact, Release, sameRelease } from './release';
import { Surroundings } from './surroundings';
import { reaches } from './trigger-match';

/** What a deployment would do, and everything that speaks against it. */
export interface Plan {
  readonly release: Release;
  readonly stable?: StablePointer;
  /** Where the release would go (blue/green). */
  readonly slot?: string;
  readonly alreadyLive: boolean;
  /** How a bad release would be taken back, for a person. */
  readonly wayBack: string;
  /** Nothing is wrong, but nothing is to be deployed either. */
  readonly notNow?: string;
  /** Each is a reason not to deploy, with its mend. */
  readonly faults: string[];
}

/**
 * Decides from the ledger and the configuration alone; changes nothing.
 * Asked before a person approves, and again by `deploy` when the waiting is over.
 */
export async function makePlan(surroundings: Surroundings, history: EnvironmentHistory, release: Release): Promise<Plan> {
  const { environment, run } = surroundings;
  const stable = await history.stable();
  const required = await requiredRelease(surroundings, release);
  const planned: Release = { ...release, artifact: release.artifact ?? required.artifact };
  const slot = environment.strategy.kind === 'blueGreen' ? idleSlot(await history.slotWithTraffic()) : undefined;
  const alreadyLive = stable !== undefined && (await isLive(history)) && isSame(stable.release, planned);

  const faults = [...required.faults];
  if (!alreadyLive) {
    faults.push(...(await historyFaults(surroundings, history, planned)));
    faults.push(...(await wayBackFaults(surroundings, stable, slot)));
  }
  return {
    release: planned,
    stable,
    slot,
    alreadyLive,
    wayBack: wayBack(surroundings, stable, slot),
    notNow: run.ref && !reaches(environment.trigger, run.ref) ? `the ${run.ref.type} ${run.ref.name} does not deploy to ${environment.name}` : undefined,
    faults,
  };
}

/** Two slots, always named: the candidate goes where users are not. */
export function idleSlot(liveSlot: string | undefined): string {
  return liveSlot === 'blue' ? 'green' : 'blue';
}

/** Beside the build the new artifact is not known yet; then the commit alone decides. */
function isSame(live: Release, planned: Release): boolean {
  return planned.artifact ? sameRelease(live, planned) : live.sha === planned.sha;
}

/** Stable is what users see only while no later attempt left something else there. */
async function isLive(history: EnvironmentHistory): Promise<boolean> {
  const newest = await history.newest();
  return newest !== undefined && ['stable', 'rolledBack', 'failed', 'superseded'].includes(newest.state);
}

async function requiredRelease({ environment, ledger }: Surroundings, release: Release): Promise<{ faults: string[]; artifact?: Artifact }> {
  const { trigger } = environment;
  if (trigger.kind !== 'tag' || !trigger.requires) return { faults: [] };
  const verified = await new EnvironmentHistory(ledger, trigger.requires).verified(release.sha);
  if (verified) return { faults: [], artifact: verified.release.artifact };
  return {
    faults: [
      `${release.version} (${release.sha.slice(0, 7)}) was not verified on ${trigger.requires}, which ${environment.name} requires. ` +
      `Deploy this commit to ${trigger.requires} first, then run this job again.`,
    ],
  };
}

async function historyFaults({ environment, run }: Surroundings, history: EnvironmentHistory, release: Release): Promise<string[]> {
  const faults: string[] = [];
  if (await history.isBlocked(release)) {
    faults.push(`${release.version} (${release.sha.slice(0, 7)}) was rolled back on ${environment.name} before, so it is blocked there. Deploy a new commit that mends it.`);
  }
  const newer = await history.newerThan(run.id);
  if (newer) {
    faults.push(
      `run ${newer.run.id} is newer than this one (${run.id}) and put ${newer.release.version} on ${environment.name}: an older run never deploys over a newer one. ` +
      'To go back to what an older release did, revert to it in a new commit and deploy that.',
    );
  }
  return faults;
}

async function wayBackFaults(surroundings: Surroundings, stable: StablePointer | undefined, slot: string | undefined): Promise<string[]> {
  const { artifactExists, manifest } = surroundings;
  if (!stable || !manifest.artifact || !deploysAgain(surroundings, stable, slot)) return [];
  if (stable.release.artifact && (await artifactExists(stable.release.artifact))) return [];
  return [
    `the files of ${stable.release.version}, the release a rollback would restore, are gone from the CI's artifacts. `
    + 'Keep artifacts longer, or give the target a rollback command.',
  ];
}

function wayBack(surroundings: Surroundings, stable: StablePointer | undefined, slot: string | undefined): string {
  if (!stable) return 'none: nothing was verified here yet, so a first release that fails is halted for a person to look at';
  const to = `${stable.release.version} (${stable.release.sha.slice(0, 7)})`;
  if (surroundings.environment.target.rollback) return `the rollback command brings back ${to}`;
  return deploysAgain(surroundings, stable, slot) ? `${to} is deployed again` : `users are switched back to the ${stable.slot} slot with ${to}`;
}

/**
 * Whether going back means deploying Stable again. With blue/green only where its slot is not known,
 * or is the one that the new release goes to: a slot is switched to only if it holds the release that is meant.
 */
export function deploysAgain({ environment }: Pick<Surroundings, 'environment'>, stable: StablePointer, slot: string | undefined): boolean {
  if (environment.target.rollback) return false;
  return environment.strategy.kind === 'redeploy' || stable.slot === undefined || stable.slot === slot;
}
