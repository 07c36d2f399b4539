import { join } from 'node:path';
import { EcsDriverManifest } from '../../../src/engines/ecs/manifest';
import { EcsStandIn } from '../../../tools/aws-cli-stand-in/ecs-stand-in';
import { Registry } from '../../runtime/images/registry';
import { World } from '../../runtime/world';
import { ImageWorld } from '../image-world';

/** A repository whose target is a service of the stand-in for the AWS CLI. */
export class EcsWorld extends ImageWorld<EcsStandIn> {
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

  /** Whatever the engine starts of it does not stay. */
  public break(version: string): void {
    this.aws.state = { ...this.aws.state, broken: [this.imageOf(version)] };
  }
}
