import { join } from 'node:path';
import { AwsCdkDriverManifest, EnvironmentManifest } from '../../../src/contract/manifest';
import { AssemblyOptions, CdkStandIn, writeAssembly } from '../../../tools/aws-cdk-stand-in/stand-in';
import { Behaviour, Ended, OnLine, World } from '../world';

const ASSEMBLY = 'machine/cdk.out';

interface Row {
  readonly stable?: { readonly version: string };
  readonly last?: { readonly state: string; readonly note: string };
  readonly live?: string;
  readonly changedByHand?: string;
}

/** A repository whose target is a CDK app, with the stand-in for the CDK CLI and CloudFormation. */
export class AwsCdkWorld {
  public static async create(settings: Partial<AwsCdkDriverManifest> = {}): Promise<AwsCdkWorld> {
    const world = await World.create('redeploy', {
      target: { deploy: { kind: 'driver', call: 'deploy' }, driver: { kind: 'awsCdk', assembly: ASSEMBLY, stacks: ['Api'], ...settings } },
    });
    world.manifest = { ...world.manifest, artifact: { paths: [ASSEMBLY] } };
    world.change({});
    return new AwsCdkWorld(world, new CdkStandIn(join(world.root, 'machine')));
  }

  private constructor(public readonly world: World, public readonly aws: CdkStandIn) {}

  public deliver(...args: string[]): Promise<Ended> {
    return this.world.run(args, this.aws.env);
  }

  /** Releases a new commit, and builds its cloud assembly. */
  public build(version: string, behaviour: Behaviour = 'good', options: AssemblyOptions = {}): void {
    this.world.release(version, behaviour);
    writeAssembly(join(this.world.root, ASSEMBLY), version, options);
  }

  public ship(version: string, behaviour: Behaviour = 'good', options: AssemblyOptions = {}, onLine?: OnLine): Promise<Ended> {
    this.build(version, behaviour, options);
    return this.world.run(['deploy', 'production', '--release', version], this.aws.env, onLine);
  }

  public async status(): Promise<Row> {
    const { output } = await this.deliver('status', 'production', '--json');
    return (JSON.parse(output) as Row[])[0]!;
  }

  /** A command of the target may take so long. */
  public limit(commandTimeoutMs: number): void {
    const { strategy } = this.world.manifest.environments[0];
    this.world.change({ strategy: { ...strategy, commandTimeoutMs } } as Partial<EnvironmentManifest>);
  }

  /** Checks that the release is Stable, and that users and CloudFormation agree. */
  public async stands(version: string): Promise<void> {
    expect(this.aws.served).toBe(version);
    const { changedByHand, live, stable } = await this.status();
    expect(stable?.version).toBe(version);
    expect(live).toContain(version);
    expect(changedByHand).toBeUndefined();
  }
}
