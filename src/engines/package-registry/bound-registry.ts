import { PackageRegistryDriverManifest } from './manifest';
import { Duration } from '../../validation/duration';
import { webAddress } from '../../validation/url';
import { invalid, show } from '../../validation/validation-error';

/** What a registry is for one project. */
export interface BoundRegistry {
  readonly manifest: PackageRegistryDriverManifest['registry'];
  /** The folder of the delivery's artifact. */
  readonly directory?: string;
  /** What a person does about a bad version. */
  readonly noRollback: string;
  /** How long a version that was published may take until users get it, its test included. */
  readonly commandTimeout: Duration;
}

/** Parses the address of a registry, which everyone may read. Its path ends with a slash. */
export function registryAddress(option: string, given: unknown, example: string): URL {
  const url = webAddress(option, given, false, {
    credentials: 'Remove them: the registry must be readable without a sign-in', insecure: 'Write https://...: packages are installed from there',
  });
  if (url.search !== '' || url.hash !== '') invalid(option, `${show(given)} has more than a path`, `Write only the address, for example '${example}'`);
  if (!url.pathname.endsWith('/')) url.pathname += '/';
  return url;
}
