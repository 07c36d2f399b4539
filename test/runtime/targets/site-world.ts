import { mkdirSync, rmSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { EnvironmentManifest, StaticSiteDriverManifest } from '../../../src/contract/manifest';
import { BLUE_GREEN_TIME_BUDGET } from '../../../src/strategies/blue-green';
import { SiteStandIn } from '../../../tools/aws-cli-stand-in/site-stand-in';
import { Behaviour, Ended, OnLine, World } from '../world';

const DIRECTORY = 'machine/site';
const DISTRIBUTION = 'E1A2B3C4D5E6F7';

interface Row {
  readonly stable?: { readonly version: string };
  readonly last?: { readonly state: string; readonly note: string };
  readonly live?: string;
  readonly changedByHand?: string;
}

/** A repository whose target is a bucket and a distribution of the stand-in for the AWS CLI. */
export class SiteWorld {
  public static async create(settings: Partial<StaticSiteDriverManifest> = {}, strategy: 'redeploy' | 'blueGreen' = 'redeploy'): Promise<SiteWorld> {
    const driver: StaticSiteDriverManifest = {
      kind: 'staticSite',
      bucket: 'acme-site',
      directory: DIRECTORY,
      prefix: 'releases/production/',
      distribution: DISTRIBUTION,
      invalidationPaths: ['/*'],
      keep: 10,
      headers: [],
      releaseFile: 'delivery-release.json',
      ...settings,
    };
    const world = await World.create(strategy, {
      target: {
        deploy: { kind: 'driver', call: 'deploy' },
        promote: { kind: 'driver', call: 'promote' },
        rollback: { kind: 'driver', call: 'rollback' },
        driver,
      },
      ...(strategy === 'blueGreen' && { strategy: { kind: 'blueGreen', bakeMs: 60, commandTimeoutMs: 60_000, timeBudget: BLUE_GREEN_TIME_BUDGET } }),
    } as Partial<EnvironmentManifest>);
    return new SiteWorld(world, new SiteStandIn(join(world.root, 'machine'), driver.distribution !== undefined));
  }

  private constructor(public readonly world: World, public readonly aws: SiteStandIn) {}

  public deliver(...args: string[]): Promise<Ended> {
    return this.world.run(args, this.aws.env);
  }

  /** Releases a new commit, and builds its files. */
  public build(version: string, behaviour: Behaviour = 'good', files: Readonly<Record<string, string>> = {}): void {
    this.world.release(version, behaviour);
    rmSync(join(this.world.root, DIRECTORY), { recursive: true, force: true });
    const all = { 'index.html': `${version}\n`, [`assets/app-${version}-3f2a91cc.js`]: version, 'assets/style.css': 'body {}', ...files };
    for (const [path, text] of Object.entries(all)) {
      const file = join(this.world.root, DIRECTORY, path);
      mkdirSync(dirname(file), { recursive: true });
      writeFileSync(file, text);
    }
  }

  public ship(version: string, behaviour: Behaviour = 'good', onLine?: OnLine): Promise<Ended> {
    this.build(version, behaviour);
    return this.world.run(['deploy', 'production', '--release', version], this.aws.env, onLine);
  }

  public async status(): Promise<Row> {
    const { output } = await this.deliver('status', 'production', '--json');
    return (JSON.parse(output) as Row[])[0]!;
  }

  /** The key that the keys of a release begin with. */
  public folderOf(version: string): string {
    const sha = this.world.git('rev-parse', version);
    return `releases/production/${this.aws.releases.find((name) => name.startsWith(sha))}/`;
  }

  /** Checks that the release is Stable, and that users and the engine agree. */
  public async stands(version: string): Promise<void> {
    expect(this.aws.served).toBe(version);
    const { live, stable } = await this.status();
    expect(stable?.version).toBe(version);
    expect(live).toContain(version);
  }
}
