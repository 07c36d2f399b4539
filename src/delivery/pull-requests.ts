import type { Environment } from './environment';
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

  /**
   * Adds to the plan what the merge would change in the engines: the resources of AWS CDK stacks, the objects that a server-side dry run of
   * Kubernetes reports, the files that a GitOps folder or a site would get, the files and the size of an npm package. One job builds the release
   * from the merged code, without secrets. For each environment another job reads its engine, with the runtime of the branch that the pull request
   * goes to and with what the plan of a deployment reads with: `readRole` of `Login.aws`, or the secrets of `monitorEnvironment`. It runs nothing of
   * the pull request, and is skipped for pull requests of forks. Requires `plan`, and an environment whose plan shows changes.
   *
   * @default false
   */
  readonly changes?: boolean;
}

const PULL_REQUEST_OPTIONS: OptionNames<PullRequestOptions> = { plan: 'boolean', changes: 'boolean' };

/** JavaScript callers can pass values of the wrong type. */
export function checkPullRequests(options: PullRequestOptions): void {
  optionsOf('Delivery pullRequests', options, PULL_REQUEST_OPTIONS, '{ plan: true }', 'Delivery pullRequests');
  if (options.plan === undefined && options.changes === undefined) invalid('Delivery pullRequests', 'it sets nothing, so it has no effect', 'Write { plan: true }, or leave it out');
  if (options.changes && !options.plan) invalid('Delivery pullRequests changes', 'the plan would show them, and there is none', 'Write { plan: true, changes: true }');
}

/** The options of what pull requests show, and the environments. */
export interface PullRequestsRequest {
  readonly onlyIfChanged?: string[];
  readonly environments?: readonly Environment[];
}

/** Returns what pull requests show; undefined for nothing. */
export function pullRequestsManifest(
  { changes = false, plan = false }: PullRequestOptions = {}, { environments = [], onlyIfChanged }: PullRequestsRequest = {},
): PullRequestsManifest | undefined {
  if (!plan) return undefined;
  return { plan, onlyIfChanged, ...(changes && { changes: environments.filter(({ plansChanges }) => plansChanges).map(({ name }) => name) }) };
}
