/** The two places of a blue/green environment. */
export const SLOTS: readonly string[] = ['blue', 'green'];

export interface StrategyManifest {
  /** The name of a strategy that the runtime knows. */
  readonly kind: string;
  readonly bakeMs: number;
  readonly commandTimeoutMs: number;
  /** Where a candidate answers; `{slot}` stands for its slot's name. */
  readonly candidateUrl?: string;
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
