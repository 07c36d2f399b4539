import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { DriverManifest, EnvironmentManifest } from '../../src/contract/manifest';
import { StrategyKind } from '../../src/contract/strategies';
import { BLUE_GREEN_TIME_BUDGET } from '../../src/strategies/blue-green';
import { canaryTimeBudget } from '../../src/strategies/canary';
import { Ended, OnLine, World } from '../runtime/world';

/** A stand-in for the CLI of an engine. */
export interface EngineStandIn {
  /** The process environment in which commands call the stand-in. */
  readonly env: Readonly<Record<string, string>>;
  /** The release that users reach. */
  readonly served: string | undefined;
}

/** A row of `status --json`. */
interface Row {
  readonly stable?: { readonly version: string };
  readonly last?: { readonly state: string; readonly note: string; readonly notToBlame?: string };
  readonly blocked: readonly { readonly version: string }[];
  readonly live?: string;
  readonly changedByHand?: string;
}

/** What a deployment that failed left. */
export interface Aftermath {
  readonly state: string | undefined;
  /** Absent where the release is to blame. */
  readonly cause: string | undefined;
  readonly blocked: readonly string[];
  readonly users: string | undefined;
}

/** A repository whose target has a driver, with a stand-in for the engine's CLI. */
export abstract class DriverWorld<Engine extends EngineStandIn> {
  protected constructor(public readonly world: World, public readonly aws: Engine) {}

  /** The process environment of the runtime. */
  protected get env(): NodeJS.ProcessEnv {
    return this.aws.env;
  }

  public deliver(...args: string[]): Promise<Ended> {
    return this.world.run(args, this.env);
  }

  public deploy(version: string, onLine?: OnLine): Promise<Ended> {
    return this.world.run(['deploy', 'production', '--release', version], this.env, onLine);
  }

  public async status(): Promise<Row> {
    const { output } = await this.deliver('status', 'production', '--json');
    return (JSON.parse(output) as Row[])[0]!;
  }

  /** What is said of the last deployment, what is blocked, and what users have. */
  public async aftermath(): Promise<Aftermath> {
    const { blocked, last } = await this.status();
    return { state: last?.state, cause: last?.notToBlame, blocked: blocked.map(({ version }) => version), users: this.aws.served };
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
    const { changedByHand, live, stable } = await this.status();
    expect(stable?.version).toBe(version);
    expect(live).toContain(version);
    expect(changedByHand).toBeUndefined();
  }

  /** Gives each command less time: for one that never ends, and for an engine that is not reached for good. */
  public limitCommands(commandTimeoutMs: number): void {
    const [{ strategy }] = this.world.manifest.environments;
    this.world.change({ strategy: { ...strategy, commandTimeoutMs } });
  }

  /** The health check does not say which release responds. */
  public forgetIdentity(): void {
    const [{ healthChecks }] = this.world.manifest.environments;
    this.world.change({ healthChecks: healthChecks.map((check) => ({ ...check, release: undefined })) } as Partial<EnvironmentManifest>);
  }
}

const WEIGHTS = [{ percent: 5, atLeastMs: 60 }, { percent: 25, atLeastMs: 60 }];

/** The target of an environment with two slots. */
export function slotsTarget(driver: DriverManifest, strategy: StrategyKind): Partial<EnvironmentManifest> {
  return {
    target: {
      deploy: { kind: 'driver', call: 'deploy' },
      promote: { kind: 'driver', call: 'promote' },
      setWeight: { kind: 'driver', call: 'setWeight' },
      rollback: { kind: 'driver', call: 'rollback' },
      driver,
    },
    ...(strategy === 'blueGreen' && { strategy: { kind: 'blueGreen', bakeMs: 60, commandTimeoutMs: 60_000, timeBudget: BLUE_GREEN_TIME_BUDGET } }),
    ...(strategy === 'canary' && { strategy: { kind: 'canary', bakeMs: 60, commandTimeoutMs: 60_000, weights: WEIGHTS, timeBudget: canaryTimeBudget(WEIGHTS) } }),
  };
}
