import { HealthCheckManifest, PREVIEW_NUMBER } from '../contract/manifest';
import { hasPreviewNumber } from '../validation/preview-number';
import { invalid, show } from '../validation/validation-error';

/** What is checked of an environment that is not one of a pull request. */
interface Addresses {
  readonly name: string;
  readonly url: string;
  readonly healthChecks: readonly HealthCheckManifest[];
  readonly watchChecks: readonly HealthCheckManifest[];
}

/** Rejects `{number}` where it is not replaced, or where it would be another one with each pull request. */
export function checkNoPreviewNumber({ healthChecks, name, url, watchChecks }: Addresses): void {
  const shown = `environment ${show(name)}`;
  if (hasPreviewNumber(url)) reject(`${shown} url`, url);
  const check = [...healthChecks, ...watchChecks].flatMap(membersOf).find((one) => one.kind !== 'command' && hasPreviewNumber(one.url));
  if (check) reject(`${shown} healthChecks`, check.url);
}

function reject(option: string, url: string): never {
  invalid(option, `${show(url)} contains ${PREVIEW_NUMBER}, which stands for a pull request only in previews of their own`, 'Write the address that users request');
}

/** The checks of a group, or the check itself. */
function membersOf(check: HealthCheckManifest): HealthCheckManifest[] {
  return 'checks' in check ? check.checks.flatMap(membersOf) : [check];
}
