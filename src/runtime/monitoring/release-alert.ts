import { EnvironmentStatus } from './environment-status';
import { RuntimeContext } from '../context';
import { Outcome } from '../probing/observation';
import { describeLive, HandChange, handChange, liveRelease, serves } from '../targets/live-release';

/** What the engine says it serves, compared with the ledger. */
export interface EngineFinding {
  /** `blind` if the live release is unknown, or if the ledger does not know which release should be live. */
  readonly outcome: Extract<Outcome, 'healthy' | 'unhealthy' | 'blind'>;
  readonly saw: string;
  readonly change?: HandChange;
}

/** Undefined where the target has no driver. */
export async function engineFinding(context: RuntimeContext, { kind, stable }: EnvironmentStatus): Promise<EngineFinding | undefined> {
  const live = await liveRelease(context);
  if (!live) return undefined;
  const saw = `the engine serves ${describeLive(live)}`;
  const isServed = kind === 'stable' && stable ? serves(live, stable.release) : undefined;
  if (isServed === undefined) return { outcome: 'blind', saw };
  const change = handChange(context, live, stable!.release);
  return change ? { outcome: 'unhealthy', saw: change.fault, change } : { outcome: 'healthy', saw };
}
