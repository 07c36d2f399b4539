import { candidateUrlIn } from './phases/gate';
import { HealthCheckManifest, knowsRelease } from '../../contract/manifest';
import { RuntimeContext } from '../context';
import { Observation } from '../probing/observation';
import { retryingWhenStarved } from '../probing/starvation';
import { Release } from '../release';
import { strategyOf } from '../strategies/rollout-strategy';

/** What one probe of a check saw. */
export interface Response {
  readonly check: HealthCheckManifest;
  readonly seen: Pick<Observation, 'outcome' | 'release' | 'status'>;
}

/** What responds before the first change. */
export interface Responses {
  /** To users. */
  readonly users: readonly Response[];
  /** In each slot whose URL is known. */
  readonly slots: ReadonlyMap<string, readonly Response[]>;
}

/** Probes what users see and what each slot holds, once. Changes nothing. Rejects with `InterruptedError`. */
export async function whatResponds(context: RuntimeContext, release: Release): Promise<Responses> {
  const { environment, interrupted } = context;
  const probe = retryingWhenStarved(context);
  const look = (checks: readonly HealthCheckManifest[], url?: string, slot?: string): Promise<Response[]> => (
    Promise.all(checks.map(async (check) => ({ check, seen: await probe(check, { release, url, slot }, interrupted) })))
  );
  const users = await look(environment.healthChecks);
  const identifying = environment.healthChecks.filter((check) => knowsRelease(check) && !check.liveOnly);
  const { slots } = strategyOf(environment);
  // one URL for all slots does not tell them apart
  const isTold = environment.strategy.candidateUrl?.includes('{slot}') ?? false;
  const lookInto = async (slot: string) => [slot, await look(identifying, candidateUrlIn(environment, slot), slot)] as const;
  const held = await Promise.all(isTold ? slots.map(lookInto) : []);
  return { users, slots: new Map(held) };
}

/** The releases that the responses name. */
export function namesIn(responses: readonly Response[]): string[] {
  return [...new Set(responses.flatMap(({ seen: { release } }) => release ?? []))];
}

/** Whether something responds well, and no check could say which release it is. */
export function respondsUnnamed(responses: readonly Response[]): boolean {
  const isService = ({ kind }: HealthCheckManifest) => ['http', 'tcp', 'command', 'allOf', 'anyOf'].includes(kind);
  return !responses.some(({ check }) => knowsRelease(check)) && responses.some(({ check, seen }) => isService(check) && seen.outcome === 'healthy');
}

/** Whether a slot gives any response. */
export function responds(responses: readonly Response[] | undefined): boolean {
  return responses?.some(({ seen: { outcome } }) => !['unreachable', 'blind'].includes(outcome)) ?? false;
}
