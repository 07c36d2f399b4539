import { AnalysisManifest } from './analysis-manifest';

export interface StrategyManifest {
  /** The name of a strategy that the runtime knows. */
  readonly kind: string;
  readonly bakeMs: number;
  readonly commandTimeoutMs: number;
  /** The URL of a candidate; `{slot}` stands for its slot's name. */
  readonly candidateUrl?: string;
  /** The shares of the traffic that a release gets one after the other, before all of it. Absent where a strategy has none. */
  readonly weights?: readonly WeightManifest[];
  /** How the weights are judged beside the health checks. @default - by the health checks alone */
  readonly analysis?: AnalysisManifest;
  readonly timeBudget: TimeBudgetManifest;
}

/** A share of the traffic. */
export interface WeightManifest {
  /** In per cent, 1 to 99. */
  readonly percent: number;
  /** How long the release is probed with it, at least. */
  readonly atLeastMs: number;
  /** How long the analysis may take for a verdict. Absent where the health checks alone judge it. */
  readonly atMostMs?: number;
}

/** The most that the parts of a rollout consist of, for the time limits of jobs and runtime. */
export interface TimeBudgetManifest {
  /** From the first command to the verdict before the bake. */
  readonly forward: EffortManifest;
  /** A rollback without a rollback command of the target. */
  readonly restore: EffortManifest;
  /** A rollback with the target's rollback command. @default - one command and one verdict */
  readonly rollbackCommand?: EffortManifest;
}

export interface EffortManifest {
  /** Commands of the target, each with the strategy's time limit. */
  readonly commands: number;
  /** Verdicts of the health checks, each with their deadline. */
  readonly verdicts: number;
  /** What the verdicts take beside their deadlines: the longest time of each step. @default 0 */
  readonly atLeastMs?: number;
}
