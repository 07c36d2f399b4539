import { PackageSettings, PackageWorld } from './package-world';
import { MavenManifest } from '../../../../src/contract/package-registry-manifest';
import { bytesOf, fileName, MavenStandIn } from '../../../../tools/package-registry-stand-in/maven-stand-in';

/** A package of a Maven repository. */
export class MavenWorld extends PackageWorld<MavenStandIn> {
  public static async create({ directory, ...settings }: PackageSettings & Pick<MavenManifest, 'directory'> = {}): Promise<MavenWorld> {
    const [world, folder] = await this.begin();
    const repository = await MavenStandIn.start(folder);
    return new MavenWorld(world, repository, { ecosystem: 'maven', packageName: 'com.acme:shop', index: repository.index, ...(directory !== undefined && { directory }) }, settings);
  }

  /** Builds what jsii packages: a repository with one version in folders. */
  public build(version: string, jar = bytesOf(version, 'jar')): void {
    const folder = `com/acme/shop/${version}`;
    this.buildFiles({
      [`${folder}/${fileName(version, 'jar')}`]: jar,
      [`${folder}/${fileName(version, 'pom')}`]: bytesOf(version, 'pom'),
      [`${folder}/shop-${version}-sources.jar`]: Buffer.from('sources, which are not compared'),
      [`${folder}/${fileName(version, 'jar')}.sha1`]: Buffer.from('a checksum'),
    });
  }
}
