export interface NpmDriverManifest {
  readonly kind: 'npm';
  readonly packageName: string;
  /** The folder with the package's tarball, relative to the project's directory. */
  readonly directory: string;
  /** With a slash at its end. */
  readonly registry: string;
  /** The tag that users install by. */
  readonly distTag: string;
  /** The tag under which a release is published, before users get it. */
  readonly candidateTag: string;
  /** Of a new scoped package. @default - what the package says */
  readonly access?: 'public' | 'restricted';
  /** Whether the driver publishes. Otherwise the version must be in the registry. */
  readonly publishes: boolean;
  /** Whether `npm publish` signs in by OpenID Connect. */
  readonly isTrustedPublisher: boolean;
  /** The environment variable with the registry's token. */
  readonly tokenVariable: string;
  /** A shell line that runs where the candidate was installed. @default - it is only installed */
  readonly smoke?: string;
  /** The notice for a release that was rolled back. @default - none */
  readonly deprecation?: string;
}
