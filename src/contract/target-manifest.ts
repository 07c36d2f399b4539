export type StrategyManifest =
  | { readonly kind: 'redeploy'; readonly bakeMs: number; readonly commandTimeoutMs: number }
  | {
    readonly kind: 'blueGreen';
    readonly bakeMs: number;
    readonly commandTimeoutMs: number;
    /** Where the idle slot answers; `{slot}` stands for the slot's name. */
    readonly candidateUrl?: string;
  };

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
