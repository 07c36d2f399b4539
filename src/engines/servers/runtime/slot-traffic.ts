import type { SlotProxy } from './slot-proxy';
import { describeTraffic, hasShare, promoteStep, ProxyState, readinessOf, Slot, slotWithAll, trafficOf, wantedWeights } from './slot-weights';
import { RuntimeContext } from '../../../runtime/context';
import { EngineError, pause, unlessUncertain } from '../../../runtime/targets/engine-error';

/** Between two looks at servers, or at weights after a call whose result is uncertain. */
const POLL_MS = 1_000;
/** A proxy notices with its next checks that a service runs again. */
const READY_PATIENCE_MS = 120_000;
/** Users may be on a bad release: a proxy that is down does not keep those of the others there for long. */
const SHORT_PATIENCE_MS = 10_000;
/** If someone else writes at the same time. */
const MOST_WRITES = 3;

interface WantedShare {
  readonly slot: Slot;
  readonly percent: number;
  /** Throws where the change must not be made. */
  readonly check: (state: ProxyState) => void;
}

/** Moves users between the slots with the weights of every proxy. HAProxy has no compare-and-swap, so each one is read before and after each change. */
export class SlotTraffic {
  constructor(private readonly context: Pick<RuntimeContext, 'clock' | 'interrupted' | 'log'>, private readonly proxies: readonly SlotProxy[], private readonly giveUpAt: number) {}

  /** What every proxy has at this moment. */
  public states(): Promise<ProxyState[]> {
    return allOf(this.proxies.map((proxy) => proxy.state()));
  }

  /** The same of those that are reached: at least one. */
  public async reachedStates(): Promise<ProxyState[]> {
    const until = Math.min(this.giveUpAt, this.context.clock.now() + SHORT_PATIENCE_MS);
    const reached = reachedOf(await Promise.allSettled(this.proxies.map((proxy) => proxy.state(until))));
    return reached.length > 0 ? reached : this.states();
  }

  /** The slot that has all users; undefined while both or others have some. */
  public async live(): Promise<Slot | undefined> {
    return slotWithAll((await this.states()).map(trafficOf));
  }

  /** Who has the users, for people. */
  public async describe(): Promise<string> {
    return describeTraffic((await this.states()).map(trafficOf));
  }

  /** Whether some proxy gives the slot users. */
  public async hasUsers(slot: Slot, which: 'all' | 'reached' = 'all'): Promise<boolean> {
    return (await (which === 'all' ? this.states() : this.reachedStates())).some((state) => trafficOf(state)[slot] > 0);
  }

  /** Which of the proxies that are reached find a server of the slot ready. */
  public async canServe(slot: Slot): Promise<'all' | 'some' | 'none'> {
    const ready = (await this.reachedStates()).map((state) => isReady(state, slot));
    return ready.every(Boolean) ? 'all' : ready.some(Boolean) ? 'some' : 'none';
  }

  /**
   * Waits until every proxy finds the servers of the slot ready; if one server is enough, every proxy that is reached. Rejects if they are not in time,
   * and at once if a person took all of them out of service.
   */
  public async whenReady(slot: Slot, isEnough: 'one' | 'all'): Promise<void> {
    const { clock } = this.context;
    const endAt = Math.min(this.giveUpAt, clock.now() + READY_PATIENCE_MS);
    for (;;) {
      const states = await (isEnough === 'one' ? this.reachedStates() : this.states());
      const problems = states.map((state) => readinessOf(state, slot, isEnough)).filter((one) => one.kind !== 'ready');
      const [problem] = problems;
      if (!problem) return;
      const isOut = problems.some(({ kind }) => kind === 'out');
      if (isOut || clock.now() + POLL_MS >= endAt) throw new EngineError('rejected', `${problem.why}, so users were not sent to them`);
      await pause(this.context, problem.why, POLL_MS);
    }
  }

  /**
   * Gives a slot all users. A deployment gives way to someone else's change; a rollback does not, and does what it can where a proxy is not reached.
   *
   * @returns what it did, in a few words
   */
  public async promote(slot: Slot, isRestore: boolean): Promise<string> {
    const check = (state: ProxyState) => {
      const traffic = trafficOf(state);
      if (promoteStep(traffic, slot, isRestore) !== 'elsewhere') return;
      throw new EngineError('conflict', `someone else changed the weights of ${state.product} meanwhile: users are on ${describeTraffic([traffic])}`);
    };
    // before one of them is changed
    if (!isRestore) (await this.states()).forEach(check);
    return this.set(slot, 100, check);
  }

  /** Gives a slot all users of each proxy that finds one of its servers ready. The others stay as they are. */
  public async promoteWhereReady(slot: Slot): Promise<void> {
    const until = Math.min(this.giveUpAt, this.context.clock.now() + SHORT_PATIENCE_MS);
    reachedOf(await Promise.allSettled(this.proxies.map(async (proxy) => {
      if (isReady(await proxy.state(until), slot)) await this.setOn(proxy, { slot, percent: 100, check: () => undefined });
    })));
  }

  /** Gives a slot its share in per cent, and the other slot the rest. */
  public setWeight(slot: Slot, percent: number): Promise<string> {
    return this.set(slot, percent, () => undefined);
  }

  private async set(slot: Slot, percent: number, check: (state: ProxyState) => void): Promise<string> {
    const changed = await allOf(this.proxies.map((proxy) => this.setOn(proxy, { slot, percent, check })));
    const done = percent === 100 ? `users are on ${slot}` : percent === 0 ? `no users are on ${slot}` : `${percent} % of the users are on ${slot}`;
    return changed.includes(true) ? done : `${done} already`;
  }

  /** Returns whether it changed something. The file for a reload is written even where the weights are right: who set them may have been killed. */
  private async setOn(proxy: SlotProxy, { check, percent, slot }: WantedShare): Promise<boolean> {
    let [isChanged, isWritten] = [false, false];
    for (let writes = 0; ; writes++) {
      const state = await proxy.state();
      const isDone = hasShare(state, slot, percent);
      if (isDone && (isWritten || writes === MOST_WRITES)) return isChanged;
      check(state);
      const before = describeTraffic([trafficOf(state)]);
      if (writes === MOST_WRITES) throw new EngineError('conflict', `${proxy.host}: someone else changes the weights of ${state.product} again and again: users are on ${before}`);
      if (!isDone) this.context.log.line(`${proxy.host}: give ${slot} ${percent} % of the users (before: ${before})`);
      isChanged ||= !isDone;
      const wanted = wantedWeights(state, slot, percent);
      isWritten = await unlessUncertain(() => proxy.setWeights(state, wanted), (why) => pause(this.context, why, POLL_MS));
    }
  }
}

function isReady(state: ProxyState, slot: Slot): boolean {
  return readinessOf(state, slot, 'one').kind === 'ready';
}

/** What was read. Rejects with what is not an `EngineError`. */
function reachedOf<T>(results: readonly PromiseSettledResult<T>[]): T[] {
  const other = results.find((result) => result.status === 'rejected' && !(result.reason instanceof EngineError));
  if (other?.status === 'rejected') throw other.reason as Error;
  return results.flatMap((result) => (result.status === 'fulfilled' ? [result.value] : []));
}

/** No call outlives this one, and what can be done elsewhere is done. */
async function allOf<T>(calls: readonly Promise<T>[]): Promise<T[]> {
  await Promise.allSettled(calls);
  return Promise.all(calls);
}
