import { DeploymentInProgress, PhaseResult } from './phase';
import { formatDuration } from '../../../contract/duration-text';
import { EnvironmentManifest } from '../../../contract/manifest';
import { RuntimeContext } from '../../context';
import { GateResult, GateContext, Progress, Replaced, runGate } from '../../probing/gate';
import { attentive, FairClock } from '../../probing/starvation';
import { Named, Release } from '../../release';
import { recordedNamesakes } from '../moved-tag';

/** What a deployment probes until there is a verdict. */
export interface Watch {
  readonly release: Release;
  readonly replaced?: Replaced;
  /** Whether the release was live and verified before, and is live again. */
  readonly isRestored?: boolean;
  readonly candidateUrl?: string;
  /** Releases that share the traffic with it: a good response of theirs is good. */
  readonly sharedWith?: readonly Release[];
  /** Other commits with the version of the release. @default - none */
  readonly namesakes?: readonly Named[];
  /** The names of checks that are not run. @default - none */
  readonly except?: readonly string[];
  /** The slot of the candidate. */
  readonly slot?: string;
  /** Whether the release responded before, so that no response is a failure at once. */
  readonly ready: boolean;
  readonly until?: number;
  /** Ends the time of `until` early when it aborts. */
  readonly enough?: AbortSignal;
}

/** Probes until there is a verdict, and logs the progress. */
export async function watch(deployment: DeploymentInProgress, what: Watch): Promise<PhaseResult> {
  const { facts, state, context } = deployment;
  const isRestored = state === 'rollingBack' || deployment.record.kind === 'rollback';
  const namesakes = recordedNamesakes(deployment.record, what.release);
  const result = await gate(context, { namesakes, ...what, isRestored }, facts.baseline);
  if (what.candidateUrl === undefined && state !== 'rollingBack') {
    facts.isSeen = !result.isUnseen;
    facts.exposedAt = result.shownAt ?? facts.exposedAt;
  }
  return { event: result.verdict, note: result.reason, probes: result.probes };
}

export async function gate(context: RuntimeContext, what: Watch, baseline: Record<string, boolean>): Promise<GateResult> {
  const { clock, noticesStarvation, probe } = context;
  if (!noticesStarvation) return run(context, what, baseline, { clock, probe });
  const end = new AbortController();
  const fair = new FairClock(clock);
  void fair.beat(end.signal);
  try {
    const result = await run(context, what, baseline, { clock: fair, probe: attentive(probe, fair) });
    return { ...result, shownAt: result.shownAt === undefined ? undefined : result.shownAt + fair.leftOutMs };
  } finally {
    end.abort();
  }
}

function run(context: RuntimeContext, what: Watch, baseline: Record<string, boolean>, by: GateContext): Promise<GateResult> {
  const { environment, log, interrupted } = context;
  return runGate(
    {
      checks: environment.healthChecks.filter(({ liveOnly, name }) => !(liveOnly && what.candidateUrl) && !what.except?.includes(name)),
      ...what,
      baseline,
      signal: interrupted,
      onProgress: (progress) => log.progress(progressLine(progress, leftOf(progress, context, what))),
    },
    by,
  );
}

/** The releases that may still respond to users: Stable, the release that a rollback by hand leaves, and what responded before the first change. */
export function replacedBy({ facts, record: { createdAt, leaving, stable } }: DeploymentInProgress): Replaced {
  return { releases: [stable?.release, leaving, ...facts.before].filter((one) => one !== undefined), until: Date.parse(createdAt) };
}

/** The URL of a slot's candidate, if the environment's strategy has one. */
export function candidateUrlOf({ context }: DeploymentInProgress, slot: string | undefined): string | undefined {
  return candidateUrlIn(context.environment, slot);
}

export function candidateUrlIn({ strategy }: Pick<EnvironmentManifest, 'strategy'>, slot: string | undefined): string | undefined {
  return strategy.candidateUrl?.replaceAll('{slot}', slot ?? '');
}

function progressLine({ check, observation, inARow, needed, counting }: Progress, leftMs: number): string {
  const count = inARow < needed ? `${inARow} of ${needed} in a row` : `${inARow} in a row`;
  const row = counting === 'waiting' ? 'waiting for it' : `${counting} ${count}`;
  return `${check}: ${observation.saw} · ${row} · ${formatDuration(leftMs, 'seconds')} left`;
}

/** While only a row is missing: the time of the remaining probes. Otherwise the time until it ends, or until the deadline. */
function leftOf({ check, counting, inARow, lasts, needed, remainingMs }: Progress, { environment }: RuntimeContext, { until }: Watch): number {
  if (counting !== 'healthy' || lasts || until !== undefined) return remainingMs;
  const intervalMs = environment.healthChecks.find(({ name }) => name === check)?.intervalMs ?? 0;
  return (needed - inARow) * intervalMs;
}
