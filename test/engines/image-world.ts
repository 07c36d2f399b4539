import { createHash } from 'node:crypto';
import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { DriverWorld, EngineStandIn } from './driver-world';
import { Registry } from '../runtime/images/registry';
import { Behaviour, Ended, OnLine, World } from '../runtime/world';

/** A repository whose releases are images in a registry on loopback. */
export abstract class ImageWorld<Engine extends EngineStandIn> extends DriverWorld<Engine> {
  protected constructor(world: World, aws: Engine, private readonly registry: Registry) {
    super(world, aws);
    world.manifest = { ...world.manifest, image: { repository: this.repository, build: { kind: 'docker', context: '.' } } };
    world.change({});
  }

  private get repository(): string {
    return `${this.registry.host}/acme/shop`;
  }

  public imageOf(version: string): string {
    return `${this.repository}@sha256:${createHash('sha256').update(version).digest('hex')}`;
  }

  /** Releases a new commit whose image was built. */
  public build(version: string, behaviour: Behaviour = 'good'): void {
    const sha = this.world.release(version, behaviour);
    const folder = join(this.world.root, '.git/delivery/images');
    mkdirSync(folder, { recursive: true });
    writeFileSync(join(folder, sha), `${this.imageOf(version)}\n`);
    this.registry.digests.add(this.imageOf(version).split(':').at(-1)!);
  }

  /** The registry has the image of a release no more. */
  public loseImage(version: string): void {
    this.registry.digests.delete(this.imageOf(version).split(':').at(-1)!);
  }

  public ship(version: string, behaviour: Behaviour = 'good', onLine?: OnLine): Promise<Ended> {
    this.build(version, behaviour);
    return this.deploy(version, onLine);
  }

  public async destroy(): Promise<void> {
    await this.world.destroy();
    await this.registry.stop();
  }
}
