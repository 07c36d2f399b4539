import { join } from 'node:path';
import { visibleAt } from './availability';
import { Turn } from './concurrency';
import { pullRequestOf, WorkflowEvent } from './event';
import { interpolate, resolve } from './expression';
import { GithubActions } from './github-actions';
import { JobRun } from './job-run';
import { hasIdToken, permissionsOf } from './permissions';
import { LegRecord, Result, RunEvent } from './run-event';
import { ConcurrencyClause, Job, Workflow } from './workflow';

export interface LegRunOptions {
  readonly actions: GithubActions;
  readonly workflow: Workflow;
  readonly event: WorkflowEvent;
  readonly payload: unknown;
  readonly runId: number;
  readonly attempt: number;
  readonly id: string;
  readonly job: Job;
  readonly name: string;
  /** github, needs, inputs, vars, matrix, strategy */
  readonly contexts: Record<string, unknown>;
  readonly emit: (event: RunEvent) => void;
}

/** One leg of a job on its way to a runner: its turn in the concurrency group, the approval of its environment, then its steps. */
export class LegRun {
  private readonly waiting = new AbortController();
  private jobRun: JobRun | undefined;
  private forced: Result | undefined;

  constructor(private readonly options: LegRunOptions) {}

  public async execute(): Promise<LegRecord> {
    const { id, job, name, contexts, emit } = this.options;
    const visible = visibleAt('job', contexts);
    let turn: Turn | undefined;
    let record: LegRecord;
    try {
      turn = await this.turn(job.concurrency, visible);
      record = await this.withEnvironment(interpolate(environmentName(job), visible));
    } catch (error) {
      if (!(error instanceof Ended)) throw error;
      record = { name, result: error.result, outputs: {}, steps: [], log: error.message, summary: '', annotations: [] };
    } finally {
      turn?.end();
    }
    if (record.result === 'failure' && isTrue(resolve(job['continue-on-error'], visible))) record = { ...record, result: 'success' };
    emit({ kind: 'jobEnded', job: id, leg: name, result: record.result });
    return record;
  }

  /** As GitHub does: waiting legs are cancelled at once, running ones get a signal. */
  public cancel(): void {
    this.waiting.abort();
    this.jobRun?.cancel();
  }

  /** Whatever it is doing, it ends now, as `result`. */
  public forceEnd(result: Result): void {
    this.forced ??= result;
    this.waiting.abort();
    this.jobRun?.forceEnd(result);
  }

  /** For GitHub it ends now, as `result`. Resolves when the machine has ended too. */
  public async loseContact(result: Result): Promise<void> {
    this.forced ??= result;
    this.waiting.abort();
    await this.jobRun?.loseContact(result);
  }

  private async turn(clause: ConcurrencyClause | undefined, visible: Record<string, unknown>): Promise<Turn | undefined> {
    if (clause === undefined) return undefined;
    const { id, name, emit, actions } = this.options;
    const { group, cancelInProgress, queue } = concurrencyOf(clause, visible);
    const turn = await actions.groups.turn({ group, cancelInProgress, queue, cancel: () => this.cancel() }, this.waiting.signal, () =>
      emit({ kind: 'jobWaiting', job: id, leg: name, for: 'concurrency', what: group }));
    if (!turn) throw new Ended(this.forced ?? 'cancelled', `cancelled while it waited for its turn in "${group}"`);
    return turn;
  }

  private async withEnvironment(environment: string): Promise<LegRecord> {
    const { job, actions, event } = this.options;
    if (environment === '') return this.onRunner('', {}, {});
    await this.approval(environment);
    const settings = actions.environment(environment);
    const record = await this.onRunner(environment, settings.secrets ?? {}, settings.vars ?? {});
    // without `deployment: false` GitHub records the job as a deployment, whatever the job did
    if (typeof job.environment === 'string' || job.environment?.deployment !== false) {
      const state = record.result === 'success' ? 'success' : record.result === 'failure' ? 'failure' : 'error';
      actions.api?.addDeployment({ environment, ref: event.sha, task: 'deploy' }, { state });
    }
    return record;
  }

  private async approval(environment: string): Promise<void> {
    const { id, name, emit, actions, runId } = this.options;
    const { approve } = actions.environment(environment);
    if (!approve) return;
    emit({ kind: 'jobWaiting', job: id, leg: name, for: 'approval', what: environment });
    const cancelled = new Promise<'cancelled'>((cancel) => {
      if (this.waiting.signal.aborted) cancel('cancelled');
      this.waiting.signal.addEventListener('abort', () => cancel('cancelled'), { once: true });
    });
    const approval = await Promise.race([approve({ environment, job: id, runId }), cancelled]);
    if (approval === 'cancelled') throw new Ended(this.forced ?? 'cancelled', `cancelled while it waited for the approval of ${environment}`);
    if (!approval) throw new Ended('failure', `the deployment to ${environment} was rejected`);
  }

  private async onRunner(
    environment: string, environmentSecrets: Record<string, string>, environmentVars: Record<string, string>,
  ): Promise<LegRecord> {
    const { actions, contexts, workflow, event, payload, runId, attempt, id, job, name, emit } = this.options;
    const isOfFork = pullRequestOf(event)?.isOfFork ?? false;
    const token = actions.tokenFor(permissionsOf(workflow, job, isOfFork));
    const given = isOfFork ? {} : { ...actions.secrets, ...environmentSecrets };
    const secrets = { ...given, GITHUB_TOKEN: token };
    const github = { ...contexts.github as object, job: id, token };
    this.jobRun = new JobRun({
      workflow,
      id,
      job,
      name,
      folder: join(actions.runsFolder, `${runId}-${attempt}`, name.replace(/[^\w.-]+/g, '_')),
      contexts: { ...contexts, github, secrets, vars: { ...actions.vars, ...environmentVars }, job: { check_run_id: this.checkRunId() } },
      event: payload,
      extraEnv: actions.extraEnv,
      secrets: given,
      context: {
        repository: actions.repository,
        repositoryName: actions.repositoryName,
        ref: event.ref,
        sha: event.sha,
        runId,
        attempt,
        token,
        apiUrl: actions.apiUrl,
        artifacts: actions.artifacts,
        subject: `repo:${actions.repositoryName}:${environment === '' ? `ref:${event.ref}` : `environment:${environment}`}`,
        hasIdToken: hasIdToken(workflow, job),
        awsRoles: actions.awsRoles,
      },
      replacementOf: (step) => actions.replacementOf(id, step),
      times: actions.times,
      emit,
    });
    if (this.waiting.signal.aborted) throw new Ended(this.forced ?? 'cancelled', 'cancelled before it began');
    return this.jobRun.execute();
  }

  /** The id of the job in the API. */
  private checkRunId(): number | undefined {
    const { actions, attempt, name, runId } = this.options;
    return actions.api?.run(runId)?.jobs.find((one) => one.name === name && one.attempt === attempt)?.id;
  }
}

/** A leg that ended without a runner. */
class Ended extends Error {
  constructor(public readonly result: Result, message: string) {
    super(message);
  }
}

export function concurrencyOf(clause: ConcurrencyClause, visible: Record<string, unknown>) {
  const { group, 'cancel-in-progress': cancelInProgress, queue } = typeof clause === 'string' ? { group: clause } : clause as Exclude<ConcurrencyClause, string>;
  return { group: interpolate(group, visible), cancelInProgress: isTrue(resolve(cancelInProgress, visible)), queue: queue ?? 'single' as const };
}

function environmentName({ environment }: Job): string {
  return typeof environment === 'string' ? environment : environment?.name ?? '';
}

function isTrue(value: unknown): boolean {
  return value === true || value === 'true';
}
