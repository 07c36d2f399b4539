import { mkdirSync, rmSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { StaticSiteDriverManifest } from '../../../src/engines/static-site/manifest';
import { SiteStandIn } from '../../../tools/aws-cli-stand-in/site-stand-in';
import { Behaviour, Ended, OnLine, World } from '../../runtime/world';
import { DriverWorld, slotsTarget } from '../driver-world';

const DIRECTORY = 'machine/site';
const DISTRIBUTION = 'E1A2B3C4D5E6F7';

/** A repository whose target is a bucket and a distribution of the stand-in for the AWS CLI. */
export class SiteWorld extends DriverWorld<SiteStandIn> {
  public static async create(settings: Partial<StaticSiteDriverManifest> = {}, strategy: 'redeploy' | 'blueGreen' = 'redeploy'): Promise<SiteWorld> {
    const driver: StaticSiteDriverManifest = {
      kind: 'staticSite',
      bucket: 'acme-site',
      directory: DIRECTORY,
      prefix: 'releases/production/',
      distribution: DISTRIBUTION,
      invalidationPaths: ['/*'],
      keep: 10,
      headers: [],
      releaseFile: 'delivery-release.json',
      ...settings,
    };
    const world = await World.create(strategy, slotsTarget(driver, strategy));
    return new SiteWorld(world, new SiteStandIn(join(world.root, 'machine'), driver.distribution !== undefined));
  }

  /** Releases a new commit, and builds its files. */
  public build(version: string, behaviour: Behaviour = 'good', files: Readonly<Record<string, string>> = {}): void {
    this.world.release(version, behaviour);
    rmSync(join(this.world.root, DIRECTORY), { recursive: true, force: true });
    const all = { 'index.html': `${version}\n`, [`assets/app-${version}-3f2a91cc.js`]: version, 'assets/style.css': 'body {}', ...files };
    for (const [path, text] of Object.entries(all)) {
      const file = join(this.world.root, DIRECTORY, path);
      mkdirSync(dirname(file), { recursive: true });
      writeFileSync(file, text);
    }
  }

  public ship(version: string, behaviour: Behaviour = 'good', onLine?: OnLine): Promise<Ended> {
    this.build(version, behaviour);
    return this.deploy(version, onLine);
  }

  /** The key that the keys of a release begin with. */
  public folderOf(version: string): string {
    const sha = this.world.git('rev-parse', version);
    return `releases/production/${this.aws.releases.find((name) => name.startsWith(sha))}/`;
  }
}
