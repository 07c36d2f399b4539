import { ProxyProduct, ProxyState } from './slot-weights';

/** What a deployment cannot begin with, and what to do. */
export interface ProxyProblem {
  readonly why: string;
  readonly fix: string;
}

/** A proxy on one machine whose weights decide which slot users reach. Rejects with `EngineError`. */
export interface SlotProxy {
  readonly product: ProxyProduct;
  /** The machine's name, for people. */
  readonly host: string;

  /**
   * The servers of both slots with their weights.
   *
   * @param until milliseconds since the epoch
   */
  state(until?: number): Promise<ProxyState>;

  /** Why the weights cannot be changed; undefined if they can. */
  accessProblem(): Promise<ProxyProblem | undefined>;

  /** Why the weights cannot be kept for a reload; undefined if they can, or if they need not be. */
  keepProblem(): Promise<ProxyProblem | undefined>;

  /** Sets the weights that differ, by the names of the servers, and keeps all of them for a reload. */
  setWeights(state: ProxyState, wanted: ReadonlyMap<string, number>): Promise<void>;
}
