import { PreviewCode } from './preview-code';
import { Actor, PlannedFault, Turns } from './turns';
import { Manifest, SHARED_PREVIEW } from '../../../src/contract/manifest';
import { COMMENT, COMMIT } from '../../../src/contract/outputs';
import { INPUT } from '../../../src/contract/workflows';
import { CiDispatch, CiPullRequests } from '../../../src/runtime/ci/ci-runtime';
import { GITHUB_WORDS } from '../../../src/runtime/ci/github/run';
import { RuntimeContext } from '../../../src/runtime/context';
import { EventLog, NewStream, RunAttempt, StreamRef } from '../../../src/runtime/event-log/event-log';
import { RecordKind } from '../../../src/runtime/ledger/record';
import { Prober } from '../../../src/runtime/probing/probe';
import { MemoryEventLog } from '../../../test/runtime/event-log/memory-event-log';

export const [A, B, C] = ['a', 'b', 'c'].map((digit) => digit.repeat(40)) as [string, string, string];

/** A pull request, as GitHub has it. */
export interface Pull {
  isOpen: boolean;
  head: string;
  labels: readonly string[];
}

/** What a job of preview.yml runs. */
export interface Job {
  readonly run: number;
  /** @default 1 */
  readonly attempt?: number;
  /** `removeIfDue`: as the sweep starts it. `remove`: by hand. `closed`: as the event of a pull request starts it. */
  readonly what: 'deploy' | 'deployFork' | 'remove' | 'removeIfDue' | 'closed' | 'sweep';
  /** The pull request. */
  readonly number?: number;
  /** The commit that its event names. */
  readonly sha?: string;
  /** Whether the event gave the pull request the label of the shared preview. */
  readonly takes?: boolean;
}

/** What became of a job. */
export interface Ended {
  readonly job: Job;
  readonly actor: Actor;
  /** The commit that is checked out. */
  sha: string;
  /** The commit that the first job recorded. */
  begun?: string;
  /** Called when its run is over. */
  onOver?: () => void;
  /** Whether GitHub believes that its machine is gone. It may go on all the same: then it writes records, but no command of it is looked at. */
  isGivenUp?: boolean;
  code?: number;
  error?: string;
  comment?: string;
}

/** The pull requests of a repository, their previews, and the jobs that work on them. */
export class PreviewWorld {
  public readonly turns = new Turns();
  public readonly pulls = new Map<number, Pull>();
  /** By environment: the commit that it serves, or what a command that did not end left. */
  public readonly served = new Map<string, string>();
  public readonly jobs: Ended[] = [];
  /** What must never be. */
  public readonly faults: string[] = [];
  /** Removals that the sweep started: they begin when the scenario lets them. */
  public readonly dispatched: Job[] = [];
  /** Faults of the process with this run and attempt: `3.1`. */
  public readonly planned = new Map<string, PlannedFault>();
  private readonly log = new MemoryEventLog();
  private readonly writes: string[] = [];
  private readonly over = new Set<string>();
  private readonly busy = new Map<string, Job>();
  /** When records were made that are not of long ago, by their id. */
  private readonly madeAt = new Map<string, string>();
  private nextRun = 100;

  constructor(private readonly code: PreviewCode, private readonly manifest: Manifest) {}

  /** GitHub, or a person: not a process of ours. */
  public actor(name: string): Actor {
    const actor = new Actor(name, this.turns, (what) => new this.code.eventLogError(`GitHub did not ${what}`));
    this.turns.actors.push(actor);
    return actor;
  }

  /** Everything that decides what happens next. */
  public get key(): string {
    const { over, pulls, served, turns, writes } = this;
    return JSON.stringify([turns.key, writes, [...over], [...pulls], [...served], this.dispatched.length]);
  }

  /** Likewise, when all jobs are over. */
  public get endKey(): string {
    return JSON.stringify([this.writes, [...this.pulls], [...this.served], this.jobs.map(({ job, code, comment }) => [job, code, comment])]);
  }

  public get isShared(): boolean {
    return this.manifest.previews!.isShared ?? false;
  }

  public nameOf(number: number): string {
    return this.isShared ? SHARED_PREVIEW : `preview-${number}`;
  }

  /** Records a deployment of long ago, which is healthy. */
  public async deployed(number: number, sha: string, run = 1): Promise<void> {
    const environment = this.nameOf(number);
    const ledger = new this.code.ledger({ eventLog: this.log, isAlive: async () => false });
    const processId = `${run}.1.a`;
    const record = await ledger.create({
      environment, kind: 'deploy', release: { version: sha.slice(0, 7), sha }, strategy: 'redeploy', run: { id: run, attempt: 1 }, processId, by: 'octocat', reason: `pull request ${number}`,
    });
    for (const state of ['deploying', 'verifying', 'baking', 'confirming', 'stable'] as const) await ledger.advance(record, { state, note: '', processId });
    this.served.set(environment, sha);
    this.over.add(`${run}.1`);
  }

  /** The records of an environment, newest first. */
  public async records(environment: string): Promise<{ readonly kind: RecordKind; readonly run: number }[]> {
    const { streams } = await this.log.streams({ topic: 'deployment', environment });
    return streams.map(({ record }) => {
      const { kind, run } = record as { readonly kind: RecordKind; readonly run: RunAttempt };
      return { kind, run: run.id };
    });
  }

  /** A job begins. */
  public begin(job: Job): Ended {
    const { attempt = 1, run, what } = job;
    const actor = this.actor(`run ${run}${attempt > 1 ? `.${attempt}` : ''} ${what}`);
    actor.planned = this.planned.get(`${run}.${attempt}`);
    const ended: Ended = { job, actor, sha: job.sha ?? C };
    this.jobs.push(ended);
    const flags = { ...(['removeIfDue', 'closed'].includes(what) && { 'if-due': 'true' }) };
    const start = () => (what.startsWith('deploy') ? this.deploy(ended) : this.commandOf(job).run([this.contextOf(ended)], { json: false, flags }));
    void start().then((code) => {
      ended.code = code;
    }, (error: unknown) => {
      ended.code = 1;
      ended.error = error instanceof Error ? `${error.name}: ${error.message}` : String(error);
    }).then(() => actor.do('its run is over', () => this.end(ended)));
    return ended;
  }

  /** Its run is over, whatever its process does. */
  public end(ended: Ended): void {
    const { actor, job } = ended;
    actor.isOver = true;
    ended.onOver?.();
    this.over.add(`${job.run}.${job.attempt ?? 1}`);
    for (const [environment, other] of this.busy) if (other === job) this.busy.delete(environment);
  }

  /** All go on until nothing is left to do, one after the other. */
  public async finish(): Promise<void> {
    for (;;) {
      for (const ended of this.jobs) if (ended.actor.isDead && !ended.actor.isOver) this.end(ended);
      const [first] = await this.turns.choices();
      if (!first) return;
      await first.go();
    }
  }

  /** The schedule comes round, and the removals that it starts run. */
  public async sweep(): Promise<void> {
    this.begin({ run: ++this.nextRun, what: 'sweep' });
    await this.finish();
    await this.beginDispatched();
  }

  /** What a sweep has started. */
  public async beginDispatched(): Promise<void> {
    for (const job of this.dispatched.splice(0)) {
      this.begin(job);
      await this.finish();
    }
  }

  /** Three jobs of one run: the second has a machine of its own, and no token that writes. The last one also follows a cancelled one. */
  private async deploy(ended: Ended): Promise<number> {
    const { beginPreview, finishPreview } = this.code;
    const { actor, job: { number } } = ended;
    const given = { json: false, flags: {} };
    const code = await beginPreview.run([this.contextOf(ended)], given);
    if (ended.begun === undefined) return code;
    ended.sha = ended.begun;
    const { outcome } = await this.execute(ended, this.nameOf(number!), actor.interrupted.signal) as { readonly outcome: string };
    const result = { succeeded: 'success', interrupted: 'cancelled' }[outcome] ?? 'failure';
    const finished = await finishPreview.run([this.contextOf(ended, result)], given);
    return result === 'success' ? finished : 1;
  }

  private commandOf({ what }: Job): PreviewCode['removePreview'] {
    return what === 'sweep' ? this.code.sweepPreviews : this.code.removePreview;
  }

  /** @param result of the job that deploys, for the one behind it */
  private contextOf(ended: Ended, result?: string): RuntimeContext {
    const { actor, job: { attempt = 1, number, run, takes = false, what }, sha } = ended;
    const interrupted = result === undefined ? actor.interrupted.signal : new AbortController().signal;
    const name = number === undefined ? undefined : this.nameOf(number);
    const manifest = name === undefined ? this.manifest : this.code.previewManifest(this.manifest, name, { DELIVERY_PULL_REQUEST: String(number) })!;
    const isAlive = ({ id, attempt: of }: RunAttempt) => actor.do(`is run ${id} alive`, () => !this.over.has(`${id}.${of}`), { canFail: true });
    const options = { eventLog: this.eventLogOf(actor, name), isAlive };
    const isPull = what === 'deploy' || what === 'closed';
    const quiet = new Proxy({}, { get: () => () => undefined });
    return {
      manifest,
      environment: manifest.environments[0]!,
      run: { inCi: true, id: run, attempt, processId: `${run}.${attempt}.${result === undefined ? 'a' : 'b'}`, sha, actor: 'octocat', deployed: result === 'success', words: GITHUB_WORDS },
      ci: {
        pullRequests: this.pullRequestsOf(actor),
        ...(isPull && { pullRequest: { number, base: 'main' } }),
        dispatch: this.dispatchOf(actor),
      },
      ledger: name === undefined ? new this.code.ledger(options) : new this.code.previewLedger(options, name, () => run),
      clock: actor.clock,
      execute: (_: unknown, { signal }: { readonly signal?: AbortSignal }) => this.execute(ended, name!, signal ?? interrupted),
      probe: this.proberOf(actor),
      interrupted,
      processEnv: { DELIVERY_COMMIT: sha, DELIVERY_DEPLOYED: result, DELIVERY_PULL_REQUEST: String(number), DELIVERY_TAKES_PREVIEW: String(takes) },
      mask: (text: string) => text,
      artifacts: quiet,
      directory: '/',
      log: quiet,
      outputs: {
        set: ({ [COMMENT]: comment, [COMMIT]: commit }: Record<string, string>) => {
          ended.begun = commit ?? ended.begun;
          ended.comment = comment ?? ended.comment;
        },
        summary: () => undefined,
      },
    } as unknown as RuntimeContext;
  }

  private eventLogOf(actor: Actor, own: string | undefined): EventLog {
    const { log, writes } = this;
    const write = (what: string, environment: string) => {
      writes.push(`${actor.name} ${what}`);
      if (environment !== own) this.faults.push(`${actor.name} writes to ${environment}`);
    };
    return {
      place: log.place,
      textLimit: log.textLimit,
      streams: (query) => actor.do('list the records', async () => {
        const { isComplete, streams } = await log.streams(query);
        return { isComplete, streams: streams.map((stream) => ({ ...stream, createdAt: this.madeAt.get(stream.id) ?? stream.createdAt })) };
      }, { canFail: true }),
      read: (stream) => actor.do('read a record', () => log.read(stream), { canFail: true }),
      create: (stream: NewStream) => actor.do(`record ${String(stream.record.kind)}`, async () => {
        write(`record ${String(stream.record.kind)}`, stream.environment);
        if (stream.record.kind === 'removed') this.checkGone(actor, stream.environment);
        const created = await log.create(stream);
        this.madeAt.set(created.id, new Date(this.turns.time).toISOString());
        return created;
      }, { canFail: true }),
      append: (stream: StreamRef, event) => actor.do(`record ${event.text}`, async () => {
        write(`${stream.id} ${event.text} ${event.fields?.join() ?? ''}`, stream.environment);
        return log.append(stream, event);
      }, { canFail: true }),
      notUnderstood: () => undefined,
    };
  }

  private checkGone(actor: Actor, environment: string): void {
    const served = this.served.get(environment);
    if (served !== undefined) this.faults.push(`${actor.name} records the removal, and ${environment} serves ${served.slice(0, 9)}`);
  }

  private pullRequestsOf(actor: Actor): CiPullRequests {
    return {
      find: (number) => actor.do('read the pull request', () => {
        const pull = this.pulls.get(number);
        return pull && { isOpen: pull.isOpen, labels: pull.labels };
      }, { canFail: true }),
      headOf: (number) => actor.do('read its head', () => this.pulls.get(number)?.head, { canFail: true }),
      comment: () => Promise.reject(new Error('the job of the comment is another one')),
    };
  }

  private dispatchOf(actor: Actor): CiDispatch {
    const url = 'https://github.com/acme/shop/actions/runs/1';
    return {
      runUrl: () => url,
      started: () => actor.do('list the runs', () => [], { canFail: true }),
      start: ({ inputs }) => actor.do('start a removal', () => {
        this.dispatched.push({ run: ++this.nextRun, what: 'removeIfDue', number: Number(inputs[INPUT.PULL_REQUEST]) });
        return { url };
      }, { canFail: true }),
    };
  }

  /** A command of the target: it has a beginning and an end, and a signal stops it half way. */
  private async execute(ended: Ended, environment: string, signal: AbortSignal): Promise<unknown> {
    const { actor, job, sha } = ended;
    const isDeploy = job.what.startsWith('deploy');
    const isBegun = await actor.do('the command begins', () => {
      if (signal.aborted) return false;
      if (ended.isGivenUp) actor.die();
      else this.beginCommand(ended, environment, isDeploy);
      return true;
    });
    if (!isBegun) return { outcome: 'interrupted', durationMs: 1 };
    return actor.do('the command ends', () => {
      if (ended.isGivenUp) {
        actor.die();
        return undefined;
      }
      this.busy.delete(environment);
      if (signal.aborted) return { outcome: 'interrupted', durationMs: 1 };
      if (isDeploy) this.served.set(environment, sha);
      else this.served.delete(environment);
      return { outcome: 'succeeded', durationMs: 1 };
    });
  }

  private beginCommand({ actor, job, sha }: Ended, environment: string, isDeploy: boolean): void {
    const other = this.busy.get(environment);
    if (other) this.faults.push(`${actor.name} runs a command while run ${other.run} does`);
    this.busy.set(environment, job);
    this.served.set(environment, `half ${isDeploy ? '' : 'removed '}${sha}`);
  }

  private proberOf(actor: Actor): Prober {
    return (check, { release: { sha } }) => actor.do('probe', () => {
      const environment = check.kind === 'http' ? this.environmentOf(check.url) : '';
      const served = this.served.get(environment);
      const outcome = served === sha ? 'healthy' : served === undefined || served.startsWith('half') ? 'unreachable' : 'unhealthy';
      return { startedAt: 0, endedAt: 0, outcome, saw: outcome, ...(outcome === 'healthy' && { release: sha }) };
    });
  }

  private environmentOf(url: string): string {
    const [, name = SHARED_PREVIEW] = /(preview-\d+)/.exec(url) ?? [];
    return name;
  }
}
