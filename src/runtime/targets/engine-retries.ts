import { EngineError, EngineErrorKind } from './engine-error';
import { formatDuration } from '../../contract/duration-text';
import { RuntimeContext } from '../context';

/** The waits between the attempts of one call. */
const BACKOFF_MS = [500, 1_000, 2_000, 4_000, 8_000];

export interface EngineRetries {
  readonly context: Pick<RuntimeContext, 'clock' | 'interrupted'> & { readonly log: Pick<RuntimeContext['log'], 'line'> };
  /** Milliseconds since the epoch: no attempt begins after it. */
  readonly giveUpAt: number;
  /** Errors after which another attempt may succeed, and does no harm. */
  readonly retried: readonly EngineErrorKind[];
}

/** Calls an engine, and again after a growing wait as long as the error is one of `retried`. Rejects with the last error. */
export async function withRetries<T>({ context: { clock, interrupted, log }, giveUpAt, retried }: EngineRetries, call: () => Promise<T>): Promise<T> {
  for (let attempt = 0; ; attempt++) {
    try {
      return await call();
    } catch (error) {
      const waitMs = BACKOFF_MS[attempt];
      const isRetried = error instanceof EngineError && retried.includes(error.kind);
      if (!isRetried || waitMs === undefined || clock.now() + waitMs >= giveUpAt) throw error;
      log.line(`${error.message}; retry in ${formatDuration(waitMs)}`);
      await clock.sleep(waitMs, interrupted);
    }
  }
}
