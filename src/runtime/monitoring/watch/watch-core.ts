import { Clock } from '../../clock';
import { ExitCode } from '../../commands/command';
import { DispatchedRun, WorkflowDispatch } from '../../dispatch/workflow-dispatch';
import { FileLock } from '../../ledger/file-lock';
import { GithubApi } from '../../ledger/github-api';
import { Standing } from '../../ledger/history';
import { LedgerError } from '../../ledger/ledger';
import { Misconfigured } from '../../misconfigured';
import { Surroundings } from '../../surroundings';
import { Channel } from '../alerts/channel';
import { NoticeEvent } from '../alerts/notice';

/** What the watch gets of the first runtime file: there is one copy of it, with its one set of classes. */
export interface WatchCore {
  readonly FileLock: typeof FileLock;
  readonly LedgerError: typeof LedgerError;
  readonly Misconfigured: typeof Misconfigured;
  /** Asks a release afresh that lacks only its confirmation, as the job `confirm` does. */
  readonly judge: (surroundings: Surroundings, found: Standing) => Promise<ExitCode>;
  readonly dispatch: (api: GithubApi, clock: Clock, asked: WorkflowDispatch) => Promise<DispatchedRun>;
}

/** Those who are to be told of such an event of an environment. */
export type Channels = (surroundings: Surroundings, event: NoticeEvent) => readonly Channel[];

/** By its name: the class is the first file's. GitHub's errors are of its kind. */
export function isLedgerError(error: unknown): error is Error {
  return error instanceof Error && /^(Ledger|Github)Error$/.test(error.name);
}
