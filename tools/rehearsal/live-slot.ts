import { GithubApi } from '../../src/runtime/ci/github/api';
import { GithubEventLog } from '../../src/runtime/ci/github/event-log';
import { SYSTEM_CLOCK } from '../../src/runtime/clock';
import { Ledger } from '../../src/runtime/ledger/ledger';
import { GithubStandIn } from '../github-api-stand-in/stand-in';

export interface LiveSlot {
  /** Undefined where the strategy has none. */
  readonly slot?: string;
  /** What the service says. @default - it names no release */
  readonly version?: string;
  /** As records name it. */
  readonly environment: string;
  readonly strategy: string;
  /** A commit of the repository. */
  readonly sha: string;
  readonly repository: string;
  readonly project?: string;
}

/**
 * Records what users have, and on which slot, so that the first release goes to the other one. It was not verified by this delivery: the record
 * ends halted, and is no rollback point.
 */
export async function recordLiveSlot(standIn: GithubStandIn, { environment, project, repository, sha, slot, strategy, version = 'before the rehearsal' }: LiveSlot): Promise<void> {
  const api = new GithubApi({ url: standIn.url, token: standIn.token({ deployments: 'write' }), repository, clock: SYSTEM_CLOCK });
  const ledger = new Ledger({ eventLog: new GithubEventLog({ api, project }), isAlive: () => Promise.resolve(false) });
  const record = await ledger.create({
    environment, kind: 'deploy', release: { version, sha }, strategy, slot, run: { id: 1, attempt: 1 }, processId: '1.1.rehearsal', by: 'the rehearsal',
  });
  await ledger.advance(record, { state: slot === undefined ? 'deploying' : 'promoting', note: 'before the rehearsal' });
  await ledger.advance(record, { state: 'halted', note: 'not verified by this delivery' });
}
