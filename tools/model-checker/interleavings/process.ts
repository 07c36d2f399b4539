import { DecisionCode, Remembering } from './decision-code';
import { Counted, countedAfter, MEASURED_EVERY_MS, measuredStrategy, NOTHING_COUNTED } from './measured-canary';
import { CommandStep, ModelResponse, Dispatched, Ended, Measurement, ProcessSpec, Request, shaOf } from './request';
import { MANIFEST_SCHEMA, type EnvironmentManifest, type HealthCheckManifest, type Manifest } from '../../../src/contract/manifest';
import { GITHUB_WORDS } from '../../../src/runtime/ci/github/run';
import type { Log } from '../../../src/runtime/ci/log';
import { OUTCOMES } from '../../../src/runtime/ci/run';
import type { RuntimeContext } from '../../../src/runtime/context';
import type { Entry } from '../../../src/runtime/ledger/entries';
import type { Ledger } from '../../../src/runtime/ledger/ledger';
import type { LedgerRecord } from '../../../src/runtime/ledger/record';
import type { Outcome } from '../../../src/runtime/probing/observation';
import { hasSlots, hasWeights, strategyOf } from '../strategies';

interface Waiting {
  readonly request: Request;
  readonly give: (response: ModelResponse) => void;
  /** When a sleep is over. */
  readonly dueAt: number;
}

interface ProbedTarget {
  readonly release: { readonly version: string };
  readonly sharedWith?: readonly { readonly version: string }[];
  readonly url?: string;
}

/** What a command is run with. */
interface CommandOptions {
  readonly env: NodeJS.ProcessEnv;
  readonly signal?: AbortSignal;
  readonly capture?: { readonly output: (line: string) => void };
}

const ENVIRONMENT = 'production';
const SILENT: Log = {
  line: () => undefined,
  group: () => undefined,
  endGroup: () => undefined,
  progress: () => undefined,
  commandOutput: () => undefined,
  notice: () => undefined,
  warning: () => undefined,
  error: () => undefined,
};

/** The runtime's own code, run until it waits for something of the world outside; what it gets there is said by the caller. */
export class RunningProcess {
  public static async start(code: DecisionCode, spec: ProcessSpec): Promise<RunningProcess> {
    const running = new RunningProcess(code, spec);
    running.begin();
    await running.untilItWaits();
    return running;
  }

  public ended?: Ended;
  /** Set where it has just begun to read afresh: all that it remembers, but for what it wrote. */
  public memory?: string;
  /** `--recover` remembers the record that it found open first: it finishes nothing else. */
  private only?: string;
  /** The command that it ran last, where one phase has several: so it remembers which one comes next. */
  private ran?: string;
  /** What its last probe saw: an adoption looks at the ledger once before it probes, and once afterwards. */
  private probed = '';
  /** Whether it measures a canary. */
  public isOnTrial = false;
  /** What it has seen of the canary, and what was counted. */
  private tried = '';
  private counted: Counted = NOTHING_COUNTED;
  private readonly cancelled = new AbortController();
  private waiting: Waiting[] = [];
  private now = 1_000_000_000_000;
  private outputs: Record<string, string> = {};

  private constructor(private readonly code: DecisionCode, private readonly spec: ProcessSpec) {}

  public get requests(): Request[] {
    // beside a measurement others sleep, too: what is left of it shows which one is over first
    return this.waiting.map(({ dueAt, request }) => (request.kind === 'sleep' && this.isMeasured ? { ...request, ms: Math.max(0, dueAt - this.now) } : request));
  }

  private get isMeasured(): boolean {
    return this.spec.analysis !== undefined;
  }

  public async respond(index: number, response: ModelResponse): Promise<void> {
    this.memory = undefined;
    if ('cancelled' in response) {
      this.cancelled.abort();
      await this.untilItWaits();
      return;
    }
    const [waiting] = this.waiting.splice(index, 1);
    if ('sleptMs' in response) this.now += response.sleptMs;
    // the ledger's own: frozen, so that processes can share it
    waiting.give(response);
    if ('sleptMs' in response && this.isMeasured) this.wakeUp();
    await this.untilItWaits();
  }

  /** Processes that sleep until the same moment go on together. */
  private wakeUp(): void {
    const isOver = ({ dueAt, request }: Waiting) => request.kind === 'sleep' && dueAt <= this.now;
    const over = this.waiting.filter(isOver);
    this.waiting = this.waiting.filter((one) => !isOver(one));
    for (const { give } of over) give({ sleptMs: 0 });
  }

  private begin(): void {
    const { code, spec } = this;
    const command = code.commands[spec.command];
    const given = { environment: ENVIRONMENT, release: spec.release, json: false, flags: spec.flags };
    command.run([this.context()], given).then(
      (exitCode) => { this.ended = { code: exitCode, outputs: this.outputs }; },
      (error: unknown) => { this.ended = { ...this.explain(error), outputs: this.outputs }; },
    );
  }

  private get adopts(): boolean {
    return ['adopt', 'resolve'].includes(this.spec.command);
  }

  /** As `main.ts` does. */
  private explain(error: unknown): Pick<Ended, 'code' | 'fault'> {
    if (error instanceof this.code.configurationError) return { code: 2 };
    if (error instanceof this.code.leaseLostError) return { code: 2 };
    if (error instanceof this.code.environmentLockedError || error instanceof this.code.eventLogError) return { code: 1 };
    return { code: 1, fault: error instanceof Error ? error.stack ?? error.message : String(error) };
  }

  /** Everything that can go on goes on: only microtasks are left between two requests. */
  private async untilItWaits(): Promise<void> {
    for (let turn = 0; turn < 100; turn++) {
      await new Promise((done) => setImmediate(done));
      if (this.ended !== undefined || this.waiting.length > 0) return;
    }
    throw new Error(`${this.spec.name} neither waits for anything nor ends`);
  }

  private send(request: Request, signal?: AbortSignal): Promise<ModelResponse> {
    return new Promise((give, reject) => {
      const waiting: Waiting = { request, give, dueAt: request.kind === 'sleep' ? this.now + request.ms : 0 };
      if (request.kind === 'measure') this.isOnTrial = true;
      if (request.kind === 'command' || request.kind === 'advance') this.isOnTrial = false;
      this.waiting.push(waiting);
      signal?.addEventListener('abort', () => {
        this.waiting = this.waiting.filter((other) => other !== waiting);
        if (request.kind === 'sleep') give({ sleptMs: 0 });
        else reject(new Error('aborted'));
      }, { once: true });
    });
  }

  private context(): RuntimeContext {
    const { spec } = this;
    const environment = environmentOf(spec);
    const manifest: Manifest = { schema: MANIFEST_SCHEMA, runtime: { version: '0.0.0', sha256: '' }, environments: [environment] };
    const made = {
      manifest,
      environment,
      requestedRelease: spec.release,
      run: {
        inCi: true,
        words: GITHUB_WORDS,
        id: spec.runId,
        attempt: spec.attempt,
        processId: processIdOf(spec),
        sha: shaOf(spec.version),
        ref: { type: 'tag', name: spec.version },
        actor: 'octocat',
        url: 'https://example.com',
        deployed: spec.deployed === 'success',
        outcome: OUTCOMES.find((outcome) => outcome === spec.state),
      },
      ledger: this.ledger(),
      clock: {
        now: () => this.now,
        sleep: async (ms: number, signal?: AbortSignal) => {
          if (!signal?.aborted) await this.send({ kind: 'sleep', ms }, signal);
        },
      },
      log: SILENT,
      outputs: { set: (values: Record<string, string>) => { Object.assign(this.outputs, values); }, summary: () => undefined },
      mask: (text: string) => text,
      json: false,
      print: () => undefined,
      probe: (_: HealthCheckManifest, target: ProbedTarget, signal?: AbortSignal) => this.probe(target, signal),
      ci: { artifacts: { exists: async () => true } },
      root: '/',
      directory: '/',
      processEnv: {},
      // only the watch starts a workflow
      dispatch: async (dispatch: Dispatched) => { await this.send({ kind: 'dispatch', ...dispatch }); },
      execute: async (command: { kind: string; argv: string[] }, options: CommandOptions) => {
        const { env } = options;
        if (options.signal?.aborted) return { outcome: 'interrupted', durationMs: 0 };
        // the target's commands are programs
        if (command.kind === 'bash') return this.measure(options);
        this.tried = '';
        const isDone = await this.command({
          command: command.argv[0],
          version: env.DELIVERY_VERSION ?? '',
          slot: env.DELIVERY_SLOT,
          leaving: env.DELIVERY_ROLLBACK_FROM,
          ...(env.DELIVERY_WEIGHT !== undefined && { weight: Number(env.DELIVERY_WEIGHT) }),
        });
        if (!isDone) return { outcome: 'failed', exitCode: 1, durationMs: 0 };
        if (spec.around || hasWeights(spec.strategy)) this.ran = `${command.argv[0]} ${env.DELIVERY_WEIGHT ?? ''}`;
        return { outcome: 'succeeded', durationMs: 0 };
      },
      interrupted: this.cancelled.signal,
    };
    return made as unknown as RuntimeContext;
  }

  /** Step by step. Returns whether the target did not refuse it. */
  private async command(first: CommandStep): Promise<boolean> {
    for (let step = first; ;) {
      const response = await this.send({ kind: 'command', ...step });
      if (!('more' in response)) return !('refused' in response);
      step = { ...first, step: response.more };
    }
  }

  private async probe({ release, sharedWith, url }: ProbedTarget, signal?: AbortSignal) {
    const response = await this.send({ kind: 'probe', version: release.version, slot: url, ...(sharedWith && { sharedWith: sharedWith[0].version }) }, signal) as { outcome: Outcome };
    this.probed = `${release.version} ${response.outcome}`;
    this.tried += this.isMeasured ? ` ${url ?? ''} ${this.probed}` : '';
    return { startedAt: this.now, endedAt: this.now, outcome: response.outcome, saw: response.outcome };
  }

  /** Prints the counters. A signal ends the command. */
  private async measure({ capture, env, signal }: CommandOptions) {
    const isFirst = this.counted === NOTHING_COUNTED;
    try {
      const { measured } = await this.send({ kind: 'measure', version: env.DELIVERY_VERSION ?? '', isFirst }, signal) as { measured: Measurement };
      this.counted = countedAfter(this.counted, measured);
      this.tried += ` ${measured}`;
      capture?.output(JSON.stringify(this.counted));
      return { outcome: 'succeeded', durationMs: 0 };
    } catch {
      return { outcome: 'interrupted', durationMs: 0 };
    }
  }

  private ledger(): Pick<Ledger, 'advance' | 'create' | 'history' | 'isAlive' | 'place' | 'records'> & Remembering {
    const exchange = async <T extends ModelResponse>(request: Request): Promise<T> => {
      const response = await this.send(request);
      if ('ledgerFault' in response) throw new this.code.eventLogError(response.ledgerFault);
      return response as T;
    };
    return {
      place: 'the model',
      remembers: (memory) => {
        // the watch compares what it reads with what it read before
        if (this.spec.command !== 'watch') this.memory = `${memory} ${this.only ?? ''} ${this.ran ?? ''} ${this.adopts ? this.probed : ''}${this.tried}`;
      },
      found: (recordId) => {
        if (this.spec.flags.recover) this.only ??= recordId;
      },
      // page by page, and no further than it wants to know
      records: async (_, { sha, isEnough } = {}) => {
        const all = (await exchange<{ records: LedgerRecord[] }>({ kind: 'records' })).records.filter(({ release }) => !sha || release.sha === sha);
        const enough = all.findIndex((_record, index) => isEnough?.(all.slice(0, index + 1)));
        return enough < 0 ? all : all.slice(0, enough + 1);
      },
      history: async (record) => [...(await exchange<{ entries: Entry[] }>({ kind: 'history', record })).entries],
      create: async (record) => (await exchange<{ created: LedgerRecord }>({ kind: 'create', record })).created,
      advance: async (record, entry) => { await exchange({ kind: 'advance', record, entry }); },
      isAlive: async ({ id, attempt }) => (await exchange<{ alive: boolean }>({ kind: 'isAlive', run: { id, attempt } })).alive,
    };
  }
}

export function processIdOf({ runId, attempt, name }: ProcessSpec): string {
  return `${runId}.${attempt}.${name}`;
}

/** One response is a row: what counts responses is proved elsewhere, here the order of steps is. */
function environmentOf({ strategy: kind, around, frozen, analysis }: Pick<ProcessSpec, 'strategy' | 'around' | 'frozen' | 'analysis'>): EnvironmentManifest {
  // a step is probed when it is measured
  const intervalMs = analysis ? MEASURED_EVERY_MS : 1000;
  return {
    name: ENVIRONMENT,
    url: 'https://example.com',
    trigger: { kind: 'tag', pattern: 'v*' },
    variables: {},
    secrets: [],
    strategy: { ...(analysis ? measuredStrategy(analysis) : strategyOf(kind, '{slot}')._definition.manifest), bakeMs: 0, commandTimeoutMs: 1000 },
    target: {
      deploy: { kind: 'exec', argv: ['deploy'] },
      ...(hasWeights(kind) && { setWeight: { kind: 'exec', argv: ['setWeight'] } }),
      ...(hasSlots(kind) && !hasWeights(kind) && { promote: { kind: 'exec', argv: ['promote'] } }),
    },
    ...(around && { beforeDeploy: { kind: 'exec', argv: ['beforeDeploy'] }, afterPromote: { kind: 'exec', argv: ['afterPromote'] } }),
    healthChecks: [{
      kind: 'http',
      name: 'health',
      url: 'https://example.com/health',
      intervalMs,
      timeoutMs: 1000,
      successThreshold: 1,
      failureThreshold: 1,
      deadlineMs: intervalMs,
      status: [{ first: 200, last: 299 }],
      json: [],
      headers: [],
      requestHeaders: {},
      secretRequestHeaders: {},
      maxRedirects: 0,
      release: { kind: 'json', path: 'version' },
    }],
    freezes: frozen ? [{ kind: 'between', from: '2000-01-01T00:00', until: '2090-01-01T00:00', timeZone: 'UTC' }] : [],
  };
}
