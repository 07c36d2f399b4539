import { FollowedSource, readsFolder, sameRepository } from './controller-state';
import { FolderState, MARKER } from './git-ops-record';
import { Head } from './git-ops-repository';
import { safeLine } from '../../../runtime/reporting/untrusted-text';
import { PreflightCheck } from '../../../runtime/targets/preflight-check';
import { GitOpsDriverManifest } from '../manifest';

interface CheckedFolder {
  readonly check: PreflightCheck;
  readonly head: Head;
  readonly others: readonly string[];
  readonly settings: GitOpsDriverManifest;
}

const handOver = (name: string) => `add the file ${MARKER} with {"owner":"${name}"} to the folder`;

/** Refuses a folder that is not ours: each release replaces all its files. */
export function checkFolder({ check, head: { folder }, others, settings: { branch, name, path } }: CheckedFolder): void {
  const [other] = others;
  if (other !== undefined) {
    check.refuse(`path: ${safeLine(other || 'the root', 80)} of ${branch} belongs to another delivery, and ${path} overlaps it`, 'Use a folder that is no part of another one');
  }
  if (folder === undefined || isEmpty(folder)) return;
  const owner = folder.marker?.owner;
  if (owner === name) return;
  if (owner !== undefined) check.refuse(`path: ${path} of ${branch} belongs to the delivery ${owner}`, `Use another folder. To hand it over to this delivery, ${handOver(name)}`);
  check.refuse(`path: ${path} of ${branch} holds files that no delivery wrote (${safeLine(folder.example ?? MARKER, 80)}), and each release replaces all of them`,
    `Use another folder. To hand it over to this delivery, ${handOver(name)}, and record what is live with adopt`);
}

function isEmpty({ example, marker }: FolderState): boolean {
  return marker === undefined && example === undefined;
}

interface CheckedSource {
  readonly check: PreflightCheck;
  readonly followed: FollowedSource;
  /** Of the repository; undefined where it is not known. */
  readonly defaultBranch: string | undefined;
  readonly settings: GitOpsDriverManifest;
}

/** Refuses a controller that would not bring a commit of ours to the cluster. */
export function checkFollowed({ check, defaultBranch, followed, settings: { branch, path, repository } }: CheckedSource): void {
  const { shown, stopped } = followed;
  if (!sameRepository(followed.repository, repository)) check.refuse(`follows: ${shown} follows the repository ${safeLine(followed.repository, 200)}, and not ${repository}`, 'Correct repository, or follows');
  const followedBranch = followed.branch ?? defaultBranch;
  if (followedBranch !== undefined && followedBranch !== branch) check.refuse(`follows: ${shown} follows ${safeLine(followedBranch, 80)}, and not the branch ${branch}`, 'Correct branch, or the revision that the controller follows');
  if (!readsFolder(followed.path, path)) check.refuse(`follows: ${shown} follows the folder ${safeLine(followed.path || '(the root)', 80)}, and not ${path}`, 'Correct path, or the path that the controller follows');
  if (stopped) check.refuse(`follows: ${stopped.problem}, so no release would get into the cluster`, stopped.fix);
}
