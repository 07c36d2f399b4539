import { OPTION } from '../../contract/command-line';
import { CommandArguments, Option, textOf } from '../commands/command';
import { RuntimeContext } from '../context';
import { ConfigurationError } from '../errors';
import { EnvironmentHistory } from '../ledger/history';
import { LedgerRecord } from '../ledger/record';

const NAME = OPTION.FROM_DEPLOYMENT;

/** Of the commands that a rollback is made of. */
export const FROM_DEPLOYMENT: Record<typeof NAME, Option> = {
  [NAME]: { type: 'string', description: 'only while this deployment is the newest one: its id in the ledger (set by the watch)' },
};

/** A deployment's id in the ledger. */
const ID = /^[1-9]\d{0,18}$/;

/** The deployment that a rollback is about, where it names one. Throws `Misconfigured`. */
export function fromDeploymentOf(given: CommandArguments): string | undefined {
  const id = textOf(given, NAME);
  if (id === undefined || ID.test(id)) return id;
  throw new ConfigurationError(`--${NAME} is ${JSON.stringify(id.slice(0, 40))}. It must be the id of a deployment in the ledger, a whole number. To roll back whatever is live, leave it out.`);
}

/** What a rollback that is about one deployment finds in the ledger. */
export interface FromDeployment {
  /** Why it is not wanted any more, for a person. */
  readonly superseded?: string;
  /** The run of that deployment: what a person asked for since then comes first. */
  readonly heldSince?: number;
}

/**
 * Whether a rollback from deployment `from` is still wanted: not where another deployment came after it, nor where a person asked for
 * a release since. A claim that has changed nothing yet is none: whoever claims next waits for it.
 */
export async function lookAtFrom(from: string, { run }: Pick<RuntimeContext, 'run'>, history: EnvironmentHistory): Promise<FromDeployment> {
  const superseded = (why: string): FromDeployment => ({ superseded: `superseded: it is no longer to be rolled back, because ${why}` });
  const title = (record: Pick<LedgerRecord, 'run'>) => run.words.title(record.run.id);
  const newer = await history.newerThan(run);
  if (newer) return superseded(`the newer ${title(newer.record)} deployed ${newer.record.release.version}`);
  const newest = await history.newest();
  if (!newest) return superseded(`the ledger has no deployment ${from}`);
  if (newest.state === 'pending') return {};
  const { id, kind, release, run: brought } = newest.record;
  // a run that is repeated finds what it brought itself
  const isOwn = kind === 'rollback' && brought.id === run.id;
  if (id !== from && !isOwn) return superseded(`${release.version} (${title(newest.record)}) came after deployment ${from}`);
  const hold = await history.heldAgainst(brought.id);
  return hold ? superseded(`${hold.by} requested ${hold.release.version} (${title(hold)})`) : { heldSince: brought.id };
}
