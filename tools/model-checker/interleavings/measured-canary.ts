/** A canary whose steps are compared with Stable, as small as it can be: one weight, counters that are read twice, and a look at the ledger in between. */
import type { Measurement } from './request';
import type { WithoutVerdictManifest } from '../../../src/contract/analysis-manifest';
import type { StrategyManifest } from '../../../src/contract/manifest';
import { DEFAULT_ERROR_ANALYSIS } from '../../../src/contract/metric-analysis';
import { analyzedStrategyOf } from '../strategies';

/** Longer than a deployment waits until it looks again whether it is still wanted, so that it does so once in its step. */
export const MEASURED_EVERY_MS = 90_000;

interface Counters {
  readonly requests: number;
  readonly errors: number;
}

/** What the command prints. */
export interface Counted {
  readonly canary: Counters;
  readonly stable: Counters;
}

export const NOTHING_COUNTED: Counted = { canary: { requests: 0, errors: 0 }, stable: { requests: 0, errors: 0 } };

/** Errors of one side alone, and so many that they are enough for a verdict. */
const ERRORS: Readonly<Record<Measurement, readonly [canary: number, stable: number]>> = { promote: [0, 500], rollBack: [500, 0], none: [0, 0] };

export function countedAfter({ canary, stable }: Counted, measured: Measurement): Counted {
  const [ofCanary, ofStable] = ERRORS[measured];
  const after = ({ errors, requests }: Counters, more: number) => ({ requests: requests + 1000, errors: errors + more });
  return { canary: after(canary, ofCanary), stable: after(stable, ofStable) };
}

export function measuredStrategy(withoutVerdict: WithoutVerdictManifest): StrategyManifest {
  const { manifest } = analyzedStrategyOf('counters', '{slot}')._definition;
  const [{ metric }] = manifest.analysis!.metrics;
  return {
    ...manifest,
    weights: manifest.weights!.map((weight) => ({ ...weight, atMostMs: MEASURED_EVERY_MS })),
    // each error counts, so that one interval is enough
    analysis: {
      withoutVerdict,
      metrics: [{ metric: { ...metric, intervalMs: MEASURED_EVERY_MS }, errors: { ...DEFAULT_ERROR_ANALYSIS, blockMs: 0 } }],
    },
  };
}
