import { mkdirSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { PypiManifest } from '../../../../src/contract/package-registry-manifest';
import { PypiStandIn, wheelName, wheelOf } from '../../../../tools/package-registry-stand-in/stand-in';
import { Behaviour, Ended, OnLine, World } from '../../world';
import { DriverWorld } from '../driver-world';

export const REMEDY = 'Yank the version, and release a higher one';

interface Settings extends Pick<PypiManifest, 'directory'> {
  readonly smoke?: string;
  readonly commandTimeoutMs?: number;
}

/** A repository whose target is a package of an index, which its release workflow publishes. Releases are called `v1.0.0`. */
export class PypiWorld extends DriverWorld<PypiStandIn> {
  public static async create({ commandTimeoutMs = 120_000, directory, smoke }: Settings = {}): Promise<PypiWorld> {
    const world = await World.create('redeploy', { secrets: ['SHOP_TOKEN'] });
    const pypi = await PypiStandIn.start(join(world.root, 'machine'));
    const [{ strategy }] = world.manifest.environments;
    world.change({
      strategy: { ...strategy, commandTimeoutMs },
      target: {
        deploy: { kind: 'driver', call: 'deploy' },
        noRollback: REMEDY,
        driver: {
          kind: 'packageRegistry', registry: { ecosystem: 'pypi', packageName: 'acme-shop', index: pypi.index, ...(directory !== undefined && { directory }) }, ...(smoke !== undefined && { smoke }),
        },
      },
    });
    const created = new PypiWorld(world, pypi);
    mkdirSync(created.temporary);
    return created;
  }

  /** The temporary folder of its processes alone: other suites run at the same time. */
  public get temporary(): string {
    return join(this.world.root, 'machine/tmp');
  }

  /** Builds the files of a version, as the release workflow does before it publishes them. */
  public build(version: string, bytes = wheelOf(version)): void {
    const folder = join(this.world.root, 'machine/dist');
    rmSync(folder, { recursive: true, force: true });
    mkdirSync(folder, { recursive: true });
    writeFileSync(join(folder, wheelName(version)), bytes);
  }

  /** A release that its workflow publishes before. */
  public async ship(version: string, behaviour: Behaviour = 'good', published: Parameters<PypiStandIn['publish']>[1] = {}, onLine?: OnLine): Promise<Ended> {
    this.world.release(`v${version}`, behaviour);
    this.aws.publish(version, published);
    return this.deploy(`v${version}`, onLine);
  }

  protected override get env(): NodeJS.ProcessEnv {
    return { ...this.aws.env, SHOP_TOKEN: 'a-secret-of-the-shop', TMPDIR: this.temporary };
  }

  public async destroy(): Promise<void> {
    await this.aws.stop();
    await this.world.destroy();
  }
}
