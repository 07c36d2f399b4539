import { Deployment } from '../deployment';
import { GateResult, Progress, runGate } from '../gate';
import { PhaseResult } from './phase';
import { Release } from '../release';
import { Surroundings } from '../surroundings';

/** What a gate of this deployment waits for. */
export interface Watch {
  readonly release: Release;
  readonly candidateUrl?: string;
  /** Whether the release already answered, so that not answering is a failure at once. */
  readonly ready: boolean;
  readonly until?: number;
}

/** Probes until a verdict, saying on the way what it sees. */
export async function watch(deployment: Deployment, what: Watch): Promise<PhaseResult> {
  const result = await gate(deployment.surroundings, what, deployment.learnt.baseline);
  return { event: result.verdict, note: result.reason, probes: result.probes };
}

export function gate(surroundings: Surroundings, what: Watch, baseline: Record<string, boolean>): Promise<GateResult> {
  const { environment, clock, probe, log, interrupted } = surroundings;
  return runGate(
    {
      checks: environment.healthChecks,
      ...what,
      baseline,
      signal: interrupted,
      onProgress: (progress) => log.progress(progressLine(progress)),
    },
    { clock, probe },
  );
}

function progressLine({ check, observation, inARow, needed, counting, remainingMs }: Progress): string {
  const row = counting === 'waiting' ? 'waiting for it' : `${counting} ${inARow} of ${needed} in a row`;
  return `${check}: ${observation.saw} · ${row} · ${Math.max(0, Math.ceil(remainingMs / 1000))} s left`;
}
