import { RolloutStep } from '../../contract/strategies';

/**
 * The decisions of a rollout as one pure table: no time, no network, no ledger.
 * Each state that is not final has an entry for `timedOut`, so no rollout can get stuck.
 */

export type State =
  | 'pending' | 'migrating' | RolloutStep | 'confirming' | 'rollingBack'
  | FinalState;

export type FinalState = 'stable' | 'rolledBack' | 'halted' | 'failed' | 'superseded';

export type Event =
  /** The ledger has the record: the first change may follow. */
  | 'began'
  /** Rejected, or failed, before anything was changed. */
  | 'rejected'
  | 'commandSucceeded'
  | 'commandFailed'
  | 'healthy'
  | 'unhealthy'
  /** No verdict: the prober's network is at fault, or the old release did not respond either. */
  | 'inconclusive'
  | 'timedOut'
  /** Someone else's release is live, or is being deployed there: it is left alone. */
  | 'overtaken'
  /** The ledger did not record the next step, so the step did not begin. */
  | 'unrecorded'
  /** The process of the rollout died. */
  | 'abandoned'
  /** A newer deployment of the environment exists, or a person requested another release. */
  | 'superseded';

/** What the table depends on. */
export interface Course {
  /** The strategy's steps. */
  readonly steps: readonly RolloutStep[];
  /** Whether a Stable release is recorded, and a rollback to it is possible. */
  readonly canGoBack: boolean;
  /** Whether the target has a migration to run first. */
  readonly migrates: boolean;
  /** A rollback by hand: if its process dies, it begins again, because its release was verified and a person requested it. */
  readonly byHand: boolean;
  /** How many weights come after the current one. 0 where all traffic moves at once, and with the last weight. */
  readonly weightsLeft: number;
}

export const FINAL_STATES: readonly FinalState[] = ['stable', 'rolledBack', 'halted', 'failed', 'superseded'];
export const STATES: readonly State[] = [
  'pending', 'migrating', 'deploying', 'verifying', 'promoting', 'baking', 'confirming', 'rollingBack', ...FINAL_STATES,
];
export const EVENTS: readonly Event[] = [
  'began', 'rejected', 'commandSucceeded', 'commandFailed', 'healthy', 'unhealthy', 'inconclusive', 'timedOut', 'overtaken', 'unrecorded', 'abandoned', 'superseded',
];

/** In these states a deployment is in progress: users may see the release, and it is not confirmed yet. */
export const IN_PROGRESS: readonly State[] = ['migrating', 'deploying', 'verifying', 'promoting', 'baking'];

/**
 * The state that a deployment reached. A write may be lost or not be read back yet, so the result of the deploy job counts: a job that
 * succeeded promoted and baked its release.
 *
 * @param recorded the last state in the ledger
 * @param hasDeployed whether the deploy job of this attempt succeeded
 */
export function reachedState(recorded: State, hasDeployed: boolean): State {
  return hasDeployed && IN_PROGRESS.includes(recorded) ? 'confirming' : recorded;
}

export function isFinal(state: State): state is FinalState {
  return (FINAL_STATES as readonly State[]).includes(state);
}

export class IllegalTransition extends Error {
  constructor(state: State, event: Event) {
    super(`a deployment that is ${state} cannot be ${event}`);
    this.name = 'IllegalTransition';
  }
}

/** Returns the state after `event`. Throws `IllegalTransition` if the table has no entry. */
export function next(state: State, event: Event, course: Course): State {
  const to = nextIfLegal(state, event, course);
  if (to === undefined) throw new IllegalTransition(state, event);
  return to;
}

/** Returns the state after `event`, or undefined if the table has no entry. */
export function nextIfLegal(state: State, event: Event, course: Course): State | undefined {
  const successor = TABLE[state][event];
  return typeof successor === 'function' ? successor(course) : successor;
}

/** Returns the states that may follow a state directly, in any of the courses. */
export function followers(state: State, courses: readonly Course[]): State[] {
  const successors = Object.values(TABLE[state]).flatMap((successor) => (typeof successor === 'function' ? courses.map(successor) : successor));
  return [...new Set(successors)].filter((successor) => successor !== undefined);
}

type Successor = State | ((course: Course) => State | undefined);

/** Rolls back only to a recorded Stable release. */
const back = (course: Course): State => (course.canGoBack ? 'rollingBack' : 'halted');
/** The process died: a rollback by hand begins again, a deployment is rolled back. */
const gone = (course: Course): State => (course.byHand ? 'deploying' : back(course));
const first: Successor = (course) => (course.migrates ? 'migrating' : 'deploying');
/** The strategy's next step. A step that the strategy does not have leads nowhere. */
const stepAfter = (step: RolloutStep) => ({ steps }: Course): State | undefined => (steps.includes(step) ? steps[steps.indexOf(step) + 1] ?? 'confirming' : undefined);

/** All traffic: the next step verifies what users see. */
const atLast = (to: (course: Course) => State | undefined): Successor => (course) => (course.weightsLeft === 0 ? to(course) : undefined);
/** In a step of a canary before the last one, a verdict follows the command. */
const onTrial = (to: Successor): Successor => (course) => {
  if (course.weightsLeft === 0) return undefined;
  return typeof to === 'function' ? to(course) : to;
};

const TABLE: Record<State, Partial<Record<Event, Successor>>> = {
  // an adopted release was live and healthy before it was recorded: nothing is left to do
  pending: { began: first, healthy: 'stable', rejected: 'failed', timedOut: 'failed', abandoned: 'failed', superseded: 'superseded' },
  // users still see the old release; the rollback verifies that they do
  migrating: { commandSucceeded: 'deploying', commandFailed: back, timedOut: back, unrecorded: back, abandoned: back, superseded: back },
  deploying: { commandSucceeded: stepAfter('deploying'), commandFailed: back, timedOut: back, overtaken: 'halted', abandoned: gone, superseded: back },
  verifying: { healthy: stepAfter('verifying'), unhealthy: back, inconclusive: 'halted', timedOut: back, unrecorded: back, abandoned: gone, superseded: back },
  promoting: {
    // all traffic moved
    commandSucceeded: atLast(stepAfter('promoting')),
    commandFailed: back,
    timedOut: back,
    overtaken: 'halted',
    abandoned: gone,
    superseded: back,
    // the next weight
    healthy: onTrial('promoting'),
    unhealthy: onTrial(back),
    inconclusive: onTrial('halted'),
    unrecorded: onTrial(back),
  },
  baking: { healthy: stepAfter('baking'), unhealthy: back, inconclusive: 'halted', timedOut: back, abandoned: gone, superseded: back },
  // a release that lacks only its confirmation is probed again, not rolled back
  confirming: { healthy: 'stable', unhealthy: back, inconclusive: 'halted', timedOut: back, abandoned: 'confirming', superseded: 'superseded' },
  rollingBack: {
    healthy: 'rolledBack', unhealthy: 'halted', inconclusive: 'halted', commandFailed: 'halted', timedOut: 'halted', abandoned: 'rollingBack',
  },
  stable: {},
  rolledBack: {},
  halted: {},
  failed: {},
  superseded: {},
};
