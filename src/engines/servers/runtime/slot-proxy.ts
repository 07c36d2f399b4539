import { ProxyProduct, ProxyState } from './slot-weights';
import type { HostScript } from './ssh-connection';
import { safeLine } from '../../../runtime/reporting/untrusted-text';
import { EngineError } from '../../../runtime/targets/engine-error';

/** $1: the file for a reload. Prints what is wrong with its folder, if the user cannot create files there. */
export const KEEPS: HostScript = {
  name: 'keeps',
  text: `folder=\${1%/*}
[ -d "\${folder:=/}" ] && [ -w "$folder" ] && [ -x "$folder" ] || printf '%s cannot create files in %s\\n' "$(id -un)" "$folder"`,
};

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

/** What `KEEPS` found wrong on a machine; undefined if nothing. */
export function folderProblem(
  said: string, { file, host, option }: { readonly file: string; readonly host: string; readonly option: string },
): ProxyProblem | undefined {
  const problem = safeLine(said);
  if (problem === '') return undefined;
  return { why: `slots: ${problem} on ${host}, and the weights are kept in ${file}`, fix: `Make the folder, and let the user own it; or correct ServerSlots ${option}` };
}

/** Names the machine in what is wrong with its proxy. */
export function onMachine<T>(host: string, read: () => T): T {
  try {
    return read();
  } catch (error) {
    if (error instanceof EngineError) throw new EngineError(error.kind, `${host}: ${error.message}`);
    throw error;
  }
}
