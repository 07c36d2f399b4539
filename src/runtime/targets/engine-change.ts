import { EngineError, isUncertain } from './engine-error';
import { RuntimeContext } from '../context';
import { InterruptedError } from '../errors';

/** Waits before the state is read again. Rejects with `InterruptedError`. */
export async function waitFor({ clock, interrupted }: Pick<RuntimeContext, 'clock' | 'interrupted'>, ms: number): Promise<void> {
  await clock.sleep(ms, interrupted);
  if (interrupted.aborted) throw new InterruptedError();
}

/**
 * Makes a change. Returns whether it is known to be made: if its result is uncertain, it waits with `pause`, and the caller reads the state
 * again. Rejects with every other error.
 */
export async function unlessUncertain(
  change: () => Promise<void>, pause: (why: string) => Promise<void>, isRetried: (error: EngineError) => boolean = isUncertain,
): Promise<boolean> {
  try {
    await change();
    return true;
  } catch (error) {
    if (!(error instanceof EngineError) || !isRetried(error)) throw error;
    await pause(error.message);
    return false;
  }
}
