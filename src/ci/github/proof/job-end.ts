/** What GitHub may make of one job: how its command ends, and how GitHub ends the job around it. */
import { CommandOutcome, deployed, EnvironmentState, monitored, Outputs, planned, recovered, Reported } from './environment-state';

export type Result = 'success' | 'failure' | 'cancelled' | 'skipped';

/**
 * How a job came to its result. `stopped`: cancelled, lost or out of time, so its work may be missing. `kept`: of an earlier attempt. `due`:
 * not decided yet; its outputs are those of the earlier attempt.
 */
export type How = 'done' | 'stopped' | 'rejected' | 'skipped' | 'kept' | 'due';

export interface End {
  readonly id: number;
  readonly result: Result;
  readonly outputs: Outputs;
  readonly how: How;
}

const byKey = new Map<string, End>();

/** Equal ends are the same object. */
export function endOf(result: Result, how: How, { go, state, completed }: Outputs = {}): End {
  const key = `${result} ${how} ${go} ${state} ${completed}`;
  let end = byKey.get(key);
  if (!end) byKey.set(key, end = { id: byKey.size, result, how, outputs: { go, state, completed } });
  return end;
}

const kept = new Map<End, End>();
const due = new Map<End, End>();

/** As the next attempt sees it. */
export function keptEnd(end: End): End {
  let found = kept.get(end);
  if (!found) kept.set(end, found = endOf(end.result, 'kept', { ...end.outputs, ...(end.outputs.completed && { completed: 'before' as const }) }));
  return found;
}

/** To be decided again. */
export function dueEnd(end: End): End {
  let found = due.get(end);
  if (!found) due.set(end, found = endOf('skipped', 'due', end.outputs));
  return found;
}

/** Of which only the result is known. */
export function endOfResult(result: Result): End {
  return { id: -1 - RESULTS.indexOf(result), result, how: 'done', outputs: UNKNOWN_OUTPUTS };
}

const RESULTS: readonly Result[] = ['success', 'failure', 'cancelled', 'skipped'];
export const UNKNOWN_OUTPUTS: Outputs = {};

export const SKIPPED = endOf('skipped', 'skipped');
export const DUE = endOf('skipped', 'due');

/** Jobs with a command of the runtime. */
export type CommandKind = 'plan' | 'deploy' | 'monitor' | 'rollback';

export interface JobWay {
  readonly end: End;
  readonly state: EnvironmentState;
}

export interface JobWork {
  readonly kind: CommandKind;
  readonly state: EnvironmentState;
  readonly reported: Reported;
  /** Those of the attempt before: a lost job keeps them. */
  readonly earlier: Outputs;
  readonly needsApproval: boolean;
  /** Whether a condition distinguishes a failed job from a cancelled one. */
  readonly seesFailures: boolean;
  /** Whether a condition reads the state that the job reports. */
  readonly readsState: boolean;
}

const COMMANDS: Record<CommandKind, (state: EnvironmentState, reported: Reported) => CommandOutcome[]> = {
  plan: planned, deploy: deployed, monitor: monitored, rollback: recovered,
};

const WAYS = new Map<string, readonly JobWay[]>();

/** Every way the job may go, each once. */
export function waysOf(work: JobWork): readonly JobWay[] {
  const { kind, state, reported, earlier, needsApproval, seesFailures, readsState } = work;
  const known = [reported.isDeployed, reported.state, reported.isRequirementMet];
  const key = [kind, state.id, ...known, earlier.go, earlier.state, earlier.completed, needsApproval, seesFailures, readsState].join();
  let ways = WAYS.get(key);
  if (!ways) WAYS.set(key, ways = distinct(possible(work).map((way) => simplified(way, work))));
  return ways;
}

/** Of the plan and the deployment it does not matter how they ended. */
function simplified({ end, state }: JobWay, { kind, seesFailures, readsState }: JobWork): JobWay {
  const result = end.result === 'cancelled' && !seesFailures ? 'failure' : end.result;
  const isRead = readsState || (kind === 'deploy' && READ_BY_COMMANDS.includes(end.outputs.state));
  const outputs = isRead ? end.outputs : { ...end.outputs, state: undefined };
  return { end: endOf(result, kind === 'plan' || kind === 'deploy' ? 'done' : end.how, outputs), state };
}

/** The other states of a deployment make no difference to `monitor` and `rollback`. */
const READ_BY_COMMANDS: readonly (string | undefined)[] = ['frozen', 'unchanged'];

function distinct(ways: JobWay[]): JobWay[] {
  return [...new Map(ways.map((way) => [`${way.end.id} ${way.state.id}`, way])).values()];
}

function possible(work: JobWork): JobWay[] {
  const { kind, state, reported, needsApproval } = work;
  return [
    ...COMMANDS[kind](state, reported).flatMap((outcome) => withCommand(work, outcome)),
    // to the last job it makes no difference whether it was rejected or cancelled while it waited
    ...(needsApproval && kind !== 'rollback' ? [{ end: endOf('failure', 'rejected'), state }] : []),
    // cancelled while it waited, or lost before its first step
    ...stoppedAs('cancelled', work, state),
    ...stoppedAs('failure', work, state),
    // its set-up failed
    ...afterCommand(work, { state, outputs: {} }, 'failure'),
  ];
}

function withCommand(work: JobWork, outcome: CommandOutcome): JobWay[] {
  const { state, outputs, isSuccess } = outcome;
  // a command was stopped: its machine is gone, it was cancelled, or its time was over
  if (isSuccess === undefined) return [...stoppedAs('failure', work, state), ...(['cancelled', 'failure'] as const).flatMap((result) => afterCommand(work, outcome, result))];
  if (!isSuccess) return afterCommand(work, outcome, 'failure');
  return [
    // something after it failed, or the cancel came late; or the machine was lost at the very end
    ...(['success', 'failure', 'cancelled'] as const).map((result) => ({ end: endOf(result, 'done', outputs), state })),
    ...stoppedAs('failure', work, state),
  ];
}

/** The deploy job has a step that recovers what the command left open. */
function afterCommand(work: JobWork, { state, outputs, isSuccess }: CommandOutcome, result: 'failure' | 'cancelled'): JobWay[] {
  if (work.kind !== 'deploy') return [{ end: endOf(result, isSuccess === undefined ? 'stopped' : 'done', outputs), state }];
  return recovered(state, work.reported).flatMap((outcome) => (outcome.isSuccess === undefined
    ? stoppedAs(result, work, outcome.state)
    : [{ end: endOf(result, 'done', outputs), state: outcome.state }]));
}

/** Without outputs of its own: GitHub may show those of the attempt before. */
function stoppedAs(result: Result, { earlier }: JobWork, state: EnvironmentState): JobWay[] {
  const hasOutputs = Object.values(earlier).some((one) => one !== undefined);
  return [{}, ...(hasOutputs ? [earlier] : [])].map((outputs) => ({ end: endOf(result, 'stopped', outputs), state }));
}
