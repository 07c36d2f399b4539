import { CaddyApi } from './caddy-api';
import { HaproxyApi } from './haproxy-api';
import { ServerHost } from './server-host';
import { checkHolder, preflightProxies } from './server-slots-preflight';
import { ServersDriver } from './servers-driver';
import { slotDirectory, SlotHosts } from './slot-hosts';
import type { SlotProxy } from './slot-proxy';
import { SlotTraffic } from './slot-traffic';
import { otherThan, ProxyProduct, Slot } from './slot-weights';
import type { SshConnection } from './ssh-connection';
import { withSsh } from './ssh-session';
import { COMMAND_VARIABLE } from '../../../contract/environment-variables';
import { DriverCall } from '../../../contract/target-manifest';
import { RuntimeContext } from '../../../runtime/context';
import { Release, sameRelease } from '../../../runtime/release';
import { isWeighted, strategyOf } from '../../../runtime/strategies/rollout-strategy';
import { EngineError } from '../../../runtime/targets/engine-error';
import { DriverRequest, Intent, LiveRelease, TargetDriver } from '../../../runtime/targets/target-driver';
import { ServersDriverManifest } from '../manifest';
import { ServerSlotsDriverManifest, SlotProxyManifest } from '../slots-manifest';

/** For a preflight. */
const PATIENCE_MS = 120_000;
/** What the engine serves is extra information: a rollback does not wait long for it. */
const LIVE_PATIENCE_MS = 30_000;
/** Users may be on a bad release: a host that is down does not keep them there for long. */
const SHORT_PATIENCE_MS = 10_000;

/** What the slots of the hosts run, and which of them has users. */
interface Engine {
  readonly hosts: SlotHosts;
  /** The same, without much patience for a host that is down from now on. */
  readonly reachedHosts: () => SlotHosts;
  readonly proxies: readonly SlotProxy[];
  readonly traffic: SlotTraffic;
}

/**
 * Keeps two releases on each host, and moves users between them with the weights of HAProxy or Caddy. A slot is a folder of its own, which `ServersDriver` deploys to as
 * to a host without slots. Each step reads the state, decides (`slot-weights.ts`) and makes one change.
 */
export class ServerSlotsDriver implements TargetDriver {
  public readonly place: string;
  private readonly slots: Readonly<Record<Slot, ServersDriver>>;

  constructor(private readonly context: RuntimeContext, private readonly settings: ServerSlotsDriverManifest) {
    const of = (slot: Slot) => new ServersDriver(withSlot(context, slot), this.settingsOf(slot));
    this.slots = { blue: of('blue'), green: of('green') };
    this.place = placeOf(settings.proxy);
  }

  public async preflight(intent: Intent): Promise<void> {
    const { context, settings } = this;
    const { environment } = context;
    await this.engine(context.clock.now() + PATIENCE_MS, async ({ hosts, proxies }) => {
      await preflightProxies({
        environment: environment.name, intent, isWeighted: isWeighted(strategyOf(environment)), log: context.log, proxies, settings,
      });
      await checkHolder({ environment: environment.name, hosts, intent });
    });
    // Stable runs in a slot of its own, so the slot of the release needs none
    const { stable: _, ...there } = intent;
    await this.slots[intent.slot === 'green' ? 'green' : 'blue'].preflight(there);
  }

  /** A host that is down does not keep users on a bad release: only the proxy must be reached, on one machine. */
  public async checkReachable(): Promise<void> {
    await this.engine(this.context.clock.now() + PATIENCE_MS, ({ traffic }) => traffic.reachedStates());
  }

  public secretHelp(name: string): string | undefined {
    return this.slots.blue.secretHelp?.(name);
  }

  public call(call: DriverCall, request: DriverRequest): Promise<string> {
    return this.engine(request.giveUpAt, (engine) => {
      switch (call) {
        case 'deploy': return this.deploy(engine, request, slotOf(request));
        case 'promote': return this.promote(engine, request, slotOf(request));
        case 'setWeight': return this.setWeight(engine, request, slotOf(request));
        case 'rollback': return this.restore(engine, request);
      }
    });
  }

  public async liveRelease(): Promise<LiveRelease> {
    return this.engine(this.context.clock.now() + LIVE_PATIENCE_MS, async ({ hosts, traffic }) => {
      const slot = await traffic.live();
      if (slot === undefined) return { kind: 'split', shares: await traffic.describe() };
      const live = await hosts.live(slot);
      return live.kind === 'release' || live.kind === 'foreign' ? { ...live, slot, shown: `${live.shown ?? live.engineId} on ${slot}` } : live;
    });
  }

  public async slotOf(release: Release): Promise<string | undefined> {
    return this.engine(this.context.clock.now() + LIVE_PATIENCE_MS, async ({ hosts, traffic }) => {
      const live = await traffic.live();
      const holders = await hosts.slotsWith(release);
      return holders.find((slot) => slot === live) ?? holders[0];
    });
  }

  /** To the slot without users, on every host. */
  private async deploy({ traffic }: Engine, request: DriverRequest, slot: Slot): Promise<string> {
    if (await traffic.hasUsers(slot)) {
      throw new EngineError('conflict', `the slot ${slot} is not free: ${this.product} sends users to ${await traffic.describe()}, so someone else changed its weights, or it was reloaded`);
    }
    // Stable is in the other slot
    return this.slots[slot].call('deploy', { ...request, stable: undefined });
  }

  /** Only to a slot that runs the release on every host, and whose services the proxy reaches. */
  private async promote({ hosts, reachedHosts, traffic }: Engine, { isRestore, release }: DriverRequest, slot: Slot): Promise<string> {
    await (isRestore ? reachedHosts().checkRuns(slot, release, 'reached') : hosts.checkRuns(slot, release, 'all'));
    await traffic.whenReady(slot, isRestore ? 'one' : 'all');
    return `${await traffic.promote(slot, isRestore)} with ${release.version}`;
  }

  /** The rest goes to the other slot, which must run Stable. */
  private async setWeight(engine: Engine, request: DriverRequest, slot: Slot): Promise<string> {
    const { hosts, reachedHosts, traffic } = engine;
    const { release, stable, weight = 100 } = request;
    if (weight === 100) return this.promote(engine, request, slot);
    if (!stable) throw new EngineError('rejected', `no Stable release is recorded that could get the other ${100 - weight} % of the users`);
    const other = otherThan(slot);
    if (weight === 0) {await reachedHosts().checkRuns(other, stable, 'reached');} else {
      await hosts.checkRuns(other, stable, 'all');
      await hosts.checkRuns(slot, release, 'all');
      await traffic.whenReady(slot, 'all');
    }
    return `${await traffic.setWeight(slot, weight)}, and the rest on ${other} with ${stable.version}`;
  }

  /** The weights first: if a slot runs the release and the proxy reaches it, users return with one call. */
  private async restore({ reachedHosts, traffic }: Engine, request: DriverRequest): Promise<string> {
    const { release, slot: preferred, stable } = request;
    const holders = await reachedHosts().slotsWith(release);
    holders.sort((one, other) => Number(other === preferred) - Number(one === preferred));
    for (const slot of holders) {
      if (await traffic.canServe(slot) === 'all') return `${await traffic.promote(slot, true)} with ${release.version}`;
    }
    const slot = holders[0] ?? (preferred === 'blue' || preferred === 'green' ? preferred : await slotBeside(traffic));
    const isHeld = holders.includes(slot);
    const there = { ...request, isRestore: true };
    // an older release: it is verified in its slot before the strategy moves users
    if (!isHeld && stable && !sameRelease(release, stable) && !(await traffic.hasUsers(slot, 'reached'))) return this.slots[slot].call('rollback', there);
    const isServed = isHeld && await traffic.canServe(slot) === 'some';
    if (isServed) await traffic.promoteWhereReady(slot);
    let [deployed, failed]: [string, EngineError?] = [''];
    try {
      // it runs where no proxy reaches it
      deployed = await (isHeld && !isServed ? this.slots[slot].restoreAnew(there) : this.slots[slot].call('rollback', there));
    } catch (error) {
      // a host that is down does not keep users on a bad release
      if (!(error instanceof EngineError) || !(await reachedHosts().slotsWith(release)).includes(slot)) throw error;
      failed = error;
    }
    await traffic.whenReady(slot, 'one');
    const moved = `${await traffic.promote(slot, true)} with ${release.version}`;
    if (failed) throw new EngineError(failed.kind, `${failed.message}; ${moved}`);
    return `${deployed}; ${moved}`;
  }

  /** A slot is a folder of its own, with everything that a host without slots has. */
  private settingsOf(slot: Slot): ServersDriverManifest {
    const { proxy: _, ...others } = this.settings;
    return { ...others, kind: 'servers', directory: slotDirectory(this.settings.directory, slot) };
  }

  private get product(): ProxyProduct {
    return this.settings.proxy.kind === 'caddy' ? 'Caddy' : 'HAProxy';
  }

  private engine<T>(giveUpAt: number, work: (engine: Engine) => Promise<T>): Promise<T> {
    const { context, settings } = this;
    const { hosts, proxy } = settings;
    // a machine that is both has one connection
    const added = (proxy.hosts ?? []).filter(({ name }) => !hosts.some((host) => host.name === name));
    return withSsh(context, { ...settings, hosts: [...hosts, ...added] }, giveUpAt, ({ connections }) => {
      const ofProxy = connections.filter(({ host }) => (proxy.hosts ?? hosts).some(({ name }) => name === host));
      const proxies = ofProxy.map((one) => slotProxy(one, proxy, giveUpAt));
      const hostsUntil = (endAt: number) => new SlotHosts((slot) => connections.slice(0, hosts.length).map((connection) => (
        // what only reads has no token
        new ServerHost({
          environment: context.environment, log: context.log, settings: this.settingsOf(slot), connection, token: '', giveUpAt: endAt, now: () => context.clock.now(),
        })
      )));
      return work({
        hosts: hostsUntil(giveUpAt),
        reachedHosts: () => hostsUntil(Math.min(giveUpAt, context.clock.now() + SHORT_PATIENCE_MS)),
        proxies,
        traffic: new SlotTraffic(context, proxies, giveUpAt),
      });
    });
  }
}

function slotProxy(connection: SshConnection, proxy: SlotProxyManifest, giveUpAt: number): SlotProxy {
  switch (proxy.kind) {
    case 'haproxy': return new HaproxyApi(connection, proxy, giveUpAt);
    case 'caddy': return new CaddyApi(connection, proxy, giveUpAt);
  }
}

function placeOf(proxy: SlotProxyManifest): string {
  return proxy.kind === 'caddy' ? 'Caddy' : `the backend ${proxy.backend} of HAProxy`;
}

/** The commands of the user on a host learn which slot they are for. */
function withSlot(context: RuntimeContext, slot: Slot): RuntimeContext {
  const { environment } = context;
  return { ...context, environment: { ...environment, variables: { ...environment.variables, [COMMAND_VARIABLE.SLOT]: slot } } };
}

async function slotBeside(traffic: SlotTraffic): Promise<Slot> {
  const live = await traffic.live();
  return live ? otherThan(live) : 'blue';
}

/** The strategy names it; a manifest that was changed by hand may lack it. */
function slotOf({ slot }: DriverRequest): Slot {
  if (slot === 'blue' || slot === 'green') return slot;
  throw new EngineError('rejected', 'the strategy has no slots, and the hosts have two of them');
}
