import { PullRequestsManifest } from '../contract/manifest';
import { OptionNames, optionsOf } from '../validation/option-types';
import { invalid } from '../validation/validation-error';

/**
 * Options for what pull requests show.
 */
export interface PullRequestOptions {
  /**
   * Writes the workflow `plan`, which shows in each pull request what merging it would deploy where, and what it changes in the delivery's
   * own configuration: in one comment, and for a pull request from a fork in the job summary. The workflow reads, and changes no environment.
   *
   * @see https://docs.github.com/en/actions/reference/workflows-and-actions/events-that-trigger-workflows#pull_request
   * @default false
   */
  readonly plan?: boolean;
}

const PULL_REQUEST_OPTIONS: OptionNames<PullRequestOptions> = { plan: 'boolean' };

/** JavaScript callers can pass values of the wrong type. */
export function checkPullRequests(options: PullRequestOptions): void {
  optionsOf('Delivery pullRequests', options, PULL_REQUEST_OPTIONS, '{ plan: true }', 'Delivery pullRequests');
  if (options.plan === undefined) invalid('Delivery pullRequests', 'it sets nothing, so it has no effect', 'Write { plan: true }, or leave it out');
}

/** Returns what pull requests show; undefined for nothing. */
export function pullRequestsManifest({ plan = false }: PullRequestOptions = {}, onlyIfChanged?: string[]): PullRequestsManifest | undefined {
  return plan ? { plan, onlyIfChanged } : undefined;
}
