import { RemoteCi, RemoteSearch } from './ci/remote-ci';
import { Command } from './commands/command';
import { RuntimeContext } from './context';
import { ConfigurationError } from './errors';
import { EventLogError } from './event-log/event-log';
import { describeTrigger } from './reporting/report';
import { safeLine } from './reporting/untrusted-text';

/** A command on a laptop, where two sets of records may exist. */
export interface LaptopCommand {
  readonly command: Pick<Command, 'dispatches' | 'readsRemote'>;
  readonly search: RemoteSearch;
  /** With the records of this machine. */
  readonly machine: readonly RuntimeContext[];
  /** With those of the CI system. */
  readonly openRemote: () => Promise<readonly RuntimeContext[]>;
  /** The same command line with --local. */
  readonly localLine: string;
}

/** Whose records a command uses. */
export type Records =
  | { readonly of: 'machine'; readonly note?: string }
  | { readonly of: 'ci'; readonly remote: RemoteCi };

/**
 * One rule for all commands: the CI system's records where it has some, otherwise this machine's. Where nobody has any, a command that can run in the CI
 * system does, and others begin the records of this machine.
 *
 * Rejects with `ConfigurationError` for a command that cannot use the records that are meant, and with `EventLogError` if it is unknown which these are.
 */
export async function whoseRecords(asked: LaptopCommand): Promise<Records> {
  const { command, machine, search } = asked;
  const isForCi = command.dispatches === true || command.readsRemote === true;
  if ('missing' in search) {
    if (command.dispatches && !await hasSome(machine)) throw new ConfigurationError(`${search.error.message} To use the records of this machine, add --local.`);
    return { of: 'machine' };
  }
  const { found } = search;
  if (isForCi && !await mayHaveSome(machine)) return { of: 'ci', remote: found };
  const remote = await asked.openRemote();
  if (!await hasSome(remote)) return { of: 'machine', note: `${found.records} has none of ${namesOf(machine)}` };
  if (isForCi) return { of: 'ci', remote: found };
  throw new ConfigurationError(refusal(asked, found));
}

function refusal({ localLine, machine }: LaptopCommand, { records }: RemoteCi): string {
  const [{ environment: { name, trigger } }] = machine as [RuntimeContext];
  const there = machine.length > 1 ? '' : ` What deploys ${name} there: ${safeLine(describeTrigger(trigger))}.`;
  return `${records} has records of ${namesOf(machine)}, and this command would write others on this machine: then neither of them knows what is live. Nothing was changed.`
    + `${there} To use the records of this machine all the same: ${localLine}`;
}

function namesOf(contexts: readonly RuntimeContext[]): string {
  return contexts.map(({ environment: { name } }) => name).join(', ');
}

async function hasSome(contexts: readonly RuntimeContext[]): Promise<boolean> {
  for (const { environment, ledger } of contexts) {
    if ((await ledger.records(environment.name, { isEnough: () => true })).length > 0) return true;
  }
  return false;
}

/** Records that cannot be read exist, and do not matter where the CI system's are meant. */
async function mayHaveSome(contexts: readonly RuntimeContext[]): Promise<boolean> {
  try {
    return await hasSome(contexts);
  } catch (error) {
    if (error instanceof EventLogError) return true;
    throw error;
  }
}
