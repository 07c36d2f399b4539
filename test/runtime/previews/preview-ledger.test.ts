import { EnvironmentManifest, Manifest } from '../../../src/contract/manifest';
import { EventLogError } from '../../../src/runtime/event-log/event-log';
import { EnvironmentHistory } from '../../../src/runtime/ledger/history';
import { Ledger } from '../../../src/runtime/ledger/ledger';
import { LedgerRecord, NewRecord, RecordKind } from '../../../src/runtime/ledger/record';
import { isLeft, whyDue } from '../../../src/runtime/previews/due';
import { previewManifest } from '../../../src/runtime/previews/preview-context';
import { PreviewLedger } from '../../../src/runtime/previews/preview-ledger';
import { MemoryEventLog } from '../event-log/memory-event-log';

const SHA = 'a'.repeat(40);

function record(kind: RecordKind, runId: number, environment = 'preview-7'): NewRecord {
  return { environment, kind, release: { version: SHA.slice(0, 7), sha: SHA }, strategy: 'redeploy', run: { id: runId, attempt: 1 }, processId: `${runId}.1.a`, by: 'octocat' };
}

function world(alive: readonly number[] = [], runId = 9) {
  const whole = new Ledger({ eventLog: new MemoryEventLog(), isAlive: async ({ id }) => alive.includes(id) });
  return { whole, preview: new PreviewLedger(whole.options, 'preview-7', () => runId) };
}

async function deployed(ledger: Ledger, runId: number, environment?: string): Promise<LedgerRecord> {
  const made = await ledger.create(record('deploy', runId, environment));
  for (const state of ['deploying', 'stable'] as const) await ledger.advance(made, { state, note: '', processId: `${runId}.1.a` });
  return made;
}

describe('the ledger of a preview', () => {
  it('no other environment\'s records can be read, written or advanced', async () => {
    const { preview, whole } = world();
    const staging = await deployed(whole, 1, 'staging');
    await expect(preview.records('staging')).rejects.toThrow(EventLogError);
    await expect(preview.history(staging)).rejects.toThrow('may use the records of preview-7 only');
    await expect(preview.create(record('deploy', 2, 'staging'))).rejects.toThrow(EventLogError);
    await expect(preview.create(record('removed', 2, 'preview-77'))).rejects.toThrow(EventLogError);
    await expect(preview.advance(staging, { state: 'halted', note: '' })).rejects.toThrow(EventLogError);
    expect((await preview.eventLog.streams({ topic: 'deployment' })).streams).toEqual([]);
    expect(await whole.records('staging')).toHaveLength(1);
    expect((await whole.history(staging)).at(-1)!.state).toBe('stable');
  });

  it('a removal ends what is known: nothing is Stable, live or blocked after it, also if it did not end', async () => {
    for (const kinds of [['removal'], ['removal', 'removed']] as const) {
      const { preview } = world();
      await deployed(preview, 1);
      expect((await new EnvironmentHistory(preview, 'preview-7').stable())?.release.sha).toBe(SHA);
      for (const kind of kinds) await preview.create(record(kind, 2));
      const history = new EnvironmentHistory(preview, 'preview-7');
      expect([await history.stable(), await history.newest(), await history.open()]).toEqual([undefined, undefined, undefined]);
      expect(await preview.records('preview-7', { sha: SHA })).toEqual([]);
      await deployed(preview, 3);
      expect((await new EnvironmentHistory(preview, 'preview-7').stable())?.release.sha).toBe(SHA);
    }
  });

  it('a removal ends nothing that a newer run recorded before it: it gives way to that run, and locks no one out', async () => {
    const { preview } = world([2], 3);
    await deployed(preview, 1);
    await deployed(preview, 3);
    await preview.create(record('removal', 2));
    expect((await preview.records('preview-7')).map(({ run }) => run.id)).toEqual([3]);
    const all = await preview.allRecords();
    expect(whyDue({}, all, { isOpen: true, labels: [] }, 0)).toBeUndefined();
    expect(whyDue({}, all, { isOpen: false, labels: [] }, 0)).toContain('closed');
  });

  it('a run that removes it locks others out until it is over', async () => {
    const alive = [2];
    const { preview } = world(alive);
    await deployed(preview, 1);
    await preview.create(record('removal', 2));
    await expect(preview.records('preview-7')).rejects.toThrow('preview-7 is being removed by run 2');
    alive.pop();
    expect(await preview.records('preview-7')).toEqual([]);
  });
});

describe('when a preview is due', () => {
  const at = (kind: RecordKind, id: number) => (
    { ...record(kind, id), id: String(id), createdAt: new Date(id * 1000).toISOString() } as LedgerRecord
  );
  const open = { isOpen: true, labels: ['preview'] };
  const options = { label: 'preview', expiresAfterMs: 10_000 };

  it('every list of up to four records: something is left exactly if the newest is not `removed`, and something was deployed', () => {
    const kinds: RecordKind[] = ['deploy', 'removal', 'removed'];
    let lists: RecordKind[][] = [[]];
    for (let length = 0; length < 4; length++) {
      for (const list of lists) {
        const newestFirst = list.map((kind, i) => at(kind, list.length - i));
        const isThere = list.length > 0 && list[0] !== 'removed' && list.includes('deploy');
        expect([list, isLeft(newestFirst)]).toEqual([list, isThere]);
        expect(whyDue(options, newestFirst, { ...open, isOpen: false }, 0) !== undefined).toBe(isThere);
        expect(whyDue(options, newestFirst, open, 0) !== undefined).toBe(isThere && list[0] === 'removal');
      }
      lists = lists.flatMap((list) => kinds.map((kind) => [...list, kind]));
    }
  });

  it('closed, without its label, expired, or of no pull request', () => {
    const records = [at('deploy', 5)];
    expect(whyDue(options, records, open, 14_999)).toBeUndefined();
    expect(whyDue(options, records, open, 15_001)).toContain('it was deployed more than 10 s ago');
    expect(whyDue(options, records, { ...open, labels: [] }, 0)).toContain('does not have the label');
    expect(whyDue(options, records, { ...open, isOpen: false }, 0)).toContain('closed');
    expect(whyDue(options, records, undefined, 0)).toContain('no such pull request');
    expect(whyDue({}, records, { isOpen: true, labels: [] }, 1e12)).toBeUndefined();
  });

  it('expires by its last deployment', () => {
    const records = [at('deploy', 9), at('deploy', 5), at('removed', 3), at('deploy', 1)];
    expect(whyDue(options, records, open, 18_999)).toBeUndefined();
    expect(whyDue(options, records, open, 19_001)).toContain('it was deployed more than 10 s ago');
  });
});

describe('the manifest of a preview', () => {
  const template = { name: 'preview-{number}', url: 'https://pr-{number}.example.com', healthChecks: [{ name: 'a', url: 'https://pr-{number}.example.com/%7Bnumber%7D' }], variables: { A: 'x{number}' }, secrets: [] } as unknown as EnvironmentManifest;
  const manifest = { environments: [{ name: 'staging' }, { name: 'preview-3' }], previews: { environment: template } } as unknown as Manifest;

  it('the number is in its name, its URLs and its variables, and no other environment is in it', () => {
    const made = previewManifest(manifest, 'preview-12', {})!;
    expect(made.environments).toEqual([{
      ...template,
      name: 'preview-12',
      url: 'https://pr-12.example.com',
      healthChecks: [{ name: 'a', url: 'https://pr-12.example.com/12' }],
      variables: { A: 'x12', DELIVERY_PREVIEW: '12', DELIVERY_PREVIEW_URL: 'https://pr-12.example.com' },
    }]);
  });

  it.each(['staging', 'preview-3', 'preview-', 'preview-0', 'preview-01', 'preview-1e3', 'preview-12/../staging', 'preview-shared', 'preview-1234567890'])('%s is none', (name) => {
    expect(previewManifest(manifest, name, { DELIVERY_PULL_REQUEST: '12' })).toBeUndefined();
  });
});
