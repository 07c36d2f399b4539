/** A package whose versions someone else publishes. The driver waits for them and tests them, and can take none back. */
export interface PackageRegistryDriverManifest {
  readonly kind: 'packageRegistry';
  readonly registry: PypiManifest;
  /** A shell line that runs where the version was installed. @default - it is only installed */
  readonly smoke?: string;
}

export interface PypiManifest {
  readonly ecosystem: 'pypi';
  /** Normalized: in lower case, words separated by `-`. */
  readonly packageName: string;
  /** The simple index, with a slash at its end. */
  readonly index: string;
  /** The folder with the files that were published, relative to the project's directory. @default - the files of the index count */
  readonly directory?: string;
}
