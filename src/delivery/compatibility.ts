import { OptionNames } from '../validation/option-types';

/**
 * What to leave out where GitHub cannot do it: on an older GitHub Enterprise Server, or beside some apps.
 */
export interface Compatibility {
  /**
   * Leaves `queue: max` out of the jobs' concurrency groups, which servers from before May 2026 refuse. Such a server keeps one job
   * waiting in a group and cancels an older one that waits, a rollback too. What was asked by hand stands in the ledger all the
   * same: run it again.
   *
   * @see https://docs.github.com/en/actions/how-tos/write-workflows/choose-when-workflows-run/control-workflow-concurrency
   * @default false
   */
  readonly withoutQueueMax?: boolean;

  /**
   * Leaves `deployment: false` out of the jobs' environments, which servers from before March 2026 refuse, and repositories whose
   * environments have custom protection apps. GitHub then records deployments of its own beside the ledger's: the job's result for
   * the run's commit, whatever was verified or rolled back. The delivery does not count them.
   *
   * @see https://docs.github.com/en/actions/how-tos/deploy/configure-and-manage-deployments/control-deployments
   * @default false
   */
  readonly withoutDeploymentFalse?: boolean;
}

export const COMPATIBILITY_OPTIONS: OptionNames<Compatibility> = { withoutQueueMax: 'boolean', withoutDeploymentFalse: 'boolean' };
