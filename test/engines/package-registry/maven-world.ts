import { PackageSettings, PackageWorld } from './package-world';
import { MavenManifest } from '../../../src/engines/package-registry/manifest';
import { bytesOf, fileName, MavenStandIn } from '../../../tools/package-registry-stand-in/maven-stand-in';

/** A package of a Maven repository. */
export class MavenWorld extends PackageWorld<MavenStandIn> {
  public static async create({ directory, ...settings }: PackageSettings & Pick<MavenManifest, 'directory'> = {}): Promise<MavenWorld> {
    const [world, folder] = await this.begin();
    const repository = await MavenStandIn.start(folder);
    return new MavenWorld(world, repository, { ecosystem: 'maven', packageName: 'com.acme:shop', index: repository.index, ...(directory !== undefined && { directory }) }, settings);
  }

  /** Builds what jsii packages: a repository with one version in folders. */
  public build(version: string, { classifiers = [], jar = bytesOf(version, 'jar'), poms = [version] }: MavenBuild = {}): void {
    const folder = `com/acme/shop/${version}`;
    this.buildFiles({
      [`${folder}/${fileName(version, 'jar')}`]: jar,
      ...Object.fromEntries(poms.map((one) => [`${folder}/${fileName(one, 'pom')}`, bytesOf(one, 'pom')])),
      ...Object.fromEntries(['sources', ...classifiers].map((one) => [`${folder}/shop-${version}-${one}.jar`, Buffer.from(`${one}, which is not compared`)])),
      [`${folder}/${fileName(version, 'jar')}.sha1`]: Buffer.from('a checksum'),
    });
  }
}

interface MavenBuild {
  /** Jars besides that of sources: `all` for `shop-1.0.0-all.jar`. */
  readonly classifiers?: readonly string[];
  readonly jar?: Buffer;
  /** The versions of the poms. */
  readonly poms?: readonly string[];
}
