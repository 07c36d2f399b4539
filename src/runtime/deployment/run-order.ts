import { RuntimeContext } from '../context';
import { EnvironmentHistory } from '../ledger/history';
import { isOutrunning } from '../ledger/history-summary';

/**
 * GitHub does not promise that the ids of runs increase. So before a deployment their times are compared too: the fault where the release
 * that is there comes from a run that began later than this one. Undefined where it does not, or GitHub does not say.
 */
export async function laterRunFault({ environment, ledger, run }: RuntimeContext, history: EnvironmentHistory): Promise<string | undefined> {
  const newest = await history.newest();
  if (!ledger.beganAt || !newest || !isOutrunning(newest) || newest.record.run.id === run.id) return undefined;
  const { createdAt, release, run: other } = newest.record;
  const ours = await ledger.beganAt(run.id);
  // what was recorded before this run began comes from an earlier one
  if (ours === undefined || ours > Date.parse(createdAt)) return undefined;
  const theirs = await ledger.beganAt(other.id);
  if (theirs === undefined || theirs <= ours) return undefined;
  return `run ${other.id} began after this one (${run.id}), though its id is smaller, and put ${release.version} on ${environment.name}: an older run never deploys over a newer one. Start a new run.`;
}
