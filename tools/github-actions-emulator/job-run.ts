import { randomUUID } from 'node:crypto';
import { visibleAt } from './availability';
import { holds, interpolate, resolve } from './expression';
import type { StepReplacement } from './github-actions';
import { JobState } from './job-state';
import { Masker } from './masker';
import { killTracked } from './processes';
import { LegRecord, Result, RunEvent, StepRecord } from './run-event';
import { RunnerMachine } from './runner-machine';
import { StepRun, StepRunOptions } from './step-run';
import { Times } from './times';
import { Job, RunDefaults, Scalar, Step, Workflow } from './workflow';

export interface JobRunOptions {
  readonly workflow: Workflow;
  readonly id: string;
  readonly job: Job;
  /** The leg's name. */
  readonly name: string;
  /** Folder of the runner, fresh. */
  readonly folder: string;
  /** github (without what the runner adds), needs, inputs, vars, secrets, matrix, strategy */
  readonly contexts: Record<string, unknown>;
  /** `github.event` */
  readonly event: unknown;
  /** Of the machine's image. */
  readonly extraEnv: Record<string, string>;
  readonly secrets: Record<string, string>;
  readonly context: StepRunOptions['context'];
  readonly replacementOf: (step: Step) => StepReplacement | undefined;
  readonly times: Times;
  readonly emit: (event: RunEvent) => void;
}

/** One leg of a job on a runner of its own: its steps one after the other, its outputs at the end. */
export class JobRun {
  private readonly state: JobState;
  private readonly machine: RunnerMachine;
  private current: { readonly step: Step; readonly run: StepRun; readonly env: Record<string, string> } | undefined;
  private end: ((result: Result) => void) | undefined;
  /** GitHub has given it up. */
  private gone: Result | undefined;
  /** The machine goes on all the same, unheard. */
  private isOnItsOwn = false;
  private working: Promise<void> = Promise.resolve();
  private readonly over = new Promise<void>((end) => {
    this.end = (result) => {
      this.gone ??= result;
      end();
    };
  });
  private bound: NodeJS.Timeout | undefined;

  constructor(private readonly options: JobRunOptions) {
    this.machine = new RunnerMachine(options.folder);
    const masker = new Masker([...Object.values(options.secrets), options.context.token]);
    const { workspace, eventFile } = this.machine;
    const github = { ...options.contexts.github as object, workspace, event_path: eventFile };
    this.state = new JobState(this.machine, masker, `github_${randomUUID()}`, { ...options.contexts, github }, options.extraEnv);
  }

  public async execute(): Promise<LegRecord> {
    const { job, id, name, emit, contexts, times } = this.options;
    const startedAt = Date.now();
    emit({ kind: 'jobStarted', job: id, leg: name });
    this.machine.prepare(this.options.event);
    const minutes = Number(resolve(job['timeout-minutes'], visibleAt('job', contexts)) ?? 360);
    const timer = setTimeout(() => this.timeOut(minutes), minutes * times.minuteMs);
    this.working = this.steps();
    await Promise.race([this.working, this.over]);
    clearTimeout(timer);
    clearTimeout(this.bound);
    const outputs = this.gone ? undefined : this.outputs();
    const orphans = this.isOnItsOwn ? [] : killTracked(this.state.trackingId);
    if (!this.gone) this.state.log.push(...orphans.map((pid) => `Terminate orphan process: pid (${pid})`));
    const { steps, summaries, annotations, log } = this.state;
    return {
      name,
      result: this.gone ?? this.state.status,
      outputs,
      steps: [...steps],
      log: log.join('\n'),
      summary: summaries.join('\n'),
      annotations: [...annotations],
      startedAt,
      endedAt: Date.now(),
    };
  }

  /** The runner learns of it: the step under way is ended unless its `if` holds even now, later ones run as theirs say. */
  public cancel(): void {
    if (this.state.status === 'cancelled') return;
    this.state.status = 'cancelled';
    this.bound = setTimeout(() => this.forceEnd('cancelled'), this.options.times.cancelMs);
    if (!this.current) return;
    if (!this.holds(this.current.step, this.current.env)) this.current.run.cancel();
  }

  /** The machine is gone at once: nothing more comes from it, its processes and its outputs are lost. */
  public forceEnd(result: Result): void {
    this.end?.(result);
    killTracked(this.state.trackingId);
    this.current?.run.kill();
  }

  /** The machine loses its connection to GitHub, and continues. Resolves when it has done all its steps. */
  public async loseContact(result: Result): Promise<void> {
    this.isOnItsOwn = true;
    this.end?.(result);
    await this.working;
    killTracked(this.state.trackingId);
  }

  private timeOut(minutes: number): void {
    const message = `The job has exceeded the maximum execution time of ${minutes} minutes`;
    this.state.annotations.push({ level: 'error', message });
    this.state.log.push(`##[error]${message}`);
    this.cancel();
  }

  private async steps(): Promise<void> {
    const { workflow, job, contexts } = this.options;
    try {
      Object.assign(this.state.env, texts(workflow.env, visibleAt('workflowEnv', contexts)), texts(job.env, visibleAt('jobEnv', contexts)));
    } catch (error) {
      this.failJob(error);
      return;
    }
    for (const step of job.steps) {
      await this.step(step);
      if (this.isDead) return;
    }
  }

  private async step(step: Step): Promise<void> {
    const name = this.nameOf(step);
    const { outcome, conclusion, outputs } = await this.outcomeOf(step, name);
    if (this.isDead) return;
    this.state.steps.push({ id: step.id ?? '', name, outcome, conclusion, outputs });
    // a cancelled job stays cancelled
    if (conclusion === 'failure' && this.state.status === 'success') this.state.status = 'failure';
  }

  private async outcomeOf(step: Step, name: string): Promise<Pick<StepRecord, 'outcome' | 'conclusion' | 'outputs'>> {
    const { id, name: leg, emit } = this.options;
    const env: Record<string, string> = {};
    try {
      Object.assign(env, texts(step.env, visibleAt('step', this.state.contexts())));
      if (!this.holds(step, env)) return { outcome: 'skipped', conclusion: 'skipped', outputs: {} };
    } catch (error) {
      this.failJob(error);
      return { outcome: 'failure', conclusion: 'failure', outputs: {} };
    }
    if (!this.gone) emit({ kind: 'stepStarted', job: id, leg, step: name });
    const run = new StepRun({
      ...this.options,
      step,
      replacement: this.options.replacementOf(step),
      stepEnv: env,
      state: this.state,
      defaults: this.defaults(),
      onLine: (line) => this.log(name, line),
    });
    this.current = { step, run, env };
    const outcome = await run.execute();
    this.current = undefined;
    if (!this.gone) emit({ kind: 'stepEnded', job: id, leg, step: name, outcome });
    const forgiven = outcome === 'failure' && isTrue(resolve(step['continue-on-error'], visibleAt('step', this.state.contexts(env))));
    return { outcome, conclusion: forgiven ? 'success' : outcome, outputs: run.outputs };
  }

  private get isDead(): boolean {
    return this.gone !== undefined && !this.isOnItsOwn;
  }

  /** Whether the step's `if` holds, as the job stands now. */
  private holds(step: Step, env: Record<string, string>): boolean {
    const { status } = this.state;
    return holds(step.if, visibleAt('stepIf', this.state.contexts(env)), {
      always: () => true,
      success: () => status === 'success',
      failure: () => status === 'failure',
      cancelled: () => status === 'cancelled',
    });
  }

  private failJob(error: unknown): void {
    const message = (error as Error).message;
    this.state.annotations.push({ level: 'error', message });
    this.state.log.push(`##[error]${message}`);
    if (this.state.status === 'success') this.state.status = 'failure';
  }

  /** What is empty, or would show a secret, is no output: the runner leaves it out with a warning. */
  private outputs(): Record<string, string> {
    let all: Record<string, string> = {};
    try {
      all = texts(this.options.job.outputs, visibleAt('jobOutputs', this.state.contexts()));
    } catch (error) {
      this.failJob(error);
    }
    const entries = Object.entries(all).filter(([name, value]) => {
      const secret = this.state.masker.reveals(value);
      if (secret) this.state.annotations.push({ level: 'warning', message: `Skip output '${name}' since it may contain secret.` });
      return value !== '' && !secret;
    });
    return Object.fromEntries(entries);
  }

  private defaults(): RunDefaults {
    const { workflow, job } = this.options;
    const visible = visibleAt('jobDefaults', this.state.contexts());
    return texts({ ...workflow.defaults?.run, ...job.defaults?.run } as Record<string, string>, visible);
  }

  private nameOf(step: Step): string {
    try {
      return interpolate(step.name ?? `Run ${step.uses ?? step.run?.trim().split('\n')[0] ?? ''}`, visibleAt('step', this.state.contexts()));
    } catch {
      return step.name ?? '';
    }
  }

  private log(step: string, line: string): void {
    if (this.gone) return;
    this.state.log.push(line);
    this.options.emit({ kind: 'line', job: this.options.id, leg: this.options.name, step, text: line });
  }
}

function texts(record: Record<string, Scalar> | undefined, contexts: Record<string, unknown>): Record<string, string> {
  return Object.fromEntries(Object.entries(record ?? {}).map(([name, value]) => [name, interpolate(value, contexts)]));
}

function isTrue(value: unknown): boolean {
  return value === true || value === 'true';
}
