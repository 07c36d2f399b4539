import { rmSync } from 'node:fs';
import { join } from 'node:path';
import { NpmDriverManifest } from '../../../src/engines/npm/manifest';
import { NpmStandIn, writeTarball } from '../../../tools/npm-stand-in/stand-in';
import { Behaviour, Ended, OnLine, World } from '../../runtime/world';
import { DriverWorld, slotsTarget } from '../driver-world';

const DIRECTORY = 'machine/dist';
export const PACKAGE = '@acme/shop';

/** A repository whose target is a package of the stand-in for the npm CLI. Releases are called `v1.0.0`. */
export class NpmWorld extends DriverWorld<NpmStandIn> {
  public static async create(settings: Partial<NpmDriverManifest> = {}, strategy: 'redeploy' | 'blueGreen' = 'redeploy'): Promise<NpmWorld> {
    const driver: NpmDriverManifest = {
      kind: 'npm',
      packageName: PACKAGE,
      directory: DIRECTORY,
      registry: 'https://registry.example.com/',
      distTag: 'latest',
      candidateTag: 'next',
      access: 'public',
      publishes: true,
      isTrustedPublisher: false,
      tokenVariable: 'NPM_TOKEN',
      ...settings,
    };
    const world = await World.create(strategy, { ...slotsTarget(driver, strategy), secrets: ['NPM_TOKEN'] });
    const registry = new NpmStandIn(join(world.root, 'machine'));
    await registry.listen();
    return new NpmWorld(world, registry);
  }

  /** Releases a new commit, and packs its tarball. */
  public build(version: string, behaviour: Behaviour = 'good', manifest: Readonly<Record<string, unknown>> = {}): void {
    this.world.release(version, behaviour);
    this.pack(version, manifest);
  }

  public pack(version: string, manifest: Readonly<Record<string, unknown>> = {}): void {
    const folder = join(this.world.root, DIRECTORY);
    rmSync(folder, { recursive: true, force: true });
    writeTarball(join(folder, 'shop.tgz'), { name: PACKAGE, version: version.slice(1), release: version, ...manifest });
  }

  public ship(version: string, behaviour: Behaviour = 'good', onLine?: OnLine): Promise<Ended> {
    this.build(version, behaviour);
    return this.deploy(version, onLine);
  }
}
