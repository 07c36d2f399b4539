import { candidateUrlOf, gate, Watch } from './gate';
import { DeploymentInProgress, PhaseResult } from './phase';
import { StepAnalysis } from './step-analysis';
import { formatDuration } from '../../../contract/duration-text';
import { StepEnd } from '../../analysis/step-end';
import { InterruptedError } from '../../errors';
import { GateResult } from '../../probing/gate';
import { recordedNamesakes } from '../moved-tag';

/** How often a long step looks whether the deployment is still wanted: a person who rolls back does not wait for its end. */
const LOOK_EVERY_MS = 60_000;

/**
 * Judges a release that shares the traffic with Stable: probes it alone where its URL is known, and what users see, where either release may
 * respond. The first bad verdict ends both. Where users got bad responses before, those of Stable say nothing about the release that may fix
 * it. An analysis compares both beside the probes, and decides when the step ends.
 *
 * @param moved what gave it the traffic
 */
export async function trial(deployment: DeploymentInProgress, moved: PhaseResult): Promise<PhaseResult> {
  const excluded = deployment.facts.unhealthyBefore;
  if (excluded.length > 0) deployment.context.log.line(`not used to judge this step, because users got bad responses before the deployment: ${excluded.join(', ')}`);
  const { context, facts, weight: { atLeastMs, percent } } = deployment;
  const { clock, interrupted, log } = context;
  log.line(moved.note);
  const [end, enough] = [new AbortController(), new AbortController()];
  // the runtime has the analysis only where an environment of the repository has one
  const analysis = context.environment.strategy.analysis && StepAnalysis.of(deployment);
  const longestMs = Math.max(atLeastMs, analysis?.longestMs ?? 0);
  const until = clock.now() + longestMs;
  const attentive = { ...context, interrupted: AbortSignal.any([interrupted, end.signal]) };
  const watches = watchesOf(deployment, until).map(async (what) => {
    const result = await gate(attentive, { ...what, enough: enough.signal }, facts.baseline).catch((error) => {
      end.abort();
      throw error;
    });
    if (result.verdict === 'unhealthy') end.abort();
    return what.candidateUrl === undefined ? result : { ...result, probes: result.probes.map((one) => ({ ...one, name: `${one.name} (candidate)` })) };
  });
  const judging = judged(analysis, attentive.interrupted, { end, enough });
  const ended = Promise.allSettled([...watches, judging]).finally(() => end.abort());
  const [wish, settled, judgement] = await Promise.all([whileWanted(deployment, longestMs, end), Promise.allSettled(watches), judging, ended]);
  const fault = settled.find((one) => one.status === 'rejected' && !(one.reason instanceof InterruptedError));
  if (fault?.status === 'rejected') throw fault.reason;
  const results = settled.flatMap((one) => (one.status === 'fulfilled' ? [one.value] : []));
  const worst = worstOf([
    ...results.map(({ reason, verdict }) => ({ event: verdict, note: reason })),
    ...(judgement ? [judgement] : []),
  ]);
  if (interrupted.aborted && worst?.event !== 'unhealthy') throw new InterruptedError();
  if (wish !== undefined && worst?.event !== 'unhealthy') return { event: 'superseded', note: wish };
  const took = `with ${percent} % of the traffic${atLeastMs > 0 ? ` for at least ${formatDuration(atLeastMs, 'exact')}` : ''}`;
  const seen = { probes: results.flatMap((result) => result.probes), ...(analysis && { analysis: analysis.report }) };
  if (worst) return { event: worst.event, note: `${took}: ${worst.note}`, ...seen };
  return { event: 'healthy', note: `${took}: ${[...reasonsOf(results), ...(judgement ? [judgement.note] : [])].join('; ')}`, ...seen };
}

/** The analysis ends the probes: at once with a bad verdict, and with a good one as soon as they are healthy. */
async function judged(
  analysis: StepAnalysis | undefined, signal: AbortSignal, { end, enough }: Record<'end' | 'enough', AbortController>,
): Promise<StepEnd | undefined> {
  let verdict: StepEnd | undefined;
  try {
    verdict = await analysis?.untilVerdict(signal);
  } catch (error) {
    end.abort();
    throw error;
  }
  if (verdict?.event === 'healthy') enough.abort();
  else if (verdict) end.abort();
  return verdict;
}

/** A bad verdict counts more than none. */
function worstOf(ends: readonly StepEnd[]): StepEnd | undefined {
  return ends.find(({ event }) => event === 'unhealthy') ?? ends.find(({ event }) => event !== 'healthy');
}

function watchesOf(deployment: DeploymentInProgress, until: number): Watch[] {
  const { context, facts, record } = deployment;
  const { createdAt, release, slot, stable } = record;
  const candidateUrl = facts.candidateUrl ?? candidateUrlOf(deployment, slot);
  // nothing is replaced yet, but an alarm that fired before says nothing about the release
  const replaced = { releases: [], until: Date.parse(createdAt) };
  const hasCandidateChecks = context.environment.healthChecks.some(({ liveOnly }) => !liveOnly);
  return [
    ...(candidateUrl === undefined || !hasCandidateChecks
      ? []
      : [{ release, namesakes: recordedNamesakes(record, release), candidateUrl, slot, ready: true, until }]),
    { release, replaced, sharedWith: stable && [stable.release], ready: true, until, except: facts.unhealthyBefore },
  ];
}

function reasonsOf(results: readonly GateResult[]): string[] {
  return [...new Set(results.map(({ reason }) => reason))];
}

/** Ends the probes when the deployment is no longer wanted, and returns why. Rejects with `LeaseLostError`. */
async function whileWanted(deployment: DeploymentInProgress, longestMs: number, end: AbortController): Promise<string | undefined> {
  const { clock } = deployment.context;
  // a short step is looked at before and after it
  if (longestMs < LOOK_EVERY_MS) return undefined;
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
