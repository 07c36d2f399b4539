import { visibleAt } from './availability';
import { inputsOf, pullRequestOf, WorkflowEvent } from './event';
import { ExpressionRejected, holds, interpolate, resolve } from './expression';
import { GithubActions } from './github-actions';
import { concurrencyOf, LegRun } from './leg-run';
import { Leg, legsOf } from './matrix';
import { JobRecord, LegRecord, Result, RunEvent, RunRecord } from './run-event';
import { RunReport } from './run-report';
import { rejectUnsupported } from './unsupported';
import { ancestorsOf, Job, listOf, Workflow } from './workflow';

export interface WorkflowRunOptions {
  readonly actions: GithubActions;
  readonly workflow: Workflow;
  readonly event: WorkflowEvent;
  readonly runId: number;
  readonly attempt: number;
  /** The attempt before, and what of it is done again. */
  readonly previous?: { readonly record: RunRecord; readonly which: 'failed' | 'all' };
  readonly onEvent: (event: RunEvent) => void;
}

/** One attempt of a run of a workflow: decides about each job as soon as those it needs have ended. */
export class WorkflowRun {
  public readonly workflow: Workflow;
  public readonly event: WorkflowEvent;
  public readonly runId: number;
  public readonly attempt: number;
  /** What its `run-name` says, else what the workflow is called. */
  public readonly title: string;
  /** Everything that has happened so far. */
  public readonly events: RunEvent[] = [];
  /** Once it has ended. */
  public record: RunRecord | undefined;
  private readonly records = new Map<string, JobRecord>();
  private readonly jobs = new Map<string, Promise<JobRecord>>();
  private readonly legs = new Map<string, Set<LegRun>>();
  private readonly watchers = new Set<(event?: RunEvent) => void>();
  private readonly stopping = new AbortController();
  private readonly inputs: Record<string, string | boolean | number>;
  private readonly baseContexts: Record<string, unknown>;
  private readonly report: RunReport;
  private bound: NodeJS.Timeout | undefined;
  private isCancelled = false;
  private isOutOfTime = false;
  private hasEnded = false;

  /** Throws `WorkflowRefused`, or `UnacceptableInputs`. */
  constructor(private readonly options: WorkflowRunOptions) {
    rejectUnsupported(options.workflow, (job, step) => options.actions.replacementOf(job, step) !== undefined);
    this.workflow = options.workflow;
    this.event = options.event;
    this.runId = options.runId;
    this.attempt = options.attempt;
    const { vars, secrets } = options.actions;
    this.inputs = inputsOf(this.workflow, this.event);
    this.baseContexts = { github: this.github(), inputs: this.inputs, vars, secrets };
    const name = this.workflow.name ?? options.actions.fileOf(this.workflow);
    this.title = interpolate(this.workflow['run-name'] ?? '', visibleAt('runName', this.baseContexts)).trim() || name;
    this.report = new RunReport({
      api: options.actions.api,
      runId: this.runId,
      about: {
        attempt: this.attempt,
        path: options.actions.fileOf(this.workflow),
        name,
        displayTitle: this.title,
        event: this.event.name,
        headBranch: shortRef(this.event.ref),
        headSha: this.event.sha,
        actor: actorOf(this.event),
      },
    });
  }

  public async execute(): Promise<RunRecord> {
    const turn = await this.turn();
    if (turn !== 'cancelled') await Promise.all(Object.keys(this.workflow.jobs).map((id) => this.finished(id)));
    clearTimeout(this.bound);
    if (turn !== 'cancelled') turn?.end();
    this.hasEnded = true;
    this.watchers.forEach((notify) => notify());
    const jobs = Object.fromEntries(Object.keys(this.workflow.jobs).map((id) => [id, this.records.get(id) ?? new JobRecord(id, 'cancelled', {}, [])]));
    const conclusion = this.conclusion(Object.values(jobs));
    this.record = { runId: this.runId, attempt: this.attempt, conclusion, jobs };
    this.report.ended(conclusion);
    return this.record;
  }

  /**
   * What GitHub does when a person cancels the run: jobs whose `if` holds even now go on, the others get a signal to stop, those that
   * have not begun are decided about as ever (`always()` runs), and after 5 minutes everything is ended by force.
   *
   * @see https://docs.github.com/en/actions/reference/workflows-and-actions/workflow-cancellation
   */
  public cancel(): void {
    if (this.isCancelled || this.hasEnded) return;
    this.isCancelled = true;
    this.emit({ kind: 'cancelled' });
    this.stopping.abort();
    this.bound = setTimeout(() => this.runOutOfTime(), this.options.actions.times.cancelMs);
    for (const [id, legs] of this.legs) {
      if (!this.isDue(id)) legs.forEach((leg) => leg.cancel());
    }
  }

  /** The machine of a job vanishes: its processes die at once, no step of it runs any more, its outputs are lost. */
  public loseRunner(job: string): void {
    this.runningLegs(job).forEach((leg) => leg.forceEnd(this.options.actions.lostAs));
  }

  /**
   * The machine of a job loses its connection, and GitHub gives the job up as lost; but the machine, a self-hosted
   * one, lives on and goes through the job's steps as if nothing had happened. Resolves when it has done so.
   */
  public async loseContact(job: string): Promise<void> {
    await Promise.all([...this.runningLegs(job)].map((leg) => leg.loseContact(this.options.actions.lostAs)));
  }

  /** Resolves at the first event that fits, past or to come. Rejects when the run ends without one. */
  public until(fits: (event: RunEvent) => boolean): Promise<RunEvent> {
    const past = this.events.find(fits);
    if (past) return Promise.resolve(past);
    return new Promise((found, fail) => {
      const watch = (event?: RunEvent) => {
        if (event && !fits(event)) return;
        this.watchers.delete(watch);
        if (event) found(event);
        else fail(new Error('the run ended without what was waited for'));
      };
      this.watchers.add(watch);
      if (this.hasEnded) watch();
    });
  }

  private runningLegs(job: string): Set<LegRun> {
    const legs = this.legs.get(job);
    if (!legs?.size) throw new Error(`job ${job} has no runner to lose`);
    return legs;
  }

  private async turn() {
    const { concurrency } = this.workflow;
    if (concurrency === undefined) return undefined;
    const request = concurrencyOf(concurrency, visibleAt('workflowConcurrency', this.baseContexts));
    const turn = await this.options.actions.groups.turn({ ...request, cancel: () => this.cancel() }, this.stopping.signal, () => this.report.waits());
    return turn ?? 'cancelled';
  }

  private finished(id: string): Promise<JobRecord> {
    const known = this.jobs.get(id);
    if (known) return known;
    const finishing = this.finishJob(id).then((record) => {
      this.records.set(id, record);
      return record;
    });
    this.jobs.set(id, finishing);
    return finishing;
  }

  private async finishJob(id: string): Promise<JobRecord> {
    const before = this.options.previous?.record.jobs[id];
    if (before && !this.isRerun(id)) return this.kept(before);
    const job = this.workflow.jobs[id];
    await Promise.all(listOf(job.needs).map((need) => this.finished(need)));
    if (this.isOutOfTime) return new JobRecord(id, 'cancelled', {}, []);
    if (!this.isDue(id)) {
      this.report.skipped(job.name ?? id);
      this.emit({ kind: 'jobEnded', job: id, leg: id, result: 'skipped' });
      return new JobRecord(id, 'skipped', {}, []);
    }
    const legs = await this.runLegs(id, job).catch((error: unknown) => [unplanned(id, error)]);
    return new JobRecord(id, resultOf(legs), this.outputsOf(id, legs), legs);
  }

  private kept(record: JobRecord): JobRecord {
    if (record.legs.length === 0) this.report.kept(this.workflow.jobs[record.id].name ?? record.id, record.result);
    record.legs.forEach(({ name, result }) => this.report.kept(name, result));
    return record;
  }

  /** Whether the job's `if` holds, as the run stands now. */
  private isDue(id: string): boolean {
    const ancestors = [...ancestorsOf(this.workflow, id)].map((one) => this.records.get(one)!.result);
    return holds(this.workflow.jobs[id].if, visibleAt('jobIf', this.planning(id)), {
      always: () => true,
      cancelled: () => this.isCancelled,
      // not only what it needs itself: "applies to all jobs in the dependency chain from the point of failure or skip onwards"
      success: () => !this.isCancelled && ancestors.every((result) => result === 'success'),
      failure: () => ancestors.includes('failure'),
    });
  }

  private async runLegs(id: string, job: Job): Promise<LegRecord[]> {
    const contexts = this.planning(id);
    const visible = visibleAt('jobStrategy', contexts);
    const matrix = resolved(job.strategy?.matrix, visible) as Record<string, unknown> | undefined;
    const all = matrix ? legsOf(matrix) : [{}];
    const failFast = resolve(job.strategy?.['fail-fast'], visible) ?? true;
    const limit = Number(resolve(job.strategy?.['max-parallel'], visible) ?? all.length);
    const running = new Set<LegRun>();
    this.legs.set(id, running);
    let hasFailed = false;
    const run = async (leg: Leg, index: number): Promise<LegRecord> => {
      const strategy = { 'fail-fast': failFast, 'job-index': index, 'job-total': all.length, 'max-parallel': limit };
      const name = legName(id, job, leg, { ...contexts, matrix: leg, strategy });
      const kept = this.keptLeg(id, name);
      if (kept) {
        this.report.kept(name, kept.result);
        return kept;
      }
      const stopped = (hasFailed && failFast) || (this.isCancelled && !this.isDue(id)) || this.isOutOfTime;
      if (stopped) return { name, result: 'cancelled', outputs: {}, steps: [], log: '', summary: '', annotations: [] };
      const one = new LegRun({
        ...this.options, payload: this.payload(), id, job, name, contexts: { ...contexts, matrix: leg, strategy }, emit: (event) => this.emit(event),
      });
      running.add(one);
      this.report.queued(name);
      const record = await one.execute();
      running.delete(one);
      if (record.result === 'failure' && failFast) {
        hasFailed = true;
        running.forEach((other) => other.cancel());
      }
      return record;
    };
    return atMost(limit, all.map((leg, index) => () => run(leg, index)));
  }

  private runOutOfTime(): void {
    this.isOutOfTime = true;
    for (const legs of this.legs.values()) legs.forEach((leg) => leg.forceEnd('cancelled'));
  }

  /** A leg that succeeded in the attempt before is not done again, if what was before it is not. */
  private keptLeg(id: string, name: string): LegRecord | undefined {
    const { previous } = this.options;
    const isOnlyItself = previous?.which === 'failed' && ![...ancestorsOf(this.workflow, id)].some((one) => this.isRerun(one));
    return isOnlyItself ? previous.record.jobs[id]?.legs.find((leg) => leg.name === name && leg.result === 'success') : undefined;
  }

  private isRerun(id: string): boolean {
    const { previous } = this.options;
    if (!previous || previous.which === 'all') return true;
    const isBad = (one: string) => ['failure', 'cancelled'].includes(previous.record.jobs[one]?.result);
    return isBad(id) || [...ancestorsOf(this.workflow, id)].some(isBad);
  }

  /** Of several legs the last word counts. Those of a lost runner are the ones of the attempt before, if there was one. */
  private outputsOf(id: string, legs: LegRecord[]): Record<string, string> {
    const earlier = this.options.previous?.record.jobs[id]?.outputs ?? {};
    const inOrder = [...legs].sort((a, b) => (a.endedAt ?? 0) - (b.endedAt ?? 0));
    return Object.assign({}, ...inOrder.map(({ outputs }) => outputs ?? earlier)) as Record<string, string>;
  }

  /** What may be known of a job before it has legs. */
  private planning(id: string): Record<string, unknown> {
    const needs = Object.fromEntries(listOf(this.workflow.jobs[id].needs).map((need) => {
      const { result, outputs } = this.records.get(need)!;
      return [need, { result, outputs }];
    }));
    return { ...this.baseContexts, needs };
  }

  private github(): Record<string, unknown> {
    const { actions, event, runId, attempt, workflow } = this.options;
    const { ref, sha, name } = event;
    const actor = actorOf(event);
    const repository = actions.repositoryName;
    const pullRequest = pullRequestOf(event);
    return {
      event: this.payload(),
      event_name: name,
      ref,
      sha,
      ref_name: shortRef(ref),
      ref_type: ref.startsWith('refs/tags/') ? 'tag' : 'branch',
      repository,
      repository_owner: repository.split('/')[0],
      run_id: String(runId),
      run_number: String(runId),
      run_attempt: String(attempt),
      actor,
      triggering_actor: actor,
      workflow: workflow.name ?? `.github/workflows/${actions.fileOf(workflow)}`,
      workflow_ref: `${repository}/.github/workflows/${actions.fileOf(workflow)}@${ref}`,
      workflow_sha: sha,
      server_url: actions.serverUrl,
      api_url: actions.apiUrl,
      graphql_url: `${actions.apiUrl}/graphql`,
      head_ref: pullRequest?.head ?? '',
      base_ref: pullRequest?.base ?? '',
    };
  }

  private payload(): Record<string, unknown> {
    const { actions, event } = this.options;
    const [owner, name] = actions.repositoryName.split('/');
    return {
      ref: event.ref,
      ...(event.name === 'push' ? { after: event.sha, created: false, deleted: false, forced: false, head_commit: { id: event.sha } } : {}),
      ...(event.name === 'workflow_dispatch' ? { inputs: asTexts(this.inputs) } : {}),
      repository: { name, full_name: actions.repositoryName, owner: { login: owner }, fork: false, private: false, default_branch: 'main' },
      sender: { login: actorOf(event) },
      ...event.payload,
    };
  }

  private conclusion(jobs: JobRecord[]): Result {
    const results = jobs.map(({ result }) => result);
    if (this.isCancelled && results.includes('cancelled')) return 'cancelled';
    return worst(results);
  }

  private emit(event: RunEvent): void {
    this.events.push(event);
    this.report.happened(event);
    [...this.watchers].forEach((watch) => watch(event));
    this.options.onEvent(event);
  }
}

function actorOf({ actor }: WorkflowEvent): string {
  return actor ?? 'octocat';
}

/** In the event an input is a text, whatever it was declared as. */
function asTexts(inputs: Record<string, string | boolean | number>): Record<string, string> {
  return Object.fromEntries(Object.entries(inputs).map(([name, value]) => [name, String(value)]));
}

function shortRef(ref: string): string {
  return ref.replace(/^refs\/(heads|tags|pull)\//, '');
}

function resultOf(legs: LegRecord[]): Result {
  return legs.length === 0 ? 'skipped' : worst(legs.map(({ result }) => result));
}

function worst(results: Result[]): Result {
  return (['failure', 'cancelled', 'success', 'skipped'] as const).find((result) => results.includes(result)) ?? 'success';
}

/** A job whose matrix, name or group cannot be evaluated fails; any other error is the executor's own. */
function unplanned(name: string, error: unknown): LegRecord {
  if (!(error instanceof ExpressionRejected)) throw error;
  const { message } = error;
  return { name, result: 'failure', outputs: {}, steps: [], log: `##[error]${message}`, summary: '', annotations: [{ level: 'error', message }] };
}

/** `test (3.11, linux)`, or what `name` says. */
function legName(id: string, job: Job, leg: Leg, contexts: Record<string, unknown>): string {
  const named = job.name === undefined ? id : interpolate(job.name, visibleAt('job', contexts));
  const saysItself = job.name?.includes('matrix.') ?? false;
  const values = Object.values(leg);
  return values.length === 0 || saysItself ? named : `${named} (${values.map(String).join(', ')})`;
}

/** Expressions in a matrix may be the whole of it, or any value in it. */
function resolved(value: unknown, contexts: Record<string, unknown>): unknown {
  if (Array.isArray(value)) return value.map((one) => resolved(one, contexts));
  if (typeof value === 'object' && value !== null) return Object.fromEntries(Object.entries(value).map(([key, one]) => [key, resolved(one, contexts)]));
  return resolve(value, contexts);
}

/** Runs the tasks in order, at most `limit` at a time. */
async function atMost<T>(limit: number, tasks: (() => Promise<T>)[]): Promise<T[]> {
  const results: T[] = [];
  let next = 0;
  const work = async () => {
    while (next < tasks.length) {
      const index = next++;
      results[index] = await tasks[index]();
    }
  };
  await Promise.all(Array.from({ length: Math.min(limit, tasks.length) }, work));
  return results;
}
