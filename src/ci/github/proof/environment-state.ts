/**
 * What a run comes to on one environment, and what each command of the runtime may do to it: the specification that the jobs' conditions are
 * proven against. The tests compare it with the enumeration's, which uses the runtime's own table of states.
 *
 * Every command may be stopped at any moment (a cancel, a time limit, a lost runner): then its record stays where it was.
 */
export interface EnvironmentState {
  readonly id: number;
  /** Where the run's newest record stands. `over`: rolled back, halted, failed or superseded. */
  readonly record: 'none' | 'open' | 'confirming' | 'stable' | 'over';
  /** The open record was made in this attempt. */
  readonly isOfThisAttempt: boolean;
  /** The release is Stable and live. */
  readonly isLive: boolean;
  /** The commit became Stable here, and was not rolled back since. */
  readonly isVerified: boolean;
  /** The commands deploy it no more: it was found bad, a newer one came, or its requirement is not met. */
  readonly isRefused: boolean;
}

/** How one command may end. */
export interface CommandOutcome {
  readonly state: EnvironmentState;
  /** Absent if it was stopped. */
  readonly isSuccess?: boolean;
  readonly outputs: Outputs;
}

/** The outputs that conditions and commands read. */
export interface Outputs {
  readonly go?: string;
  readonly state?: string;
  /** `now`: this attempt; `before`: an earlier one. */
  readonly completed?: 'now' | 'before';
}

/** What a command knows about its run. */
export interface Reported {
  /** The job that deploys succeeded. */
  readonly isDeployed: boolean;
  /** The output of the job that deploys. */
  readonly state?: string;
  /** The environment before this one verified the commit. */
  readonly isRequirementMet: boolean;
}

const known = new Map<string, EnvironmentState>();

/** Equal states are the same object. */
export function stateOf({ record, isOfThisAttempt, isLive, isVerified, isRefused }: Omit<EnvironmentState, 'id'>): EnvironmentState {
  const isNew = isOfThisAttempt && record === 'open';
  const key = `${record}${Number(isNew)}${Number(isLive)}${Number(isVerified)}${Number(isRefused)}`;
  let state = known.get(key);
  if (!state) known.set(key, state = { id: known.size, record, isOfThisAttempt: isNew, isLive, isVerified, isRefused });
  return state;
}

export const UNTOUCHED = stateOf({ record: 'none', isOfThisAttempt: false, isLive: false, isVerified: false, isRefused: false });

/** How a run may find an environment: the release may be Stable already, or not wanted. */
export const AT_FIRST: readonly EnvironmentState[] = [
  UNTOUCHED,
  changed(UNTOUCHED, { isLive: true, isVerified: true }),
  changed(UNTOUCHED, { isRefused: true }),
];

function changed(state: EnvironmentState, change: Partial<EnvironmentState>): EnvironmentState {
  return stateOf({ ...state, ...change });
}

export function isOpen({ record }: EnvironmentState): boolean {
  return record === 'open' || record === 'confirming';
}

/** `plan`: a freeze is green and says no, but the deploy job finishes what is open all the same. */
export function planned(state: EnvironmentState, { isRequirementMet }: Reported): CommandOutcome[] {
  const isRefused = state.isRefused || !isRequirementMet;
  return [
    ...(isRefused && !state.isLive ? [] : [ended(state, true, { go: 'true' })]),
    ...(isOpen(state) ? [] : [ended(state, true, { go: 'false' })]),
    ended(state, false, { go: 'false' }),
  ];
}

/** `deploy`: finishes what an earlier attempt left, looks again at what may have changed, then deploys. */
export function deployed(state: EnvironmentState, reported: Reported): CommandOutcome[] {
  if (!isOpen(state)) return deployedNow(state, reported);
  return [stopped(state), ...finished(state, reported)]
    .flatMap((outcome) => (outcome.isSuccess === undefined ? [outcome] : deployedNow(outcome.state, reported)));
}

function deployedNow(state: EnvironmentState, { isRequirementMet }: Reported): CommandOutcome[] {
  if (state.isLive) return [ended(state, true, { state: 'unchanged' })];
  if (state.isRefused || !isRequirementMet) return [ended(state, false)];
  const open = changed(state, { record: 'open', isOfThisAttempt: true });
  const over = changed(state, { record: 'over' });
  const isBad = { isRefused: true };
  return [
    ended(state, false),
    ended(state, true, { state: 'frozen' }),
    ended(changed(state, { record: 'confirming' }), true, { state: 'confirming' }),
    // the ledger did not take the last entry, or is not read back yet
    ended(open, true, { state: 'confirming' }),
    // before and while it changes the environment, and while it rolls back
    ...[changed(open, { isOfThisAttempt: false }), open, changed(open, { isOfThisAttempt: false, ...isBad })].map(stopped),
    ...[over, changed(over, isBad)].map((one) => ended(one, false, { state: 'rolledBack' })),
  ];
}

/** `monitor`: reads the ledger first, and probes only an open release that is promoted. */
export function monitored(state: EnvironmentState, reported: Reported): CommandOutcome[] {
  const { isDeployed, state: said } = reported;
  // a lost deploy job shows the output of its earlier attempt
  if (isDeployed && said === 'frozen') return [ended(state, true, { completed: 'now', state: said })];
  switch (standing(state, reported)) {
    case 'none': return [nothingOfThisRun(state, reported)];
    case 'open': return [ended(state, false)];
    case 'confirming': return confirmed(state);
    case 'stable': return [ended(state, state.isVerified, { completed: 'now', state: state.isVerified ? 'stable' : 'rolledBack' })];
    case 'over': return [ended(state, false, { completed: 'now', state: 'rolledBack' })];
  }
}

function nothingOfThisRun(state: EnvironmentState, { isDeployed, state: said }: Reported): CommandOutcome {
  if (isDeployed && said !== 'unchanged' && said !== 'stable') return ended(state, false);
  return ended(state, true, { completed: 'now', state: isDeployed && state.isVerified ? 'stable' : 'rolledBack' });
}

function confirmed(state: EnvironmentState): CommandOutcome[] {
  const [confirming, over] = [changed(state, { record: 'confirming' }), changed(state, { record: 'over' })];
  const completed = { completed: 'now', state: 'rolledBack' } as const;
  return [
    ended(state, false),
    stopped(confirming),
    ended(verified(state), true, { completed: 'now', state: 'stable' }),
    // another job holds what a rollback needs
    ended(changed(state, { record: 'open', isOfThisAttempt: false, isRefused: true }), false),
    ended(over, false, completed),
    ended(changed(over, { isRefused: true }), false, completed),
  ];
}

/** `rollback --recover`: idempotent, because the record is final afterwards. */
export function recovered(state: EnvironmentState, reported: Reported): CommandOutcome[] {
  return isOpen(state) ? [stopped(state), ...finished(state, reported)] : [ended(state, true)];
}

const LATER = new Map<EnvironmentState, readonly EnvironmentState[]>();

/** What others may do between two attempts: they finish what is open first. */
export function meanwhile(state: EnvironmentState): readonly EnvironmentState[] {
  let found = LATER.get(state);
  if (!found) LATER.set(state, found = changedByOthers(state));
  return found;
}

function changedByOthers(state: EnvironmentState): EnvironmentState[] {
  const ends = isOpen(state) ? finished(state, NOTHING).filter(({ isSuccess }) => isSuccess !== undefined).map((one) => one.state) : [state];
  return [...new Set(ends.flatMap((one) => {
    const newer = changed(one, { isRefused: true, isLive: false });
    // a person may also have rolled it back
    return [newer, changed(newer, { isVerified: false })];
  }))];
}

const NOTHING: Reported = { isDeployed: false, isRequirementMet: true };

/** Taken from the process that carried it, which is gone; then carried to its end. */
function finished(state: EnvironmentState, reported: Reported): CommandOutcome[] {
  const over = changed(state, { record: 'over' });
  const rolledBack = { state: 'rolledBack' };
  const rollingBack = changed(state, { record: 'open', isOfThisAttempt: false });
  if (standing(state, reported) === 'open') return [stopped(rollingBack), ended(over, false, rolledBack)];
  return [
    stopped(changed(state, { record: 'confirming' })),
    stopped(changed(rollingBack, { isRefused: true })),
    ended(verified(state), true, { state: 'stable' }),
    ...[over, changed(over, { isRefused: true })].map((one) => ended(one, false, rolledBack)),
  ];
}

function standing({ record, isOfThisAttempt }: EnvironmentState, { isDeployed }: Reported): EnvironmentState['record'] {
  return record === 'open' && isOfThisAttempt && isDeployed ? 'confirming' : record;
}

function verified(state: EnvironmentState): EnvironmentState {
  return changed(state, { record: 'stable', isLive: true, isVerified: true });
}

/** What is left for the next attempt to know. */
export function afterAttempt(state: EnvironmentState): EnvironmentState {
  return changed(state, { isOfThisAttempt: false });
}

function ended(state: EnvironmentState, isSuccess: boolean, outputs: Outputs = {}): CommandOutcome {
  return { state, isSuccess, outputs };
}

function stopped(state: EnvironmentState): CommandOutcome {
  return { state, outputs: {} };
}
