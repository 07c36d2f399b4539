import { Deployment } from '../deployment';
import { PhaseResult } from './phase';
import { Surroundings } from '../../context';
import { GateResult, GateSurroundings, Progress, Replaced, runGate } from '../../probing/gate';
import { attentive, FairClock } from '../../probing/starvation';
import { Release } from '../../release';

/** What a gate of this deployment waits for. */
export interface Watch {
  readonly release: Release;
  readonly replaced?: Replaced;
  readonly candidateUrl?: string;
  /** The slot of the candidate. */
  readonly slot?: string;
  /** Whether the release already answered, so that not answering is a failure at once. */
  readonly ready: boolean;
  readonly until?: number;
}

/** Probes until a verdict, saying on the way what it sees. */
export async function watch(deployment: Deployment, what: Watch): Promise<PhaseResult> {
  const { learnt, state, surroundings } = deployment;
  const result = await gate(surroundings, what, learnt.baseline);
  if (what.candidateUrl === undefined && state !== 'rollingBack') {
    learnt.isSeen = !result.isUnseen;
    learnt.exposedAt = result.shownAt ?? learnt.exposedAt;
  }
  return { event: result.verdict, note: result.reason, probes: result.probes };
}

export async function gate(surroundings: Surroundings, what: Watch, baseline: Record<string, boolean>): Promise<GateResult> {
  const { clock, noticesStarvation, probe } = surroundings;
  if (!noticesStarvation) return run(surroundings, what, baseline, { clock, probe });
  const end = new AbortController();
  const fair = new FairClock(clock);
  void fair.beat(end.signal);
  try {
    const result = await run(surroundings, what, baseline, { clock: fair, probe: attentive(probe, fair) });
    return { ...result, shownAt: result.shownAt === undefined ? undefined : result.shownAt + fair.leftOutMs };
  } finally {
    end.abort();
  }
}

function run(surroundings: Surroundings, what: Watch, baseline: Record<string, boolean>, by: GateSurroundings): Promise<GateResult> {
  const { environment, log, interrupted } = surroundings;
  return runGate(
    {
      checks: environment.healthChecks.filter(({ liveOnly }) => !(liveOnly && what.candidateUrl)),
      ...what,
      baseline,
      signal: interrupted,
      onProgress: (progress) => log.progress(progressLine(progress, leftOf(progress, surroundings, what))),
    },
    by,
  );
}

/** What users may still get an answer of: Stable, what a rollback by hand leaves, and whatever answered before the first change. */
export function replacedBy({ learnt, record: { leaving, stable } }: Deployment): Replaced {
  return { releases: [stable?.release, leaving, ...learnt.before].filter((one) => one !== undefined) };
}

/** Where a slot's candidate answers, where the strategy says it. */
export function candidateUrlOf({ surroundings }: Deployment, slot: string | undefined): string | undefined {
  const { strategy } = surroundings.environment;
  return strategy.kind === 'blueGreen' ? strategy.candidateUrl?.replaceAll('{slot}', slot ?? '') : undefined;
}

function progressLine({ check, observation, inARow, needed, counting }: Progress, leftMs: number): string {
  const count = inARow < needed ? `${inARow} of ${needed} in a row` : `${inARow} in a row`;
  const row = counting === 'waiting' ? 'waiting for it' : `${counting} ${count}`;
  return `${check}: ${observation.saw} · ${row} · ${Math.max(0, Math.ceil(leftMs / 1000))} s left`;
}

/** While it is healthy and nothing bakes, what is left is the rest of the row; else the time until it must have answered. */
function leftOf({ check, counting, inARow, needed, remainingMs }: Progress, { environment }: Surroundings, { until }: Watch): number {
  if (counting !== 'healthy' || until !== undefined) return remainingMs;
  const intervalMs = environment.healthChecks.find(({ name }) => name === check)?.intervalMs ?? 0;
  return (needed - inARow) * intervalMs;
}
