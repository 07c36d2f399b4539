import { batchesOf } from './servers-steps';
import { EngineError } from '../../../runtime/targets/engine-error';

/** What becomes of several hosts. */
export interface HostResults {
  readonly failed: readonly EngineError[];
  /** How many of them changed. */
  readonly changed: number;
}

export interface Restoring<Host, Todo> {
  readonly hosts: readonly Host[];
  readonly atOnce: number;
  /** Whether the release that is left serves no one. */
  readonly isBad: boolean;
  /** Undefined if nothing is left to do there. */
  readonly find: (host: Host) => Promise<Todo | undefined>;
  readonly move: (todo: Todo, isAlone: boolean) => Promise<void>;
}

/** Takes all hosts back, whatever becomes of one of them. All hosts leave a bad release together; what serves users makes room host by host. */
export async function restoreHosts<Host, Todo>({ atOnce, find, hosts, isBad, move }: Restoring<Host, Todo>): Promise<HostResults> {
  const failed: EngineError[] = [];
  if (isBad) {
    // none waits for another one, which may be down
    const moved = await Promise.allSettled(hosts.map(async (host) => {
      const one = await find(host);
      if (one !== undefined) await move(one, hosts.length === 1);
      return one !== undefined;
    }));
    return { changed: collect(moved, failed).filter((isChanged) => isChanged).length, failed };
  }
  const found = collect(await Promise.allSettled(hosts.map(find)), failed);
  const todo = found.filter((one) => one !== undefined);
  for (const batch of batchesOf(todo, atOnce)) collect(await Promise.allSettled(batch.map((one) => move(one, batch.length === 1))), failed);
  return { changed: todo.length, failed };
}

/** The results of what succeeded; what an engine failed is added to `failed`. Rejects with every other error. */
export function collect<T>(results: readonly PromiseSettledResult<T>[], failed: EngineError[]): T[] {
  const other = results.find((result) => result.status === 'rejected' && !(result.reason instanceof EngineError));
  if (other?.status === 'rejected') throw other.reason as Error;
  for (const result of results) if (result.status === 'rejected') failed.push(result.reason as EngineError);
  return results.flatMap((result) => (result.status === 'fulfilled' ? [result.value] : []));
}
