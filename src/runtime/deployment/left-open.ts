/** What is said of a deployment that is open, or was halted: what users have, and what becomes of it. Pure. */
import { factsOf } from './facts';
import { isFinal, nextIfLegal, State } from './state-machine';
import { TargetManifest } from '../../contract/target-manifest';
import { Standing, weightOf } from '../ledger/entries';
import { LedgerRecord } from '../ledger/record';
import { isWeighted, strategyOfRecord } from '../strategies/rollout-strategy';

type Left = Pick<Standing, 'record' | 'state'> & { readonly entries: readonly Standing['entries'][number][] };

/** `before`: what they had before it. `release`: its release. `either`: one of the two. `shared`: some have its release. */
export type UsersHave = 'before' | 'either' | 'shared' | 'release';

/** Derived from what was recorded before the first change of each step. */
export function usersHave({ entries, record, state }: Left): UsersHave {
  const strategy = strategyOfRecord(record);
  if (!factsOf(strategy, [...entries, { state }]).trafficMoved) return 'before';
  const at = lastStep({ entries, record, state });
  if (at === 'rollingBack') return 'either';
  if (isWeighted(strategy) && at === 'promoting' && (weightOf(entries) ?? 100) < 100) return 'shared';
  // a deployment may be asynchronous: until users are seen to have it, they may not
  return at === strategy.exposes || at === 'verifying' ? 'either' : 'release';
}

/** The last state in which something was done. */
function lastStep({ entries, state }: Left): State {
  return isFinal(state) ? [...entries].reverse().find((entry) => !isFinal(entry.state))?.state ?? 'pending' : state;
}

/** As the part of a sentence: `users have v2, which is not verified`. */
export function sayUsers(left: Left): string {
  const { entries, record: { kind, leaving, release: { version }, stable }, state } = left;
  const before = (kind === 'rollback' ? leaving : undefined)?.version ?? stable?.release.version;
  const notYet = state === 'confirming' ? 'which is not confirmed' : kind === 'rollback' ? 'which is not verified again' : 'which is not verified';
  switch (usersHave(left)) {
    case 'before': return before === undefined ? 'users have what was there before' : `users have ${before}`;
    case 'either': return before === undefined ? `users may have ${version}, ${notYet}` : `users have ${before} or ${version}, ${notYet}`;
    case 'shared': return `${weightOf(entries)} % of the traffic goes to ${version}, ${notYet}${before === undefined ? '' : `, and the rest to ${before}`}`;
    case 'release': return `users have ${version}, ${notYet}`;
  }
}

/** What the process does that recovers it, as the part of a sentence: `it is rolled back to v1`. */
export function sayRecovery(left: Left, target: Pick<TargetManifest, 'noRollback'>): string {
  const { record: { release: { version }, stable } } = left;
  switch (recoveredTo(left, target)) {
    case 'confirming': return 'it is probed again, and becomes Stable if it is healthy';
    case 'rollingBack': return `it is rolled back to ${stable?.release.version}`;
    case 'deploying': return `the rollback to ${version} begins again`;
    case 'halted': return 'it is halted, because there is nothing to go back to';
    default: return 'it is closed, because nothing was changed';
  }
}

/** The state that it gets first, when its process is gone. */
export function recoveredTo(left: Left, target: Pick<TargetManifest, 'noRollback'>): State | undefined {
  const { record, state } = left;
  const { irreversible } = factsOf(strategyOfRecord(record), left.entries);
  const canGoBack = canGoBackTo(record, { irreversible, isOneWay: target.noRollback !== undefined });
  return nextIfLegal(state, 'abandoned', { steps: [], canGoBack, migrates: false, byHand: record.kind === 'rollback', weightsLeft: 0 });
}

/** Whether a bad release is rolled back. A rollback by hand that fails is not undone: the release before it may be worse. */
export function canGoBackTo(
  { kind, stable }: Pick<LedgerRecord, 'kind' | 'stable'>, { irreversible, isOneWay }: { readonly irreversible: boolean; readonly isOneWay: boolean },
): boolean {
  return stable !== undefined && kind !== 'rollback' && !irreversible && !isOneWay;
}

/** The slot that users will be on when it is recovered, if the verdict is as expected. Undefined where there are no slots, or that of Stable is not known. */
export function slotAfter(left: Left, target: Pick<TargetManifest, 'noRollback'>): string | undefined {
  const { record: { slot, stable } } = left;
  switch (recoveredTo(left, target)) {
    case 'confirming': case 'deploying': return slot;
    case 'halted': return usersHave(left) === 'before' ? stable?.slot : slot;
    default: return stable?.slot;
  }
}

const DOING: Record<State, string> = {
  pending: 'about to be deployed',
  migrating: 'in its migration',
  deploying: 'being deployed',
  verifying: 'being verified',
  promoting: 'being promoted',
  baking: 'in its bake',
  confirming: 'waiting for its confirmation',
  rollingBack: 'being rolled back',
  stable: 'Stable',
  rolledBack: 'rolled back',
  halted: 'halted',
  failed: 'not deployed',
  superseded: 'superseded',
};

/** What is done with a release in a state, after `is`. */
export function doing(state: State): string {
  return DOING[state];
}
