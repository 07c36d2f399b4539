import { EnvironmentManifest, Manifest, MANIFEST_SCHEMA } from '../../../src/contract/manifest';
import { GITHUB_WORDS } from '../../../src/runtime/ci/github/run';
import { Log } from '../../../src/runtime/ci/log';
import { Run } from '../../../src/runtime/ci/run';
import { Clock } from '../../../src/runtime/clock';
import { RuntimeContext } from '../../../src/runtime/context';
import { State } from '../../../src/runtime/deployment/state-machine';
import { Event, NewEvent, NewStream, RunAttempt, StreamList, StreamQuery, StreamRef } from '../../../src/runtime/event-log/event-log';
import { EnvironmentHistory } from '../../../src/runtime/ledger/history';
import { Ledger } from '../../../src/runtime/ledger/ledger';
import { LedgerRecord, NewRecord } from '../../../src/runtime/ledger/record';
import { Observation, Outcome } from '../../../src/runtime/probing/observation';
import { REDEPLOY_TIME_BUDGET } from '../../../src/strategies/redeploy';
import { VirtualClock } from '../../virtual-clock';
import { MemoryEventLog } from '../event-log/memory-event-log';
import { newRecord, pointerTo, release, TO_STABLE, write } from '../ledger/records';

export const SECOND = 1000;
export const V1 = release('v1', 'a');
export const V2 = release('v2', 'b');
export const V3 = release('v3', 'c');

/** An event log that a test can come between. */
class WatchedEventLog extends MemoryEventLog {
  public beforeCreate?: (stream: NewStream) => Promise<void>;
  /** May reject, as a place does that is out of order. */
  public beforeAppend?: (event: NewEvent) => Promise<void>;
  /** What a reader gets: late, never, or not all of it. */
  public onRead?: (events: Event[]) => Promise<Event[]>;
  /** For how long lists do not show what was written, in milliseconds. */
  public lagMs = 0;
  private readonly writtenAt = new Map<string, number>();

  constructor(private readonly clock: Clock) {
    super();
  }

  public override async streams(query: StreamQuery): Promise<StreamList> {
    const { streams, ...rest } = await super.streams(query);
    return { ...rest, streams: streams.filter(({ id }) => this.isShown(`stream ${id}`)) };
  }

  public override async create(stream: NewStream) {
    await this.beforeCreate?.(stream);
    const created = await super.create(stream);
    this.writtenAt.set(`stream ${created.id}`, this.clock.now());
    return created;
  }

  public override async append(ref: StreamRef, event: NewEvent): Promise<Event> {
    await this.beforeAppend?.(event);
    const written = await super.append(ref, event);
    this.writtenAt.set(`event ${written.id}`, this.clock.now());
    return written;
  }

  public override async read(ref: StreamRef): Promise<Event[]> {
    const events = (await super.read(ref)).filter(({ id }) => this.isShown(`event ${id}`));
    return this.onRead ? this.onRead(events) : events;
  }

  private isShown(what: string): boolean {
    return this.clock.now() - (this.writtenAt.get(what) ?? 0) >= this.lagMs;
  }
}

/** A command may write its result to a file: no time passes while that is read. */
class FilesClock extends VirtualClock {
  protected override async settle(): Promise<void> {
    do await super.settle();
    while (process.getActiveResourcesInfo().some((what) => what.startsWith('FSReq')));
  }
}

/** `staging` without processes or network: its target writes down its commands, and its service responds as a test says. */
export class InMemoryEnvironment {
  public readonly clock = new FilesClock(Date.UTC(2026, 0, 1));
  public readonly eventLog = new WatchedEventLog(this.clock);
  /** The runs that are not over. */
  public readonly alive = new Set<number>();
  public beganAt?: (id: number) => Promise<number | undefined>;
  /** Every command that ran, and every release that was probed, oldest first: `deploy v1`, `probe v1`. */
  public readonly done: string[] = [];
  public readonly warnings: string[] = [];
  public readonly outputs: Record<string, string> = {};
  /** How the releases respond. @default - healthy */
  public readonly outcomes: Record<string, Outcome> = {};
  public manifest: Manifest;
  /** Whether a run is not over. @default - as `alive` says */
  public isAlive: (run: RunAttempt) => Promise<boolean>;

  constructor(changes: Partial<EnvironmentManifest> = {}) {
    this.isAlive = async ({ id }) => this.alive.has(id);
    this.manifest = { schema: MANIFEST_SCHEMA, runtime: { version: '0.0.0', sha256: '' }, environments: [{ ...STAGING, ...changes }] };
  }

  public get ledger(): Ledger {
    const { beganAt, eventLog } = this;
    return new Ledger({ eventLog, isAlive: (run) => this.isAlive(run), ...(beganAt && { beganAt }) });
  }

  public get history(): EnvironmentHistory {
    return new EnvironmentHistory(this.ledger, 'staging');
  }

  /** What a process of this run knows. */
  public context(run: Pick<Run, 'id'> & Partial<Run>, changes: Partial<RuntimeContext> = {}): RuntimeContext {
    const { clock, done, ledger, manifest, outputs } = this;
    const attempt = run.attempt ?? 1;
    const made: Partial<RuntimeContext> = {
      clock,
      ledger,
      manifest,
      environment: manifest.environments[0],
      run: {
        inCi: true, attempt, processId: `${run.id}.${attempt}.ours`, sha: V2.sha, actor: 'ada', deployed: false, words: GITHUB_WORDS, ...run,
      },
      log: this.log(),
      outputs: { set: (values) => void Object.assign(outputs, values), summary: () => undefined },
      mask: (text) => text,
      json: false,
      print: () => undefined,
      probe: async (_, { release: { version } }) => this.observed(version),
      execute: async (command, { env }) => {
        done.push(`${command.kind === 'exec' ? command.argv.at(-1)! : command.line} ${env.DELIVERY_VERSION}`);
        return { outcome: 'succeeded', durationMs: 0 };
      },
      // all files are kept
      ci: { artifacts: { exists: async () => true } } as unknown as RuntimeContext['ci'],
      processEnv: { PATH: process.env.PATH },
      root: '/',
      directory: '/',
      interrupted: new AbortController().signal,
    };
    return { ...made, ...changes } as RuntimeContext;
  }

  /** A record that went through these states. */
  public record(change: Partial<NewRecord>, ...states: State[]): Promise<LedgerRecord> {
    const run = change.run ?? { id: 1, attempt: 1 };
    return write(this.ledger, { processId: `${run.id}.${run.attempt}.maker`, ...change, run }, ...states);
  }

  /** v1 is Stable, and a run that deployed v2 left it in the last of these states. */
  public async left(change: Partial<NewRecord>, ...states: State[]): Promise<LedgerRecord> {
    const stable = await this.record({ release: V1 }, ...TO_STABLE);
    return this.record({ release: V2, run: { id: 2, attempt: 1 }, stable: pointerTo(stable), ...change }, ...states);
  }

  public async statesOf(record: LedgerRecord): Promise<State[]> {
    return (await this.ledger.history(record)).map(({ state }) => state);
  }

  /** The environment's attempts, oldest first: `v1 stable`. */
  public async attempts(): Promise<string[]> {
    const records = (await this.ledger.records('staging')).reverse();
    return Promise.all(records.map(async (one) => `${one.release.version} ${(await this.statesOf(one)).at(-1)}`));
  }

  private observed(version: string): Observation {
    const [now, outcome] = [this.clock.now(), this.outcomes[version] ?? 'healthy'];
    this.done.push(`probe ${version}`);
    return { startedAt: now, endedAt: now, outcome, saw: outcome };
  }

  private log(): Log {
    const silent = () => undefined;
    const warning = (title: string) => void this.warnings.push(title);
    return { line: silent, group: silent, endGroup: silent, progress: silent, commandOutput: silent, notice: silent, warning, error: silent };
  }
}

/** A hold of a person, which stops the runs that began before it. */
export function hold(environment: InMemoryEnvironment, runId: number): Promise<LedgerRecord> {
  return environment.ledger.create(newRecord({ kind: 'hold', release: V1, run: { id: runId, attempt: 1 }, by: 'grace' }));
}

export const STAGING: EnvironmentManifest = {
  name: 'staging',
  url: 'https://example.com',
  trigger: { kind: 'tag', pattern: 'v*' },
  variables: {},
  secrets: [],
  strategy: { kind: 'redeploy', bakeMs: 2 * SECOND, commandTimeoutMs: 60 * SECOND, timeBudget: REDEPLOY_TIME_BUDGET },
  // a program that every machine has
  target: { deploy: { kind: 'exec', argv: ['env', 'deploy'] } },
  healthChecks: [{
    kind: 'http',
    name: 'health',
    url: 'https://example.com/health',
    intervalMs: SECOND,
    timeoutMs: SECOND,
    successThreshold: 1,
    failureThreshold: 1,
    deadlineMs: 10 * SECOND,
    status: [{ first: 200, last: 299 }],
    json: [],
    headers: [],
    requestHeaders: {},
    secretRequestHeaders: {},
    maxRedirects: 0,
    release: { kind: 'json', path: 'version' },
  }],
  freezes: [],
};
