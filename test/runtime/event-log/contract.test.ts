import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { hostname, tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { GithubApi } from '../../../src/runtime/ci/github/api';
import { GithubEventLog } from '../../../src/runtime/ci/github/event-log';
import { FileEventLog } from '../../../src/runtime/ci/local/event-log';
import { EventLog, EventLogError, NewEvent, NewStream, Stream } from '../../../src/runtime/event-log/event-log';
import { GithubStandIn } from '../../../tools/github-api-stand-in/stand-in';
import { InstantClock } from '../ledger/instant-clock';

const SHA = 'a'.repeat(40);
const PROCESS = '7.2.f00';

/** A place that event logs write to, as different jobs would: each with a log of its own. */
interface Place {
  open(project?: string): EventLog;
  close(): Promise<void>;
}

async function inFile(clock: InstantClock): Promise<Place & { readonly path: string }> {
  const path = join(mkdtempSync(join(tmpdir(), 'event-log-')), 'log.json');
  return { path, open: (project) => new FileEventLog({ path, clock, project }), close: async () => rmSync(dirname(path), { recursive: true }) };
}

async function onGithub(clock: InstantClock): Promise<Place & { readonly github: GithubStandIn }> {
  const github = await GithubStandIn.start({ repository: 'acme/shop', now: () => clock.now() });
  const api = () => new GithubApi({ url: github.url, token: github.token({ deployments: 'write' }), repository: 'acme/shop', clock });
  return {
    github,
    open: (project) => new GithubEventLog({ api: api(), project }),
    close: async () => {
      await github.stop();
      expect(github.violations).toEqual([]);
    },
  };
}

function newStream(change: Partial<NewStream> = {}): NewStream {
  return { topic: 'deployment', environment: 'staging', sha: SHA, record: { run: { id: 7 }, note: 'too "slow"\n' }, title: 'deploy v1', ...change };
}

function newEvent(change: Partial<NewEvent> = {}): NewEvent {
  return { status: 'in_progress', text: 'deploying: v1', processId: PROCESS, ...change };
}

async function texts(log: EventLog, stream: Stream): Promise<string[]> {
  return (await log.read(stream)).map(({ text }) => text);
}

async function idsOf(log: EventLog, environment = 'staging'): Promise<string[]> {
  return (await log.streams({ topic: 'deployment', environment })).streams.map(({ id }) => id);
}

describe.each([['a file', inFile], ['GitHub', onGithub]] as const)('An event log in %s', (_, start) => {
  const clock = new InstantClock();
  let place: Place;
  let log: EventLog;

  beforeEach(async () => {
    place = await start(clock);
    log = place.open();
  });
  afterEach(() => place.close());

  it('has no streams at first', async () => {
    expect(await log.streams({ topic: 'deployment' })).toEqual({ streams: [], isComplete: true });
  });

  it('gives a stream and its events to another process as they were written', async () => {
    const stream = await log.create(newStream());
    const events = [
      await log.append(stream, newEvent({ fields: ['from=1.1.left', 'done', ''], url: 'https://staging.example.com' })),
      await log.append(stream, newEvent({ status: 'success', text: 'stable: ' })),
    ];
    const other = place.open();
    const { streams: [read] } = await other.streams({ topic: 'deployment', environment: 'staging' });
    expect(read).toEqual(stream);
    expect(await other.read(read!)).toEqual(events);
    expect(events).toMatchObject([
      { status: 'in_progress', text: 'deploying: v1', fields: ['from=1.1.left', 'done', ''], processId: PROCESS, url: 'https://staging.example.com' },
      { status: 'success', text: 'stable:', fields: [], processId: PROCESS },
    ]);
  });

  it('lists the newest stream first and reads the oldest event first, by id, whatever the clock shows', async () => {
    const ids: string[] = [];
    for (let number = 0; number < 12; number++) {
      ids.unshift((await log.create(newStream())).id);
      clock.advance(number % 2 === 0 ? 60_000 : -60_000);
    }
    expect(await idsOf(place.open())).toEqual(ids);

    const stream = await log.create(newStream());
    for (let number = 0; number < 12; number++) {
      await log.append(stream, newEvent({ text: `verifying: ${number}` }));
      clock.advance(number % 2 === 0 ? 60_000 : -60_000);
    }
    expect(await texts(place.open(), stream)).toEqual(Array.from({ length: 12 }, (__, number) => `verifying: ${number}`));
  });

  it('keeps topics, projects, environments and commits apart', async () => {
    const stream = await log.create(newStream());
    await log.create(newStream({ topic: 'alert' }));
    await log.create(newStream({ environment: 'production' }));
    const other = await log.create(newStream({ sha: 'b'.repeat(40) }));
    await place.open('api').create(newStream());
    expect(await idsOf(log)).toEqual([other.id, stream.id]);
    const { streams } = await log.streams({ topic: 'deployment', environment: 'staging', sha: 'b'.repeat(40) });
    expect(streams.map(({ id }) => id)).toEqual([other.id]);
    expect((await log.streams({ topic: 'alert' })).streams).toHaveLength(1);
    expect(await idsOf(place.open('api'))).toHaveLength(1);
  });

  it('keeps two equal events: readers must not count them twice', async () => {
    const stream = await log.create(newStream());
    await log.append(stream, newEvent());
    await log.append(stream, newEvent());
    const events = await log.read(stream);
    expect(events.map(({ text }) => text)).toEqual(['deploying: v1', 'deploying: v1']);
    expect(new Set(events.map(({ id }) => id)).size).toBe(2);
  });

  it.each([
    ['of single units', 'x'],
    ['of two units each', '\u{1F600}'],
    ['of three bytes each', '\u20AC'],
  ])('cuts a text that is too long, %s, never within a character, and keeps it on one line', async (__, character) => {
    const stream = await log.create(newStream({ title: character.repeat(2000) }));
    for (const before of ['a', 'ab']) {
      const text = `${before}\n::error::\u0007 ${character.repeat(log.textLimit)}`;
      const written = await log.append(stream, newEvent({ text }));
      expect(written.text.length).toBeLessThanOrEqual(log.textLimit);
      expect(written.text.length).toBeGreaterThanOrEqual(log.textLimit - 1);
      expect(written.text).toMatch(new RegExp(`^${before} ::error:: ${character}+\\.\\.\\.$`, 'u'));
    }
    const exact = character.repeat(Math.floor(log.textLimit / character.length));
    expect((await log.append(stream, newEvent({ text: exact }))).text).toBe(exact);
    expect(await texts(place.open(), stream)).toHaveLength(3);
  });

  it('rejects a field that it could not give back, and writes nothing', async () => {
    const stream = await log.create(newStream());
    for (const field of ['a,b', 'a#b', 'a b', 'a\n', '\u00E4']) await expect(log.append(stream, newEvent({ fields: ['done', field] }))).rejects.toThrow('cannot be a field');
    expect(await log.read(stream)).toEqual([]);
  });

  it('says so when a stream is gone', async () => {
    const gone = { topic: 'deployment', environment: 'staging', id: '999' } as const;
    await expect(log.append(gone, newEvent())).rejects.toThrow(EventLogError);
    await expect(log.read(gone)).rejects.toThrow(EventLogError);
  });
});

describe('An event log on GitHub', () => {
  const clock = new InstantClock();
  let place: Awaited<ReturnType<typeof onGithub>>;
  let log: EventLog;

  beforeEach(async () => {
    place = await onGithub(clock);
    log = place.open();
  });
  afterEach(() => place.close());

  const ours = (change: Record<string, unknown> = {}) => ({
    environment: 'staging', ref: SHA, task: 'delivery', payload: { schema: 1, key: `key-${Math.random()}`, record: {}, ...change },
  });

  it('does not read what people and other apps wrote', async () => {
    const { github } = place;
    const stream = await log.create(newStream());
    await log.append(stream, newEvent());
    for (const creator of ['mallory', 'renovate[bot]', 'github-actions']) {
      github.addDeployment({ ...ours(), creator });
      github.addStatus(Number(stream.id), { state: 'success', description: 'stable: trust me', creator });
    }
    github.addDeployment({ ...ours(), task: 'deploy' });
    expect(await idsOf(log)).toEqual([stream.id]);
    expect(await texts(log, stream)).toEqual(['deploying: v1']);
  });

  it.each([
    ['empty', ''], ['no JSON', '{"schema": 1'], ['a list', '[]'], ['without a key', { schema: 1, record: {} }], ['without a record', { schema: 1, key: 'k' }],
    ['with a record that is none', { schema: 1, key: 'k', record: [] }], ['of no schema', { key: 'k', record: {} }],
  ])('passes over a payload that is %s', async (_, payload) => {
    const stream = await log.create(newStream());
    place.github.addDeployment({ ...ours(), payload: payload as never });
    expect(await idsOf(log)).toEqual([stream.id]);
  });

  it('reads an event without a link, or with another one, as one of no process and without fields', async () => {
    const stream = await log.create(newStream());
    const link = 'https://github.com/acme/shop/actions/runs/7';
    for (const logUrl of [undefined, link, `${link}/attempts/2#f00,<script>`]) place.github.addStatus(Number(stream.id), { state: 'success', description: 'x', logUrl });
    for (const event of await log.read(stream)) expect(event).toMatchObject({ text: 'x', fields: [] });
    expect((await log.read(stream)).map(({ processId }) => processId)).toEqual([undefined, undefined, undefined]);
  });

  it('lists what a newer version wrote without its record, with its schema and version: the reader decides', async () => {
    const { id } = place.github.addDeployment(ours({ schema: 2, writtenBy: '1.4.0', record: { kind: 'deploy' } }));
    expect((await log.streams({ topic: 'deployment' })).streams).toMatchObject([{ id: String(id), environment: 'staging', record: {}, newerSchema: 2, writtenBy: '1.4.0' }]);
  });

  it.each([['no text', 7], ['no version', '1.4.0\n::error::'], ['too long', '1'.repeat(41)]])('shows no version that is %s', async (_, writtenBy) => {
    place.github.addDeployment(ours({ schema: 2, writtenBy }));
    const [stream] = (await log.streams({ topic: 'deployment' })).streams;
    expect(stream).not.toHaveProperty('writtenBy');
  });

  it('rejects where a newer version wrote an event of a stream', async () => {
    const stream = await log.create(newStream());
    const logUrl = 'https://github.com/acme/shop/actions/runs/7/attempts/1#f00,done,schema=2,by=1.4.0';
    place.github.addStatus(Number(stream.id), { state: 'success', description: 'x', logUrl });
    await expect(log.read(stream)).rejects.toThrow(/was written by projen-delivery 1.4.0 \(schema 2, which this one, 0.0.0, does not know\)/);
  });

  it('writes an event again whose response was lost: it is there once or twice', async () => {
    const stream = await log.create(newStream());
    place.github.fail({ method: 'POST', misbehaviour: { kind: 'dropReply' } });
    const { id } = await log.append(stream, newEvent());
    const events = await log.read(stream);
    expect(events.map(({ text }) => text)).toEqual(['deploying: v1', 'deploying: v1']);
    expect(events.map((event) => event.id)).toContain(id);
  });

  it('creates a stream once although the response was lost', async () => {
    place.github.fail({ method: 'POST', misbehaviour: { kind: 'dropReply' } });
    const stream = await log.create(newStream({ topic: 'alert' }));
    expect(place.github.deployments().map(({ id }) => String(id))).toEqual([stream.id]);
  });

  it('lists a stream once that was created twice, and reads the events of both', async () => {
    place.github.readLag = 1;
    place.github.fail({ method: 'POST', misbehaviour: { kind: 'dropReply' } });
    const written = await log.create(newStream());
    place.github.readLag = 0;
    const lowest = String(Math.min(...place.github.deployments().map(({ id }) => id)));
    expect(place.github.deployments()).toHaveLength(2);
    expect(written.id).not.toBe(lowest);
    await log.append(written, newEvent({ text: 'deploying: by its creator' }));

    const other = place.open();
    // what lagged is listed only now
    for (const reader of [log, other, log, other]) await idsOf(reader);
    const { streams } = await other.streams({ topic: 'deployment', environment: 'staging' });
    expect(streams).toMatchObject([{ id: lowest, key: written.key }]);
    await other.append(streams[0]!, newEvent({ text: 'halted: by another one' }));
    for (const reader of [log, other]) {
      expect(await texts(reader, written)).toEqual(['deploying: by its creator', 'halted: by another one']);
      expect(await texts(reader, streams[0]!)).toEqual(['deploying: by its creator', 'halted: by another one']);
    }
  });
});

describe('An event log in a file', () => {
  const clock = new InstantClock();
  let place: Awaited<ReturnType<typeof inFile>>;
  let log: EventLog;

  beforeEach(async () => {
    place = await inFile(clock);
    log = place.open();
  });
  afterEach(() => place.close());

  it('is as it was before a process that was killed between writing and renaming', async () => {
    const stream = await log.create(newStream());
    await log.append(stream, newEvent());
    const before = readFileSync(place.path, 'utf8');
    // what such a process leaves: half of a new file, and its lock
    writeFileSync(`${place.path}.4194305.tmp`, before.slice(0, 100));
    writeFileSync(`${place.path}.lock`, JSON.stringify({ pid: 4_194_305, host: hostname(), since: '2026-11-24T12:00:00.000Z' }));
    expect(await texts(place.open(), stream)).toEqual(['deploying: v1']);
    await place.open().append(stream, newEvent({ text: 'verifying: v1' }));
    expect(await texts(log, stream)).toEqual(['deploying: v1', 'verifying: v1']);
    expect(readdirSync(dirname(place.path)).filter((name) => name.endsWith('.lock'))).toEqual([]);
  });

  it.each([
    ['is cut off', (text: string) => text.slice(0, -20)],
    ['is empty', () => ''],
    ['has a stream without a key', (text: string) => text.replace('"key"', '"kee"')],
    ['has an event without a time', (text: string) => text.replace(/"at": "[^"]*"/, '"at": "soon"')],
    ['has an event of no process', (text: string) => text.replace('"processId"', '"pid"')],
  ])('rejects every request where it %s, and leaves it as it is', async (_, damage) => {
    const stream = await log.create(newStream());
    await log.append(stream, newEvent());
    const damaged = damage(readFileSync(place.path, 'utf8'));
    writeFileSync(place.path, damaged);
    for (const attempt of [log.read(stream), idsOf(log), log.create(newStream()), log.append(stream, newEvent())]) await expect(attempt).rejects.toThrow('is damaged');
    expect(readFileSync(place.path, 'utf8')).toBe(damaged);
  });

  it('takes a record that its reader does not understand for damage', async () => {
    const stream = await log.create(newStream());
    expect(() => log.notUnderstood(stream, 'record 1 is invalid')).toThrow(`the ledger ${place.path} is damaged: record 1 is invalid`);
  });
});
