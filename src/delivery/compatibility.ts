import { OptionNames } from '../validation/option-types';

/**
 * Features to leave out if GitHub does not support them: on an older GitHub Enterprise Server, or with some GitHub Apps.
 */
export interface Compatibility {
  /**
   * Leaves `queue: max` out of the jobs' concurrency groups, which servers from before May 2026 reject. Such a server keeps only one job
   * waiting in a group and cancels an older waiting job, even a rollback. The ledger still records requests by hand: run a cancelled one
   * again.
   *
   * @see https://docs.github.com/en/actions/how-tos/write-workflows/choose-when-workflows-run/control-workflow-concurrency
   * @default false
   */
  readonly withoutQueueMax?: boolean;

  /**
   * Leaves `deployment: false` out of the jobs' environments, which servers from before March 2026 reject, and so do environments with
   * custom protection apps. GitHub then records its own deployments in addition to the ledger's: the result of the job for the run's
   * commit, regardless of verification and rollback. The delivery ignores them.
   *
   * @see https://docs.github.com/en/actions/how-tos/deploy/configure-and-manage-deployments/control-deployments
   * @default false
   */
  readonly withoutDeploymentFalse?: boolean;
}

export const COMPATIBILITY_OPTIONS: OptionNames<Compatibility> = { withoutQueueMax: 'boolean', withoutDeploymentFalse: 'boolean' };
