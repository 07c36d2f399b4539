/** Decides how a step of a canary ends that has no verdict of its analysis within its time. Pure. */
import { WithoutVerdictManifest } from '../../contract/analysis-manifest';
import { formatDuration } from '../../contract/duration-text';

/** The event for the state machine, and why. */
export interface StepEnd {
  /** `timedOut` restores Stable without blocking the release's files; `inconclusive` halts. */
  readonly event: 'healthy' | 'unhealthy' | 'timedOut' | 'inconclusive';
  readonly note: string;
}

/** A metric without a verdict. */
export interface Undecided {
  readonly reason: string;
  /** Whether enough was measured to see a bad release. */
  readonly isShown: boolean;
}

export function endWithoutVerdict(policy: WithoutVerdictManifest, undecided: readonly Undecided[], tookMs: number): StepEnd {
  const none = `no verdict of the analysis within ${formatDuration(tookMs)}`;
  const why = (those: readonly Undecided[]) => `(${those.map(({ reason }) => reason).join('; ')})`;
  switch (policy) {
    case 'promote': return { event: 'healthy', note: `${none} ${why(undecided)}; withoutVerdict promotes it` };
    case 'rollBack': return { event: 'timedOut', note: `${none} ${why(undecided)}; withoutVerdict rolls it back` };
    case 'halt': return { event: 'inconclusive', note: `${none} ${why(undecided)}; withoutVerdict leaves the decision to a person` };
    case 'promoteIfShown': {
      const unknown = undecided.filter(({ isShown }) => !isShown);
      if (unknown.length === 0) return { event: 'healthy', note: `${none}, but a bad release would have been seen in 99 of 100 canaries ${why(undecided)}` };
      return { event: 'inconclusive', note: `${none}, and too little was measured to decide ${why(unknown)}: a person decides` };
    }
  }
}
