/** Derives the verdict on a canary from the evidence. Pure. */

export type CanaryVerdict = 'promote' | 'rollBack' | 'inconclusive';

export interface Judgement {
  readonly verdict: CanaryVerdict;
  /** Complete sentences for people, without a full stop. */
  readonly reason: string;
  /** How much of the evidence that a verdict needs is there, from 0 to 1. */
  readonly towards: { readonly rollBack: number; readonly promote: number };
}

/** The natural logarithms of the evidence (e-values) against "as good as Stable", and against "`detect` times as bad". */
export interface LogEvidence {
  readonly rollback: number;
  readonly promotion: number;
}

/** What a judgement is about. */
export interface JudgedMetric {
  /** `errors`, `latency (p99)`. */
  readonly name: string;
  readonly alpha: number;
  readonly missRate: number;
  readonly detect: number;
}

const NOTHING = { rollBack: 0, promote: 0 };

/** No verdict, whatever the evidence was before: the newest data cannot be trusted. */
export function inconclusive(metric: Pick<JudgedMetric, 'name'>, why: string): Judgement {
  return { verdict: 'inconclusive', reason: `${metric.name}: ${why}`, towards: NOTHING };
}

export function judge({ name, alpha, missRate, detect }: JudgedMetric, logEvidence: LogEvidence): Judgement {
  const towards = { rollBack: share(logEvidence.rollback, alpha), promote: share(logEvidence.promotion, missRate) };
  if (towards.rollBack >= 1) {
    const reason = `${name}: Canary is worse than Stable. As good a release shows this in at most ${percent(alpha)} % of all canaries`;
    return { verdict: 'rollBack', reason, towards };
  }
  if (towards.promote >= 1) {
    const reason = `${name}: Canary is not ${detect} times as bad as Stable. Such a release shows this in at most ${percent(missRate)} % of all canaries`;
    return { verdict: 'promote', reason, towards };
  }
  // rounded down: 100 % would be a verdict
  const [rollBack, promote] = [towards.rollBack, towards.promote].map((part) => Math.floor(100 * part));
  return { verdict: 'inconclusive', reason: `${name}: ${rollBack} % of the evidence that a rollback needs, ${promote} % for a promotion`, towards };
}

/**
 * Combines the judgements of all metrics: one rollback is enough, so each metric adds its alpha to the probability of a false alarm. A
 * promotion needs all of them.
 */
export function combined(judgements: readonly Judgement[]): Judgement {
  const deciding = judgements.filter(({ verdict }) => verdict === 'rollBack');
  const open = judgements.filter(({ verdict }) => verdict === 'inconclusive');
  const verdict = deciding.length > 0 ? 'rollBack' : open.length > 0 || judgements.length === 0 ? 'inconclusive' : 'promote';
  const shown = { rollBack: deciding, inconclusive: open, promote: judgements }[verdict];
  return {
    verdict,
    reason: shown.map(({ reason }) => reason).join('; ') || 'no metric is analyzed',
    towards: {
      rollBack: Math.max(0, ...judgements.map(({ towards }) => towards.rollBack)),
      promote: judgements.length === 0 ? 0 : Math.min(...judgements.map(({ towards }) => towards.promote)),
    },
  };
}

/** Evidence that halves the distance halves the time that is left, so the share is one of logarithms. */
function share(logEvidence: number, level: number): number {
  return Math.max(0, Math.min(1, logEvidence / Math.log(1 / level)));
}

/** Writes a probability in per cent, with two digits. */
export function percent(probability: number): string {
  return String(Number((100 * probability).toPrecision(2)));
}
