import { Json } from '../engine';

/** What Argo measures for one health check. */
export interface Metric {
  readonly provider: Json;
  /** Undefined where any measurement is good that came at all. */
  readonly condition?: string;
  /** Where a measurement can be neither good nor bad. */
  readonly failureCondition?: string;
  /** The condition has the arguments `version` and `sha`. */
  readonly asksRelease: boolean;
  /** Arguments that come from a secret. */
  readonly secrets: string[];
}
