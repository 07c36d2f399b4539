import { canaryOf } from './canaries';
import { FinishedAttempt } from './dora';
import { Findings, KEEP_COUNT, KEEP_MS } from './status-data';
import { newestFirst } from '../event-log/event-log';
import { Entry, hasNoVerdict } from '../ledger/entries';
import { Ledger } from '../ledger/ledger';
import { hasAttempts, isDecision, LedgerRecord } from '../ledger/record';

export interface ReadAttemptsOptions {
  readonly ledger: Pick<Ledger, 'history' | 'records'>;
  readonly environment: string;
  /** The attempts that need not be read again. */
  readonly known: readonly FinishedAttempt[];
  /** The limit of attempts to read in full, newest first: each takes a request to GitHub. */
  readonly limit: number;
  /** When a commit was made, in milliseconds since the epoch; undefined if unknown. */
  readonly committedAt: (sha: string) => Promise<number | undefined>;
  readonly now: number;
}

/** The finished attempts, newest first, and since when they are complete. Rejects with `EventLogError`. */
export async function readAttempts(options: ReadAttemptsOptions): Promise<Pick<Findings, 'attempts' | 'attemptsFrom'>> {
  const { environment, known, ledger, now } = options;
  const isOld = ({ createdAt }: LedgerRecord) => Date.parse(createdAt) < now - KEEP_MS;
  const isEnough = (newest: readonly LedgerRecord[]) => hasAttempts(KEEP_COUNT + 1)(newest) || newest.some(isOld);
  const all = (await ledger.records(environment, { isEnough })).filter((record) => !isDecision(record)).sort(newestFirst);
  const records = all.filter(({ createdAt }) => Date.parse(createdAt) >= now - KEEP_MS).slice(0, KEEP_COUNT);
  const attempts: FinishedAttempt[] = [];
  let left = options.limit;
  let read = 0;
  for (const record of records) {
    const before = known.find(({ id }) => id === record.id);
    if (!before && left-- === 0) break;
    const attempt = before ?? await readOne(record, options);
    if (attempt) attempts.push(attempt);
    read++;
  }
  const isAllThatIsKept = read === records.length && records.length < KEEP_COUNT;
  // if there were more before, it is complete as far back as attempts are kept
  if (isAllThatIsKept && all.length > records.length) return { attempts, attemptsFrom: now - KEEP_MS };
  const oldest = records[read - 1];
  return { attempts, ...(oldest && { attemptsFrom: Date.parse(oldest.createdAt) }) };
}

async function readOne(record: LedgerRecord, { committedAt, ledger }: ReadAttemptsOptions): Promise<FinishedAttempt | undefined> {
  const attempt = finishedAttempt(record, await ledger.history(record));
  if (attempt?.kind !== 'deploy' || attempt.state !== 'stable') return attempt;
  const at = await committedAt(attempt.sha);
  return at === undefined ? attempt : { ...attempt, committedAt: at };
}

/** Undefined until it is finished. */
function finishedAttempt(record: LedgerRecord, entries: readonly Entry[]): FinishedAttempt | undefined {
  const { createdAt, id, kind, leaving, release, stable } = record;
  const last = entries.at(-1);
  if (!last || !isOver(last.state) || !isAttemptKind(kind)) return undefined;
  const trouble = entries.find(({ state }) => state === 'rollingBack' || state === 'halted');
  // a drill passes the steps without a comparison
  const canary = kind === 'deploy' ? canaryOf(entries) : undefined;
  const backTo = kind === 'rollback' ? release.version : last.state === 'rolledBack' ? stable?.release.version : undefined;
  return {
    id,
    kind,
    version: release.version,
    sha: release.sha,
    state: last.state,
    createdAt: Date.parse(createdAt),
    endedAt: Date.parse(last.at),
    ...(trouble && { troubleAt: Date.parse(trouble.at) }),
    ...(hasNoVerdict(entries) && { isAbandoned: true }),
    ...(leaving && { leaving: leaving.sha }),
    ...(backTo !== undefined && { backTo }),
    ...(canary && { canary }),
  };
}

function isOver(state: Entry['state']): state is FinishedAttempt['state'] {
  return ['stable', 'rolledBack', 'halted', 'failed', 'superseded'].includes(state);
}

function isAttemptKind(kind: LedgerRecord['kind']): kind is FinishedAttempt['kind'] {
  return ['deploy', 'rollback', 'adopt', 'drill'].includes(kind);
}

/** As `query`, but each query runs only once. */
export function memoized<T>(query: (question: string) => Promise<T>): (question: string) => Promise<T> {
  const known = new Map<string, Promise<T>>();
  return (question) => {
    const result = known.get(question) ?? query(question);
    known.set(question, result);
    return result;
  };
}
