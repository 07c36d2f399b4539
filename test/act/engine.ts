/** What a push came to, as far as every engine reports. */
export interface EngineRun {
  /** Of each job, by its id: `success`, `failure`, `skipped`. */
  readonly results: Record<string, string>;
  /** Everything that was printed. */
  readonly log: string;
}

/** Something that executes GitHub workflows. */
export interface Engine {
  readonly name: string;
  /** Executes the shop's deploy.yml for a push of `ref`, in full: `refs/heads/main`. */
  push(ref: string, sha: string): Promise<EngineRun>;
  /** Ends whatever was left behind. */
  stop(): Promise<void>;
}
