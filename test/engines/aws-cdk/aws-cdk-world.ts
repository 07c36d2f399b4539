import { join } from 'node:path';
import { AwsCdkDriverManifest } from '../../../src/engines/aws-cdk/manifest';
import { AssemblyOptions, CdkStandIn, writeAssembly } from '../../../tools/aws-cdk-stand-in/stand-in';
import { Behaviour, Ended, OnLine, World } from '../../runtime/world';
import { DriverWorld } from '../driver-world';

const ASSEMBLY = 'machine/cdk.out';

/** A repository whose target is a CDK app, with the stand-in for the CDK CLI and CloudFormation. */
export class AwsCdkWorld extends DriverWorld<CdkStandIn> {
  public static async create(settings: Partial<AwsCdkDriverManifest> = {}): Promise<AwsCdkWorld> {
    const world = await World.create('redeploy', {
      target: { deploy: { kind: 'driver', call: 'deploy' }, driver: { kind: 'awsCdk', assembly: ASSEMBLY, stacks: ['Api'], ...settings } },
    });
    world.manifest = { ...world.manifest, artifact: { paths: [ASSEMBLY] } };
    world.change({});
    return new AwsCdkWorld(world, new CdkStandIn(join(world.root, 'machine')));
  }

  /** Releases a new commit, and builds its cloud assembly. */
  public build(version: string, behaviour: Behaviour = 'good', options: AssemblyOptions = {}): void {
    this.world.release(version, behaviour);
    writeAssembly(join(this.world.root, ASSEMBLY), version, options);
  }

  public ship(version: string, behaviour: Behaviour = 'good', options: AssemblyOptions = {}, onLine?: OnLine): Promise<Ended> {
    this.build(version, behaviour, options);
    return this.deploy(version, onLine);
  }
}
