import { ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { hostname, tmpdir } from 'node:os';
import { join } from 'node:path';
import { build } from 'esbuild';
import { fileLedger } from '../../../../src/runtime/ci/open-ledger';
import { EventLogError } from '../../../../src/runtime/event-log/event-log';
import { InstantClock } from '../../ledger/instant-clock';
import { newRecord, TO_STABLE, write } from '../../ledger/records';

describe('The ledger in a file', () => {
  let folder: string;
  let path: string;
  let clock: InstantClock;
  const children: ChildProcess[] = [];

  beforeEach(() => {
    folder = mkdtempSync(join(tmpdir(), 'ledger-'));
    path = join(folder, 'ledger.json');
    clock = new InstantClock();
  });
  afterEach(async () => {
    for (const child of children.splice(0)) await kill(child);
    rmSync(folder, { recursive: true });
  });

  const open = () => fileLedger({ path, clock });

  async function failure(promise: Promise<unknown>): Promise<EventLogError> {
    const error = await promise.then(() => undefined, (reason: unknown) => reason);
    expect(error).toBeInstanceOf(EventLogError);
    return error as EventLogError;
  }

  describe('on the disk', () => {
    it('is one file that a person can read; beside it is only the room for what comes', async () => {
      await write(open(), {}, ...TO_STABLE);
      expect(readdirSync(folder)).toEqual(['ledger.json', 'ledger.json.reserve']);
      const content = JSON.parse(readFileSync(path, 'utf8')) as unknown;
      expect(content).toMatchObject({ schema: 1, lastId: 1, lastEventId: 5, lastRun: 0, streams: [{ id: '1', environment: 'staging', record: { kind: 'deploy' }, events: [{ text: 'deploying: now deploying' }, {}, {}, {}, { text: 'stable: now stable' }] }] });
      expect(readFileSync(path, 'utf8')).toContain('\n  "streams": [\n');
    });

    it('never gives an id twice, though records were removed by hand', async () => {
      await write(open(), {});
      await write(open(), {});
      const content = JSON.parse(readFileSync(path, 'utf8')) as { streams: unknown[] };
      writeFileSync(path, JSON.stringify({ ...content, streams: [] }));
      expect((await write(open(), {})).id).toBe('3');
    });

    it('keeps the order though the machine\'s clock is set back', async () => {
      const ledger = open();
      const first = await write(ledger, {}, 'deploying');
      clock.advance(-3_600_000);
      const second = await write(ledger, {}, 'deploying');
      expect((await ledger.records('staging')).map(({ id }) => id)).toEqual([second.id, first.id]);
    });

    it('numbers the runs of this machine one after the other, whatever its clock shows', async () => {
      clock.advance(4 * 365 * 86_400_000);
      await write(open(), { run: { id: await open().beginRun!(), attempt: 1 } });
      clock.advance(-4 * 365 * 86_400_000);
      expect(open().nextRun!()).toBe(2);
      expect([await open().beginRun!(), await open().beginRun!(), open().nextRun!()]).toEqual([2, 3, 4]);
      await write(open(), { run: { id: 7000, attempt: 1 } });
      expect(await open().beginRun!()).toBe(7001);
    });
  });

  describe('when the file is damaged', () => {
    const damages: [string, string, string][] = [
      ['is cut off', '{"schema": 1, "lastId": 2, "str', 'JSON'],
      ['is empty', '', 'JSON'],
      ['is something else', '[]', 'it has no schema'],
      ['is of another kind', '{"schema": 1, "lastId": 2}', 'it has no lastId, lastEventId, lastRun and streams'],
      ['has a record that is none', '{"schema": 1, "lastId": 1, "lastEventId": 0, "lastRun": 0, "streams": [{"id": "1"}]}', 'record 1 is invalid'],
    ];

    it.each(damages)('says so, and what to do, when it %s', async (_, content, reason) => {
      writeFileSync(path, content);
      for (const attempt of [open().records('staging'), open().create(newRecord())]) {
        const { message } = await failure(attempt);
        expect(message).toContain(`the ledger ${path} is damaged: `);
        expect(message).toContain(reason);
        expect(message).toContain('Restore it from a backup');
      }
      expect(readFileSync(path, 'utf8')).toBe(content);
      expect(readdirSync(folder)).toEqual(['ledger.json']);
    });

    it.each([
      ['no events', (stored: { events: unknown }) => { stored.events = undefined; }],
      ['a time that is none', (stored: { createdAt: string }) => { stored.createdAt = 'yesterday'; }],
      ['half a rollback point', (stored: { record: { stable: unknown } }) => { stored.record.stable = { recordId: '1' }; }],
      ['another environment than it is filed under', (stored: { environment: string; record: { environment: string } }) => { stored.record.environment = 'production'; }],
    ] as [string, (stored: object) => void][])('says which record has %s', async (_, damage) => {
      await write(open(), {});
      await write(open(), {});
      const content = JSON.parse(readFileSync(path, 'utf8')) as { streams: object[] };
      damage(content.streams[1]);
      writeFileSync(path, JSON.stringify(content));
      expect((await failure(open().records('staging'))).message).toContain('record 2 is invalid');
    });

    it('says which record has an entry of no known state', async () => {
      const record = await write(open(), {}, 'deploying', 'verifying');
      writeFileSync(path, readFileSync(path, 'utf8').replace('"verifying: ', '"verified: '));
      expect((await failure(open().history(record))).message).toContain('entry 2 of record 1 is invalid');
    });

    it('requires an update if a newer projen-delivery wrote it', async () => {
      writeFileSync(path, '{"schema": 2, "lastId": 1, "records": []}');
      expect((await failure(open().records('staging'))).message).toBe(
        `the ledger ${path} was written by a newer projen-delivery (schema 2, which this one, 0.0.0, does not know), so nothing is changed. Update projen-delivery on this branch and run \`npx projen\`.`,
      );
    });

    it('says where it cannot write or read', async () => {
      writeFileSync(join(folder, 'file'), '');
      expect((await failure(fileLedger({ path: join(folder, 'file', 'ledger.json'), clock }).create(newRecord()))).message)
        .toMatch(/the folder of the ledger .* could not be made \(E.*DELIVERY_LEDGER/);
      mkdirSync(join(folder, 'taken'));
      expect((await failure(fileLedger({ path: join(folder, 'taken'), clock }).records('staging'))).message)
        .toMatch(/the ledger .*taken could not be read \(EISDIR.*DELIVERY_LEDGER/);
    });
  });

  describe('when several processes write', () => {
    it('loses nothing, and gives every record an id of its own', async () => {
      const writer = await bundled('writer');
      const names = ['ada', 'bob', 'cy', 'dee'];
      const processes = await Promise.all(names.map((name) => started(writer, path, name, '12')));
      for (const child of processes) child.stdin!.write('go\n');
      const ledger = open();
      // a reader meanwhile never sees half a file
      while (processes.some((child) => child.exitCode === null && child.signalCode === null)) {
        await ledger.records('staging');
        await new Promise(setImmediate);
      }
      expect(processes.map(({ exitCode }) => exitCode)).toEqual([0, 0, 0, 0]);

      const records = await ledger.records('staging');
      expect(records.map(({ id }) => Number(id))).toEqual(Array.from({ length: 48 }, (_, index) => 48 - index));
      for (const name of names) {
        const runs = records.filter(({ by }) => by === name).map(({ run }) => run.id);
        expect(runs).toEqual(Array.from({ length: 12 }, (_, index) => 12 - index));
      }
      for (const record of records) expect((await ledger.history(record)).map(({ state }) => state)).toEqual(['pending', 'deploying', 'verifying']);
      expect(readdirSync(folder)).toEqual(['ledger.json', 'ledger.json.reserve', 'writer.js']);
    });

    it('takes over the lock of a process that is gone', async () => {
      const gone = await started(await bundled('holder'), path, 'staging');
      await kill(gone);
      writeFileSync(`${path}.lock`, JSON.stringify({ pid: gone.pid, host: hostname(), since: '2026-11-24T12:00:00.000Z' }));
      await write(open(), {}, ...TO_STABLE);
      expect(existsSync(`${path}.lock`)).toBe(false);
      expect(clock.waits).toEqual([]);
    });

    it('takes over the lock of a process that was killed and that nobody reaps, as in a container without an init', async () => {
      // `sleep` reaps no child
      const parent = spawn('sh', ['-c', 'sleep 600 & echo $!; exec sleep 600'], { stdio: ['pipe', 'pipe', 'inherit'] });
      children.push(parent);
      const [said] = await once(parent.stdout, 'data') as [Buffer];
      const pid = Number(said.toString());
      process.kill(pid, 'SIGKILL');
      const stateOf = () => /\) (\w)/.exec(readFileSync(`/proc/${pid}/stat`, 'utf8'))![1];
      while (stateOf() !== 'Z') await new Promise(setImmediate);
      expect(process.kill(pid, 0)).toBe(true);
      writeFileSync(`${path}.lock`, JSON.stringify({ pid, host: hostname(), since: '2026-11-24T12:00:00.000Z' }));
      await write(open(), {}, ...TO_STABLE);
      expect(clock.waits).toEqual([]);
    });

    // no system gives a process this number
    const gone = 2 ** 22 + 1;
    it.each([
      ['of a process that lives', { pid: process.pid, host: hostname() }, `process ${process.pid} on ${hostname()} since 2026-11-24T12:00:00.000Z. Wait until it is done.`],
      [
        'of another host, where it is unknown', { pid: gone, host: 'elsewhere' },
        `process ${gone} on elsewhere since 2026-11-24T12:00:00.000Z. Wait until it is done. This machine cannot see whether it still runs: only if it does not, `,
      ],
      ['that names nobody', undefined, 'an unnamed process. Wait until it is done. This machine cannot see whether it still runs: only if it does not, '],
    ])('waits for the lock %s, and at last says who has it', async (_, holder, who) => {
      writeFileSync(`${path}.lock`, holder ? JSON.stringify({ ...holder, since: '2026-11-24T12:00:00.000Z' }) : 'half a hol');
      const start = clock.now();
      const { message } = await failure(open().create(newRecord()));
      // deleting the lock of a process that works would let two work at once
      const end = who.endsWith('does not, ') ? `delete ${path}.lock (and ${path}.lock.stale if there is one).` : '';
      expect(message).toBe(`the ledger ${path} is in use by ${who}${end}`);
      expect(clock.now() - start).toBe(10_000);
      expect(existsSync(`${path}.lock`)).toBe(true);
    });

    it('writes as soon as the other process is done', async () => {
      writeFileSync(`${path}.lock`, 'half a hol');
      const waiting = clock.sleep.bind(clock);
      clock.sleep = async (ms) => {
        await waiting(ms);
        if (clock.waits.length === 3) rmSync(`${path}.lock`);
      };
      await open().create(newRecord());
      expect(clock.waits).toHaveLength(3);
    });

    it('leaves no lock behind when a change is rejected', async () => {
      await failure(open().advance({ ...newRecord(), id: '9', createdAt: '' }, { state: 'deploying', note: '' }));
      expect(existsSync(`${path}.lock`)).toBe(false);
    });
  });

  describe('when a process works on an environment', () => {
    it('keeps others off until it is done, and says who it is', async () => {
      const holder = await started(await bundled('holder'), path, 'staging');
      const { message } = await failure(open().hold!('staging'));
      expect(message).toContain(`the environment staging is in use by process ${holder.pid} on ${hostname()}`);
      const release = await open().hold!('production');
      await failure(open().hold!('production'));
      await release();
      await (await open().hold!('production'))();
      expect(readdirSync(folder).filter((name) => name.includes('production'))).toEqual([]);
    });

    it('does not keep others off once it is gone', async () => {
      await kill(await started(await bundled('holder'), path, 'staging'));
      const release = await open().hold!('staging');
      await release();
      expect(readdirSync(folder).filter((name) => name.includes('lock'))).toEqual([]);
    });
  });

  async function bundled(name: string): Promise<string> {
    const outfile = join(folder, `${name}.js`);
    await build({ entryPoints: [join(__dirname, `${name}.ts`)], outfile, bundle: true, platform: 'node', target: 'node20', logLevel: 'silent' });
    return outfile;
  }

  async function started(script: string, ...args: string[]): Promise<ChildProcess> {
    const child = spawn(process.execPath, [script, ...args], { stdio: ['pipe', 'pipe', 'inherit'] });
    children.push(child);
    await once(child.stdout, 'data');
    return child;
  }

  async function exited(child: ChildProcess): Promise<number | null> {
    if (child.exitCode === null && child.signalCode === null) await once(child, 'exit');
    return child.exitCode;
  }

  async function kill(child: ChildProcess): Promise<void> {
    child.kill('SIGKILL');
    await exited(child);
  }
});
