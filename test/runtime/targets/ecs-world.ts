import { createHash } from 'node:crypto';
import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { DriverWorld } from './driver-world';
import { EcsDriverManifest } from '../../../src/contract/ecs-manifest';
import { EcsStandIn } from '../../../tools/aws-cli-stand-in/ecs-stand-in';
import { Registry } from '../images/registry';
import { Behaviour, Ended, OnLine, World } from '../world';

/** A repository whose target is a service of the stand-in for the AWS CLI. Its images are in a registry on loopback. */
export class EcsWorld extends DriverWorld<EcsStandIn> {
  public static async create(settings: Partial<EcsDriverManifest> = {}): Promise<EcsWorld> {
    const world = await World.create('redeploy', {
      target: {
        deploy: { kind: 'driver', call: 'deploy' },
        rollback: { kind: 'driver', call: 'rollback' },
        driver: { kind: 'ecs', cluster: 'shop', service: 'web', ...settings },
      },
    });
    return new EcsWorld(world, new EcsStandIn(join(world.root, 'machine')), await Registry.start());
  }

  private constructor(world: World, aws: EcsStandIn, private readonly registry: Registry) {
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

  /** Whatever the engine starts of it does not stay. */
  public break(version: string): void {
    this.aws.state = { ...this.aws.state, broken: [this.imageOf(version)] };
  }

  /** Releases a new commit whose image was built. */
  public build(version: string, behaviour: Behaviour = 'good'): void {
    const sha = this.world.release(version, behaviour);
    const folder = join(this.world.root, '.git/delivery/images');
    mkdirSync(folder, { recursive: true });
    writeFileSync(join(folder, sha), `${this.imageOf(version)}\n`);
    this.registry.digests.add(this.imageOf(version).split(':').at(-1)!);
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
