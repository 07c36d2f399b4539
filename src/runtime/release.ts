/** A release: what is deployed. */
export interface Release {
  readonly version: string;
  /** Full commit sha. */
  readonly sha: string;
  readonly artifact?: Artifact;
  /** The container image beside the files, where a release has both. */
  readonly image?: Artifact;
  /** The engine's own name of an adopted release, which no delivery published. */
  readonly engineId?: string;
}

/** What was built for a release, the same bytes on every environment: one tar of files, or a container image. */
export interface Artifact {
  /** SHA-256 of the tar or of the image's manifest, in hex; the tar is called `<digest>.tar`. */
  readonly digest: string;
  /** The repository of the image, with its registry's host; absent for files. */
  readonly image?: string;
  /** The CI's id of the uploaded artifact and the run that holds it; absent on a laptop. */
  readonly id?: string;
  readonly runId?: string;
}

/** The names by which a service's response identifies a release. */
export type Named = Pick<Release, 'version' | 'sha' | 'artifact' | 'image'>;

/** What was built for a release. */
export type Built = Pick<Release, 'artifact' | 'image'>;

/** The image of a release by its digest: `ghcr.io/acme/shop@sha256:...`. */
export function imageOf(release: Built): string | undefined {
  const found = builtImageOf(release);
  return found && `${found.image}@sha256:${found.digest}`;
}

/** The image of a release, with its repository; undefined for a release of files only. */
export function builtImageOf({ artifact, image = artifact }: Built): Artifact & { readonly image: string } | undefined {
  return image?.image === undefined ? undefined : { ...image, image: image.image };
}

/** Whether the same was built for both: the same files, and the same image. */
export function sameBuild(a: Built, b: Built): boolean {
  return a.artifact?.digest === b.artifact?.digest && a.image?.digest === b.image?.digest;
}

/** Same bytes, same commit: the version may differ (`3f2a91c` on staging, `v1.2.3` in production). */
export function sameRelease(a: Release, b: Release): boolean {
  return sameCommit(a, b) && sameBuild(a, b);
}

/** The end of the version of a release that was made of a commit and of changes that nobody committed. */
export const LOCAL_CHANGES = '+with-local-changes';

export function hasLocalChanges({ version }: Pick<Release, 'version'>): boolean {
  return version.endsWith(LOCAL_CHANGES);
}

/** Whether both are what is in the same commit. What was changed beside it is known by its build only. */
export function sameCommit(a: Release, b: Release): boolean {
  if (hasLocalChanges(a) || hasLocalChanges(b)) return a.version === b.version && a.artifact !== undefined && sameBuild(a, b);
  return a.sha === b.sha;
}

/** `@scope/package@v1.2.3` and `v1.2.3` are `1.2.3`, as in tags of Lerna and changesets. */
export function bareVersion(version: string): string {
  return version.replace(/^(?:@[^@/]+\/)?[^@/]+@(?=v?\d)/, '').replace(/^v(?=\d)/, '');
}

/**
 * Whether the response of a service names this release: its version (a leading `v` ignored, and the package's name in front of
 * `package@1.2.3`), its commit sha (full, or 7 digits and more), or its image's digest (with or without the repository).
 */
export function identifies(shown: string, release: Named): boolean {
  const said = shown.trim();
  // the service may know only the version that its files name
  if ([release.version, withoutLocalChanges(release.version)].some((version) => bareVersion(said) === bareVersion(version))) return true;
  const image = imageOf(release);
  if (image !== undefined && (said === image || said === image.slice(image.indexOf('@') + 1))) return true;
  return isCommit(said, release);
}

/** The name of the commit, without what was changed beside it. */
export function withoutLocalChanges(version: string): string {
  return version.endsWith(LOCAL_CHANGES) ? version.slice(0, -LOCAL_CHANGES.length) : version;
}

/** Whether a name is that of the commit: its sha, or 7 digits and more of it. */
export function isCommit(name: string, { sha }: Pick<Release, 'sha'>): boolean {
  return /^[0-9a-f]{7,40}$/i.test(name) && sha.toLowerCase().startsWith(name.toLowerCase());
}

/** `1.2.3` for `v1.2.3`, `pkg@v1.2.3` for `pkg@1.2.3`, and the other way round; undefined if it is not a version. */
export function otherForm(name: string): string | undefined {
  const [, packageName = '', v, version] = /^(.*@)?(v?)(\d.*)$/.exec(name) ?? [];
  return version === undefined ? undefined : `${packageName}${v ? '' : 'v'}${version}`;
}
