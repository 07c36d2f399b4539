/** A removal that ends at any of its steps: the next one finishes it, and nothing is ever recorded as removed that is still there. */
import { Target } from '../../../src';
import { removePreview } from '../../../src/runtime/commands/remove-preview';
import { RuntimeContext } from '../../../src/runtime/context';
import { EnvironmentLockedError } from '../../../src/runtime/errors';
import { AppendOptions, EventLog, NewEvent, NewStream, StreamQuery, StreamRef } from '../../../src/runtime/event-log/event-log';
import { Ledger } from '../../../src/runtime/ledger/ledger';
import { previewManifest } from '../../../src/runtime/previews/preview-context';
import { PreviewLedger } from '../../../src/runtime/previews/preview-ledger';
import { deliver, plainProject, synthesize } from '../../test-project';
import { MemoryEventLog } from '../event-log/memory-event-log';

class Crash extends Error {}

const SHA = 'a'.repeat(40);
const project = plainProject();
deliver(project, { target: Target.commands({ deploy: './deploy.sh', remove: './remove.sh' }), previews: { url: 'https://pr-{number}.example.com' } });
const manifest = previewManifest(synthesize(project).manifest, 'preview-7', {})!;

class World {
  public isThere = true;
  public readonly log = new MemoryEventLog();
  public readonly alive = new Set<number>();
  public steps = 0;
  private now = 0;
  /** Called after each step of a process: a crash comes between two steps. */
  public after: (step: number) => Promise<void> | void = () => undefined;

  public async deployed(): Promise<void> {
    await new Ledger({ eventLog: this.log, isAlive: async () => false }).create({
      environment: 'preview-7', kind: 'deploy', release: { version: SHA.slice(0, 7), sha: SHA }, strategy: 'redeploy', run: { id: 1, attempt: 1 }, processId: '1.1.a', by: 'octocat',
    }).then(async (record) => {
      const ledger = new Ledger({ eventLog: this.log, isAlive: async () => false });
      for (const state of ['deploying', 'verifying', 'baking', 'confirming', 'stable'] as const) await ledger.advance(record, { state, note: '', processId: '1.1.a' });
    });
  }

  /** The kinds of its records, oldest first. */
  public async kinds(): Promise<string[]> {
    const { streams } = await this.log.streams({ topic: 'deployment' });
    return streams.map(({ record }) => String(record.kind)).reverse();
  }

  public async remove(runId: number): Promise<number> {
    this.alive.add(runId);
    try {
      return await removePreview.run([this.context(runId)], { json: false, flags: {} });
    } finally {
      this.alive.delete(runId);
    }
  }

  public context(runId: number): RuntimeContext {
    const done = async <T>(work: Promise<T>): Promise<T> => {
      const result = await work;
      await this.after(++this.steps);
      return result;
    };
    const { log } = this;
    const eventLog: EventLog = {
      place: log.place,
      textLimit: log.textLimit,
      streams: (query: StreamQuery) => done(log.streams(query)),
      create: (stream: NewStream) => done(log.create(stream)),
      append: (stream: StreamRef, event: NewEvent, _: AppendOptions = {}) => done(log.append(stream, event)),
      read: (stream: StreamRef) => log.read(stream),
      notUnderstood: () => undefined,
    };
    const quiet = new Proxy({}, { get: () => () => undefined });
    return {
      manifest,
      environment: manifest.environments[0]!,
      run: { inCi: true, id: runId, attempt: 1, processId: `${runId}.1.a`, sha: SHA, actor: 'octocat', words: { noun: 'run', repeat: 'run it again', startNew: 'Start a new one', cancel: 'cancel it', title: (id: number) => `run ${id}` } },
      ci: { pullRequests: { find: async () => ({ isOpen: false, labels: [] }) } },
      ledger: new PreviewLedger({ eventLog, isAlive: async ({ id }) => this.alive.has(id) }, 'preview-7', () => runId),
      clock: {
        now: () => this.now,
        sleep: async (ms: number) => {
          this.now += ms;
        },
      },
      execute: () => done((async () => {
        this.isThere = false;
        return { outcome: 'succeeded', durationMs: 1 };
      })()),
      interrupted: new AbortController().signal,
      processEnv: {},
      mask: (text: string) => text,
      log: quiet,
      outputs: quiet,
    } as unknown as RuntimeContext;
  }
}

async function stepsOfOne(): Promise<number> {
  const world = new World();
  await world.deployed();
  expect(await world.remove(2)).toBe(0);
  expect(await world.kinds()).toEqual(['deploy', 'removal', 'removed']);
  expect(world.isThere).toBe(false);
  return world.steps;
}

it('a crash after each step: what is recorded as removed is gone, and the next removal finishes', async () => {
  const steps = await stepsOfOne();
  expect(steps).toBeGreaterThanOrEqual(6);
  for (let crash = 1; crash <= steps; crash++) {
    const world = new World();
    await world.deployed();
    world.after = (step) => {
      if (step === crash) throw new Crash();
    };
    await expect(world.remove(2)).rejects.toThrow(Crash);
    const isRecorded = (await world.kinds()).at(-1) === 'removed';
    expect([crash, isRecorded && world.isThere]).toEqual([crash, false]);
    world.after = () => undefined;
    expect(await world.remove(3)).toBe(0);
    expect([crash, world.isThere, (await world.kinds()).at(-1)]).toEqual([crash, false, 'removed']);
  }
});

it('a deployment that claims the preview after each step: either its claim stands and nothing is removed, or it reads that it must give way', async () => {
  const steps = await stepsOfOne();
  for (let at = 1; at < steps; at++) {
    const world = new World();
    await world.deployed();
    let hasGivenWay: boolean | undefined;
    let wasThere: boolean | undefined;
    world.after = async (step) => {
      if (step !== at) return;
      world.after = () => undefined;
      world.alive.add(9);
      const { ledger } = world.context(9);
      wasThere = world.isThere;
      await ledger.create({ environment: 'preview-7', kind: 'deploy', release: { version: 'b', sha: 'b'.repeat(40) }, strategy: 'redeploy', run: { id: 9, attempt: 1 }, processId: '9.1.a', by: 'octocat' });
      hasGivenWay = await ledger.records('preview-7').then(() => false, (error: unknown) => error instanceof EnvironmentLockedError);
    };
    const code = await world.remove(2).catch((error: unknown) => (error instanceof EnvironmentLockedError ? 'gave way' : Promise.reject(error as Error)));
    // a deployment that goes on was not removed under its hands
    if (wasThere && hasGivenWay === false) expect([at, code]).toEqual([at, 'gave way']);
    if (code === 0 && wasThere) expect([at, hasGivenWay]).toEqual([at, true]);
  }
});
