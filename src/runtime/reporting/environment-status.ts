import { placeOf, recoverLine } from './command-line';
import { WeightManifest } from '../../contract/manifest';
import { RuntimeContext } from '../context';
import { freezeAt } from '../deployment/freeze';
import { sayUsers, usersHave } from '../deployment/left-open';
import { isLive } from '../deployment/plan';
import { openDeployment } from '../deployment/recovery';
import { isFinal } from '../deployment/state-machine';
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
  const unfinished = await unfinishedOf(context, history);
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
      notToBlame: last.entries.find(({ fault }) => fault)?.note,
      by: last.record.by,
      at: last.record.createdAt,
    },
    ...await engineOf(context, history, stable?.release),
    unverified: usersOf(newest),
    unfinished,
    isHalted: newest?.state === 'halted',
    users: newest?.state === 'halted' ? sayUsers(newest) : undefined,
    split: newest && splitOf(newest, environment.strategy.weights, unfinished?.isAbandoned),
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

/** The deployment that is not over, whether its process is gone, and what users have. */
async function unfinishedOf(context: RuntimeContext, history: EnvironmentHistory) {
  const open = await openDeployment(context, history);
  if (!open) return undefined;
  const { isAbandoned, recovery, sentence, standing: { record, state } } = open;
  const recover = isAbandoned ? recoverLine(placeOf(context)) : undefined;
  return { version: record.release.version, state, isAbandoned, sentence, recovery, recover };
}

/** What users have instead of Stable, as the records say; undefined where they have it. */
function usersOf(newest: Standing | undefined) {
  if (!newest || !(newest.state === 'halted' || !isFinal(newest.state))) return undefined;
  const has = usersHave(newest);
  const { release, stable } = newest.record;
  if (has === 'before') return undefined;
  return has === 'release' || !stable ? release.version : `${stable.release.version} or ${release.version}`;
}

/** The share of the traffic of a release that is a canary, or was halted as one; since when, and by when its analysis has a verdict. */
function splitOf({ entries, record, state }: Standing, weights: readonly WeightManifest[] = [], isAbandoned = false) {
  const percent = sharedWeight({ entries, state });
  if (percent === undefined) return undefined;
  const since = [...entries].reverse().find((entry) => entry.weight === percent)?.at;
  const atMostMs = weights.find((weight) => weight.percent === percent)?.atMostMs;
  // an older runtime, or a clock of another machine, may have written it
  const startedAt = since === undefined ? NaN : Date.parse(since);
  // nobody judges it any more if its process is gone
  const verdictBy = atMostMs !== undefined && !isAbandoned && state === 'promoting' && !Number.isNaN(startedAt) ? new Date(startedAt + atMostMs).toISOString() : undefined;
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

/** What users have: the release, and since when it is verified. An unverified one has no such time. */
export function liveCells({ stable, unverified }: StatusRow): [live: string, since: string] {
  return unverified === undefined ? [stable?.version ?? 'none yet', stable?.since ?? ''] : [`${unverified}, not verified`, ''];
}

function unfinishedRemark(environment: string, { isAbandoned, recover, recovery, sentence }: NonNullable<StatusRow['unfinished']>): string {
  return isAbandoned ? `${environment}: ${sentence}. The next command recovers it first: ${recovery}. To do only that: ${recover}` : `${environment}: ${sentence}`;
}

/** What a person should know beside the table. */
export function remarks({ blocked, changedByHand, environment, frozen, isHalted, last, live, split, unfinished, users }: StatusRow): string[] {
  return [
    ...(live === undefined ? [] : [`live on ${environment}, as the engine says: ${live}`]),
    ...(changedByHand === undefined ? [] : [`${environment} was ${changedByHand}`]),
    ...(unfinished && (unfinished.isAbandoned || !split) ? [unfinishedRemark(environment, unfinished)] : []),
    ...(split && !unfinished?.isAbandoned ? [`${split.percent} % of the traffic on ${environment} ${isHalted ? 'went' : 'goes'} to ${split.version}${isHalted ? ' when it was halted' : canaryTimes(split)}`] : []),
    ...(last?.notToBlame === undefined ? [] : [`${last.version} could not be deployed to ${environment}, which is not its fault, so it is not blocked: ${last.notToBlame}`]),
    ...(isHalted ? [`${environment} is halted: a person must act${split ? '' : `; ${users}`}`] : []),
    ...(blocked.length > 0 ? [`blocked on ${environment}: ${blocked.map(({ version, sha }) => `${version} (${sha.slice(0, 7)})`).join(', ')}`] : []),
    ...(frozen ? [`${environment} is frozen until ${frozen.until}${frozen.reason ? ` (${frozen.reason})` : ''}${frozen.isLifted ? ', but the freeze was lifted' : ''}`] : []),
  ];
}
