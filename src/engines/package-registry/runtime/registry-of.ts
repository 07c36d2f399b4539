import { GoRegistry } from './go-registry';
import { MavenRegistry } from './maven-registry';
import { PackageRegistry } from './package-registry';
import { PypiRegistry } from './pypi-registry';
import { RuntimeContext } from '../../../runtime/context';
import { PackageRegistryDriverManifest } from '../manifest';

/** The registry that the manifest names. */
export function registryOf(context: RuntimeContext, settings: PackageRegistryDriverManifest['registry']): PackageRegistry {
  switch (settings.ecosystem) {
    case 'pypi': return new PypiRegistry(context, settings);
    case 'go': return new GoRegistry(context, settings);
    case 'maven': return new MavenRegistry(context, settings);
  }
}
