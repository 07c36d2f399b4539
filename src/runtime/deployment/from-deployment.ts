import { OPTION } from '../../contract/command-line';
import { CommandArguments, Option, textOf } from '../commands/command';
import { RuntimeContext } from '../context';
import { ConfigurationError } from '../errors';
import { EnvironmentHistory } from '../ledger/history';
import { LedgerRecord } from '../ledger/record';

const NAME = OPTION.FROM_DEPLOYMENT;

/** The option of the commands `hold` and `rollback`. */
export const FROM_DEPLOYMENT: Record<typeof NAME, Option> = {
  [NAME]: { type: 'string', description: 'only while this deployment is the newest one: its id in the ledger (set by the watch)' },
};

/** A deployment's id in the ledger. */
const ID = /^[1-9]\d{0,18}$/;

/** Returns the deployment that a rollback is limited to, if any. Throws `ConfigurationError`. */
export function fromDeploymentOf(given: CommandArguments): string | undefined {
  const id = textOf(given, NAME);
  if (id === undefined || ID.test(id)) return id;
  throw new ConfigurationError(`--${NAME} is ${JSON.stringify(id.slice(0, 40))}. It must be the id of a deployment in the ledger, a whole number. To roll back whatever is live, leave it out.`);
}

/** What the ledger says of a rollback that is limited to one deployment. */
export interface FromDeployment {
  /** Why it is no longer wanted, for a person. */
  readonly superseded?: string;
  /** The run of that deployment: later requests of a person take precedence. */
  readonly heldSince?: number;
}

/**
 * Finds out whether a rollback from deployment `from` is still wanted: not if another deployment followed, or a person requested a release
 * since. A claim that has changed nothing yet does not count, because the next claim waits for it.
 */
export async function lookAtFrom(from: string, { run }: Pick<RuntimeContext, 'run'>, history: EnvironmentHistory): Promise<FromDeployment> {
  const superseded = (why: string): FromDeployment => ({ superseded: `superseded: it is no longer to be rolled back, because ${why}` });
  const title = (record: Pick<LedgerRecord, 'run'>) => run.words.title(record.run.id);
  const newer = await history.newerThan(run);
  if (newer) return superseded(`the newer ${title(newer.record)} deployed ${newer.record.release.version}`);
  const newest = await history.newest();
  if (!newest) return superseded(`the ledger has no deployment ${from}`);
  if (newest.state === 'pending') return {};
  const { id, kind, release, run: ownRun } = newest.record;
  // a repeated run finds its own rollback
  const isOwn = kind === 'rollback' && ownRun.id === run.id;
  if (id !== from && !isOwn) return superseded(`${release.version} (${title(newest.record)}) came after deployment ${from}`);
  const hold = await history.heldAgainst(ownRun.id);
  return hold ? superseded(`${hold.by} requested ${hold.release.version} (${title(hold)})`) : { heldSince: ownRun.id };
}
