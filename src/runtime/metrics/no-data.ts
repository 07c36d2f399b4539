import type { MetricContext } from './metric-source';
import { formatDuration } from '../../contract/duration-text';
import { Counters, Scrape } from '../analysis/counters';
import { InterruptedError, NamedError } from '../errors';

/** A source has no data that can be used, and why. */
export class NoDataError extends NamedError {}

export interface Sides {
  readonly canary: Counters;
  readonly stable: Counters;
}

class TimedOut extends Error {}

/**
 * Reads within a time limit. What goes wrong with the source is the problem of the scrape. Rejects with `InterruptedError` when the signal aborts.
 *
 * @param source for messages: `Prometheus`
 * @param read stops when its signal aborts, and rejects with `NoDataError`
 */
export async function scrapeWithin(
  source: string, timeoutMs: number, { clock }: Pick<MetricContext, 'clock'>, signal: AbortSignal, read: (signal: AbortSignal, atMs: number) => Promise<Sides>,
): Promise<Scrape> {
  if (signal.aborted) throw new InterruptedError();
  const atMs = clock.now();
  const end = new AbortController();
  const interrupt = () => end.abort(new InterruptedError());
  signal.addEventListener('abort', interrupt, { once: true });
  void clock.sleep(timeoutMs, end.signal).then(() => end.abort(new TimedOut()));
  try {
    return { atMs, ...await read(end.signal, atMs) };
  } catch (error) {
    if (signal.aborted) throw new InterruptedError();
    if (end.signal.aborted) return { atMs, problem: `${source} does not respond within ${formatDuration(timeoutMs)}` };
    if (error instanceof NoDataError) return { atMs, problem: error.message };
    throw error;
  } finally {
    signal.removeEventListener('abort', interrupt);
    end.abort(new InterruptedError());
  }
}
