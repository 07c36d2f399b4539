import { EcsDriverManifest } from '../manifest';
import { EcsApi, SEARCHED_REVISIONS } from './ecs-api';
import { preflightEcs } from './ecs-preflight';
import { runningDefinitions, splitOf } from './ecs-steps';
import { NEWEST, ServiceRollout } from './service-rollout';
import { liveOf } from './task-definition';
import { DriverCall } from '../../../contract/target-manifest';
import { AwsCli } from '../../../runtime/aws/aws-cli';
import { RuntimeContext } from '../../../runtime/context';
import { Release } from '../../../runtime/release';
import { EngineError } from '../../../runtime/targets/engine-error';
import { DriverRequest, Intent, LiveRelease, TargetDriver } from '../../../runtime/targets/target-driver';

/** For a preflight. */
const PATIENCE_MS = 120_000;
/** What the engine serves is extra information: a rollback does not wait long for it. */
const LIVE_PATIENCE_MS = 15_000;

/**
 * Runs a service of ECS with the image of a release: registers a revision of its task definition, updates the service, and waits until ECS
 * says that the rollout is complete, or why it failed. Each step reads the state, decides (`ecs-steps.ts`) and makes at most one change.
 * ECS has no compare-and-swap for services, so the driver compares before it changes.
 */
export class EcsDriver implements TargetDriver {
  public readonly place: string;
  private readonly cli: AwsCli;

  constructor(private readonly context: RuntimeContext, private readonly settings: EcsDriverManifest) {
    this.cli = new AwsCli(context, settings.region);
    this.place = `the service ${settings.service} of the cluster ${settings.cluster}`;
  }

  public async preflight(intent: Intent): Promise<void> {
    const { cli, context, settings } = this;
    const giveUpAt = context.clock.now() + PATIENCE_MS;
    const api = this.api(giveUpAt);
    const find = (release: Release) => this.rollout(api).find(release);
    await preflightEcs({ api, cli, environment: context.environment.name, find, giveUpAt, intent, settings });
  }

  public async checkReachable(): Promise<void> {
    await this.api(this.context.clock.now() + PATIENCE_MS).service();
  }

  public async call(call: DriverCall, { giveUpAt, isRestore, release }: DriverRequest): Promise<string> {
    const rollout = this.rollout(this.api(giveUpAt));
    const mustExist = call === 'rollback' || isRestore;
    const existing = await rollout.find(release, mustExist ? SEARCHED_REVISIONS : NEWEST);
    if (call === 'rollback' || (isRestore && existing)) {
      if (!existing) throw new EngineError('notFound', `no active revision holds ${release.version} (${release.sha.slice(0, 7)})`);
      return rollout.roll(existing, release, { giveUpAt, isRestore: true });
    }
    return rollout.roll(existing ?? await rollout.register(release), release, { giveUpAt, isRestore });
  }

  public async liveRelease(): Promise<LiveRelease> {
    const api = this.api(this.context.clock.now() + LIVE_PATIENCE_MS);
    const arns = runningDefinitions(await api.service());
    if (arns.length > 1) return splitOf(arns);
    return liveOf(await api.definition(arns[0]!), this.settings.container);
  }

  private rollout(api: EcsApi): ServiceRollout {
    return new ServiceRollout(this.context, api, this.settings);
  }

  private api(giveUpAt: number): EcsApi {
    return new EcsApi(this.cli, this.settings, giveUpAt);
  }
}
