import { asSynthesized } from './outputs';
import { OPTION } from '../../contract/command-line';
import { lackingIn } from '../../contract/deployment-outputs';
import { alarmsOf, HealthCheckManifest } from '../../contract/manifest';
import { RuntimeContext } from '../context';
import { StablePointer } from '../ledger/record';
import { fingerprint } from '../probing/check-fingerprint';
import { expectationOf } from '../probing/expectation';
import { Observation } from '../probing/observation';
import { retryingWhenStarved } from '../probing/starvation';
import { Release } from '../release';
import { commandLine, placeOf, unlessEjected } from '../reporting/command-line';

/** What the health checks of an environment ask for: recorded with each attempt, so that it is known what has verified Stable. */
export function checksOf(context: Pick<RuntimeContext, 'environment' | 'manifest'>): string[] {
  return asSynthesized(context).healthChecks.map(fingerprint);
}

/**
 * A fault for each check that the live release fails, and with which it was not verified: it is the check that is wrong, and no release would pass it.
 * A check that Stable has passed is not asked: then Stable is down, and the next release may be the cure. Rejects with `InterruptedError`.
 */
export async function failingLiveFaults(context: RuntimeContext, { checks, release }: StablePointer, next?: Release): Promise<string[]> {
  // an older version did not record what verified it
  if (checks === undefined || context.allowsFailingLive) return [];
  const { healthChecks } = asSynthesized(context);
  const isNew = healthChecks.map((check) => !checks.includes(fingerprint(check)));
  const asked = context.environment.healthChecks.filter((check, index) => isNew[index] && canBeAsked(check));
  const failed = await Promise.all(asked.map(async (check) => ({ check, last: await failureOf(context, check, release) })));
  return failed.flatMap(({ check, last }) => (last === undefined ? [] : [faultOf(context, { check, last, live: release, next })]));
}

/** Leaves out an alarm, which may be about what the next release fixes, and a check whose URL needs an output that is not recorded. */
function canBeAsked(check: HealthCheckManifest): boolean {
  return alarmsOf(check).length === 0 && lackingIn(JSON.stringify(check)) === undefined;
}

/** What it saw last, if it failed as often in a row as a verdict needs. */
async function failureOf(context: RuntimeContext, check: HealthCheckManifest, release: Release): Promise<Observation | undefined> {
  const { clock, interrupted } = context;
  const probe = retryingWhenStarved(context);
  for (let failures = 1; ; failures++) {
    const seen = await probe(check, { release }, interrupted);
    if (seen.outcome !== 'unhealthy' && seen.outcome !== 'unreachable') return undefined;
    if (failures >= check.failureThreshold) return seen;
    await clock.sleep(check.intervalMs, interrupted);
  }
}

interface Failed {
  readonly check: HealthCheckManifest;
  readonly last: Observation;
  readonly live: Release;
  /** The release to be deployed. Undefined in a drill. */
  readonly next?: Release;
}

function faultOf(context: RuntimeContext, { check, last, live, next }: Failed): string {
  const { environment, run } = context;
  const row = check.failureThreshold > 1 ? `, ${check.failureThreshold} times in a row` : '';
  const place = placeOf(context);
  const deploy = next && `${commandLine('deploy', place, { release: next.version })} --${OPTION.EVEN_IF_LIVE_FAILS}`;
  const anyway = next && `If ${next.version} brings what the check asks for, deploy it before you add the check${run.inCi ? '.' : `; or: ${deploy}`}`;
  return [
    `${environment.name}: ${check.name} (${check.url}): the live release fails this check, too: the check or its URL is wrong.`,
    `From ${live.version} (${live.sha.slice(0, 7)}) it got ${last.saw}${row}, and it expects ${expectationOf(check)}. Nothing was changed.`,
    `Correct the check ${unlessEjected('in .projenrc, run npx projen,', 'in .projen/delivery.json')} and try it: ${commandLine('check', place)}.`,
    ...(anyway === undefined ? [] : [anyway]),
  ].join(' ');
}
