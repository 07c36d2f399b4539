/**
 * The rollout's decisions, as one pure table: no time, no network, no ledger.
 * Every state that is not final has an answer to `timedOut`, so no rollout can get stuck.
 */

export type State =
  | 'pending' | 'deploying' | 'verifying' | 'promoting' | 'baking' | 'confirming' | 'rollingBack'
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
  /** The process that carried the rollout is gone. */
  | 'abandoned'
  /** A newer deployment of the environment exists. */
  | 'superseded';

/** What the table needs to know of a deployment. */
export interface Course {
  readonly strategy: 'redeploy' | 'blueGreen';
  /** Whether a Stable release is recorded to go back to. */
  readonly canGoBack: boolean;
}

export const FINAL_STATES: readonly FinalState[] = ['stable', 'rolledBack', 'halted', 'failed', 'superseded'];
export const STATES: readonly State[] = [
  'pending', 'deploying', 'verifying', 'promoting', 'baking', 'confirming', 'rollingBack', ...FINAL_STATES,
];
export const EVENTS: readonly Event[] = [
  'began', 'refused', 'commandSucceeded', 'commandFailed', 'healthy', 'unhealthy', 'inconclusive', 'timedOut', 'abandoned', 'superseded',
];

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
  if (answer === undefined) throw new IllegalTransition(state, event);
  return typeof answer === 'function' ? answer(course) : answer;
}

type Answer = State | ((course: Course) => State);

/** Back to Stable where one is recorded; never a guess. */
const back: Answer = (course) => (course.canGoBack ? 'rollingBack' : 'halted');
const afterVerifying: Answer = (course) => (course.strategy === 'blueGreen' ? 'promoting' : 'baking');

const TABLE: Record<State, Partial<Record<Event, Answer>>> = {
  // What was adopted was live and healthy before it was recorded: nothing is left to do.
  pending: { began: 'deploying', healthy: 'stable', refused: 'failed', timedOut: 'failed', abandoned: 'failed', superseded: 'superseded' },
  deploying: { commandSucceeded: 'verifying', commandFailed: back, timedOut: back, abandoned: back },
  verifying: { healthy: afterVerifying, unhealthy: back, inconclusive: 'halted', timedOut: back, abandoned: back },
  promoting: { commandSucceeded: 'baking', commandFailed: back, timedOut: back, abandoned: back },
  baking: { healthy: 'confirming', unhealthy: back, inconclusive: 'halted', timedOut: back, abandoned: back },
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
