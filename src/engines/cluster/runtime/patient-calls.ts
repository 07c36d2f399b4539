import { formatDuration } from '../../../contract/duration-text';
import { RuntimeContext } from '../../../runtime/context';
import { EngineError, isUncertain, unlessUncertain, waitFor } from '../../../runtime/targets/engine-error';

const AGAIN_MS = 1_000;

/** Calls of a cluster whose API server may restart or throttle in between. */
export class PatientCalls {
  /** @param giveUpAt milliseconds since the epoch */
  constructor(private readonly context: RuntimeContext, private readonly giveUpAt: number) {}

  /** Reads what changes nothing. An API server that restarts or throttles responds again: until then the rollout goes on without us. */
  public async read<T>(what: () => Promise<T>): Promise<T> {
    for (;;) {
      const found: T[] = [];
      if (await this.made(async () => void found.push(await what()))) return found[0]!;
    }
  }

  /** Whether a change is known to be made. Rejects when its time is over. */
  public async made(change: () => Promise<void>): Promise<boolean> {
    return unlessUncertain(change, async (why) => {
      if (this.context.clock.now() + AGAIN_MS >= this.giveUpAt) throw new EngineError('timeout', why);
      this.context.log.line(`${why}; read the state again in ${formatDuration(AGAIN_MS)}`);
      await waitFor(this.context, AGAIN_MS);
    }, (error) => error.kind === 'throttled' || isUncertain(error));
  }
}
