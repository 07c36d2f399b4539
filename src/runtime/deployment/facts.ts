import { State } from './state-machine';
import { RolloutStrategy } from '../../contract/strategies';
import { Entry } from '../ledger/entries';
import { Named } from '../release';
import { isVerifiedBefore } from '../strategies/rollout-strategy';

/** What the phases record for each other. */
export interface Facts {
  /** Per health check: whether it reached the old release before anything was changed. */
  baseline: Record<string, boolean>;
  /** What the answers said they were, before anything was changed. */
  before: readonly Named[];
  /** Where the candidate answers, where the strategy or the deploy command named it. */
  candidateUrl?: string;
  /** Whether the target's commands may have begun to put the release there. */
  hasBegun: boolean;
  /** Whether users may already see the new release. */
  trafficMoved: boolean;
  /** Whether users were answered by it, or at least no more by what was there before. */
  isSeen: boolean;
  /** Since when users may see it: the bake counts from here. */
  exposedAt?: number;
  /** Whether its migration cannot be undone: then there is no automatic rollback. */
  irreversible: boolean;
  /** Whether it is rolled back because a command failed or timed out, and not by a health verdict. */
  commandFailed: boolean;
  /** In a drill: since when the verdict is forced to be bad. */
  forcedAt?: number;
}

/** Users may see the release from these states on, whatever the strategy. */
const EXPOSED: readonly State[] = ['promoting', 'baking', 'confirming'];

/** What a deployment's entries tell the process that takes it. */
export function factsOf(
  strategy: RolloutStrategy, entries: readonly Pick<Entry, 'state' | 'irreversible' | 'commandFailed'>[],
): Pick<Facts, 'hasBegun' | 'trafficMoved' | 'isSeen' | 'irreversible' | 'commandFailed'> {
  const isExposed = entries.some(({ state }) => EXPOSED.includes(state));
  const hasBegun = isExposed || entries.some(({ state }) => state === 'deploying');
  return {
    hasBegun,
    isSeen: entries.some(({ state }) => state === 'confirming' || (state === 'baking' && isVerifiedBefore('baking', strategy))),
    trafficMoved: strategy.exposes === 'deploying' ? hasBegun : isExposed,
    irreversible: entries.some(({ irreversible }) => irreversible),
    commandFailed: entries.some(({ commandFailed }) => commandFailed),
  };
}
