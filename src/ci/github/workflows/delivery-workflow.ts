import { isDeepStrictEqual } from 'node:util';
import { github } from 'projen';
import { ApprovalJob, approvalJobs } from './approval-jobs';
import { HostJob, hostJob, isDeliveryJob, markAsDeliveryJob } from './host-workflow';
import { CheckedWorkflowFile } from './workflow-file';
import { RUN_DEFAULTS, workflowChangesRunDefaults, WrittenWorkflow } from './written-workflow';
import { DeploymentWorkflowManifest, TriggerManifest } from '../../../contract/manifest';
import { Environment } from '../../../delivery/environment';
import { invalid, show } from '../../../validation/validation-error';
import { checkGroups, Group, Queues, warningOfGroup } from '../invariants/concurrency';
import { condition as changedCondition } from '../invariants/condition-invariant';
import { deployingRuns } from '../invariants/deploying-runs';
import { checkFileSize, checkInputs } from '../invariants/github-limits';
import { wrongJobCondition } from '../invariants/invalid-jobs';
import { checkJobGraph, checkWrittenJobs } from '../invariants/job-graph';
import { violatedInvariant } from '../invariants/job-invariants';
import { DeliveryJob, KEEP, Violation, violation } from '../invariants/violation';
import { violatedByWorkflow, WorkflowSettings, writtenInputs } from '../invariants/workflow-invariants';
import { unwrapped } from '../jobs/conditions';
import { asksFor, Jobs } from '../proof/cone';
import { consequenceOf } from '../proof/consequences';
import { Disproof } from '../proof/proof';

/** The delivery's jobs in a workflow. It detects changes by other components that break a guarantee. */
export abstract class DeliveryWorkflow {
  /** By job id. */
  private readonly made = new Map<string, DeliveryJob>();
  /** Jobs whose conditions are proven rather than compared. */
  private readonly proven = new Set<string>();
  private prove?: (jobs: Jobs) => boolean;
  /** Set if the workflow has defaults for all jobs. */
  private readonly defaults: Pick<github.workflows.Job, 'defaults'>;
  private environmentCount = 0;
  /** The settings outside the jobs. */
  protected above: WorkflowSettings;

  /**
   * @param option the workflow in messages
   * @param above the settings outside the jobs, without events
   */
  constructor(public readonly workflow: github.GithubWorkflow, public readonly option: string, above: Omit<WorkflowSettings, 'events'>) {
    this.defaults = workflowChangesRunDefaults(workflow) ? { defaults: RUN_DEFAULTS } : {};
    this.above = { ...above, events: {} };
    if (workflow.file) CheckedWorkflowFile.of(workflow.file).add((written, text) => this.checkWritten(written, text));
  }

  public add(id: string, mainStep: string, job: github.workflows.Job): void {
    if (this.workflow.getJob(id)) this.taken(id);
    // users may change the job in place
    this.workflow.addJob(id, deepCopy({ ...job, ...this.defaults }));
    this.remember(id, mainStep);
    markAsDeliveryJob(this.workflow, id);
  }

  /** Returns whether a job is the delivery's: the user may have one with the same id. */
  public has(id: string): boolean {
    return this.made.has(id);
  }

  /** Adds a job, or replaces it when environments are added. */
  public put(id: string, mainStep: string, job: github.workflows.Job): void {
    const before = this.made.get(id);
    if (!before) return this.add(id, mainStep, job);
    if (!isDeepStrictEqual(this.workflow.getJob(id), before.job)) {
      invalid(`${this.option} job ${show(id)}`, 'it was changed before an environment was added, for which the delivery makes it anew', 'Change it after the last addEnvironment');
    }
    this.workflow.updateJob(id, deepCopy({ ...job, ...this.defaults }));
    this.remember(id, mainStep);
  }

  /** Replaces the condition of a job. The user's other changes stay. */
  public setCondition(id: string, condition: string): void {
    const { mainStep, job } = this.made.get(id)!;
    this.workflow.updateJob(id, { ...this.workflow.getJob(id) as github.workflows.Job, if: condition });
    this.made.set(id, { mainStep, job: { ...job, if: condition } });
  }

  /** Replaces the needs of a job, and the condition on their results. The user's additions stay. */
  public wait(id: string, needs: readonly string[], condition: string): void {
    const { mainStep, job } = this.made.get(id)!;
    const now = this.workflow.getJob(id);
    if (!now || !('steps' in now) || isDeepStrictEqual(needs, job.needs)) return;
    const waiting = waitingFor(now, job, { needs: [...needs], if: condition });
    this.workflow.updateJob(id, { ...now, ...waiting });
    this.made.set(id, { mainStep, job: { ...job, needs: [...needs], if: condition } });
  }

  /** Sets the events of the delivery's jobs. */
  public listen(events: github.workflows.Triggers, environments: number): void {
    this.environmentCount = environments;
    const all = this.starts(events);
    this.workflow.on(deepCopy(all));
    this.above = { ...this.above, ...wantedOf(events, all) };
  }

  /** Returns the events that the workflow must have for these events of the delivery. */
  protected abstract starts(events: github.workflows.Triggers): github.workflows.Triggers;

  /** Returns whether environments whose chain begins with this trigger belong here. */
  public takes(_root: TriggerManifest): boolean {
    return true;
  }

  /** Returns the choice of a person for an environment. */
  public choiceOf({ name }: Environment): string {
    return name;
  }

  public approvalJobsOf(jobs: readonly ApprovalJob[]): DeploymentWorkflowManifest {
    return approvalJobs(this.workflow, this.option, jobs);
  }

  /** Checks changes of the jobs by other components. All else is checked when it is written. */
  public check(needs: readonly string[] = []): void {
    const own = needs.find((id) => this.has(id));
    if (own !== undefined) invalid('needs', `${show(own)} is a job of the delivery's own, and deployments wait for those anyway`, 'Leave it out');
    for (const id of this.made.keys()) this.checkPresent(id, this.workflow.getJob(id));
    checkJobGraph(this.workflow, this.option, needs);
  }

  /**
   * Checks changes of the file, and concurrency groups that equal those of the delivery. Returns warnings.
   *
   * @param groups the groups of all workflows
   */
  public checkAtEnd(groups: readonly Group[]): string[] {
    const { file } = this.workflow;
    if (!file) return [];
    const checked = CheckedWorkflowFile.of(file);
    checked.checkAgain();
    checkGroups(this.queues, groups);
    const { push, events, losesNothingThatWaits } = this.above;
    const warning = losesNothingThatWaits ? undefined : warningOfGroup(this.option, checked.written, deployingRuns(push, events));
    return warning === undefined ? [] : [warning];
  }

  /** Returns the jobs as they were checked. */
  public get written(): Jobs {
    const { file } = this.workflow;
    return file ? CheckedWorkflowFile.of(file).written.jobs ?? {} : {};
  }

  /** Returns all jobs as written, if the condition of one of these has changed. */
  public rewritten(ids: readonly string[]): ReadonlyMap<string, HostJob> | undefined {
    const jobs = this.written;
    if (ids.every((id) => jobs[id]?.if === this.made.get(id)?.job.if)) return undefined;
    return new Map(Object.entries(jobs).map(([id, job]) => [id, hostJob(id, job ?? {})]));
  }

  /**
   * Leaves the conditions of jobs to a proof.
   *
   * @param prove returns false if the jobs of the written workflow have too many paths; throws `ValidationError` if one of them leads to
   *   something that must not be
   */
  public leaveToProof(ids: readonly string[], prove: (jobs: Jobs) => boolean): void {
    for (const id of ids) this.proven.add(id);
    this.prove = prove;
  }

  /** Returns the needs of a job of the delivery, without changes by others. */
  public needsOf(id: string): readonly string[] {
    return this.made.get(id)?.job.needs ?? [];
  }

  /** Rejects jobs that can come to something that must not be, and names the change that causes it. */
  public rejectPath(disproof: Disproof, jobs: Jobs): never {
    for (const id of disproof.cone.filter((one) => this.proven.has(one))) {
      const changed = changedCondition(this.made.get(id)!, jobs[id] ?? {});
      if (changed) this.rejectJob(id, { ...changed, fix: `${changed.fix}. Otherwise ${consequenceOf(disproof)}` });
    }
    const others = disproof.cone.filter((id) => !this.made.has(id));
    const asks = others.find((id) => asksFor(jobs[id], disproof.environment));
    if (disproof.fault === 'secondApproval' && asks !== undefined) {
      invalid(`${this.option} job ${show(asks)} environment`, `is ${show(disproof.environment.name)}, and ${consequenceOf(disproof)}`, 'Give it an environment of its own');
    }
    const rewritten = disproof.cone.find((id) => this.proven.has(id) && this.made.get(id)!.job.if !== jobs[id]?.if);
    if (rewritten !== undefined) this.rejectJob(rewritten, violation('if', `was changed, and ${consequenceOf(disproof)}`, KEEP));
    return invalid(this.option, consequenceOf(disproof), others.length > 0 ? `Change the jobs that it depends on: ${others.join(', ')}` : 'Leave the jobs as they were');
  }

  /** Another delivery in the workflow asks for the approvals of its own deployments. */
  private asSeenByProof(jobs: Jobs): Jobs {
    const isOfAnother = (id: string) => isDeliveryJob(this.workflow, id) && !this.made.has(id);
    return Object.fromEntries(Object.entries(jobs).map(([id, job]) => [id, isOfAnother(id) ? { ...job, environment: undefined } : job]));
  }

  /** Where the proof gives up, the conditions must be the delivery's. */
  private compareConditions(jobs: Jobs): void {
    for (const id of this.proven) this.reject(changedCondition(this.made.get(id)!, jobs[id] ?? {}), ` job ${show(id)}`);
  }

  public rejectJob(id: string, broken: Violation): never {
    invalid(`${this.option} job ${show(id)} ${broken.key}`, broken.fault, broken.fix);
  }

  /** Checks the written workflow, with overrides, patches and changes in place. */
  protected checkWritten(written: WrittenWorkflow, text: string | undefined): void {
    for (const id of this.made.keys()) this.checkPresent(id, written.jobs?.[id]);
    this.reject(violatedByWorkflow(this.above, written));
    const actions = github.GitHub.of(this.workflow.project)?.actions;
    for (const [id, { mainStep, job }] of this.made) {
      const now = written.jobs?.[id];
      this.checkPresent(id, now);
      if (!Array.isArray(now.steps) || !now.steps.some((one: { id?: unknown } | null) => one?.id === mainStep)) this.taken(id);
      this.reject(violatedInvariant({ mainStep, job: asPinned(job, actions), isProven: this.proven.has(id) }, now, written), ` job ${show(id)}`);
    }
    this.checkConditionsOfOthers(written.jobs ?? {});
    checkWrittenJobs(written.jobs ?? {}, this.option);
    if (this.prove?.(this.asSeenByProof(written.jobs ?? {})) === false) this.compareConditions(written.jobs ?? {});
    checkInputs(this.option, writtenInputs(written));
    const { file } = this.workflow;
    if (file && text !== undefined) checkFileSize(this.option, file.path, Buffer.byteLength(text), this.environmentCount);
  }

  /** GitHub rejects the whole workflow for one of them. */
  private checkConditionsOfOthers(jobs: Jobs): void {
    for (const [id, job] of Object.entries(jobs)) {
      const wrong = this.made.has(id) ? undefined : wrongJobCondition(job?.if);
      if (wrong !== undefined) this.rejectJob(id, violation('if', `is ${show(job?.if)}: ${wrong}, and GitHub starts no workflow that has it there`, 'Write it as GitHub reads it, or move it to the steps'));
    }
  }

  private get queues(): Queues {
    return [...this.made.entries()].map(([id, { job: { concurrency } }]) => ({ option: `${this.option} job ${show(id)}`, concurrency }));
  }

  /** Stores the job with the step ids that projen adds. */
  private remember(id: string, mainStep: string): void {
    this.made.set(id, { mainStep, job: deepCopy(this.workflow.getJob(id) as github.workflows.Job) });
  }

  private checkPresent(id: string, job: unknown): asserts job {
    if (!job) invalid(this.option, `the delivery's job ${show(id)} was removed`, 'Leave it, or leave the environment out');
  }

  private reject(broken: Violation | undefined, where = ''): void {
    if (broken) invalid(`${this.option}${where} ${broken.key}`, broken.fault, broken.fix);
  }

  private taken(id: string): never {
    invalid(this.option, `the job id ${show(id)} is the delivery's, and another job took it`, 'Give the other job another id');
  }
}

/** The project chooses the versions of actions. */
function asPinned(job: github.workflows.Job, actions: github.GitHubActionsProvider | undefined): github.workflows.Job {
  return { ...job, steps: job.steps.map((step) => (step.uses === undefined ? step : { ...step, uses: actions?.get(step.uses) ?? step.uses })) };
}

/** Returns the delivery's part of the events. */
function wantedOf(ours: github.workflows.Triggers, all: github.workflows.Triggers): Pick<WorkflowSettings, 'push' | 'events'> {
  const inputs = Object.keys(ours.workflowDispatch?.inputs ?? {});
  const workflowDispatch = all.workflowDispatch && { inputs: Object.fromEntries(inputs.map((name) => [name, all.workflowDispatch!.inputs![name]])) };
  return deepCopy({ push: all.push === undefined && !('push' in all) ? undefined : ours.push, events: { schedule: all.schedule && ours.schedule, workflowDispatch } });
}

/** Copies maps and lists. Functions and objects of a class stay: projen resolves them when it writes. */
function deepCopy<T>(value: T): T {
  return copyOf(value) as T;
}

function copyOf(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(copyOf);
  if (!isPlain(value)) return value;
  const copy: Record<string, unknown> = {};
  for (const [key, item] of Object.entries(value)) copy[key] = copyOf(item);
  return copy;
}

function isPlain(value: unknown): value is object {
  if (typeof value !== 'object' || value === null) return false;
  const prototype: unknown = Object.getPrototypeOf(value);
  return prototype === Object.prototype || prototype === null;
}

/** The needs of a job, and the condition on their results. */
type Waiting = Pick<github.workflows.Job, 'needs' | 'if'>;

/** Returns `now` with `wanted` in place of what the delivery `made`. The user's changes stay. */
function waitingFor(now: Waiting, made: Waiting, wanted: Required<Waiting>): Waiting {
  const [theirs, before] = [[now.needs ?? []].flat(), made.needs ?? []];
  const ours = wanted.needs.filter((need) => theirs.includes(need) || !before.includes(need));
  const added = theirs.filter((need) => !before.includes(need) && !wanted.needs.includes(need));
  const [gone, more] = [before.filter((need) => !wanted.needs.includes(need)), wanted.needs.filter((need) => !before.includes(need))];
  return {
    needs: ours.length === wanted.needs.length && added.length === 0 ? wanted.needs : [...ours, ...added],
    if: now.if === made.if ? wanted.if : conditionWith(now.if, gone, more),
  };
}

/** The user's condition, without requirements on jobs that are no longer needed, and with those on other jobs. */
function conditionWith(condition: string | undefined, gone: readonly string[], more: readonly string[]): string | undefined {
  if (condition === undefined) return undefined;
  const kept = gone.reduce((text, need) => text.replaceAll(` && ${succeeded(need)}`, ''), condition);
  if (more.length === 0) return kept;
  const inside = unwrapped(kept);
  // text around an expression makes it always true, which is rejected
  return inside.includes('${{') ? kept : `\${{ (${inside.trim()}) && ${more.map(succeeded).join(' && ')} }}`;
}

function succeeded(need: string): string {
  return `needs.${need}.result == 'success'`;
}
