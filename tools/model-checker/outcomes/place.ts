/**
 * What one environment comes to in a run, and what each command of the runtime may do to it: the specification that the jobs are
 * held to. The states and what follows from what are the runtime's own table (src/runtime/deployment/state-machine.ts); the rest is what
 * src/runtime/deployment/{run-deployment,recovery}.ts and src/runtime/commands do, without time, network and files.
 *
 * Every command may be stopped at any moment (a cancel, a time limit, a lost runner): then its record stays where it was.
 */
import { STRATEGIES } from '../../../src/contract/strategies';
import { Course, Event, EVENTS, IN_PROGRESS, isFinal, next, nextIfLegal, reachedState, State } from '../../../src/runtime/deployment/state-machine';
import { exitCodeOf } from '../../../src/runtime/reporting/report';

export interface Place {
  /**
   * Where this run's newest record stands in the ledger. `deploying` stands for every state between pending and confirming: what
   * comes later treats them alike (the test says so of the table).
   */
  readonly record: State | 'none';
  /** The record was made in this attempt. */
  readonly isOfThisAttempt: boolean;
  /** The release was promoted and baked, whatever the ledger has of it: an entry may be missing, or not be read back yet. */
  readonly isBaked: boolean;
  /** The confirmation or a gate rejected it: it may be rolled back. */
  readonly isFoundBad: boolean;
  /** How often this record was taken back. */
  readonly takenBack: number;
  /** The release is Stable and what users see. */
  readonly isLive: boolean;
  /** The commit became Stable here, and was not rolled back since. */
  readonly isVerified: boolean;
  /** A release that was rolled back after a verdict is not deployed again. */
  readonly isBlocked: boolean;
  /** A higher version is Stable here, and lower ones are not meant to come. */
  readonly isLower: boolean;
  /** A newer run, or a person, wants another release here: this run deploys nothing more. What it left, it still finishes. */
  readonly isOutrun: boolean;
  /** This attempt's deploy job met a freeze. */
  readonly isFrozen: boolean;
  /** The target can take a release back. */
  readonly canGoBack: boolean;
  /** A person's hold stands (rollback.yml), or the deployment that is to be taken back is still the newest one. */
  readonly isHeld: boolean;
}

/** What a command did on the way, for the rules. */
export type Deed =
  /** The environment was changed: from here on a failure needs a rollback. */
  | 'changed'
  /** Stable was restored. */
  | 'restored'
  /** Stable was restored although nothing had been changed. */
  | 'restoredForNothing'
  /** A release that was promoted and baked was rolled back without a bad verdict. */
  | 'restoredUnjudged'
  /** A blocked release was deployed. */
  | 'deployedBlocked'
  /** A lower version than Stable's was deployed. */
  | 'deployedLower'
  | 'becameStable';

/** How one command may end. */
export interface Outcome {
  readonly place: Place;
  /** Absent where it was stopped. */
  readonly exit?: 0 | 1 | 2 | 3;
  readonly outputs: Readonly<Record<string, string>>;
  readonly deeds: readonly Deed[];
}

/** What a command knows about its run. */
export interface ReportedResults {
  readonly attempt: string;
  /** DELIVERY_DEPLOYED */
  readonly deployed?: string;
  /** DELIVERY_STATE */
  readonly state?: string;
  /** The environment that this one requires, or comes after, verified this commit, and it was not rolled back since. */
  readonly isRequirementMet: boolean;
}

export const UNTOUCHED: Place = {
  record: 'none',
  isOfThisAttempt: false,
  isBaked: false,
  isFoundBad: false,
  takenBack: 0,
  isLive: false,
  isVerified: false,
  isBlocked: false,
  isLower: false,
  isOutrun: false,
  isFrozen: false,
  canGoBack: true,
  isHeld: false,
};

/** This commit was deployed by another run, and is Stable. */
export const LIVE_ALREADY: Place = { ...UNTOUCHED, isLive: true, isVerified: true };

/** Another run deployed a higher version before, or does so before this one is approved. */
export const LOWER: Place = { ...UNTOUCHED, isLower: true };

/**
 * The strategy with the most steps stands for all: what comes later treats every state under way alike, as outcomes.test.ts shows.
 */
const [{ steps: STEPS }] = [...STRATEGIES].sort((one, other) => other.steps.length - one.steps.length);
const DEPLOYMENT: Course = { steps: STEPS, canGoBack: true, migrates: true, byHand: false, weightsLeft: 0 };
const courseOf = ({ canGoBack }: Place): Course => ({ ...DEPLOYMENT, canGoBack });
const BY_HAND: Course = { ...DEPLOYMENT, canGoBack: false, migrates: false, byHand: true };

/** What may happen in each state while a process is at work. `superseded`: it looked again, and another release is wanted. */
const HAPPENS: Partial<Record<State, readonly Event[]>> = {
  pending: ['began', 'rejected', 'superseded'],
  migrating: ['commandSucceeded', 'commandFailed', 'unrecorded', 'superseded'],
  deploying: ['commandSucceeded', 'commandFailed', 'overtaken', 'superseded'],
  verifying: ['healthy', 'unhealthy', 'inconclusive', 'unrecorded', 'superseded'],
  promoting: ['commandSucceeded', 'commandFailed', 'overtaken', 'superseded'],
  baking: ['healthy', 'unhealthy', 'inconclusive', 'superseded'],
  confirming: ['healthy', 'unhealthy', 'inconclusive', 'superseded'],
  rollingBack: ['healthy', 'unhealthy'],
};

/**
 * Beside these, what may happen while a weight is left: a canary passes promoting once for each weight. Its analysis ends in the same events
 * as the health checks, or without a verdict: then it is rolled back (`timedOut`), halted or continued.
 */
const WITH_A_WEIGHT: readonly Event[] = ['healthy', 'unhealthy', 'inconclusive', 'timedOut'];

/**
 * Events of the table that lead where none leads that is explored, or with other consequences. `abandoned` is what the next command finds, and
 * only an adoption is healthy at once.
 * @param forgotten as if this one were not explored
 */
export function missedEvents(forgotten?: Event): string[] {
  return (Object.keys(HAPPENS) as State[]).flatMap((state) => {
    const from: Place = { ...UNTOUCHED, record: state };
    const ends = (events: readonly Event[]) => events.filter((event) => nextIfLegal(state, event, DEPLOYMENT) !== undefined)
      .map((event) => ({ event, end: JSON.stringify(essence(happened(from, event, DEPLOYMENT).place)) }));
    const explored = ends(HAPPENS[state]!.filter((event) => event !== forgotten)).map(({ end }) => end);
    const isOthers = (event: Event) => event === 'abandoned' || (state === 'pending' && event === 'healthy');
    return ends(EVENTS).filter(({ event, end }) => !isOthers(event) && !explored.includes(end)).map(({ event }) => `${state}: ${event}`);
  });
}

export function isOpen({ record }: Place): boolean {
  return record !== 'none' && !isFinal(record);
}

/**
 * `plan <environment>`: `go`, and red where something speaks against it. A freeze is green and says no; but what was left open is
 * finished by the deploy job all the same.
 */
export function planning(place: Place, reported: ReportedResults): Outcome[] {
  const isRejected = place.isBlocked || place.isLower || place.isOutrun || !reported.isRequirementMet;
  const yes = isRejected && !place.isLive ? [] : [jobEnd(place, 0, { go: 'true' })];
  const frozen = isOpen(place) ? [] : [jobEnd(place, 0, { go: 'false' })];
  return [...yes, ...frozen, jobEnd(place, 2, { go: 'false' })];
}

/** `deploy <environment>`: finishes what an earlier attempt left, looks again at all that may have changed, then deploys. */
export function deploying(place: Place, reported: ReportedResults): Outcome[] {
  return finishedFirst(place, reported, (found) => {
    if (found.isLive) return [jobEnd(found, 0, { state: 'unchanged' })];
    const rejected = jobEnd(found, 2);
    if (found.isBlocked || found.isLower || found.isOutrun || !reported.isRequirementMet) return [rejected];
    const frozen = jobEnd({ ...found, isFrozen: true }, 0, { state: 'frozen' });
    return [rejected, frozen, ...begun(found, courseOf(found), 'confirming')];
  });
}

/** `monitor <environment>`, the confirmation: reads the ledger first, and probes only an open release that is promoted. */
export function monitoring(place: Place, reported: ReportedResults): Outcome[] {
  // a lost deploy job shows the output of its earlier attempt
  if (reported.state === 'frozen' && reported.deployed === 'success') return [jobEnd(place, 0, { completed_attempt: reported.attempt, state: 'frozen' })];
  if (reported.state === 'superseded' && reported.deployed === 'success') return [jobEnd(place, 0, { completed_attempt: reported.attempt, state: 'superseded' })];
  const state = standing(place, reported);
  if (state === 'none') return nothingOfThisRun(place, reported);
  if (state === 'confirming') return confirmed(place, reported);
  // The rollback job recovers it.
  if (!isFinal(state)) return [jobEnd(place, 1)];
  // it may have been rolled back since
  if (state === 'stable' && !place.isVerified) return [jobEnd(place, 2, { completed_attempt: reported.attempt, state: 'rolledBack' })];
  return [jobEnd(place, exitCodeOf('deploy', state), { completed_attempt: reported.attempt, state: reportedState(state) })];
}

/** `rollback <environment> --recover`: idempotent, because the record is final afterwards. */
export function recovering(place: Place, reported: ReportedResults): Outcome[] {
  return isOpen(place) ? [stopped(place), ...taken(place, reported)] : [jobEnd(place, 0)];
}

/**
 * `hold <environment>`: checks the rollback that is asked for, then writes the hold; one from a deployment checks alone. It names no
 * release where that deployment is not the newest one any more.
 */
export function holding(place: Place): Outcome[] {
  if (!place.canGoBack) return [jobEnd(place, 2), stopped(place)];
  const held = { ...place, isHeld: true };
  return [jobEnd(place, 2), jobEnd(held, 0, { release: 'v1.2.3' }), jobEnd({ ...place, isHeld: false }, 0), stopped(place), stopped(held)];
}

/** `rollback <environment> --release ...`: no other job confirms it, so this process completes it. */
export function rollingBackByHand(place: Place, reported: ReportedResults): Outcome[] {
  return finishedFirst(place, reported, (found) => {
    // what it was to take back is not the newest deployment any more
    const superseded = jobEnd(found, 0, { state: 'superseded' });
    if (!found.canGoBack) return [jobEnd(found, 2)];
    if (found.isLive) return [jobEnd(found, 0, { state: 'stable' }), superseded];
    return [jobEnd(found, 2), superseded, ...begun(found, BY_HAND)];
  }, BY_HAND);
}

/** `drill <environment>`: the live release is deployed as if it were new, and taken back: then it went as it should. Blocks nothing. */
export function drilling(place: Place, reported: ReportedResults): Outcome[] {
  const course: Course = { ...DEPLOYMENT, migrates: false };
  return finishedFirst({ ...place, isBlocked: false, isLower: false }, reported, (found) => {
    const drilled = begun({ ...found, isBlocked: false, isLower: false }, course)
      // its bake is a verdict that is always bad
      .filter(({ place: { record } }) => record !== 'stable' && record !== 'confirming')
      .map((outcome) => (outcome.exit !== undefined && outcome.place.record === 'rolledBack' ? { ...outcome, exit: 0 as const } : outcome));
    return [jobEnd(found, 2), ...drilled];
  });
}

/**
 * What others may do to the environment between two attempts of this run: whatever is open is finished by them first.
 * @param comparesVersions whether the run deploys, so that a higher version matters
 */
export function meanwhile(place: Place, comparesVersions: boolean): Place[] {
  if (place.isOutrun) return [];
  const finished = isOpen(place) ? taken(place, NOBODY_TOLD).filter(({ exit }) => exit !== undefined).map((outcome) => outcome.place) : [place];
  return finished.flatMap((one) => [
    // a newer release came
    { ...one, isOutrun: true, isLive: false },
    // an older run's higher version became Stable late
    ...(one.isLower || !comparesVersions ? [] : [{ ...one, isLower: true, isLive: false }]),
    // a person went back to an older one
    { ...one, isOutrun: true, isLive: false, isVerified: false, isBlocked: true },
  ]);
}

/** The same for all that follows: what nothing asks for any more is forgotten. */
export function essence(place: Place): Place {
  const { record } = place;
  const isLeft = record === 'deploying' || record === 'confirming';
  return {
    ...place,
    // the bad ends are distinguished by their exit codes alone
    record: record !== 'none' && record !== 'stable' && isFinal(record) ? 'rolledBack' : record,
    isOfThisAttempt: place.isOfThisAttempt && record === 'deploying',
    isBaked: place.isBaked && isLeft,
    isFoundBad: place.isFoundBad && isLeft,
    takenBack: 0,
    isBlocked: place.isBlocked && !place.isOutrun,
    isLower: place.isLower && !place.isOutrun && !place.isBlocked,
    isFrozen: false,
  };
}

/** What is left for the next attempt to know. */
export function afterAttempt(place: Place): Place {
  return { ...place, isOfThisAttempt: false, isFrozen: false, isBaked: false, isFoundBad: false, takenBack: 0 };
}

const NOBODY_TOLD: ReportedResults = { attempt: '', isRequirementMet: true };

function finishedFirst(place: Place, reported: ReportedResults, then: (found: Place) => Outcome[], course = courseOf(place)): Outcome[] {
  if (!isOpen(place)) return then(place);
  return [stopped(place), ...taken(place, reported, course)].flatMap((outcome) => (outcome.exit === undefined
    ? [outcome]
    : then(outcome.place).map((later) => ({ ...later, deeds: [...outcome.deeds, ...later.deeds] }))));
}

/** A new record, which is the claim; from here on the rollback point is in the ledger. */
function begun(place: Place, course: Course, until?: State): Outcome[] {
  const record: Place = { ...place, record: 'pending', isOfThisAttempt: true, isBaked: false, isFoundBad: false, takenBack: 0 };
  const deeds: Deed[] = course.byHand ? [] : [...(place.isBlocked ? ['deployedBlocked' as const] : []), ...(place.isLower ? ['deployedLower' as const] : [])];
  const outcomes = carried(record, course, until).map((outcome) => ended({ ...outcome, deeds: [...deeds, ...outcome.deeds] }, until));
  return [...outcomes, ...outcomes.filter(isPutDown).map(withoutLastEntry)];
}

function isPutDown({ place, exit }: Outcome): boolean {
  return place.record === 'confirming' && exit === 0;
}

/** The ledger did not take the last entry, or is not read back yet. */
function withoutLastEntry(outcome: Outcome): Outcome {
  return { ...outcome, place: { ...outcome.place, record: 'deploying' } };
}

/** Taken from the process that carried it, which is gone; then carried to its end. */
function taken(place: Place, reported: ReportedResults, course = courseOf(place)): Outcome[] {
  const from: Place = { ...place, record: standing(place, reported) };
  return carried(happened(from, 'abandoned', course).place, course).map((outcome) => ended(outcome));
}

function confirmed(place: Place, reported: ReportedResults): Outcome[] {
  const outcomes = carried({ ...place, record: 'confirming' }, courseOf(place), 'rollingBack');
  return [jobEnd(place, 1), ...outcomes.map((outcome) => {
    // In CI another job holds what a rollback needs.
    if (outcome.exit !== undefined && outcome.place.record === 'rollingBack') return { ...outcome, exit: 1 as const, outputs: {} };
    const said = ended(outcome);
    return said.exit === undefined ? said : { ...said, outputs: { ...said.outputs, completed_attempt: reported.attempt } };
  })];
}

/** The deploy job recorded nothing: it was live already, or refused before anything was changed; or the ledger lags. */
function nothingOfThisRun(place: Place, reported: ReportedResults): Outcome[] {
  const isDeployed = reported.deployed === 'success';
  if (isDeployed && reported.state !== 'unchanged' && reported.state !== 'stable') return [jobEnd(place, 1)];
  return [jobEnd(place, 0, { completed_attempt: reported.attempt, state: isDeployed && place.isVerified ? 'stable' : 'rolledBack' })];
}

function standing({ record, isOfThisAttempt }: Place, { deployed }: ReportedResults): State | 'none' {
  return record === 'none' ? record : reachedState(record, isOfThisAttempt && deployed === 'success');
}

/** Every way through the table from here: where it may end, and where it may be stopped. */
function carried(start: Place, course: Course, until?: State): Outcome[] {
  const outcomes: Outcome[] = [];
  const seen = new Set<string>();
  const visit = (place: Place, deeds: readonly Deed[]) => {
    const key = JSON.stringify([place, deeds]);
    if (seen.has(key)) return;
    seen.add(key);
    const state = place.record as State;
    const canonical: Place = IN_PROGRESS.includes(state) ? { ...place, record: 'deploying' } : place;
    if (isFinal(state) || state === until) {
      outcomes.push({ place: canonical, exit: 0, outputs: {}, deeds });
      return;
    }
    outcomes.push({ place: canonical, outputs: {}, deeds });
    const onTrial = state === 'promoting' && !course.byHand ? WITH_A_WEIGHT.map((event) => [event, { ...course, weightsLeft: 1 }] as const) : [];
    for (const [event, at] of [...(HAPPENS[state] ?? []).map((one) => [one, course] as const), ...onTrial]) {
      const after = happened(place, event, at);
      visit(after.place, [...deeds, ...after.deeds]);
    }
  };
  visit(start, []);
  return distinct(outcomes);
}

function happened(place: Place, event: Event, course: Course): { place: Place; deeds: Deed[] } {
  const from = place.record as State;
  const to = next(from, event, course);
  const wasFoundBad = event === 'unhealthy' || event === 'commandFailed' || event === 'timedOut';
  const after: Place = {
    ...place,
    record: to,
    isFoundBad: place.isFoundBad || wasFoundBad,
    isBaked: place.isBaked || to === 'confirming',
    isBlocked: place.isBlocked || (to === 'rollingBack' && wasFoundBad),
    isLive: to === 'stable' || (place.isLive && event !== 'began'),
    isVerified: to === 'stable' || place.isVerified,
    isOutrun: place.isOutrun || event === 'superseded',
    takenBack: place.takenBack + Number(from === 'rollingBack' && to !== 'rollingBack'),
  };
  return { place: after, deeds: deedsOf(place, after, course) };
}

function deedsOf(before: Place, after: Place, { byHand }: Course): Deed[] {
  if (before.record === 'pending' && !isFinal(after.record as State)) return ['changed'];
  if (after.record === 'stable') return ['becameStable'];
  if (after.record !== 'rollingBack' || before.record === 'rollingBack') return after.takenBack > before.takenBack ? ['restored'] : [];
  if (before.record === 'none' || before.record === 'pending') return ['restoredForNothing'];
  return before.isBaked && !after.isFoundBad && !byHand && !after.isOutrun ? ['restoredUnjudged'] : [];
}

/** Says in its outputs and exit code how it ended. */
function ended(outcome: Outcome, until?: State): Outcome {
  if (outcome.exit === undefined) return outcome;
  const { record } = outcome.place;
  return {
    ...outcome,
    exit: record === until ? 0 : exitCodeOf('deploy', record as State),
    outputs: { state: reportedState(record as State) },
  };
}

/** The bad ends are equivalent. */
function reportedState(state: State): string {
  return isFinal(state) && state !== 'stable' ? 'rolledBack' : state;
}

function jobEnd(place: Place, exit: 0 | 1 | 2 | 3, outputs: Record<string, string> = {}): Outcome {
  return { place, exit, outputs, deeds: [] };
}

function stopped(place: Place): Outcome {
  return { place, outputs: {}, deeds: [] };
}

function distinct(outcomes: Outcome[]): Outcome[] {
  return [...new Map(outcomes.map((outcome) => [JSON.stringify(outcome), outcome])).values()];
}

/** A command that decides something and carries nothing. */
export function reportOnly(place: Place): Outcome[] {
  return [jobEnd(place, 0), jobEnd(place, 1), stopped(place)];
}
