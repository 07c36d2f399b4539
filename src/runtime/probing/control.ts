import { Clock } from '../clock';
import { InterruptedError } from '../errors';
import { networkFault } from './network-fault';
import { Observation } from './observation';
import { ownHeaders, Prober } from './probe';
import { sendRequest } from '../http/http-exchange';

/** After this silence the control URL is probed in parallel, so that both probes see the network at the same time. */
export const SILENCE_MS = 1_000;
/** The timeout of the control URL, which should respond immediately. */
export const CONTROL_TIMEOUT_MS = 2_000;
/** Parallel checks see the same fault, so they share a result for this long. */
export const REUSE_MS = 500;

/** Returns whether an address unrelated to the service can be reached from here. Never rejects. */
export type Control = () => Promise<boolean>;

/**
 * Wraps a prober so that it does not blame the service for the runner's own network: if a probe got no response and the control URL does
 * not respond either, the outcome is `blind`. Without a control URL, returns the given prober.
 */
export function controlled(probe: Prober, controlUrl: string | undefined, clock: Clock): Prober {
  if (controlUrl === undefined) return probe;
  const url = new URL(controlUrl);
  return controlledBy(() => responds(url, clock), probe, clock);
}

/** The same for any control, which runs once at a time. */
export function controlledBy(control: Control, probe: Prober, clock: Clock): Prober {
  const shared = new SharedControl(control, clock);
  return async (check, target, signal) => {
    const done = new AbortController();
    let pending: Promise<boolean> | undefined;
    void clock.sleep(Math.min(SILENCE_MS, check.timeoutMs / 2), done.signal).then(() => {
      if (!done.signal.aborted) pending = shared.responds();
    });
    const observation = await probe(check, target, signal).finally(() => done.abort('done'));
    if (!isSilence(observation)) return observation;
    const isReached = await unlessInterrupted(pending ?? shared.responds(), signal);
    return isReached ? observation : blinded(observation, clock.now());
  };
}

/** A gateway that returns 503 did respond, so the network works. */
function isSilence({ outcome, status }: Observation): boolean {
  return outcome === 'unreachable' && status === undefined;
}

function blinded({ saw, ...observation }: Observation, endedAt: number): Observation {
  const silence = saw.startsWith('no response') ? saw : `no response (${saw})`;
  return { ...observation, endedAt, outcome: 'blind', saw: `${silence}; the control URL does not respond either` };
}

/**
 * Accepts any response without reading it. A response that is not HTTP, or whose certificate is not trusted, came over the network too. A
 * rollback too many is better than a halt because of an unsuitable control URL.
 */
async function responds(url: URL, clock: Clock): Promise<boolean> {
  const end = new AbortController();
  void clock.sleep(CONTROL_TIMEOUT_MS, end.signal).then(() => end.abort(new Error('timed out')));
  try {
    await sendRequest({ url, headers: ownHeaders(), wantsBody: () => false, addressAttemptMs: CONTROL_TIMEOUT_MS / 4, signal: end.signal });
    return true;
  } catch (error) {
    return networkFault(error).outcome === 'unhealthy';
  } finally {
    end.abort();
  }
}

class SharedControl {
  private underWay?: Promise<boolean>;
  private last?: { readonly isReached: boolean; readonly at: number };

  constructor(private readonly control: Control, private readonly clock: Clock) {}

  public responds(): Promise<boolean> {
    if (this.last && this.clock.now() - this.last.at < REUSE_MS) return Promise.resolve(this.last.isReached);
    this.underWay ??= this.probe();
    return this.underWay;
  }

  private async probe(): Promise<boolean> {
    const isReached = await this.control();
    this.last = { isReached, at: this.clock.now() };
    this.underWay = undefined;
    return isReached;
  }
}

function unlessInterrupted<T>(work: Promise<T>, signal?: AbortSignal): Promise<T> {
  return new Promise((resolve, reject) => {
    const interrupt = () => reject(new InterruptedError());
    if (signal?.aborted) return interrupt();
    signal?.addEventListener('abort', interrupt, { once: true });
    void work.then(resolve, reject).finally(() => signal?.removeEventListener('abort', interrupt));
  });
}
