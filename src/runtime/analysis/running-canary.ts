import { MetricProgress } from './canary-progress';
import type { MetricSource } from '../metrics/metric-source';

/** What continues from one weight to the next in the same process. A process that recovers restores Stable, so nothing of it is recorded. */
export interface RunningCanary {
  readonly beganAt: number;
  /** By manifest: several analyses may read the same source. */
  readonly sources: ReadonlyMap<string, MetricSource>;
  /** For each metric of the manifest, in this order. */
  progress: readonly MetricProgress[];
  /** The weight of the last step. */
  percent: number;
}
