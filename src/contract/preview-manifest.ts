import { EnvironmentManifest } from './environment-manifest';
import { CommandManifest } from './target-manifest';

/** The environments of pull requests. */
export interface PreviewsManifest {
  /** What each of them has: `PREVIEW_NUMBER` in its texts stands for the number of the pull request. */
  readonly environment: EnvironmentManifest;
  /** Removes a preview. Absent for the shared one, which stays. */
  readonly remove?: CommandManifest;
  /** Since the last deployment. Absent where only the end of the pull request ends it. */
  readonly expiresAfterMs?: number;
  /** The label without which a pull request has none. Absent if each has one. */
  readonly label?: string;
  /** Whether pull requests share one: the last one that gets the label has it. */
  readonly isShared?: true;
}

/** Stands for the number of the pull request in URLs and texts of previews. */
export const PREVIEW_NUMBER = '{number}';

/** The same, as a URL has it in its path. */
export const PREVIEW_NUMBER_IN_PATH = '%7Bnumber%7D';

const PREFIX = 'preview-';

/** The name of the preview that pull requests share. */
export const SHARED_PREVIEW = `${PREFIX}shared`;

/** Returns the name of a preview in the ledger, in DEPLOY_ENV and in the list of deployments. */
export function previewName(number: number | string): string {
  return `${PREFIX}${number}`;
}

/** Returns the number of the pull request of a preview; undefined for the shared one, and for any other environment. */
export function pullRequestOfPreview(name: string): number | undefined {
  const [, number] = /^preview-([1-9]\d{0,8})$/.exec(name) ?? [];
  return number === undefined ? undefined : Number(number);
}

/** Whether this is the name of a preview, which no other environment may have. */
export function isPreviewName(name: string): boolean {
  return name.toLowerCase().startsWith(PREFIX);
}
