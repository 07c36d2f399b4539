import { formatDuration } from '../../contract/duration-text';
import { RuntimeContext } from '../context';
import { InterruptedError } from '../errors';
import { OutsideFault } from '../outside-fault';

export type EngineErrorKind =
  /** Too many requests: nothing was changed. */
  | 'throttled'
  /** The engine failed (5xx), or was not reached. It may have applied the change. */
  | 'unavailable'
  /** There was no response in time. The engine may have applied the change. */
  | 'timeout'
  /** The engine responds, and the release is not there in time: its own fault. */
  | 'overdue'
  /** A host or a registry has no space left. */
  | 'full'
  | 'accessDenied'
  /** There are no credentials, or they have expired. */
  | 'signedOut'
  | 'notFound'
  /** Another change came first, or is in progress. */
  | 'conflict'
  /** Another delivery deploys to the same place. What it does is not undone. */
  | 'overtaken'
  /** The engine's CLI is missing or too old. */
  | 'cliMissing'
  /** The engine rejects the request, and a retry does not help. */
  | 'rejected';

/** An engine did not execute a request. */
export class EngineError extends Error {
  constructor(public readonly kind: EngineErrorKind, message: string) {
    super(message);
    this.name = 'EngineError';
  }
}

const OUTSIDE: Readonly<Record<EngineErrorKind, OutsideFault | undefined>> = {
  throttled: 'unavailable',
  unavailable: 'unavailable',
  timeout: 'unavailable',
  full: 'unavailable',
  accessDenied: 'unavailable',
  signedOut: 'unavailable',
  cliMissing: 'unavailable',
  conflict: 'conflict',
  overtaken: 'overtaken',
  overdue: undefined,
  notFound: undefined,
  rejected: undefined,
};

/** What in the world is at fault; undefined if it is the release, or what it is made of. */
export function outsideFaultOf({ kind }: EngineError): OutsideFault | undefined {
  return OUTSIDE[kind];
}

/** Whether the state of the engine must be read again to know what the call did. */
export function isUncertain(error: unknown): error is EngineError {
  return error instanceof EngineError && ['unavailable', 'timeout', 'conflict'].includes(error.kind);
}

/** Whether a later attempt, perhaps of another job, may succeed without a change of the engine. */
export function mayPass({ kind }: EngineError): boolean {
  return ['throttled', 'unavailable', 'timeout', 'signedOut', 'cliMissing', 'accessDenied', 'full'].includes(kind);
}

/** The engine responded, and showed that the release is not there: then the end of its time is the release's own fault. */
export function overdueAfter(error: unknown, seen: string | undefined): unknown {
  return seen !== undefined && error instanceof EngineError && error.kind === 'timeout' ? new EngineError('overdue', `${seen}; ${error.message}`) : error;
}

/** What fails for several reasons is the release's fault if one of them is. */
export function mainKindOf(errors: readonly EngineError[]): EngineErrorKind {
  return (errors.find((error) => outsideFaultOf(error) === undefined) ?? errors[0])?.kind ?? 'rejected';
}

/** Waits before the state is read again. Rejects with `InterruptedError`. */
export async function waitFor({ clock, interrupted }: Pick<RuntimeContext, 'clock' | 'interrupted'>, ms: number): Promise<void> {
  await clock.sleep(ms, interrupted);
  if (interrupted.aborted) throw new InterruptedError();
}

/**
 * Logs why the engine is read again, and waits before that. Rejects with `InterruptedError`.
 *
 * @param what is read
 */
export async function pause(context: Pick<RuntimeContext, 'clock' | 'interrupted' | 'log'>, why: string, ms: number, what = 'state'): Promise<void> {
  context.log.line(`${why}; read the ${what} again in ${formatDuration(ms, 'exact')}`);
  await waitFor(context, ms);
}

/**
 * Makes a change. Returns whether it is known to be made: if its result is uncertain, it waits, and the caller reads the state
 * again. Rejects with every other error.
 */
export async function unlessUncertain(
  change: () => Promise<void>, wait: (why: string) => Promise<void>, isRetried: (error: EngineError) => boolean = isUncertain,
): Promise<boolean> {
  try {
    await change();
    return true;
  } catch (error) {
    if (!(error instanceof EngineError) || !isRetried(error)) throw error;
    await wait(error.message);
    return false;
  }
}
