import { RolloutStep } from '../../contract/strategies';

/**
 * The rollout's decisions, as one pure table: no time, no network, no ledger.
 * Every state that is not final has an answer to `timedOut`, so no rollout can get stuck.
 */

export type State =
  | 'pending' | 'migrating' | RolloutStep | 'confirming' | 'rollingBack'
  | FinalState;

export type FinalState = 'stable' | 'rolledBack' | 'halted' | 'failed' | 'superseded';

export type Event =
  /** The record stands in the ledger: the first change may be made. */
  | 'began'
  /** Refused, or fell over, before anything was changed. */
  | 'refused'
  | 'commandSucceeded'
  | 'commandFailed'
  | 'healthy'
  | 'unhealthy'
  /** The prober cannot tell: its own network is at fault, or the old release was just as unreachable. */
  | 'inconclusive'
  | 'timedOut'
  /** The ledger did not take the next step, so it was not begun. */
  | 'unrecorded'
  /** The process that carried the rollout is gone. */
  | 'abandoned'
  /** A newer deployment of the environment exists, or a person asked for another release. */
  | 'superseded';

/** What the table needs to know of a deployment. */
export interface Course {
  /** The strategy's steps. */
  readonly steps: readonly RolloutStep[];
  /** Whether a Stable release is recorded to go back to, and nothing forbids to. */
  readonly canGoBack: boolean;
  /** Whether the target has a migration to run first. */
  readonly migrates: boolean;
  /** A rollback by hand: when its process is gone it is begun again, for its release was verified and a person wants it. */
  readonly byHand: boolean;
}

export const FINAL_STATES: readonly FinalState[] = ['stable', 'rolledBack', 'halted', 'failed', 'superseded'];
export const STATES: readonly State[] = [
  'pending', 'migrating', 'deploying', 'verifying', 'promoting', 'baking', 'confirming', 'rollingBack', ...FINAL_STATES,
];
export const EVENTS: readonly Event[] = [
  'began', 'refused', 'commandSucceeded', 'commandFailed', 'healthy', 'unhealthy', 'inconclusive', 'timedOut', 'unrecorded', 'abandoned', 'superseded',
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

/** The state after `event`. Throws `IllegalTransition` where the table has no answer. */
export function next(state: State, event: Event, course: Course): State {
  const answer = TABLE[state][event];
  const to = typeof answer === 'function' ? answer(course) : answer;
  if (to === undefined) throw new IllegalTransition(state, event);
  return to;
}

type Answer = State | ((course: Course) => State | undefined);

/** Back to Stable where one is recorded; never a guess. */
const back = (course: Course): State => (course.canGoBack ? 'rollingBack' : 'halted');
/** The process is gone: a rollback by hand is begun again, a deployment taken back. */
const gone = (course: Course): State => (course.byHand ? 'deploying' : back(course));
const first: Answer = (course) => (course.migrates ? 'migrating' : 'deploying');
/** The strategy's next step. A step that the strategy does not have leads nowhere. */
const stepAfter = (step: RolloutStep): Answer => ({ steps }) => (steps.includes(step) ? steps[steps.indexOf(step) + 1] ?? 'confirming' : undefined);

const TABLE: Record<State, Partial<Record<Event, Answer>>> = {
  // What was adopted was live and healthy before it was recorded: nothing is left to do.
  pending: { began: first, healthy: 'stable', refused: 'failed', timedOut: 'failed', abandoned: 'failed', superseded: 'superseded' },
  // Users still see the old release; going back means asking whether they really do.
  migrating: { commandSucceeded: 'deploying', commandFailed: back, timedOut: back, unrecorded: back, abandoned: back, superseded: back },
  deploying: { commandSucceeded: stepAfter('deploying'), commandFailed: back, timedOut: back, abandoned: gone, superseded: back },
  verifying: { healthy: stepAfter('verifying'), unhealthy: back, inconclusive: 'halted', timedOut: back, unrecorded: back, abandoned: gone, superseded: back },
  promoting: { commandSucceeded: stepAfter('promoting'), commandFailed: back, timedOut: back, abandoned: gone, superseded: back },
  baking: { healthy: stepAfter('baking'), unhealthy: back, inconclusive: 'halted', timedOut: back, abandoned: gone, superseded: back },
  // A record that merely lacks its confirmation is probed again, not undone: `abandoned` leaves it where it is.
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
