import { candidateUrlOf, gate, Watch } from './gate';
import { DeploymentInProgress, PhaseResult } from './phase';
import { formatDuration } from '../../../contract/duration-text';
import { InterruptedError } from '../../errors';
import { GateResult } from '../../probing/gate';

/** How often a long step looks whether the deployment is still wanted: a person who rolls back does not wait for its end. */
const LOOK_EVERY_MS = 60_000;

/**
 * Judges a release that shares the traffic with Stable: probes it alone where its URL is known, and what users see, where either release may respond. The
 * first bad verdict ends both. Where users got bad responses before, those of Stable say nothing about the release that may fix it.
 *
 * @param moved what gave it the traffic
 */
export async function trial(deployment: DeploymentInProgress, moved: PhaseResult): Promise<PhaseResult> {
  const excluded = deployment.facts.unhealthyBefore;
  if (excluded.length > 0) deployment.context.log.line(`not used to judge this step, because users got bad responses before the deployment: ${excluded.join(', ')}`);
  const { context, facts, weight: { atLeastMs, percent } } = deployment;
  const { clock, interrupted, log } = context;
  log.line(moved.note);
  const end = new AbortController();
  const until = clock.now() + atLeastMs;
  const attentive = { ...context, interrupted: AbortSignal.any([interrupted, end.signal]) };
  const watches = watchesOf(deployment, until).map(async (what) => {
    const result = await gate(attentive, what, facts.baseline);
    if (result.verdict === 'unhealthy') end.abort();
    return what.candidateUrl === undefined ? result : { ...result, probes: result.probes.map((one) => ({ ...one, name: `${one.name} (candidate)` })) };
  });
  const ended = Promise.allSettled(watches).finally(() => end.abort());
  const [wish, settled] = await Promise.all([whileWanted(deployment, end), ended]);
  const fault = settled.find((one) => one.status === 'rejected' && !(one.reason instanceof InterruptedError));
  if (fault?.status === 'rejected') throw fault.reason;
  const results = settled.flatMap((one) => (one.status === 'fulfilled' ? [one.value] : []));
  const worst = results.find(({ verdict }) => verdict === 'unhealthy') ?? results.find(({ verdict }) => verdict === 'inconclusive');
  if (interrupted.aborted && worst?.verdict !== 'unhealthy') throw new InterruptedError();
  const took = `with ${percent} % of the traffic${atLeastMs > 0 ? ` for at least ${formatDuration(atLeastMs, 'exact')}` : ''}`;
  if (wish !== undefined && worst?.verdict !== 'unhealthy') return { event: 'superseded', note: wish };
  const probes = results.flatMap((result) => result.probes);
  if (worst) return { event: worst.verdict, note: `${took}: ${worst.reason}`, probes };
  return { event: 'healthy', note: `${took}: ${reasonsOf(results)}`, probes };
}

function watchesOf(deployment: DeploymentInProgress, until: number): Watch[] {
  const { context, facts, record } = deployment;
  const { createdAt, release, slot, stable } = record;
  const candidateUrl = facts.candidateUrl ?? candidateUrlOf(deployment, slot);
  // nothing is replaced yet, but an alarm that fired before says nothing about the release
  const replaced = { releases: [], until: Date.parse(createdAt) };
  const hasCandidateChecks = context.environment.healthChecks.some(({ liveOnly }) => !liveOnly);
  return [
    ...(candidateUrl === undefined || !hasCandidateChecks ? [] : [{ release, candidateUrl, slot, ready: true, until }]),
    { release, replaced, sharedWith: stable && [stable.release], ready: true, until, except: facts.unhealthyBefore },
  ];
}

function reasonsOf(results: readonly GateResult[]): string {
  return [...new Set(results.map(({ reason }) => reason))].join('; ');
}

/** Ends the probes when the deployment is no longer wanted, and returns why. Rejects with `LeaseLostError`. */
async function whileWanted(deployment: DeploymentInProgress, end: AbortController): Promise<string | undefined> {
  const { context: { clock }, weight: { atLeastMs } } = deployment;
  // a short step is looked at before and after it
  if (atLeastMs < LOOK_EVERY_MS) return undefined;
  try {
    for (;;) {
      await clock.sleep(LOOK_EVERY_MS, end.signal);
      if (end.signal.aborted) return undefined;
      const wish = await deployment.lookAgain();
      if (wish !== undefined) return wish;
    }
  } finally {
    end.abort();
  }
}
