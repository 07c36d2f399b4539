import { NewStatus } from './repository';
import { GithubStandIn } from './stand-in';
import { State } from '../../src/runtime/deployment/state-machine';
import { Standing, Entry } from '../../src/runtime/ledger/entries';
import { carriedOn, NO_HISTORY } from '../../src/runtime/ledger/history-summary';
import { LedgerRecord, NewRecord, StablePointer } from '../../src/runtime/ledger/record';
import { Release } from '../../src/runtime/release';

export interface SeededHistory {
  readonly environment: string;
  readonly strategy: NewRecord['strategy'];
  /** What is Stable in the end. */
  readonly stable: Release;
  /** So many records, as so many deployments would have written them; every tenth was rolled back. */
  readonly records: number;
}

const STABLE: readonly State[] = ['deploying', 'verifying', 'promoting', 'baking', 'confirming', 'stable'];
const ROLLED_BACK: readonly State[] = ['deploying', 'verifying', 'rollingBack', 'rolledBack'];
const API_STATES: Partial<Record<State, NewStatus['state']>> = { stable: 'success', rolledBack: 'failure' };
const FIRST_DAY = Date.UTC(2025, 0, 1);

/** Fills the stand-in without a request for each: thousands of records are there in a second. */
export function seedHistory(github: GithubStandIn, { environment, strategy, stable: wanted, records }: SeededHistory): void {
  let carried = NO_HISTORY;
  let stable: StablePointer | undefined;
  for (let index = 0; index < records; index++) {
    const isLast = index === records - 1;
    const isBad = !isLast && index % 10 === 9;
    const run = { id: index + 1, attempt: 1 };
    const release = isLast ? wanted : { version: `v0.${index}`, sha: index.toString(16).padStart(40, '0') };
    const processId = `${run.id}.1.seed`;
    const slot = strategy === 'blueGreen' ? (stable?.slot === 'blue' ? 'green' : 'blue') : undefined;
    const record: NewRecord = { environment, kind: 'deploy', release, strategy, stable, ...(slot && { slot }), run, processId, by: 'octocat', carried };
    const createdAt = new Date(FIRST_DAY + index * 3_600_000).toISOString().replace(/\.\d+Z$/, 'Z');
    const states = isBad ? ROLLED_BACK : STABLE;
    const stored = github.addDeployment(
      { environment, ref: release.sha, task: 'delivery', payload: { schema: 1, key: `seed-${index}`, record: { ...record } }, createdAt },
      ...states.map((state): NewStatus => ({
        state: API_STATES[state] ?? 'in_progress',
        description: `${state}: seeded`,
        logUrl: `https://github.com/acme/shop/actions/runs/${run.id}/attempts/1#seed`,
        autoInactive: false,
        createdAt,
      })),
    );
    const entries: Entry[] = [{ state: 'pending', note: '', at: createdAt }, ...states.map((state) => ({ state, note: 'seeded', at: createdAt, processId }))];
    const whole: LedgerRecord = { ...record, id: String(stored.id), createdAt };
    const standing: Standing = { record: whole, state: isBad ? 'rolledBack' : 'stable', entries };
    carried = carriedOn(carried, [standing]);
    if (!isBad) stable = { recordId: whole.id, release, ...(slot && { slot }), since: createdAt };
  }
}

/** Alerts that fired and were resolved, as many runs of the watch would have written them. */
export function seedAlerts(github: GithubStandIn, environment: string, episodes: number): void {
  let after = '';
  for (let index = 0; index < episodes; index++) {
    const processId = `${index + 1}.1.seed`;
    const stored = github.addDeployment(
      { environment, ref: 'c'.repeat(40), task: 'delivery-alert', payload: { schema: 1, key: `seed-${index}`, record: { after, processId } } },
      { state: 'inactive', description: 'everything is well again', logUrl: `https://github.com/acme/shop/actions/runs/${index + 1}/attempts/1#seed,closed`, autoInactive: false },
    );
    after = String(stored.id);
  }
}
