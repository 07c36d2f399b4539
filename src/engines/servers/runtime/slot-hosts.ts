import { ServerHost } from './server-host';
import { describeHosts, HostReading, HostState, isDone, listed, liveOf, NO_RELEASE, pointerFor } from './servers-steps';
import { SERVER_SLOTS, Slot } from './slot-weights';
import { Release } from '../../../runtime/release';
import { EngineError } from '../../../runtime/targets/engine-error';
import { LiveRelease } from '../../../runtime/targets/target-driver';

/** The folder of a slot on each host. It has releases and a pointer, as a host without slots has. */
export function slotDirectory(directory: string, slot: Slot): string {
  return `${directory === '/' ? '' : directory}/${slot}`;
}

/** Reads which releases the slots of the hosts run. Changes nothing. */
export class SlotHosts {
  /** @param hosts those of a slot, in the order of the option `hosts` */
  constructor(private readonly hosts: (slot: Slot) => readonly ServerHost[]) {}

  /** The release that a slot runs on every host. */
  public async live(slot: Slot): Promise<LiveRelease> {
    return liveOf(await this.readings(slot));
  }

  /** The slots that run a release on every host that is reached: at least on one. */
  public async slotsWith(release: Release): Promise<Slot[]> {
    const found = await Promise.all(SERVER_SLOTS.map(async (slot) => {
      const states = (await this.readings(slot)).flatMap(({ state }) => (state ? [state] : []));
      return states.length > 0 && states.every((state) => runs(state, release));
    }));
    return SERVER_SLOTS.filter((_, at) => found[at]);
  }

  /** Rejects if a slot does not run the release on every host, or on every one that is reached. */
  public async checkRuns(slot: Slot, release: Release, which: 'all' | 'reached'): Promise<void> {
    const readings = await this.readings(slot);
    const lost = readings.filter(({ state }) => state === undefined);
    if (lost.length === readings.length || (which === 'all' && lost.length > 0)) {
      const [{ error = 'unavailable', why = '' } = {}] = lost;
      throw new EngineError(error, why);
    }
    const others = readings.filter(({ state }) => state !== undefined && !runs(state, release));
    if (others.length === 0) return;
    throw new EngineError('conflict', `the slot ${slot} does not run ${release.version} on ${listed(others.map(({ host }) => host))} (${describeHosts(others)})`);
  }

  private async readings(slot: Slot): Promise<HostReading[]> {
    return Promise.all(this.hosts(slot).map((host) => host.reading()));
  }
}

/** A release that was adopted may be one that no delivery put there, or that is not in the folder of the slot at all. */
function runs(state: HostState, release: Release): boolean {
  if (release.engineId === NO_RELEASE) return state.pointer === undefined;
  const wanted = pointerFor(release, state);
  if (wanted === undefined) return false;
  return wanted === release.engineId && state.marker === undefined ? state.pointer === wanted : isDone(state, wanted);
}
