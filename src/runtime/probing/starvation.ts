import { Clock } from '../clock';
import { Prober } from './probe';
import { formatDuration } from '../../contract/duration-text';
import { HealthCheckManifest, STARVED_MOST_MS } from '../../contract/manifest';

const BEAT_MS = 50;
/** The number of attempts of a single probe if the process gets no CPU time. */
const TRIES = 3;
/** A timer that is later than this means that the process got no CPU time. */
const TOLERANCE_MS = 50;

/**
 * A clock that excludes the time in which the process got no CPU, because the machine was busy or suspended. Deadlines move by that
 * time, but by no more than `STARVED_MOST_MS`.
 */
export class FairClock implements Clock {
  private lost = 0;
  private dueAt: number;

  constructor(private readonly clock: Clock) {
    this.dueAt = clock.now() + BEAT_MS;
  }

  /** Measures until the signal aborts. */
  public async beat(signal: AbortSignal): Promise<void> {
    while (!signal.aborted) {
      this.dueAt = this.clock.now() + BEAT_MS;
      await this.clock.sleep(BEAT_MS, signal);
      this.lost = this.lostMs;
    }
  }

  /** The total time without CPU, including an overdue beat. */
  public get lostMs(): number {
    const late = this.clock.now() - this.dueAt;
    return this.lost + (late > TOLERANCE_MS ? late : 0);
  }

  /** The part of it that is excluded. */
  public get leftOutMs(): number {
    return Math.min(this.lostMs, STARVED_MOST_MS);
  }

  public now(): number {
    return this.clock.now() - this.leftOutMs;
  }

  public sleep(ms: number, signal?: AbortSignal): Promise<void> {
    return this.clock.sleep(ms, signal);
  }
}

/**
 * Wraps a prober so that it does not blame the service when the process got no CPU time: such a result is `blind`. A bad response that
 * came in time stays bad.
 */
export function attentive(probe: Prober, clock: FairClock): Prober {
  return async (check, target, signal) => {
    const [startedAt, before] = [clock.now(), clock.lostMs];
    const observation = { ...await probe(check, target, signal), startedAt, endedAt: clock.now() };
    const starvedMs = clock.lostMs - before;
    if (starvedMs < (observation.outcome === 'healthy' ? check.timeoutMs : patienceMs(check) / 4)) return observation;
    return { ...observation, starvedMs, outcome: 'blind', saw: `this machine gave the runtime no CPU for ${formatDuration(starvedMs)} (${observation.saw})` };
  };
}

/** The context of a single probe. */
export interface ProbeContext {
  readonly clock: Clock;
  readonly probe: Prober;
  /** Whether to detect that the process gets no CPU time. */
  readonly noticesStarvation?: boolean;
}

/** Wraps a prober for use outside of a gate: probes again, a few times, if the process got no CPU time. */
export function retryingWhenStarved({ clock, noticesStarvation, probe }: ProbeContext): Prober {
  if (!noticesStarvation) return probe;
  return async (check, target, signal) => {
    const end = new AbortController();
    const fair = new FairClock(clock);
    void fair.beat(end.signal);
    try {
      const attentiveProbe = attentive(probe, fair);
      let observation = await attentiveProbe(check, target, signal);
      for (let tries = 1; tries < TRIES && observation.starvedMs !== undefined; tries += 1) observation = await attentiveProbe(check, target, signal);
      return observation;
    } finally {
      end.abort();
    }
  };
}

/** How long a response may take. */
function patienceMs(check: HealthCheckManifest): number {
  return check.kind === 'http' ? check.maxLatencyMs ?? check.timeoutMs : check.timeoutMs;
}
