import { EcsApi, SEARCHED_REVISIONS } from './ecs-api';
import { preflightEcs } from './ecs-preflight';
import { EcsService, rolloutStep, runningDefinitions, splitOf, withReasons } from './ecs-steps';
import { containerOf, holds, nameOf, releaseIn, revisionFor, TaskDefinition } from './task-definition';
import { formatDuration } from '../../../contract/duration-text';
import { EcsDriverManifest } from '../../../contract/ecs-manifest';
import { DriverCall } from '../../../contract/target-manifest';
import { RuntimeContext } from '../../context';
import { Release } from '../../release';
import { AwsCli } from '../aws-cli';
import { unlessUncertain, waitFor } from '../engine-change';
import { EngineError, isUncertain } from '../engine-error';
import { DriverRequest, Intent, LiveRelease, TargetDriver } from '../target-driver';

/** For a preflight. */
const PATIENCE_MS = 120_000;
/** What the engine serves is extra information: a rollback does not wait long for it. */
const LIVE_PATIENCE_MS = 15_000;
/** A process that was killed may have registered one of these. */
const NEWEST = 3;
/** Between two looks at a rollout. The last one repeats. */
const POLLS_MS = [1_000, 1_000, 2_000, 3_000, 5_000];

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
    await preflightEcs({ api, cli, environment: context.environment.name, giveUpAt, intent, settings, find: (release) => this.find(api, release) });
  }

  public async checkReachable(): Promise<void> {
    await this.api(this.context.clock.now() + PATIENCE_MS).service();
  }

  public async call(call: DriverCall, { giveUpAt, isRestore, release }: DriverRequest): Promise<string> {
    const api = this.api(giveUpAt);
    const mustExist = call === 'rollback' || isRestore;
    const existing = await this.find(api, release, mustExist ? SEARCHED_REVISIONS : NEWEST);
    if (call === 'rollback' || (isRestore && existing)) {
      if (!existing) throw new EngineError('notFound', `no active revision holds ${release.version} (${release.sha.slice(0, 7)})`);
      return this.roll(api, existing, release, { giveUpAt, isRestore: true });
    }
    return this.roll(api, existing ?? await this.register(api, release), release, { giveUpAt, isRestore });
  }

  public async liveRelease(): Promise<LiveRelease> {
    const api = this.api(this.context.clock.now() + LIVE_PATIENCE_MS);
    try {
      const arns = runningDefinitions(await api.service());
      if (arns.length > 1) return splitOf(arns);
      const definition = await api.definition(arns[0]!);
      const container = containerOf(definition, this.settings.container);
      const release = container && releaseIn(container);
      return release ? { kind: 'release', release, engineId: definition.name } : { kind: 'foreign', engineId: definition.name };
    } catch (error) {
      if (error instanceof EngineError) return { kind: 'unknown', why: error.message };
      throw error;
    }
  }

  /** The revision that holds a release and can run: most often the live one, or one of the newest. */
  private async find(api: EcsApi, release: Release, most = SEARCHED_REVISIONS): Promise<TaskDefinition | undefined> {
    const service = await api.service();
    const looked = new Set<string>();
    const look = async (arn: string): Promise<TaskDefinition | undefined> => {
      if (looked.has(arn)) return undefined;
      looked.add(arn);
      const definition = await api.definition(arn);
      return definition.isActive && holds(definition, this.settings.container, release) ? definition : undefined;
    };
    if (release.engineId !== undefined) return look(release.engineId);
    for (const arn of service.deployments.map(({ taskDefinition }) => taskDefinition)) {
      const found = await look(arn);
      if (found) return found;
    }
    const [family] = nameOf(service.taskDefinition).split(':');
    for (const arn of (await api.revisions(family!)).slice(0, most)) {
      const found = await look(arn);
      if (found) return found;
    }
    return undefined;
  }

  /** Registers the live task definition with the release's image. A result that is uncertain may leave a second revision, which does no harm. */
  private async register(api: EcsApi, release: Release): Promise<TaskDefinition> {
    if (release.artifact?.image === undefined) throw new EngineError('rejected', `${release.version} has no image. Set artifact: Artifact.image({ repository }) in the options of the delivery`);
    for (;;) {
      const live = await api.definition((await api.service()).taskDefinition);
      const container = containerOf(live, this.settings.container);
      if (!container) throw new EngineError('rejected', `${live.name} has no container ${this.settings.container ?? 'that is the only one'}`);
      this.context.log.line(`register ${release.version} as a revision of ${live.family}`);
      try {
        return await api.definition(await api.register(revisionFor(live, container, release)));
      } catch (error) {
        if (!isUncertain(error)) throw error;
        await this.pause(error.message, POLLS_MS[0]!);
        const made = await this.find(api, release, NEWEST);
        if (made) return made;
      }
    }
  }

  /** Updates the service and waits for ECS. */
  private async roll(api: EcsApi, definition: TaskDefinition, release: Release, how: Pick<DriverRequest, 'giveUpAt' | 'isRestore'>): Promise<string> {
    const { clock } = this.context;
    const done = `${this.settings.service} runs ${definition.name} with ${release.version}`;
    let from: string | undefined;
    let isBegun = false;
    let service: EcsService | undefined;
    for (let polls = 0; ; polls++) {
      try {
        service = await api.service();
      } catch (error) {
        if (service && error instanceof EngineError && error.kind === 'timeout') throw outOfTime(service, definition, error);
        throw error;
      }
      from ??= service.deployments.find(({ isPrimary }) => isPrimary)?.taskDefinition ?? service.taskDefinition;
      const next = rolloutStep({ from, isBegun, isRestore: how.isRestore, service, wanted: definition.arn });
      if (next.step === 'done') return isBegun ? done : `${done} already`;
      if (next.step === 'fail') throw new EngineError('rejected', next.why);
      if (next.step === 'update') {
        isBegun = await unlessUncertain(async () => {
          this.context.log.line(`update ${this.settings.service} from ${nameOf(service!.taskDefinition)} to ${definition.name}`);
          await api.update(definition.arn, next.isForced);
        }, (why) => this.pause(why, POLLS_MS[0]!)) || isBegun;
        polls = 0;
        continue;
      }
      const waitMs = POLLS_MS[Math.min(polls, POLLS_MS.length - 1)]!;
      if (clock.now() + waitMs >= how.giveUpAt) throw outOfTime(service, definition);
      await this.pause(next.why, waitMs);
    }
  }

  private async pause(why: string, ms: number): Promise<void> {
    this.context.log.line(`${why}; read the state again in ${formatDuration(ms, 'exact')}`);
    await waitFor(this.context, ms);
  }

  private api(giveUpAt: number): EcsApi {
    return new EcsApi(this.cli, this.settings, giveUpAt);
  }
}

function outOfTime(service: EcsService, { arn, name }: TaskDefinition, cause?: EngineError): EngineError {
  const ours = service.deployments.find(({ taskDefinition }) => taskDefinition === arn);
  const fault = `${name} was not steady within the command's time limit${cause ? ` (${cause.message})` : ''}`;
  return new EngineError('timeout', withReasons(fault, service, ours?.createdAt ?? 0, ours?.reason));
}
