import { PackageSettings, PackageWorld } from './package-world';
import { GoManifest } from '../../../src/engines/package-registry/manifest';
import { GoStandIn, MODULE } from '../../../tools/package-registry-stand-in/go-stand-in';

/** A module of Go. */
export class GoWorld extends PackageWorld<GoStandIn> {
  public static async create({ fromThisRepository = false, ...settings }: PackageSettings & Partial<Pick<GoManifest, 'fromThisRepository'>> = {}): Promise<GoWorld> {
    const [world, folder] = await this.begin();
    const proxy = await GoStandIn.start(folder);
    return new GoWorld(world, proxy, { ecosystem: 'go', packageName: MODULE, index: proxy.index, privateModules: ['example.com/*'], fromThisRepository }, settings);
  }
}
