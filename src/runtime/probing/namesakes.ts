import { bareVersion, identifies, Named } from '../release';

/** The others with the version of a release and another commit: the tag was moved. A response with the version may be theirs. */
export function namesakesOf<T extends Named>(release: Named, others: readonly (T | undefined)[]): T[] {
  const found = others.filter((one): one is T => one !== undefined && isNamesake(one, release));
  return found.filter((one, i) => found.findIndex(({ sha }) => sha === one.sha) === i);
}

/** A release of which only the name is known has no commit. */
function isNamesake(one: Named, release: Named): boolean {
  return one.sha !== '' && one.sha !== release.sha && bareVersion(one.version) === bareVersion(release.version);
}

/** Whether a response names this release by more than its version: by its commit, or by the digest of its image. */
export function namesCommit(shown: string, release: Named): boolean {
  return bareVersion(shown.trim()) !== bareVersion(release.version) && identifies(shown, release);
}
