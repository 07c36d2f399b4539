export interface GithubPagesDriverManifest {
  readonly kind: 'githubPages';
  /** The folder with the files, relative to the project's directory. */
  readonly directory: string;
  /** The branch that GitHub Pages serves. */
  readonly branch: string;
  /** How many releases stay in the repository. */
  readonly keep: number;
  /** The file that the target adds to each release. */
  readonly releaseFile: string;
}
