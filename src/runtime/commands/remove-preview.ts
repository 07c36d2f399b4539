import { Command, textOf } from './command';
import { ExitCode, OPTION } from '../../contract/command-line';
import { CommandManifest } from '../../contract/manifest';
import { NPX } from '../deployment/phases/command';
import { recoverUnfinished } from '../deployment/recovery';
import { isFinal } from '../deployment/state-machine';
import { ConfigurationError, EnvironmentLockedError } from '../errors';
import { LedgerRecord, RemovalKind } from '../ledger/record';
import { isLeft, whyDue } from '../previews/due';
import { publishPreview } from '../previews/preview-comment';
import { PreviewContext, pullRequestOf, requirePreview } from '../previews/preview-context';
import { isRemoval, sinceRemoval } from '../previews/preview-ledger';
import { commandEnvironment } from '../processes/user-command';
import { DELIVERY } from '../reporting/command-line';
import { reportNothing } from '../reporting/report';

/**
 * Removes a preview. Idempotent: the record before the target's command says that nothing recorded before it holds any more, and the record after it
 * that nothing is left. What ends in between is done again by the next removal.
 */
export const removePreview: Command = {
  name: 'remove-preview',
  summary: 'remove the preview of a pull request (in preview.yml)',
  environment: 'required',
  changes: true,
  options: { [OPTION.IF_DUE]: { type: 'string', description: 'true: only if the pull request is closed, or the preview has expired' } },
  examples: [`${DELIVERY} remove-preview preview-12`],

  run: async ([given], options) => {
    const context = requirePreview(given!);
    const { environment, ledger, log, manifest: { previews } } = context;
    if (!previews?.remove) throw new ConfigurationError(`${environment.name} stays: it is shared by pull requests`);
    const records = await ledger.allRecords();
    if (!isLeft(records)) return nothing(context, 'nothing is left to remove');
    const why = await reasonOf(context, records, textOf(options, OPTION.IF_DUE) === 'true');
    if (why === undefined) return nothing(context, 'it is not removed: its pull request is open, and it has not expired');
    checkNewest(context, records);
    // a deployment that was cancelled must not continue
    await recoverUnfinished(context);
    await mark(context, records[0]!, 'removal', why);
    await requireAlone(context);
    const failure = await remove(context, previews.remove, records[0]!);
    if (failure !== undefined) {
      publishPreview(context, 'notRemoved', `${failure}. The schedule of preview.yml tries again.`);
      log.error(`${environment.name} was not removed`, failure);
      return 1;
    }
    await mark(context, records[0]!, 'removed', why);
    publishPreview(context, 'removed', `Because ${why}.`);
    log.line(`${environment.name} was removed: ${why}.`);
    return 0;
  },
};

function nothing(context: PreviewContext, sentence: string): ExitCode {
  reportNothing(context, sentence);
  return 0;
}

/** Undefined if it may stay. */
async function reasonOf(context: PreviewContext, records: readonly LedgerRecord[], onlyIfDue: boolean): Promise<string | undefined> {
  const { ci: { pullRequests }, clock, manifest, run } = context;
  const state = await pullRequests?.find(pullRequestOf(context));
  return whyDue(manifest.previews!, records, state, clock.now()) ?? (onlyIfDue ? undefined : `${run.actor} started its removal`);
}

/** Rejects with `EventLogError`. */
async function mark(context: PreviewContext, { release, strategy }: LedgerRecord, kind: RemovalKind, reason: string): Promise<void> {
  const { environment, ledger, run } = context;
  const { id, attempt, actor: by, processId } = run;
  await ledger.create({ environment: environment.name, kind, release, strategy, run: { id, attempt }, processId, by, reason });
}

/** Throws `ConfigurationError` if a newer run has deployed the preview: an older run never removes what a newer one brought. */
function checkNewest({ environment, run }: PreviewContext, records: readonly LedgerRecord[]): void {
  const newer = sinceRemoval(records).find((record) => record.run.id > run.id);
  if (!newer) return;
  throw new ConfigurationError(`${environment.name}: run ${newer.run.id} is newer than this one (${run.id}) and deployed ${newer.release.version}. Nothing was removed. To remove it, start a new run of preview.yml with the action remove.`);
}

/**
 * A deployment may have claimed the preview meanwhile, before the record or after it. It reads the ledger after its claim, as this does after its record,
 * so one of them gives way.
 */
async function requireAlone({ environment, ledger, run }: PreviewContext): Promise<void> {
  const records = await ledger.allRecords();
  const ours = records.findIndex(({ kind, processId }) => kind === 'removal' && processId === run.processId);
  const newer = records.slice(0, Math.max(ours, 0)).find((record) => !isRemoval(record));
  const before = records.slice(ours + 1);
  const since = sinceRemoval(before);
  const other = newer ?? since.find((record) => record.run.id > run.id) ?? await firstOpen(ledger, since) ?? await ledger.removing(before);
  if (other) throw new EnvironmentLockedError(`${environment.name}: run ${other.run.id} works on it. Nothing was removed: the schedule of preview.yml tries again.`);
}

async function firstOpen(ledger: PreviewContext['ledger'], records: readonly LedgerRecord[]): Promise<LedgerRecord | undefined> {
  for (const record of records) if (!isFinal((await ledger.history(record)).at(-1)!.state)) return record;
  return undefined;
}

/** Returns why it failed, if it did. */
async function remove(context: PreviewContext, command: CommandManifest, { release }: LedgerRecord): Promise<string | undefined> {
  const { environment, execute, log, processEnv } = context;
  log.group(`Remove ${environment.name}`);
  try {
    const env = { ...commandEnvironment(processEnv, { environment, release }), ...NPX };
    const result = await execute(command, { env, timeoutMs: environment.strategy.commandTimeoutMs });
    switch (result.outcome) {
      case 'succeeded': return undefined;
      case 'timedOut': return 'remove did not end in time and was stopped';
      case 'interrupted': return 'remove was interrupted';
      default: return `remove failed: ${result.exitCode === undefined ? 'stopped by a signal' : `exit code ${result.exitCode}`}`;
    }
  } finally {
    log.endGroup();
  }
}
