import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { StrategyKind } from '../../../src/contract/strategies';
import { LambdaDriverManifest } from '../../../src/engines/lambda/manifest';
import { AwsStandIn } from '../../../tools/aws-cli-stand-in/stand-in';
import { Behaviour, Ended, OnLine, World } from '../../runtime/world';
import { DriverWorld, slotsTarget } from '../driver-world';

const CODE = 'machine/function.zip';

/** A repository whose target is a Lambda function of the stand-in for the AWS CLI. */
export class LambdaWorld extends DriverWorld<AwsStandIn> {
  public static async create(settings: Partial<LambdaDriverManifest> = {}, strategy: StrategyKind = 'redeploy'): Promise<LambdaWorld> {
    const world = await World.create(strategy, slotsTarget({ kind: 'lambda', functionName: 'shop', alias: 'live', code: CODE, ...settings }, strategy));
    return new LambdaWorld(world, new AwsStandIn(join(world.root, 'machine')));
  }

  /** Releases a new commit, and builds its code. */
  public build(version: string, behaviour: Behaviour = 'good', code = version): void {
    this.world.release(version, behaviour);
    writeFileSync(join(this.world.root, CODE), `${code}\n`);
  }

  public ship(version: string, behaviour: Behaviour = 'good', onLine?: OnLine): Promise<Ended> {
    this.build(version, behaviour);
    return this.deploy(version, onLine);
  }
}
