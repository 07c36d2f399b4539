import { PackageSettings, PackageWorld } from './package-world';
import { PypiManifest } from '../../../src/engines/package-registry/manifest';
import { PypiStandIn, wheelName, wheelOf } from '../../../tools/package-registry-stand-in/stand-in';

export { REMEDY } from './package-world';

/** A package of an index of Python's packages. */
export class PypiWorld extends PackageWorld<PypiStandIn> {
  public static async create({ directory, ...settings }: PackageSettings & Pick<PypiManifest, 'directory'> = {}): Promise<PypiWorld> {
    const [world, folder] = await this.begin();
    const pypi = await PypiStandIn.start(folder);
    return new PypiWorld(world, pypi, { ecosystem: 'pypi', packageName: 'acme-shop', index: pypi.index, ...(directory !== undefined && { directory }) }, settings);
  }

  public build(version: string, bytes = wheelOf(version)): void {
    this.buildFiles({ [wheelName(version)]: bytes });
  }
}
