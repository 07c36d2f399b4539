import { createHash } from 'node:crypto';
import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { EcsDriverManifest } from '../../../src/contract/ecs-manifest';
import { EcsStandIn } from '../../../tools/aws-cli-stand-in/ecs-stand-in';
import { Registry } from '../images/registry';
import { Behaviour, Ended, OnLine, World } from '../world';

interface Row {
  readonly stable?: { readonly version: string };
  readonly last?: { readonly state: string; readonly note: string };
  readonly live?: string;
  readonly changedByHand?: string;
}

/** A repository whose target is a service of the stand-in for the AWS CLI. Its images are in a registry on loopback. */
export class EcsWorld {
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

  private constructor(public readonly world: World, public readonly aws: EcsStandIn, private readonly registry: Registry) {
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

  public deliver(...args: string[]): Promise<Ended> {
    return this.world.run(args, this.aws.env);
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
    return this.world.run(['deploy', 'production', '--release', version], this.aws.env, onLine);
  }

  public async status(): Promise<Row> {
    const { output } = await this.deliver('status', 'production', '--json');
    return (JSON.parse(output) as Row[])[0]!;
  }

  /** Checks that the release is Stable, and that users and the engine agree. */
  public async stands(version: string): Promise<void> {
    expect(this.aws.state.served).toBe(version);
    const { live, stable } = await this.status();
    expect(stable?.version).toBe(version);
    expect(live).toContain(version);
  }

  public async destroy(): Promise<void> {
    await this.world.destroy();
    await this.registry.stop();
  }
}
