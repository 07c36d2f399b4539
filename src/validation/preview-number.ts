import { PREVIEW_NUMBER } from '../contract/manifest';

/** Takes out the number of a pull request, so that only other placeholders are left. Environments that are no previews reject it by themselves. */
export function withoutPreviewNumber(text: string): string {
  return text.replaceAll(PREVIEW_NUMBER, '');
}

/** Whether the number of a pull request stands in the host or the path. */
export function hasPreviewNumber(url: string): boolean {
  return url.replace(/[?#].*$/s, '').includes(PREVIEW_NUMBER);
}
