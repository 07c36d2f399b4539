import { newRecord, release } from './records';
import { State } from '../../../src/runtime/deployment/state-machine';
import { newestFirst } from '../../../src/runtime/event-log/event-log';
import { BLOCK_LIMIT } from '../../../src/runtime/ledger/blocks';
import { EnvironmentHistory } from '../../../src/runtime/ledger/history';
import { KNOWN_LIMIT } from '../../../src/runtime/ledger/history-summary';
import { Ledger, RecordQuestion } from '../../../src/runtime/ledger/ledger';
import { LedgerRecord, NewRecord } from '../../../src/runtime/ledger/record';
import { samples } from '../../random';
import { memoryLedger } from '../event-log/memory-event-log';

const HISTORIES = samples(150);
const PAGE = 25;

/** Lists in short pages, newest first, as long as the reader wants more; shows some of the newest records late. */
class PagedLedger implements Pick<Ledger, 'advance' | 'create' | 'history' | 'records'> {
  /** So many of the newest records are not shown yet. */
  public lag = 0;
  public listed = 0;
  public histories = 0;
  public readonly create: Ledger['create'];
  public readonly advance: Ledger['advance'];

  constructor(private readonly ledger: Ledger, private readonly carries = true) {
    this.create = ledger.create.bind(ledger);
    this.advance = ledger.advance.bind(ledger);
  }

  public async records(environment: string, { sha, isEnough = () => false }: RecordQuestion = {}): Promise<LedgerRecord[]> {
    const shown = (await this.ledger.records(environment, { sha })).sort(newestFirst).slice(this.lag);
    const all = shown.map((record) => (this.carries ? record : { ...record, carried: undefined }));
    for (let end = PAGE; ; end += PAGE) {
      const newest = all.slice(0, end);
      this.listed += 1;
      if (end >= all.length || isEnough(newest)) return newest;
    }
  }

  public async history(record: LedgerRecord) {
    this.histories += 1;
    return this.ledger.history(record);
  }
}

/** The same numbers for the same seed. */
function random(seed: number): (below: number) => number {
  let state = seed;
  return (below) => {
    state = (state * 48_271) % 2_147_483_647;
    return state % below;
  };
}

const COURSES: readonly (readonly State[])[] = [
  ['deploying', 'verifying', 'baking', 'confirming', 'stable'], ['deploying', 'verifying', 'baking', 'confirming', 'stable'],
  ['deploying', 'verifying', 'rollingBack', 'rolledBack'], ['deploying', 'rollingBack', 'rolledBack'], ['deploying', 'halted'], ['failed'], ['superseded'],
];
const KINDS: readonly NewRecord['kind'][] = ['deploy', 'deploy', 'deploy', 'rollback', 'adopt', 'drill', 'hold', 'unblock', 'override'];

describe('What a record carries of those before it', () => {
  it(`returns the same as reading everything, over ${HISTORIES} histories made at random, with records that were made beside others`, async () => {
    let compared = 0;
    for (let seed = 1; seed <= HISTORIES; seed++) {
      const memory = memoryLedger();
      const ledger = new PagedLedger(memory);
      await fill(ledger, random(seed), 12 + (seed % 30));
      const [lazily, wholly] = [new EnvironmentHistory(ledger, 'staging'), new EnvironmentHistory(new PagedLedger(memory, false), 'staging')];
      expect([seed, await said(lazily)]).toEqual([seed, await said(wholly)]);
      compared += 1;
    }
    process.stdout.write(`  ${compared} histories are the same with one page and with all records\n`);
  });

  it('costs one page and the entries of one record, whatever came before', async () => {
    const ledger = new PagedLedger(memoryLedger());
    for (let index = 0; index < 3 * PAGE; index++) await attempt(ledger, { release: release(`v${index}`, 'a'), run: { id: index + 1, attempt: 1 } }, COURSES[index % COURSES.length]);
    Object.assign(ledger, { listed: 0, histories: 0 });
    await said(new EnvironmentHistory(ledger, 'staging'));
    // no more than a page for each commit that is named
    expect(ledger.listed).toBeLessThanOrEqual(1 + SHAS.length);
    Object.assign(ledger, { listed: 0, histories: 0 });
    const history = new EnvironmentHistory(ledger, 'staging');
    await Promise.all([history.newest(), history.stable(), history.open(), history.isBlocked(release('v1', 'b')), history.newerThan({ id: 1, attempt: 1 })]);
    expect([ledger.listed, ledger.histories]).toEqual([1, 1]);
  });

  it('keeps a bounded number of blocks, and finds an older one by its commit', async () => {
    const ledger = new PagedLedger(memoryLedger());
    const bad = (index: number) => ({ version: `v${index}`, sha: index.toString(16).padStart(40, '0') });
    for (let index = 0; index <= BLOCK_LIMIT + 5; index++) await attempt(ledger, { release: bad(index) }, COURSES[2]);
    const history = new EnvironmentHistory(ledger, 'staging');
    expect(await history.blocked()).toHaveLength(BLOCK_LIMIT);
    for (const index of [0, 3, BLOCK_LIMIT, BLOCK_LIMIT + 5]) expect([index, await history.isBlocked(bad(index))]).toEqual([index, true]);
    expect(await history.isBlocked(bad(BLOCK_LIMIT + 9))).toBe(false);
  });

  it('finds an old release by its name page by page, and by its commit at once', async () => {
    const ledger = new PagedLedger(memoryLedger());
    const good = (index: number) => ({ version: `v${index}`, sha: index.toString(16).padStart(40, '0') });
    for (let index = 0; index <= 8 * PAGE; index++) await attempt(ledger, { release: good(index), run: { id: index + 1, attempt: 1 } }, COURSES[0]);
    for (const [name, pages] of [['v1', 8], [good(1).sha, 1]] as const) {
      ledger.listed = 0;
      const [found] = await new EnvironmentHistory(ledger, 'staging').verifiedNamed(name);
      expect(found).toMatchObject({ release: good(1) });
      expect(ledger.listed).toBeLessThanOrEqual(1 + pages);
    }
    expect(await new EnvironmentHistory(ledger, 'staging').verifiedNamed('v0.0.1')).toEqual([]);
  });

  it('forgets no hold and no override, however much came after them', async () => {
    const ledger = new PagedLedger(memoryLedger());
    for (const kind of ['hold', 'override'] as const) await made(ledger, { kind, run: { id: 500, attempt: 1 } });
    for (let index = 0; index < 2 * PAGE + KNOWN_LIMIT; index++) await attempt(ledger, { run: { id: index + 1, attempt: 1 } }, ['failed']);
    const history = new EnvironmentHistory(ledger, 'staging');
    expect(await history.heldAgainst(499)).toMatchObject({ run: { id: 500 } });
    expect(await history.heldAgainst(500)).toBeUndefined();
    expect(await history.overrideWithin({ from: 0, until: Infinity })).toMatchObject({ run: { id: 500 } });
  });
});

const SHAS = ['a', 'b', 'c', 'd'];

async function made(ledger: Pick<Ledger, 'advance' | 'create' | 'history' | 'records'>, change: Partial<NewRecord>): Promise<LedgerRecord> {
  const carried = await new EnvironmentHistory(ledger, 'staging').carriedOn();
  return ledger.create(newRecord({ ...change, carried }));
}

async function attempt(ledger: Pick<Ledger, 'advance' | 'create' | 'history' | 'records'>, change: Partial<NewRecord>, states: readonly State[]): Promise<LedgerRecord> {
  const stable = change.kind === 'adopt' ? undefined : await new EnvironmentHistory(ledger, 'staging').stable();
  const record = await made(ledger, { stable, ...change });
  await pass(ledger, record, states);
  return record;
}

async function pass(ledger: Pick<Ledger, 'advance' | 'create'>, record: LedgerRecord, states: readonly State[], commandFailed = false): Promise<void> {
  for (const state of states) {
    const isBack = commandFailed && (state === 'rollingBack' || state === 'rolledBack');
    await ledger.advance(record, { state, note: state, processId: record.processId, ...(isBack && { commandFailed }), ...(state === 'deploying' && record.run.id % 7 === 0 && { irreversible: true }) });
  }
}

/** As processes would: most after one another, some beside one that is not over, some by who sees the last record not yet. */
async function fill(ledger: PagedLedger, below: (limit: number) => number, count: number): Promise<void> {
  let beside: { readonly record: LedgerRecord; readonly states: readonly State[] } | undefined;
  for (let index = 1; index <= count; index++) {
    const kind = KINDS[below(KINDS.length)];
    const commit = SHAS[below(SHAS.length)];
    const change: Partial<NewRecord> = {
      kind,
      release: release(`v${commit}`, commit, below(3) === 0 ? '9' : String(SHAS.indexOf(commit) + 1)),
      run: { id: below(4) === 0 ? below(index) + 1 : index, attempt: 1 },
      ...(kind === 'rollback' && { leaving: release('vleft', SHAS[below(SHAS.length)], '5') }),
    };
    if (['hold', 'unblock', 'override'].includes(kind)) {
      await made(ledger, change);
      continue;
    }
    ledger.lag = below(6) === 0 ? 1 : 0;
    const stable = kind === 'adopt' ? undefined : await new EnvironmentHistory(ledger, 'staging').stable();
    const record = await made(ledger, { stable, ...change });
    ledger.lag = 0;
    const states = COURSES[below(COURSES.length)];
    if (beside) {
      // one of two claims gives way; the other goes on
      await pass(ledger, record, ['superseded']);
      await pass(ledger, beside.record, beside.states);
      beside = undefined;
    } else if (below(5) === 0 && index < count) {
      beside = { record, states };
    } else {
      await pass(ledger, record, states, below(2) === 0);
    }
  }
  if (beside) await pass(ledger, beside.record, beside.states);
}

async function said(history: EnvironmentHistory): Promise<unknown> {
  const newest = await history.newest();
  const releases = SHAS.flatMap((commit) => ['1', '2', '3', '4', '9'].map((digest) => release('any', commit, digest)));
  return {
    newest: newest?.record.id,
    open: (await history.open())?.record.id,
    last: (await history.last())?.record.id,
    stable: await history.stable(),
    slot: await history.slotWithTraffic(),
    hold: await Promise.all([0, 3, 10, 20].map(async (run) => (await history.heldAgainst(run))?.run.id !== undefined)),
    override: (await history.overrideWithin({ from: 0, until: Infinity }))?.createdAt,
    newer: await Promise.all([0, 3, 10, 20, 30].map(async (id) => (await history.newerThan({ id, attempt: 1 })) !== undefined)),
    irreversible: (await history.irreversibleSince('1'))?.version,
    blocked: await Promise.all(releases.map(async (one) => history.isBlocked(one))),
    verified: await Promise.all(SHAS.map(async (commit) => (await history.verified(commit.repeat(40)))?.sha)),
  };
}
