/** What is deployed. */
export interface Release {
  readonly version: string;
  /** Full commit sha. */
  readonly sha: string;
  readonly artifact?: Artifact;
}

/** The files that were built for a release: one tar, the same bytes on every environment. */
export interface Artifact {
  /** SHA-256 of the tar, in hex; the file is called `<digest>.tar`. */
  readonly digest: string;
  /** The CI's id of the uploaded artifact and the run that holds it; absent on a laptop. */
  readonly id?: string;
  readonly runId?: string;
}

/** Same bytes, same commit: the version may differ (`3f2a91c` on staging, `v1.2.3` in production). */
export function sameRelease(a: Release, b: Release): boolean {
  return a.sha === b.sha && a.artifact?.digest === b.artifact?.digest;
}

/**
 * Whether what a service says of itself names this release: its version (a leading `v` ignored)
 * or its commit sha (full, or 7 digits and more).
 */
export function identifies(answer: string, release: Release): boolean {
  const said = answer.trim();
  const withoutV = (version: string) => version.replace(/^v(?=\d)/, '');
  if (withoutV(said) === withoutV(release.version)) return true;
  return /^[0-9a-f]{7,40}$/i.test(said) && release.sha.toLowerCase().startsWith(said.toLowerCase());
}
