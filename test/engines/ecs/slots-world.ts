import { join } from 'node:path';
import { StrategyKind } from '../../../src/contract/strategies';
import { EcsBlueGreenDriverManifest } from '../../../src/engines/ecs/manifest';
import { LISTENER, SlotsStandIn } from '../../../tools/aws-cli-stand-in/slots-stand-in';
import { Registry } from '../../runtime/images/registry';
import { World } from '../../runtime/world';
import { slotsTarget } from '../driver-world';
import { ImageWorld } from '../image-world';

/** A repository whose target is two services behind a listener of the stand-in for the AWS CLI. */
export class SlotsWorld extends ImageWorld<SlotsStandIn> {
  public static async create(settings: Partial<EcsBlueGreenDriverManifest> = {}, strategy: Extract<StrategyKind, 'blueGreen' | 'canary'> = 'blueGreen'): Promise<SlotsWorld> {
    const world = await World.create(strategy);
    const { target } = slotsTarget({ kind: 'ecsBlueGreen', cluster: 'shop', services: { blue: 'web-blue', green: 'web-green' }, listener: LISTENER, ...settings }, strategy);
    // the strategy keeps the candidate's URL
    world.change({ target });
    return new SlotsWorld(world, new SlotsStandIn(join(world.root, 'machine')), await Registry.start());
  }

  /** Whatever the engine starts of it does not stay. */
  public break(version: string): void {
    this.aws.state = { ...this.aws.state, broken: [this.imageOf(version)] };
  }

  /** Checks that the release is Stable, and that exactly its slot has users. */
  public async standsOn(slot: 'blue' | 'green', version: string): Promise<void> {
    await this.stands(version);
    expect(this.aws.weights).toEqual({ blue: slot === 'blue' ? 100 : 0, green: slot === 'green' ? 100 : 0 });
  }
}
