import { join } from 'node:path';
import { CloudWatchAlarmCheckManifest } from '../../../src/contract/manifest';
import { AwsStandIn, StandInAlarm } from '../../../tools/aws-cli-stand-in/stand-in';
import { Ended, OnLine, World } from '../world';

const CHECK: CloudWatchAlarmCheckManifest = {
  kind: 'cloudWatchAlarm',
  name: 'errors',
  url: 'cloudwatch:shop-errors',
  alarm: 'shop-errors',
  insufficientData: 'inconclusive',
  liveOnly: true,
  intervalMs: 100,
  timeoutMs: 10_000,
  successThreshold: 2,
  failureThreshold: 2,
  deadlineMs: 60_000,
  propagationMs: 30_000,
};

/** A repository whose environment has an alarm beside its HTTP check, and the stand-in for the AWS CLI that knows the alarm. */
export class AlarmWorld {
  public static async create(strategy: 'redeploy' | 'blueGreen' = 'redeploy', changes: Partial<CloudWatchAlarmCheckManifest> = {}): Promise<AlarmWorld> {
    const world = await World.create(strategy);
    const [{ healthChecks }] = world.manifest.environments;
    world.change({ healthChecks: [...healthChecks, { ...CHECK, ...changes }] });
    const made = new AlarmWorld(world, new AwsStandIn(join(world.root, 'machine/aws')));
    made.set('OK');
    return made;
  }

  private constructor(public readonly world: World, public readonly aws: AwsStandIn) {}

  public run(args: string[], onLine?: OnLine, env: NodeJS.ProcessEnv = this.aws.env): Promise<Ended> {
    return this.world.run(args, env, onLine);
  }

  public ship(version: string, onLine?: OnLine, env?: NodeJS.ProcessEnv): Promise<Ended> {
    this.world.release(version);
    return this.run(['deploy', 'production', '--release', version], onLine, env);
  }

  /** No one waits longer for an alarm that never says anything. */
  public shortenDeadline(): void {
    const [{ healthChecks }] = this.world.manifest.environments;
    this.world.change({ healthChecks: healthChecks.map((check) => (check.kind === 'cloudWatchAlarm' ? { ...check, deadlineMs: 5_000 } : check)) });
  }

  public set(value: StandInAlarm['value'], reason = ''): void {
    this.aws.setAlarms({ name: 'shop-errors', value, reason });
  }

  /** Sets the alarm when a line first appears, one change after the other. */
  public when(...changes: readonly (readonly [RegExp, StandInAlarm['value'], string?])[]): OnLine {
    const left = [...changes];
    return (line) => {
      if (left.length === 0 || !left[0]![0].test(line)) return;
      const [, value, reason] = left.shift()!;
      this.set(value, reason);
    };
  }

  /** An alarm that fires during the bake of v2, and is OK again some time after v1 was restored. */
  public async fireDuringBake(): Promise<Ended> {
    expect((await this.ship('v1')).code).toBe(0);
    this.world.change({ strategy: { ...this.world.manifest.environments[0]!.strategy, bakeMs: 20_000 } });
    return this.ship('v2', this.when([/Bake: /, 'ALARM', 'Threshold Crossed'], [/errors: in ALARM.*before this change.*waiting for it/, 'OK']));
  }
}
