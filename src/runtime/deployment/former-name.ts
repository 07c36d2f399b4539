import { isFinal } from './state-machine';
import { OPTION } from '../../contract/command-line';
import { RuntimeContext } from '../context';
import { ConfigurationError } from '../errors';
import { EnvironmentHistory } from '../ledger/history';
import { HistorySummary, StablePointer } from '../ledger/record';
import { sameRelease } from '../release';
import { safeLine } from '../reporting/untrusted-text';

/** What an environment keeps of the records under its former name. */
export interface Kept {
  readonly pointer: StablePointer;
  /** The release that was Stable before it. */
  readonly before?: StablePointer;
  readonly carried: Pick<HistorySummary, 'blocked' | 'irreversible'>;
}

/** Reads the records of a former name. Rejects with `ConfigurationError` unless an environment was renamed and has no records of its own. */
export async function keptOf({ environment: { name }, ledger, manifest }: RuntimeContext, from: string): Promise<Kept> {
  const former = safeLine(from);
  if (manifest.environments.some((one) => one.name === from)) {
    throw new ConfigurationError(`--${OPTION.FROM}: ${former} is still an environment, so it was not renamed to ${name}. Name what is live on ${name} with --release.`);
  }
  if (await new EnvironmentHistory(ledger, name).newest()) {
    throw new ConfigurationError(`--${OPTION.FROM}: ${name} has records of its own, which say what it goes back to. Leave --${OPTION.FROM} out.`);
  }
  const history = new EnvironmentHistory(ledger, from);
  const newest = await history.newest();
  if (newest && !isFinal(newest.state)) {
    throw new ConfigurationError(`--${OPTION.FROM}: ${newest.record.release.version} is ${newest.state} on ${former}. Take the old name back, let that deployment end there, and rename the environment then.`);
  }
  const pointer = await history.stable();
  if (!pointer) throw new ConfigurationError(`--${OPTION.FROM}: ${former} has no Stable release in ${ledger.place}. Check the name, or name what is live with --release.`);
  const blocked = await history.blocked();
  const before = (await history.verifiedReleases()).find(({ release }) => (
    !sameRelease(release, pointer.release) && !blocked.some((block) => sameRelease(block.release, release))
  ));
  const irreversible = before && await history.irreversibleSince(before.recordId);
  return { pointer, before, carried: { blocked, ...(irreversible && { irreversible: { id: pointer.recordId, release: irreversible } }) } };
}
