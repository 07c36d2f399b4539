import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { EnvironmentManifest, LambdaDriverManifest } from '../../../src/contract/manifest';
import { BLUE_GREEN_TIME_BUDGET } from '../../../src/strategies/blue-green';
import { AwsStandIn } from '../../../tools/aws-cli-stand-in/stand-in';
import { Behaviour, Ended, OnLine, World } from '../world';

const CODE = 'machine/function.zip';

interface Row {
  readonly stable?: { readonly version: string };
  readonly last?: { readonly state: string; readonly note: string };
  readonly live?: string;
  readonly changedByHand?: string;
}

/** A repository whose target is a Lambda function of the stand-in for the AWS CLI. */
export class LambdaWorld {
  public static async create(settings: Partial<LambdaDriverManifest> = {}, strategy: 'redeploy' | 'blueGreen' = 'redeploy'): Promise<LambdaWorld> {
    const world = await World.create(strategy, {
      target: {
        deploy: { kind: 'driver', call: 'deploy' },
        promote: { kind: 'driver', call: 'promote' },
        rollback: { kind: 'driver', call: 'rollback' },
        driver: { kind: 'lambda', functionName: 'shop', alias: 'live', code: CODE, ...settings },
      },
      ...(strategy === 'blueGreen' && { strategy: { kind: 'blueGreen', bakeMs: 60, commandTimeoutMs: 60_000, timeBudget: BLUE_GREEN_TIME_BUDGET } }),
    });
    return new LambdaWorld(world, new AwsStandIn(join(world.root, 'machine')));
  }

  private constructor(public readonly world: World, public readonly aws: AwsStandIn) {}

  public deliver(...args: string[]): Promise<Ended> {
    return this.world.run(args, this.aws.env);
  }

  /** Releases a new commit, and builds its code. */
  public build(version: string, behaviour: Behaviour = 'good', code = version): void {
    this.world.release(version, behaviour);
    writeFileSync(join(this.world.root, CODE), `${code}\n`);
  }

  public ship(version: string, behaviour: Behaviour = 'good', onLine?: OnLine): Promise<Ended> {
    this.build(version, behaviour);
    return this.world.run(['deploy', 'production', '--release', version], this.aws.env, onLine);
  }

  public async status(): Promise<Row> {
    const { output } = await this.deliver('status', 'production', '--json');
    return (JSON.parse(output) as Row[])[0]!;
  }

  /** The health check does not say which release responds. */
  public forgetIdentity(): void {
    const [{ healthChecks }] = this.world.manifest.environments;
    this.world.change({ healthChecks: healthChecks.map((check) => ({ ...check, release: undefined })) } as Partial<EnvironmentManifest>);
  }

  /** Is watched from now on; a command writes down the title of each notification. */
  public watch(): void {
    this.world.manifest = {
      ...this.world.manifest,
      monitoring: { environments: ['production'], intervalMs: 300_000, retries: 0, firesAfter: 1, resolvesAfter: 1, workflow: 'monitor.yml', deploymentWorkflows: [] },
      alerts: [{
        kind: 'command', name: 'log', on: ['firing', 'resolved'], secrets: [], command: { kind: 'bash', line: 'echo "$DELIVERY_TITLE" >> machine/notifications' },
      }],
    };
    this.world.change({});
  }

  public get notifications(): string[] {
    const file = join(this.world.root, 'machine/notifications');
    return existsSync(file) ? readFileSync(file, 'utf8').trim().split('\n') : [];
  }

  /** Checks that the release is Stable, and that users and the engine agree. */
  public async stands(version: string): Promise<void> {
    expect(this.aws.served).toBe(version);
    const { live, stable } = await this.status();
    expect(stable?.version).toBe(version);
    expect(live).toContain(version);
  }
}
