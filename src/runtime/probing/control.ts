import { Clock } from '../clock';
import { InterruptedError } from '../errors';
import { networkFault } from './network-fault';
import { Observation } from './observation';
import { ownHeaders, Prober } from './probe';
import { sendRequest } from '../http/http-exchange';

/** A service that is silent for so long is doubted: the control URL is asked while the probe still waits, so that both look at the same moment. */
export const SILENCE_MS = 1_000;
/** The control URL is one that answers at once. */
export const CONTROL_TIMEOUT_MS = 2_000;
/** Checks side by side meet the same fault: the second does not ask again. */
export const REUSE_MS = 500;

/** Whether something that has nothing to do with the service can be reached from here. Never rejects. */
export type Control = () => Promise<boolean>;

/**
 * A prober that does not blame the service for the prober's own network: where a probe got no answer at all, and the
 * control URL does not answer either, it was blind. Without a control URL it is the prober that was given.
 */
export function controlled(probe: Prober, controlUrl: string | undefined, clock: Clock): Prober {
  if (controlUrl === undefined) return probe;
  const url = new URL(controlUrl);
  return controlledBy(() => answers(url, clock), probe, clock);
}

/** The same for any control. It is asked once at a time. */
export function controlledBy(control: Control, probe: Prober, clock: Clock): Prober {
  const shared = new SharedControl(control, clock);
  return async (check, target, signal) => {
    const done = new AbortController();
    let asked: Promise<boolean> | undefined;
    void clock.sleep(Math.min(SILENCE_MS, check.timeoutMs / 2), done.signal).then(() => {
      if (!done.signal.aborted) asked = shared.answers();
    });
    const observation = await probe(check, target, signal).finally(() => done.abort('done'));
    if (!isSilence(observation)) return observation;
    const isReached = await unlessInterrupted(asked ?? shared.answers(), signal);
    return isReached ? observation : blinded(observation, clock.now());
  };
}

/** A gateway that says 503 did answer: the network is all right. */
function isSilence({ outcome, status }: Observation): boolean {
  return outcome === 'unreachable' && status === undefined;
}

function blinded({ saw, ...observation }: Observation, endedAt: number): Observation {
  const silence = saw.startsWith('no answer') ? saw : `no answer (${saw})`;
  return { ...observation, endedAt, outcome: 'blind', saw: `${silence}; the control URL does not answer either` };
}

/**
 * Any answer will do, whatever it says: nothing of it is read. One that is not HTTP, or whose certificate nobody trusts,
 * came over the network as well; and it is better to go back too readily than to halt because the control URL is ill-chosen.
 */
async function answers(url: URL, clock: Clock): Promise<boolean> {
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

  public answers(): Promise<boolean> {
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
