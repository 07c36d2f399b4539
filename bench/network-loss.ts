/** Networks that lose what is sent over them: what a probe of a healthy service meets. All times in milliseconds. */

/** What the runtime probes, over the network. */
export interface Question {
  readonly probed: 'service' | 'control';
  readonly at: number;
  /** How long it waits. */
  readonly timeoutMs: number;
}

export interface Reply {
  readonly isResponse: boolean;
  readonly takesMs: number;
}

export type Network = (question: Question) => Reply;

/** How a loss shows: at once (a reset, a rejection on the way), or as silence until the probe times out. */
export type LossKind = 'reset' | 'silence';

/** Uniform in [0, 1). */
export type Random = () => number;

/** What a healthy service, or a loss that shows at once, takes. */
export const PROMPT_MS = 10;
/** When TCP tries to connect: a silent loss is one in which every try is lost. (Linux since 6.5 tries more often.) */
const TRIES_MS = [0, 1_000, 3_000];

/** Every probe is lost with the same probability, whatever happened to the others. */
export function independentLoss(share: number, kind: LossKind, random: Random): Network {
  return ({ timeoutMs }) => (random() < share ? lost(kind, timeoutMs) : { isResponse: true, takesMs: PROMPT_MS });
}

export interface BurstOptions {
  /** Of the time; 0 to 1. */
  readonly share: number;
  readonly meanMs: number;
}

interface Burst {
  readonly from: number;
  readonly to: number;
  readonly kind: LossKind;
}

/**
 * Gilbert and Elliott's: the network is good or bad in turn, each for an exponentially distributed time, and while it is bad everything
 * is lost: by resets in one half of the bursts, in silence in the other. Service and control URL meet the same bursts.
 */
export function bursts({ share, meanMs }: BurstOptions, startsAt: number, random: Random): Network {
  const lasting = (mean: number) => -Math.log(1 - random()) * mean;
  const gapMs = (meanMs * (1 - share)) / share;
  const seen: Burst[] = [];
  let known = startsAt;
  const next = (from: number) => {
    known = from + lasting(meanMs);
    seen.push({ from, to: known, kind: random() < 0.5 ? 'reset' : 'silence' });
  };
  if (random() < share) next(startsAt);
  const burstAt = (time: number): Burst | undefined => {
    while (known <= time) next(known + lasting(gapMs));
    return seen.find(({ from, to }) => from <= time && time < to);
  };
  return ({ at, timeoutMs }) => {
    if (burstAt(at)?.kind === 'reset') return lost('reset', timeoutMs);
    const through = TRIES_MS.find((ms) => ms < timeoutMs && !burstAt(at + ms));
    return through === undefined ? lost('silence', timeoutMs) : { isResponse: true, takesMs: through + PROMPT_MS };
  };
}

function lost(kind: LossKind, timeoutMs: number): Reply {
  return { isResponse: false, takesMs: kind === 'reset' ? PROMPT_MS : timeoutMs };
}

/** Always the same numbers for the same seed: L'Ecuyer's two combined generators, whose period is 2 x 10^18. */
export function seeded(seed: number): Random {
  let [one, other] = [(seed % 2_147_483_562) + 1, (seed % 2_147_483_398) + 1];
  return () => {
    one = (40_014 * one) % 2_147_483_563;
    other = (40_692 * other) % 2_147_483_399;
    return ((one - other + 2_147_483_562) % 2_147_483_562) / 2_147_483_562;
  };
}
