/** What a controller says of the cluster. */
export interface ControllerState {
  /** The commit whose objects the cluster has; undefined while it changes, or where that is not known. */
  readonly live?: string;
  /** `served`: the commit `revision` is applied, and all of it is healthy. `failing`: it is being tried again. */
  readonly is: 'served' | 'working' | 'failing';
  /** The commit that the controller is at. */
  readonly revision?: string;
  /** For people. Untrusted. */
  readonly why: string;
  /** Whether only another commit helps. @default false */
  readonly isFinal?: boolean;
  /** What it has put into the cluster. */
  readonly objects: readonly ClusterObject[];
}

export interface ClusterObject {
  readonly kind: string;
  readonly name: string;
  readonly namespace: string;
}

/** Where a controller reads its files. */
export interface FollowedSource {
  /** What people call the controller's object: `Application shop`. */
  readonly shown: string;
  readonly repository: string;
  readonly path: string;
  /** Undefined: the default branch. */
  readonly branch?: string;
  /** Why a commit would not get into the cluster by itself, and the fix. */
  readonly stopped?: { readonly problem: string; readonly fix: string };
  readonly warnings: readonly { readonly title: string; readonly text: string }[];
}

/** Reads `<commit>` (Argo CD), `main@sha1:<commit>` (Flux) or `main/<commit>` (before Flux 2.0). Anything else could be an option of git. */
export function commitIn(revision: string | undefined): string | undefined {
  return /(?:^|[:/])([0-9a-f]{40,64})$/.exec(revision ?? '')?.[1];
}

/** The same repository has several URLs: with and without `.git`, and over ssh. */
export function sameRepository(one: string, other: string): boolean {
  return plain(one) === plain(other);
}

function plain(url: string): string {
  const [, host, path] = /^(?:[a-z+]+:\/\/)?(?:[^@/]+@)?([^/:]+(?::\d+)?)[/:](.*)$/i.exec(url.trim()) ?? [undefined, '', url];
  return `${host!.toLowerCase().replace(/:(?:22|443)$/, '')}/${path!.replace(/^\/+|\/+$/g, '').replace(/\.git$/, '').toLowerCase()}`;
}

/** Whether a controller that reads `followed` reads our folder. One that reads a folder above it may leave out what it contains. */
export function readsFolder(followed: string, path: string): boolean {
  const normal = followed.replace(/^(?:\.?\/)+|\/+$/g, '').replace(/^\.$/, '');
  return normal === path;
}
