import { Deployment } from './deployment';
import { EnvironmentHistory } from './ledger/history';
import { Entry, LedgerRecord } from './ledger/ledger';
import { State } from './rollout';
import { Surroundings } from './surroundings';

/** A record that is not final. */
export interface Open {
  readonly record: LedgerRecord;
  readonly state: State;
  readonly entries: Entry[];
}

/**
 * Finishes a deployment whose process is gone: what was changed is taken back,
 * what merely lacks its confirmation is probed again. Asked many times it acts once,
 * because the record is final afterwards.
 */
export async function settle(surroundings: Surroundings, open: Open): Promise<Deployment> {
  const deployment = Deployment.resume(surroundings, open.record, standing(surroundings, open), open.entries);
  await deployment.tell('abandoned', `left ${open.state} by run ${open.record.run.id}, attempt ${open.record.run.attempt}`);
  await deployment.carryOn();
  return deployment;
}

/**
 * The state a record really reached. Nothing promises that a write is read back at once,
 * or that the last one was taken: a deploy job that succeeded had promoted and baked its release.
 */
export function standing({ run }: Surroundings, { record, state }: Open): State {
  const unconfirmed: State[] = ['deploying', 'verifying', 'promoting', 'baking'];
  const ours = record.run.id === run.id && record.run.attempt === run.attempt;
  return ours && run.deployed && unconfirmed.includes(state) ? 'confirming' : state;
}

/** Whatever a run left unfinished, the next command on that environment finishes first. */
export async function finishUnfinished(surroundings: Surroundings, history: EnvironmentHistory): Promise<Deployment | undefined> {
  const open = await history.open();
  if (!open) return undefined;
  surroundings.log.notice(
    'An earlier deployment was left unfinished',
    `${open.record.release.version} (run ${open.record.run.id}) is ${open.state}; it is finished first.`,
  );
  return settle(surroundings, open);
}
