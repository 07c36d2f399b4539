export interface StrategyManifest {
  /** The name of a strategy that the runtime knows. */
  readonly kind: string;
  readonly bakeMs: number;
  readonly commandTimeoutMs: number;
  /** The URL of a candidate; `{slot}` stands for its slot's name. */
  readonly candidateUrl?: string;
  readonly timeBudget: TimeBudgetManifest;
}

/** The most that the parts of a rollout consist of, for the time limits of jobs and runtime. */
export interface TimeBudgetManifest {
  /** From the first command to the verdict before the bake. */
  readonly forward: EffortManifest;
  /** A rollback without a rollback command of the target. */
  readonly restore: EffortManifest;
}

export interface EffortManifest {
  /** Commands of the target, each with the strategy's time limit. */
  readonly commands: number;
  /** Verdicts of the health checks, each with their deadline. */
  readonly verdicts: number;
}

/** A command of a target, executed without substitutions. */
export type CommandManifest =
  | { readonly kind: 'exec'; readonly argv: string[] }
  | { readonly kind: 'bash'; readonly line: string };

export interface TargetManifest {
  /** Run before `deploy`, never in a rollback. */
  readonly migrate?: CommandManifest;
  readonly deploy: CommandManifest;
  readonly promote?: CommandManifest;
  readonly rollback?: CommandManifest;
  /** Run before the first change, so that a rollback does not depend on a registry. */
  readonly warmUp?: CommandManifest;
}
