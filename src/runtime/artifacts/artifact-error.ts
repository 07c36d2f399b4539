/** The files of a release are not there, or not those that were verified. Says which file, and the remedy. */
export class ArtifactError extends Error {
  /** Whether trying again later cannot help: the CI does not keep the files any more. */
  public readonly isGone: boolean;

  constructor(message: string, { isGone = false }: { readonly isGone?: boolean } = {}) {
    super(message);
    this.name = 'ArtifactError';
    this.isGone = isGone;
  }
}
