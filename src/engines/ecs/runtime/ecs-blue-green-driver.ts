import { EcsBlueGreenDriverManifest } from '../manifest';
import { EcsApi, SEARCHED_REVISIONS } from './ecs-api';
import { preflightEcsBlueGreen } from './ecs-blue-green-preflight';
import { runningDefinitions, splitOf } from './ecs-steps';
import { healthyIn, ListenerApi, unhealthyReasons } from './listener-api';
import { describeTraffic, forwardIn, Movable, otherThan, Slot, SlotShare, slotWithAll, trafficOf, trafficStep, withTraffic } from './listener-weights';
import { NEWEST, ServiceRollout } from './service-rollout';
import { readSlots, runs, SlotsApi, SlotsState, slotsWith } from './slots-state';
import { liveOf, TaskDefinition } from './task-definition';
import { DriverCall } from '../../../contract/target-manifest';
import { AwsCli } from '../../../runtime/aws/aws-cli';
import { RuntimeContext } from '../../../runtime/context';
import { Release, sameRelease } from '../../../runtime/release';
import { isWeighted, strategyOf } from '../../../runtime/strategies/rollout-strategy';
import { EngineError, pause, unlessUncertain } from '../../../runtime/targets/engine-error';
import { DriverRequest, FastPath, Intent, LiveRelease, TargetDriver } from '../../../runtime/targets/target-driver';

/** For a preflight. */
const PATIENCE_MS = 120_000;
/** What the engine serves is extra information: a rollback does not wait long for it. */
const LIVE_PATIENCE_MS = 15_000;
/** Between two looks at targets, or at a listener after a call whose result is uncertain. */
const POLL_MS = 1_000;
/** ECS has found the targets healthy already; the load balancer's view follows. */
const HEALTH_PATIENCE_MS = 120_000;
/** If someone else writes at the same time. */
const MOST_WRITES = 3;

/**
 * Runs two services of ECS, and moves users between them with the weights of one listener, all at once or in steps. Each step reads the state, decides
 * (`ecs-steps.ts`, `listener-weights.ts`) and makes at most one change. ELB has no compare-and-swap, so the driver reads before it writes,
 * and reads back.
 */
export class EcsBlueGreenDriver implements TargetDriver {
  public readonly place: string;
  private readonly cli: AwsCli;
  /** What preflight found. */
  private noted?: FastPath;

  constructor(private readonly context: RuntimeContext, private readonly settings: EcsBlueGreenDriverManifest) {
    const { cluster, region, services: { blue, green } } = settings;
    this.cli = new AwsCli(context, region);
    this.place = `the listener of ${blue} and ${green} (cluster ${cluster})`;
  }

  public async preflight(intent: Intent): Promise<void> {
    const { cli, context, settings } = this;
    const giveUpAt = context.clock.now() + PATIENCE_MS;
    const api = this.api(giveUpAt);
    const [account, find] = [() => api.services.blue.account(), (release: Release) => this.find(api, release, 'blue')];
    const { environment } = context;
    const metrics = environment.strategy.analysis?.metrics.map(({ metric }) => metric) ?? [];
    const services = await preflightEcsBlueGreen({
      account, api, cli, environment: environment.name, find, giveUpAt, intent, isWeighted: isWeighted(strategyOf(environment)), metrics, settings,
    });
    this.noted = tasksBefore(services, intent);
  }

  /** How many tasks the service of the release had, if the release needs more: a rollback leaves it as it was. */
  public fastPath(): Promise<FastPath | undefined> {
    return Promise.resolve(this.noted);
  }

  public async checkReachable(): Promise<void> {
    await readSlots(this.api(this.context.clock.now() + PATIENCE_MS));
  }

  public async call(call: DriverCall, request: DriverRequest): Promise<string> {
    const api = this.api(request.giveUpAt);
    switch (call) {
      case 'deploy': return this.deploy(api, request, slotOf(request));
      case 'promote': return this.give(api, request, { slot: slotOf(request), percent: 100 }, request.isRestore ? 'all' : 'other');
      case 'setWeight': return this.setWeight(api, request, { slot: slotOf(request), percent: request.weight ?? 100 });
      case 'rollback': return `${await this.restore(api, request)}${await this.scaledBack(api, request)}`;
    }
  }

  public async liveRelease(): Promise<LiveRelease> {
    const api = this.api(this.context.clock.now() + LIVE_PATIENCE_MS);
    const { services, traffic } = await readSlots(api);
    const slot = slotWithAll(traffic);
    if (slot === undefined) return { kind: 'split', shares: describeTraffic(traffic) };
    const arns = runningDefinitions(services[slot]);
    if (arns.length > 1) return splitOf(arns);
    const live = liveOf(await api.services[slot].definition(arns[0]!), this.settings.container);
    return { ...live, slot, shown: `${live.engineId} on ${slot}` };
  }

  public async slotOf(release: Release): Promise<string | undefined> {
    const api = this.api(this.context.clock.now() + LIVE_PATIENCE_MS);
    const state = await readSlots(api);
    const live = slotWithAll(state.traffic);
    const holders = await slotsWith(release, state, api, this.settings.container);
    return holders.find((slot) => slot === live) ?? holders[0];
  }

  /** To the service of the slot without traffic, with as many tasks as the other one has. */
  private async deploy(api: SlotsApi, { giveUpAt, isRestore, release }: DriverRequest, slot: Slot): Promise<string> {
    const { services, traffic } = await readSlots(api);
    if (traffic[slot] > 0) {
      throw new EngineError('conflict', `the slot ${slot} is not free: the listener sends users to ${describeTraffic(traffic)}, so someone else changed its weights, perhaps a stack update`);
    }
    const rollout = this.rollout(api, slot);
    const definition = await rollout.find(release, isRestore ? SEARCHED_REVISIONS : NEWEST) ?? await rollout.register(release);
    return rollout.roll(definition, release, { giveUpAt, isRestore, leastTasks: leastTasks(services, slot) });
  }

  /** Only to a slot that runs the release, and whose targets are healthy. The rest stays on the other slot, which must run Stable. */
  private async give(api: SlotsApi, request: DriverRequest, share: SlotShare, movable: Movable): Promise<string> {
    const { giveUpAt, isRestore, release, stable } = request;
    const { percent, slot } = share;
    const state = await readSlots(api);
    const isShared = percent < 100;
    await this.checkRuns(api, state, slot, release);
    if (isShared) await this.checkRuns(api, state, otherThan(slot), stableOf(stable, percent));
    if (trafficStep(state.traffic, share, movable) === 'move') {
      const { desired, taskDefinition } = state.services[slot];
      const least = isRestore ? desired : leastTasks(state.services, slot);
      // a service with few users may have been scaled in
      if (desired < least) {
        const definition = await api.services[slot].definition(taskDefinition);
        await this.rollout(api, slot).roll(definition, release, { giveUpAt, isRestore, leastTasks: least });
      }
      await this.whenHealthy(api, state, slot, giveUpAt, Math.max(desired, least));
    }
    // that may have taken minutes
    const moved = await this.move(api, { ...state, actions: await api.listener.actions() }, share, { movable, release });
    return isShared ? `${moved}, and the rest on ${otherThan(slot)} with ${stable!.version}` : moved;
  }

  private setWeight(api: SlotsApi, request: DriverRequest, share: SlotShare): Promise<string> {
    return share.percent === 0 ? this.withdraw(api, request, share.slot) : this.give(api, request, share, request.isRestore ? 'all' : 'slots');
  }

  /** All users go to the other slot, which must run Stable. */
  private async withdraw(api: SlotsApi, { stable }: DriverRequest, slot: Slot): Promise<string> {
    const other = otherThan(slot);
    const state = await readSlots(api);
    if (state.traffic[slot] === 0) return `no users are on ${slot} already`;
    const release = stableOf(stable, 0);
    await this.checkRuns(api, state, other, release);
    // where it has users already, it gets the others, too
    if (state.traffic[other] === 0 && !(await this.canServe(api, state, other))) {
      throw new EngineError('rejected', `the slot ${other} with ${release.version} has no healthy target, so users were not sent to it`);
    }
    return this.move(api, state, { slot: other, percent: 100 }, { movable: 'all', release });
  }

  private async checkRuns(api: SlotsApi, state: SlotsState, slot: Slot, release: Release): Promise<void> {
    if (await runs(release, slot, state, api, this.settings.container)) return;
    throw new EngineError('conflict', `the service ${this.settings.services[slot]} does not run ${release.version}: someone else deployed to it meanwhile`);
  }

  /** The weights first: if a slot runs the release and has a healthy target, users return in one call. */
  private async restore(api: SlotsApi, { giveUpAt, release, slot: preferred }: DriverRequest): Promise<string> {
    const state = await readSlots(api);
    const { services, traffic } = state;
    const live = slotWithAll(traffic);
    const holders = await slotsWith(release, state, api, this.settings.container);
    holders.sort((one, other) => Number(other === preferred) - Number(one === preferred));
    for (const slot of holders) {
      if (slot === live || await this.canServe(api, state, slot)) return this.move(api, state, { slot, percent: 100 }, { movable: 'all', release });
    }
    const slot = holders[0] ?? (live ? otherThan(live) : preferred === 'green' ? 'green' : 'blue');
    const rollout = this.rollout(api, slot);
    const definition = await this.find(api, release, slot);
    if (!definition) throw new EngineError('notFound', `no active revision holds ${release.version} (${release.sha.slice(0, 7)})`);
    await rollout.roll(definition, release, { giveUpAt, isRestore: true, leastTasks: leastTasks(services, slot) });
    const now = await readSlots(api);
    // of a target group that the listener does not use, ELB checks no target
    if (isForwardedTo(now, slot)) await this.whenHealthy(api, now, slot, giveUpAt, 1);
    return this.move(api, now, { slot, percent: 100 }, { movable: 'all', release });
  }

  /** After a release was taken back, its service has as many tasks as before, if it had fewer. Users are on Stable, whatever becomes of it. */
  private async scaledBack(api: SlotsApi, { fastPath, release, stable }: DriverRequest): Promise<string> {
    const { slot, tasks } = fastPath ?? {};
    if ((slot !== 'blue' && slot !== 'green') || !stable || !sameRelease(release, stable)) return '';
    const service = this.settings.services[slot];
    try {
      const { services, traffic } = await readSlots(api);
      if (traffic[slot] > 0 || services[slot].desired <= Number(tasks)) return '';
      await api.services[slot].update(services[slot].taskDefinition, { isForced: false, tasks: Number(tasks) });
      return `; ${service} has ${tasks} tasks again`;
    } catch (error) {
      if (!(error instanceof EngineError)) throw error;
      return `; ${service} may have more than its ${tasks} tasks still: ${error.message}`;
    }
  }

  private async canServe(api: SlotsApi, state: SlotsState, slot: Slot): Promise<boolean> {
    if (!isForwardedTo(state, slot)) return state.services[slot].deployments.some(({ running }) => running > 0);
    return healthyIn(await api.listener.health(state.groups[slot])) > 0;
  }

  /** Waits until the load balancer finds so many targets of the slot healthy. */
  private async whenHealthy(api: SlotsApi, { groups }: SlotsState, slot: Slot, giveUpAt: number, wanted: number): Promise<void> {
    const { clock } = this.context;
    const endAt = Math.min(giveUpAt, clock.now() + HEALTH_PATIENCE_MS);
    const least = Math.max(1, wanted);
    for (;;) {
      const targets = await api.listener.health(groups[slot]);
      const healthy = healthyIn(targets);
      if (healthy >= least) return;
      const why = `${healthy} of ${least} targets of the slot ${slot} are healthy (${unhealthyReasons(targets)})`;
      if (clock.now() + POLL_MS >= endAt) throw new EngineError('rejected', `${why}, so users were not sent to them`);
      await pause(this.context, why, POLL_MS);
    }
  }

  /** Gives the slot its share of the users. A deployment gives way to someone else's change; a rollback does not. */
  private async move(
    { listener }: SlotsApi, { actions: read, groups }: SlotsState, share: SlotShare, { movable, release }: Pick<DriverRequest, 'release'> & { readonly movable: Movable },
  ): Promise<string> {
    const { percent, slot } = share;
    const { log } = this.context;
    let actions = read;
    for (let writes = 0, isFirst = true; ; isFirst = false) {
      const traffic = trafficOf(forwardIn(actions) ?? [], groups);
      const step = trafficStep(traffic, share, movable);
      const done = `${percent === 100 ? 'users' : `${percent} % of the users`} are on ${slot} with ${release.version}`;
      if (step === 'done') return isFirst ? `${done} already` : done;
      const others = describeTraffic(traffic);
      if (step === 'elsewhere') throw new EngineError('conflict', `someone else changed the weights of the listener meanwhile: users are on ${others}`);
      if (writes === MOST_WRITES) throw new EngineError('conflict', `someone else changes the weights of the listener again and again: users are on ${others}`);
      if (writes > 0) await pause(this.context, `users are on ${others}`, POLL_MS);
      const next = withTraffic(actions, groups, share);
      // what may not have been written is no sign of someone else
      if (await unlessUncertain(async () => {
        log.line(percent === 100 ? `move users from ${others} to ${slot}` : `give ${slot} ${percent} % of the users (before: ${others})`);
        await listener.setActions(next);
      }, (why) => pause(this.context, why, POLL_MS))) writes++;
      actions = await listener.actions();
    }
  }

  /** The revision that holds a release and can run, of either service. */
  private async find(api: SlotsApi, release: Release, first: Slot): Promise<TaskDefinition | undefined> {
    return await this.rollout(api, first).find(release) ?? this.rollout(api, otherThan(first)).find(release);
  }

  private rollout(api: SlotsApi, slot: Slot): ServiceRollout {
    return new ServiceRollout(this.context, api.services[slot], { service: this.settings.services[slot], container: this.settings.container });
  }

  private api(giveUpAt: number): SlotsApi {
    const { cli, settings: { cluster, listener, services } } = this;
    const of = (service: string) => new EcsApi(cli, { cluster, service }, giveUpAt);
    return { listener: new ListenerApi(cli, listener, giveUpAt), services: { blue: of(services.blue), green: of(services.green) } };
  }
}

/** The strategy names it; a manifest that was changed by hand may lack it. */
function slotOf({ slot }: DriverRequest): Slot {
  if (slot === 'blue' || slot === 'green') return slot;
  throw new EngineError('rejected', 'the strategy has no slots, and Target.ecs blueGreen deploys to slots only');
}

function stableOf(stable: Release | undefined, percent: number): Release {
  if (stable) return stable;
  throw new EngineError('rejected', `no Stable release is recorded that could get the other ${100 - percent} % of the users`);
}

/** Undefined where the deployment starts no task more than there are. */
function tasksBefore(services: SlotsState['services'], { kind, slot }: Intent): FastPath | undefined {
  if (kind === 'rollback' || (slot !== 'blue' && slot !== 'green')) return undefined;
  const { desired } = services[slot];
  return desired < leastTasks(services, slot) ? { slot, tasks: String(desired) } : undefined;
}

/** A slot that is about to get all users needs as many tasks as the other one has. */
function leastTasks(services: SlotsState['services'], slot: Slot): number {
  return Math.max(1, services[otherThan(slot)].desired);
}

function isForwardedTo({ forward, groups }: SlotsState, slot: Slot): boolean {
  return forward.some(({ group }) => group === groups[slot]);
}
