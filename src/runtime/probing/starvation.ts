import { Clock } from '../clock';
import { Prober } from './probe';
import { HealthCheckManifest, STARVED_MOST_MS } from '../../contract/manifest';
import { spellMs } from '../reporting/wording';

const BEAT_MS = 50;
/** How often a question is asked in all, where the process gets no turn while it waits for the answer. */
const TRIES = 3;
/** A timer that is later than this says that the process got no turn. */
const TOLERANCE_MS = 50;

/**
 * A clock that leaves out the time in which the process itself got no turn: the machine was busy, or it stood still. So deadlines
 * move by as much, though by no more than `STARVED_MOST_MS`.
 */
export class FairClock implements Clock {
  private lost = 0;
  private dueAt: number;

  constructor(private readonly clock: Clock) {
    this.dueAt = clock.now() + BEAT_MS;
  }

  /** Beats until the signal aborts. Without it nothing is noticed. */
  public async beat(signal: AbortSignal): Promise<void> {
    while (!signal.aborted) {
      this.dueAt = this.clock.now() + BEAT_MS;
      await this.clock.sleep(BEAT_MS, signal);
      this.lost = this.lostMs;
    }
  }

  /** How long the process got no turn, in all; also while the next beat is overdue. */
  public get lostMs(): number {
    const late = this.clock.now() - this.dueAt;
    return this.lost + (late > TOLERANCE_MS ? late : 0);
  }

  /** So much of it is left out. */
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
 * A prober that does not blame the service for a process that got no turn: what it saw then says nothing, and is asked again. A wrong answer
 * that came in time stays one.
 */
export function attentive(probe: Prober, clock: FairClock): Prober {
  return async (check, target, signal) => {
    const [startedAt, before] = [clock.now(), clock.lostMs];
    const observation = { ...await probe(check, target, signal), startedAt, endedAt: clock.now() };
    const starvedMs = clock.lostMs - before;
    if (starvedMs < (observation.outcome === 'healthy' ? check.timeoutMs : patienceMs(check) / 4)) return observation;
    return { ...observation, starvedMs, outcome: 'blind', saw: `this machine gave the runtime no turn for ${spellMs(starvedMs)} (${observation.saw})` };
  };
}

/** What a single question is asked with. */
export interface ProbeContext {
  readonly clock: Clock;
  readonly probe: Prober;
  /** Whether the time in which the process gets no turn is noticed. */
  readonly noticesStarvation?: boolean;
}

/** A prober for questions outside of a gate: what was not seen because the process got no turn is asked again at once, a few times. */
export function retryingWhenStarved({ clock, noticesStarvation, probe }: ProbeContext): Prober {
  if (!noticesStarvation) return probe;
  return async (check, target, signal) => {
    const end = new AbortController();
    const fair = new FairClock(clock);
    void fair.beat(end.signal);
    try {
      const ask = attentive(probe, fair);
      let observation = await ask(check, target, signal);
      for (let tries = 1; tries < TRIES && observation.starvedMs !== undefined; tries += 1) observation = await ask(check, target, signal);
      return observation;
    } finally {
      end.abort();
    }
  };
}

/** How long an answer may take. */
function patienceMs(check: HealthCheckManifest): number {
  return check.kind === 'http' ? check.maxLatencyMs ?? check.timeoutMs : check.timeoutMs;
}
