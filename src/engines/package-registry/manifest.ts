/** Where Maven gets packages from by default. */
export const MAVEN_CENTRAL = 'https://repo1.maven.org/maven2/';

/** A package whose versions someone else publishes. The driver waits for them and tests them, and can take none back. */
export interface PackageRegistryDriverManifest {
  readonly kind: 'packageRegistry';
  readonly registry: PypiManifest | GoManifest | MavenManifest;
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

export interface GoManifest {
  readonly ecosystem: 'go';
  /** The path of the module, with its major version: `github.com/acme/shop/v2`. */
  readonly packageName: string;
  /** The module proxy, with a slash at its end. */
  readonly index: string;
  /** Modules that the checksum database does not know, as in GONOSUMDB. @default - none */
  readonly privateModules?: readonly string[];
  /** Whether the proxy must serve the release's commit. */
  readonly fromThisRepository: boolean;
}

export interface MavenManifest {
  readonly ecosystem: 'maven';
  /** `groupId:artifactId`. */
  readonly packageName: string;
  /** The repository, with a slash at its end. */
  readonly index: string;
  /** The folder with the files that were published, relative to the project's directory. @default - no files are compared */
  readonly directory?: string;
}
