import { mkdirSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { PackageRegistryDriverManifest } from '../../../src/engines/package-registry/manifest';
import { Publication, RegistryStandIn } from '../../../tools/package-registry-stand-in/registry-stand-in';
import { Behaviour, Ended, OnLine, World } from '../../runtime/world';
import { DriverWorld } from '../driver-world';

export const REMEDY = 'Yank the version, and release a higher one';

export interface PackageSettings {
  readonly smoke?: string;
  readonly commandTimeoutMs?: number;
}

/** A repository whose target is a package of a registry, which its release workflow publishes. Releases are called `v1.0.0`. */
export abstract class PackageWorld<Registry extends RegistryStandIn> extends DriverWorld<Registry> {
  /** The world, and the folder of the stand-in's state. */
  protected static async begin(): Promise<readonly [World, string]> {
    const world = await World.create('redeploy', { secrets: ['SHOP_TOKEN'] });
    return [world, join(world.root, 'machine')];
  }

  protected constructor(world: World, standIn: Registry, registry: PackageRegistryDriverManifest['registry'], { commandTimeoutMs = 120_000, smoke }: PackageSettings) {
    super(world, standIn);
    const [{ strategy }] = world.manifest.environments;
    world.change({
      strategy: { ...strategy, commandTimeoutMs },
      target: { deploy: { kind: 'driver', call: 'deploy' }, noRollback: REMEDY, driver: { kind: 'packageRegistry', registry, ...(smoke !== undefined && { smoke }) } },
    });
    mkdirSync(this.temporary);
  }

  /** The temporary folder of its processes alone: other suites run at the same time. */
  public get temporary(): string {
    return join(this.world.root, 'machine/tmp');
  }

  /** Builds the files of a version in machine/dist, as the release workflow does before it publishes them. */
  protected buildFiles(files: Readonly<Record<string, Buffer>>): void {
    const folder = join(this.world.root, 'machine/dist');
    rmSync(folder, { recursive: true, force: true });
    mkdirSync(folder, { recursive: true });
    for (const [path, bytes] of Object.entries(files)) {
      mkdirSync(join(folder, path, '..'), { recursive: true });
      writeFileSync(join(folder, path), bytes);
    }
  }

  /** A release that its workflow publishes before. */
  public async ship(version: string, behaviour: Behaviour = 'good', published: Publication = {}, onLine?: OnLine): Promise<Ended> {
    this.world.release(`v${version}`, behaviour);
    this.aws.publish(version, published);
    return this.deploy(`v${version}`, onLine);
  }

  /** A release that its workflow publishes while the target waits for it. */
  public shipLate(version: string): Promise<Ended> {
    let isPublished = false;
    this.world.release(`v${version}`);
    return this.deploy(`v${version}`, (line) => {
      if (isPublished || !/ does not serve .* yet/.test(line)) return;
      isPublished = true;
      this.aws.publish(version);
    });
  }

  /** The state of the last deployment. */
  public async lastState(): Promise<string | undefined> {
    return (await this.status()).last?.state;
  }

  protected override get env(): NodeJS.ProcessEnv {
    return { ...this.aws.env, SHOP_TOKEN: 'a-secret-of-the-shop', TMPDIR: this.temporary };
  }

  public async destroy(): Promise<void> {
    await this.aws.stop();
    await this.world.destroy();
  }
}
