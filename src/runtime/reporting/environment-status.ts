import { placeOf, recoverLine } from './command-line';
import { WeightManifest } from '../../contract/manifest';
import { RuntimeContext } from '../context';
import { freezeAt } from '../deployment/freeze';
import { isLive } from '../deployment/plan';
import { isAtWork } from '../deployment/recovery';
import { sharedWeight, Standing } from '../ledger/entries';
import { EnvironmentHistory } from '../ledger/history';
import { Release } from '../release';
import { describeLive, handChange, liveRelease } from '../targets/live-release';

/** Reads it from the ledger. Rejects with `EventLogError`. */
export async function statusOf(context: RuntimeContext) {
  const { clock, environment, ledger } = context;
  const history = new EnvironmentHistory(ledger, environment.name);
  const [stable, last, newest] = [await history.stable(), await history.last(), await history.newest()];
  const freeze = freezeAt(environment.freezes, clock.now());
  return {
    environment: environment.name,
    url: environment.url,
    ledger: ledger.place,
    stable: stable && { version: stable.release.version, sha: stable.release.sha, since: stable.since, slot: stable.slot },
    last: last && {
      kind: last.record.kind,
      version: last.record.release.version,
      sha: last.record.release.sha,
      state: last.state,
      note: last.entries.at(-1)?.note ?? '',
      by: last.record.by,
      at: last.record.createdAt,
    },
    ...await engineOf(context, history, stable?.release),
    unfinished: await unfinishedOf(context, history),
    isHalted: newest?.state === 'halted',
    split: newest && splitOf(newest, environment.strategy.weights),
    blocked: (await history.blocked()).map(({ release: { version, sha }, why }) => ({ version, sha, why })),
    frozen: freeze && { until: freeze.untilText, reason: freeze.reason, isLifted: (await history.overrideWithin(freeze)) !== undefined },
  };
}

/** What the engine says it serves; nothing where the target has no driver. */
async function engineOf(context: RuntimeContext, history: EnvironmentHistory, stable: Release | undefined) {
  const live = await liveRelease(context);
  const change = stable && (await isLive(history)) ? handChange(context, live, stable) : undefined;
  return live && { live: describeLive(live), changedByHand: change && `${change.fault}. ${change.fix}` };
}

/** The deployment that is not over, and whether its process is gone. */
async function unfinishedOf(context: RuntimeContext, history: EnvironmentHistory) {
  const open = await history.open();
  if (!open) return undefined;
  const isAbandoned = !await isAtWork(context, open);
  return { version: open.record.release.version, state: open.state, isAbandoned, recover: isAbandoned ? recoverLine(placeOf(context)) : undefined };
}

/** The share of the traffic of a release that is a canary, or was halted as one; since when, and by when its analysis has a verdict. */
function splitOf({ entries, record, state }: Standing, weights: readonly WeightManifest[] = []) {
  const percent = sharedWeight({ entries, state });
  if (percent === undefined) return undefined;
  const since = [...entries].reverse().find((entry) => entry.weight === percent)?.at;
  const atMostMs = weights.find((weight) => weight.percent === percent)?.atMostMs;
  // an older runtime, or a clock of another machine, may have written it
  const startedAt = since === undefined ? NaN : Date.parse(since);
  const verdictBy = atMostMs !== undefined && state === 'promoting' && !Number.isNaN(startedAt) ? new Date(startedAt + atMostMs).toISOString() : undefined;
  return { version: record.release.version, percent, since, verdictBy };
}

/** The state of the last deployment, for a table. */
export function stateCell({ last, unfinished }: StatusRow): string {
  if (!last) return '';
  return `${unfinished?.isAbandoned ? 'left ' : ''}${last.state}: ${last.note}`;
}

/** What the ledger says of an environment. */
export type StatusRow = Awaited<ReturnType<typeof statusOf>>;

function canaryTimes({ since, verdictBy }: NonNullable<StatusRow['split']>): string {
  return verdictBy === undefined ? '' : ` since ${since}; its analysis has a verdict by ${verdictBy} at the latest, unless the checks take longer`;
}

/** What a person should know beside the table. */
export function remarks({ blocked, changedByHand, environment, frozen, isHalted, live, split, unfinished }: StatusRow): string[] {
  return [
    ...(live === undefined ? [] : [`live on ${environment}, as the engine says: ${live}`]),
    ...(changedByHand === undefined ? [] : [`${environment} was ${changedByHand}`]),
    ...(unfinished?.isAbandoned ? [`${unfinished.version} was left unfinished on ${environment}: its process is gone. Recover it: ${unfinished.recover}`] : []),
    ...(split ? [`${split.percent} % of the traffic on ${environment} ${isHalted ? 'went' : 'goes'} to ${split.version}${isHalted ? ' when it was halted' : canaryTimes(split)}`] : []),
    ...(isHalted ? [`${environment} is halted: a person must act`] : []),
    ...(blocked.length > 0 ? [`blocked on ${environment}: ${blocked.map(({ version, sha }) => `${version} (${sha.slice(0, 7)})`).join(', ')}`] : []),
    ...(frozen ? [`${environment} is frozen until ${frozen.until}${frozen.reason ? ` (${frozen.reason})` : ''}${frozen.isLifted ? ', but the freeze was lifted' : ''}`] : []),
  ];
}
