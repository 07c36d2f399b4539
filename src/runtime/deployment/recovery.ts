import { formatDuration } from '../../contract/duration-text';
import { longestVerdictMs } from '../../contract/manifest';
import { longestRestoreMs } from '../../contract/time-budget';
import { EnvironmentLockedError, InterruptedError, LeaseLostError } from '../errors';
import { Deployment } from './deployment';
import { doing, sayRecovery, sayUsers } from './left-open';
import { preflightRecovery } from './preflight';
import { isFinal, reachedState, State } from './state-machine';
import { Run } from '../ci/run';
import { RuntimeContext } from '../context';
import { EventLogError, runOfProcess } from '../event-log/event-log';
import { LeaseHolder, leaseHolderOf, Standing } from '../ledger/entries';
import { EnvironmentHistory } from '../ledger/history';
import { LedgerRecord } from '../ledger/record';
import { placeOf, recoverLine } from '../reporting/command-line';
import { describeLive, liveRelease } from '../targets/live-release';

/**
 * Recovers a deployment whose process is gone: rolls it back, or, if only the confirmation is missing, probes it again. Idempotent,
 * because the record is final afterwards. Rejects with `LeaseLostError` if another process was faster.
 */
async function recover(context: RuntimeContext, open: Standing, why?: string): Promise<Deployment> {
  const deployment = Deployment.resume(context, { ...open, state: standing(context, open) });
  const live = await liveRelease(context);
  const found = live ? `; the engine serves ${describeLive(live)}` : '';
  await deployment.take(`${why ?? `left ${open.state} by ${context.run.words.title(open.record.run.id, open.record.run.attempt)}`}${found}`);
  await carryOn(deployment);
  return deployment;
}

/** As the deployment does it; if it is interrupted, the error says what users have. */
export async function carryOn(deployment: Deployment, until?: State): Promise<void> {
  try {
    await deployment.carryOn(until);
  } catch (error) {
    if (error instanceof InterruptedError) throw new InterruptedError(`${error.message}. ${sayInterrupted(deployment)}`);
    throw error;
  }
}

/** What users have after an interruption, and what recovers it. */
export function sayInterrupted({ context, reached }: Deployment): string {
  const { environment, run } = context;
  const recovery = sayRecovery(reached, environment.target);
  const next = run.inCi ? `The next step recovers it: ${recovery}.` : `The next command recovers it first: ${recovery}. To do only that: ${recoverLine(placeOf(context))}`;
  return `${beginning(sayUsers(reached))}. ${next}`;
}

/** A deployment that is not over. */
export interface OpenDeployment {
  readonly standing: Standing;
  /** Its process is gone: the next command recovers it. */
  readonly isAbandoned: boolean;
  /** What it does now, or what was left, and what users have. */
  readonly sentence: string;
  /** What comes of it, before anything else is done. */
  readonly recovery: string;
}

/** The deployment that is not over, if any. Rejects with `EventLogError`. */
export async function openDeployment(context: RuntimeContext, history: EnvironmentHistory): Promise<OpenDeployment | undefined> {
  const found = await history.open();
  if (!found) return undefined;
  const { environment, run } = context;
  const reached = { ...found, state: standing(context, found) };
  const isAbandoned = !await isAtWork(context, found);
  const left = `was left while it was ${doing(reached.state)}, and its process is gone`;
  return {
    standing: reached,
    isAbandoned,
    sentence: `${nameOf(run, found.record)} ${isAbandoned ? left : `is ${doing(reached.state)}`}: ${sayUsers(reached)}`,
    recovery: sayRecovery(reached, environment.target),
  };
}


/** The state that a record reached. The result of the deploy job counts only for a record of its own attempt. */
export function standing({ run }: RuntimeContext, { record, state }: Standing): State {
  return reachedState(state, run.deployed && record.run.id === run.id && record.run.attempt === run.attempt);
}

export interface RecoveryOptions {
  /** Recovers only this record. */
  readonly only?: LedgerRecord;
  /** Whether to continue if the files of the unfinished deployment are missing. @default false */
  readonly isDispensable?: boolean;
}

/**
 * Recovers what an earlier run left unfinished. Waits for a run that still works on it, for a limited time. After the time that its
 * verification may take, the claim of an adoption is taken, so that it records nothing. Returns the deployment that it recovered, if any.
 * Rejects with `EnvironmentLockedError`, `InterruptedError`, `ArtifactError` or `EventLogError`.
 */
export async function recoverUnfinished(
  context: RuntimeContext, { only, isDispensable = false }: RecoveryOptions = {},
): Promise<Deployment | undefined> {
  const { clock, log, run } = context;
  const giveUpAt = clock.now() + longestRestoreMs(context.environment);
  const takeAt = adoptionDeadlines(context, giveUpAt);
  let finished: Deployment | undefined;
  for (;;) {
    const open = await unfinished(context, only);
    if (!open || (only && open.record.id !== only.id)) return finished;
    const { id } = open.record;
    const name = nameOf(run, open.record);
    const what = `${name} is ${open.record.kind === 'adopt' ? 'being adopted' : doing(open.state)}`;
    // the ledger may still list a deployment as open that was recovered a moment ago
    const isDone = id === finished?.record.id;
    const isLate = clock.now() >= takeAt(open);
    if (!isDone && (isLate || await mayTake(context, open))) {
      await preflightRecovery(context, open, isDispensable);
      // the process wrote until it died, and another one may have been faster: read it again
      const left = await unfinished(context, only);
      if (left?.record.id !== id || carrier(left).processId !== carrier(open).processId) continue;
      const reached = { ...left, state: standing(context, left) };
      log.notice('An earlier deployment was left unfinished', `${name} was left while it was ${doing(reached.state)}: ${sayUsers(reached)}. It is recovered first: ${sayRecovery(reached, context.environment.target)}.`);
      finished = await recover(context, left, isLate ? `${run.words.title(run.id)} no longer waits for it` : undefined).catch(unlessLost) ?? finished;
      if (only && finished) return finished;
      if (finished && !finished.counts) throw new EventLogError(`${what}; it was recovered, but that could not be recorded: ${finished.rejection}`);
      if (finished?.record.id === id) continue;
    }
    await waitFor(context, open, (isDone ? giveUpAt : Math.min(takeAt(open), giveUpAt)) - clock.now(), what);
  }
}

/** The time at which the claim of an adoption is taken, counted from when it is first seen. A deployment is never taken from a process that works on it. */
function adoptionDeadlines(context: RuntimeContext, latest: number): (open: Standing) => number {
  const deadlines = new Map<string, number>();
  return ({ record: { id, kind } }) => {
    if (kind !== 'adopt') return Infinity;
    const deadline = deadlines.get(id) ?? Math.min(context.clock.now() + verificationMs(context), latest);
    deadlines.set(id, deadline);
    return deadline;
  };
}

/** An unfinished deployment comes before an adoption, which changes nothing. With `only`, claims of other runs are ignored. */
async function unfinished({ environment, ledger }: RuntimeContext, only?: LedgerRecord): Promise<Standing | undefined> {
  const history = new EnvironmentHistory(ledger, environment.name);
  if (only && only.kind !== 'adopt') return history.openOf(only.run.id);
  return await history.open() ?? history.adopting();
}

async function waitFor(context: RuntimeContext, open: Standing, leftMs: number, what: string): Promise<void> {
  const { clock, environment, interrupted, log, run: { inCi, words } } = context;
  const holder = inCi ? words.title(runOfProcess(carrier(open).processId).id) : 'another command';
  if (leftMs <= 0) {
    throw new EnvironmentLockedError(`${environment.name}: ${what}, according to the ledger, and ${holder} may still work on it: ${sayUsers(open)}. Nothing else was changed: run this again when that ${words.noun} is done, or ${words.cancel}.`);
  }
  log.progress(`waiting for ${holder}: ${what} · ${formatDuration(leftMs, 'seconds')} left`);
  await clock.sleep(Math.min(open.record.kind === 'adopt' ? ADOPTION_POLL_MS : POLL_MS, leftMs), interrupted);
  if (interrupted.aborted) throw new InterruptedError();
}

const POLL_MS = 10_000;
/** An adoption takes seconds. */
const ADOPTION_POLL_MS = 3_000;

/** The longest time that the health checks need for a verdict. */
function verificationMs({ environment }: RuntimeContext): number {
  return longestVerdictMs(environment.healthChecks);
}

/** Whether no process works on it: the lease was released, or its process belongs to this run or to a run that is over. */
async function mayTake({ ledger, run }: RuntimeContext, open: Standing): Promise<boolean> {
  const { isReleased, processId } = carrier(open);
  const { id, attempt } = runOfProcess(processId);
  // the jobs of a run and the steps of a job follow each other; a later attempt may be in progress
  if (isReleased || (id === run.id && attempt <= run.attempt)) return true;
  return !(await ledger.isAlive({ id, attempt }));
}

/** Whether a process works on an open deployment: on a laptop it holds the environment; in CI its run is not over. Rejects with `EventLogError`. */
export async function isAtWork({ environment, ledger, run }: RuntimeContext, { record, entries }: Standing): Promise<boolean> {
  if (run.inCi) {
    const { id, attempt } = runOfProcess(leaseHolderOf(record.processId, entries).processId);
    return ledger.isAlive({ id, attempt });
  }
  try {
    await (await ledger.hold?.(environment.name))?.();
    return false;
  } catch (error) {
    if (error instanceof EventLogError) return true;
    throw error;
  }
}

/** As messages name it: a command of a laptop has no number that a person knows. */
export function nameOf({ inCi, words }: Run, { by, createdAt, release: { version }, run }: LedgerRecord): string {
  return inCi ? `${version} (${words.title(run.id)})` : `${version} (of ${by}, begun ${createdAt})`;
}

function beginning(sentence: string): string {
  return sentence.charAt(0).toUpperCase() + sentence.slice(1);
}

function carrier({ record, entries }: Standing): LeaseHolder {
  return leaseHolderOf(record.processId, entries);
}

/** Another process was faster: its result counts. */
function unlessLost(error: unknown): undefined {
  if (error instanceof LeaseLostError) return undefined;
  throw error;
}

/** Returns the current state of a record, if it is final. */
export async function ended({ ledger }: RuntimeContext, { record }: Standing): Promise<Standing | undefined> {
  const entries = await ledger.history(record);
  const state = entries.at(-1)?.state ?? 'pending';
  return isFinal(state) ? { record, state, entries } : undefined;
}
