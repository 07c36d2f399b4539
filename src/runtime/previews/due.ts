import { isRemoval, sinceRemoval } from './preview-ledger';
import { formatDuration } from '../../contract/duration-text';
import { PreviewsManifest } from '../../contract/manifest';
import { LedgerRecord } from '../ledger/record';

/** What is known of a pull request; undefined if there is none. */
export interface PullRequestState {
  readonly isOpen: boolean;
  readonly labels: readonly string[];
}

/** Whether anything may be left of a preview: an attempt since the last removal, or a removal that did not end. */
export function isLeft(newestFirst: readonly LedgerRecord[]): boolean {
  const isUnfinished = newestFirst.find(isRemoval)?.kind === 'removal' && newestFirst.some((record) => !isRemoval(record));
  return isUnfinished || sinceRemoval(newestFirst).length > 0;
}

/**
 * Returns why a preview is to be removed; undefined if it may stay.
 *
 * @param newestFirst its records
 */
export function whyDue(
  { expiresAfterMs, label }: Pick<PreviewsManifest, 'expiresAfterMs' | 'label'>, newestFirst: readonly LedgerRecord[], pullRequest: PullRequestState | undefined, now: number,
): string | undefined {
  if (!isLeft(newestFirst)) return undefined;
  if (!pullRequest) return 'there is no such pull request';
  if (!pullRequest.isOpen) return 'the pull request is closed';
  if (label !== undefined && !pullRequest.labels.includes(label)) return `the pull request does not have the label ${label}`;
  if (sinceRemoval(newestFirst).length === 0) return 'its removal did not end';
  if (expiresAfterMs === undefined) return undefined;
  const deployedAt = Date.parse(newestFirst.find((record) => !isRemoval(record))!.createdAt);
  return now - deployedAt > expiresAfterMs ? `it was deployed more than ${formatDuration(expiresAfterMs)} ago` : undefined;
}
