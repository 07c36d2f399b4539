import { EcsApi, SEARCHED_REVISIONS } from './ecs-api';
import { EcsService, rolloutStep, withReasons } from './ecs-steps';
import { containerOf, holds, nameOf, revisionFor, TaskDefinition } from './task-definition';
import { RuntimeContext } from '../../../runtime/context';
import { imageOf, Release } from '../../../runtime/release';
import { EngineError, isUncertain, pause, unlessUncertain } from '../../../runtime/targets/engine-error';
import { DriverRequest } from '../../../runtime/targets/target-driver';

/** A process that was killed may have registered one of these. */
export const NEWEST = 3;
/** Between two looks at a rollout. The last one repeats. */
const POLLS_MS = [1_000, 1_000, 2_000, 3_000, 5_000];

/** One service, and the container that gets the image. */
export interface RolledService {
  readonly service: string;
  /** @default - the only one */
  readonly container?: string;
}

/** How a revision replaces the one before it. */
export interface RolloutOptions extends Pick<DriverRequest, 'giveUpAt' | 'isRestore'> {
  /** The fewest tasks that must run; the service is scaled up to them. @default - as many as the service has */
  readonly leastTasks?: number;
}

/**
 * Finds or registers the revision of a release, and updates one service to it. ECS has no compare-and-swap for services, so it compares
 * before it changes.
 */
export class ServiceRollout {
  constructor(private readonly context: RuntimeContext, private readonly api: EcsApi, private readonly settings: RolledService) {}

  /** The revision that holds a release and can run: most often the live one, or one of the newest. */
  public async find(release: Release, most = SEARCHED_REVISIONS): Promise<TaskDefinition | undefined> {
    const service = await this.api.service();
    const looked = new Set<string>();
    const look = async (arn: string): Promise<TaskDefinition | undefined> => {
      if (looked.has(arn)) return undefined;
      looked.add(arn);
      const definition = await this.api.definition(arn);
      return definition.isActive && holds(definition, this.settings.container, release) ? definition : undefined;
    };
    if (release.engineId !== undefined) return look(release.engineId);
    for (const arn of service.deployments.map(({ taskDefinition }) => taskDefinition)) {
      const found = await look(arn);
      if (found) return found;
    }
    const [family] = nameOf(service.taskDefinition).split(':');
    for (const arn of (await this.api.revisions(family!)).slice(0, most)) {
      const found = await look(arn);
      if (found) return found;
    }
    return undefined;
  }

  /** Registers the live task definition with the release's image. A result that is uncertain may leave a second revision, which does no harm. */
  public async register(release: Release): Promise<TaskDefinition> {
    if (imageOf(release) === undefined) throw new EngineError('rejected', `${release.version} has no image. Set artifact: Artifact.image({ repository }) in the options of the delivery`);
    for (;;) {
      const live = await this.api.definition((await this.api.service()).taskDefinition);
      const container = containerOf(live, this.settings.container);
      if (!container) throw new EngineError('rejected', `${live.name} has no container ${this.settings.container ?? 'that is the only one'}`);
      this.context.log.line(`register ${release.version} as a revision of ${live.family}`);
      try {
        return await this.api.definition(await this.api.register(revisionFor(live, container, release)));
      } catch (error) {
        if (!isUncertain(error)) throw error;
        await pause(this.context, error.message, POLLS_MS[0]!);
        const made = await this.find(release, NEWEST);
        if (made) return made;
      }
    }
  }

  /** Updates the service and waits for ECS. */
  public async roll(definition: TaskDefinition, release: Release, { giveUpAt, isRestore, leastTasks = 0 }: RolloutOptions): Promise<string> {
    const { clock } = this.context;
    const done = `${this.settings.service} runs ${definition.name} with ${release.version}`;
    let from: string | undefined;
    let isBegun = false;
    let service: EcsService | undefined;
    let doubt: string | undefined;
    for (let polls = 0; ; polls++) {
      try {
        service = await this.api.service();
      } catch (error) {
        if (service && error instanceof EngineError && error.kind === 'timeout') throw outOfTime(service, definition, doubt ?? error.message);
        throw error;
      }
      from ??= service.deployments.find(({ isPrimary }) => isPrimary)?.taskDefinition ?? service.taskDefinition;
      const next = rolloutStep({ from, isBegun, isRestore, leastTasks, service, wanted: definition.arn });
      if (next.step === 'done') return isBegun ? done : `${done} already`;
      if (next.step === 'fail') throw new EngineError(next.isOthers ? 'conflict' : 'rejected', next.why);
      if (next.step === 'update') {
        isBegun = await unlessUncertain(async () => {
          this.context.log.line(`update ${this.settings.service} from ${nameOf(service!.taskDefinition)} to ${definition.name}`);
          await this.api.update(definition.arn, { isForced: next.isForced, tasks: next.tasks });
        }, (why) => {
          doubt = why;
          return pause(this.context, why, POLLS_MS[0]!);
        }) || isBegun;
        polls = 0;
        continue;
      }
      const waitMs = POLLS_MS[Math.min(polls, POLLS_MS.length - 1)]!;
      if (clock.now() + waitMs >= giveUpAt) throw outOfTime(service, definition, doubt);
      await pause(this.context, next.why, waitMs);
    }
  }
}

/** Where ECS has no deployment of the release, something else is at fault: AWS was not reached, or someone else's deployment did not end. */
function outOfTime(service: EcsService, { arn, name }: TaskDefinition, cause: string | undefined): EngineError {
  const ours = service.deployments.find(({ taskDefinition }) => taskDefinition === arn);
  const fault = `${name} was not steady within the command's time limit${cause === undefined ? '' : ` (${cause})`}`;
  return new EngineError(ours ? 'overdue' : 'unavailable', withReasons(fault, service, ours?.createdAt ?? 0, ours?.reason));
}
