export interface StrategyManifest {
  /** The name of a strategy that the runtime knows. */
  readonly kind: string;
  readonly bakeMs: number;
  readonly commandTimeoutMs: number;
  /** Where a candidate answers; `{slot}` stands for its slot's name. */
  readonly candidateUrl?: string;
  readonly timeBudget: TimeBudgetManifest;
}

/** What the parts of a rollout consist of at most. The jobs' time limits and the runtime's patience are computed from it. */
export interface TimeBudgetManifest {
  /** From the first command to the verdict before the bake; the bake itself is not counted. */
  readonly forward: EffortManifest;
  /** The way back, where the target has no rollback command. */
  readonly restore: EffortManifest;
}

export interface EffortManifest {
  /** Commands of the target, each with the strategy's time limit. */
  readonly commands: number;
  /** Verdicts of the health checks, each with their deadline. */
  readonly verdicts: number;
}

/** A step of a target: ready to be executed, nothing is ever pasted in. */
export type CommandManifest =
  | { readonly kind: 'exec'; readonly argv: string[] }
  | { readonly kind: 'bash'; readonly line: string };

export interface TargetManifest {
  /** Run before `deploy`, never in a rollback. */
  readonly migrate?: CommandManifest;
  readonly deploy: CommandManifest;
  readonly promote?: CommandManifest;
  readonly rollback?: CommandManifest;
  /** Run before the first change, so that a registry outage cannot cost a rollback. */
  readonly warmUp?: CommandManifest;
}
