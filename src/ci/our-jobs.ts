import { isDeepStrictEqual } from 'node:util';
import { github } from 'projen';
import { Environment } from '../environment';
import { TriggerManifest } from '../manifest';
import { refuse, show } from '../refusal';
import { asMade, isAsMade } from './as-made';
import { Broken, OurJob } from './broken-promise';
import { checkFileSize, checkInputs } from './github-limits';
import { checkJobGraph } from './job-graph';
import { changesLines, GITHUBS_OWN } from './line-defaults';
import { eventsOf, lostEvent } from './lost-event';
import { brokenByAll, brokenPromise } from './promises';
import { waitingFor } from './waiting';
import { isPatched, WrittenWorkflow, writtenText, writtenWorkflow } from './written-workflow';

/** An environment's jobs take some 6 KB. */
const MANY = 30;

/** By workflow: the jobs that deliveries added, of whatever project. */
const DELIVERYS = new WeakMap<github.GithubWorkflow, Set<string>>();

/** Whether a job is a delivery's, not the project's own. */
export function isDeliverys(workflow: github.GithubWorkflow, id: string): boolean {
  return DELIVERYS.get(workflow)?.has(id) ?? false;
}

/** Our jobs in a workflow. They are known, so that it is noticed when somebody takes one's id, or what a promise rests on. */
export abstract class OurJobs {
  /** By job id. */
  private readonly made = new Map<string, OurJob>();
  /** Where the workflow says how the lines of all jobs run. */
  private readonly defaults: Pick<github.workflows.Job, 'defaults'>;
  /** How many environments they are for. */
  protected environments = 0;
  /** What our jobs are for. */
  private wanted: github.workflows.Triggers = {};

  /**
   * @param option what the workflow is called where users meet it
   * @param env what we say of it above its jobs
   */
  constructor(public readonly workflow: github.GithubWorkflow, protected readonly option: string, private readonly env: Record<string, string> = {}) {
    this.defaults = changesLines(workflow) ? { defaults: GITHUBS_OWN } : {};
  }

  public add(id: string, mainStep: string, job: github.workflows.Job): void {
    if (this.workflow.getJob(id)) this.taken(id);
    this.workflow.addJob(id, { ...job, ...this.defaults });
    // projen gives ids to steps
    this.made.set(id, { mainStep, job: asMade(this.workflow.getJob(id) as github.workflows.Job) });
    DELIVERYS.set(this.workflow, (DELIVERYS.get(this.workflow) ?? new Set()).add(id));
  }

  /** Whether a job of that id is one of ours: the user may have one of the same id. */
  public has(id: string): boolean {
    return this.made.has(id);
  }

  /** A job that is made anew when there is more to do for it. */
  public put(id: string, mainStep: string, job: github.workflows.Job): void {
    const before = this.made.get(id);
    if (!before) return this.add(id, mainStep, job);
    if (!isAsMade(this.workflow.getJob(id), before.job)) {
      refuse(`${this.option} job ${show(id)}`, 'it was changed before an environment was added, for which the delivery makes it anew', 'Change it after the last addEnvironment');
    }
    this.workflow.updateJob(id, { ...job, ...this.defaults });
    this.made.set(id, { mainStep, job: asMade(this.workflow.getJob(id) as github.workflows.Job) });
  }

  /** Another condition of ours for one of our jobs. All else stays what the user made of it. */
  public ask(id: string, condition: string): void {
    const { mainStep, job } = this.made.get(id)!;
    this.workflow.updateJob(id, { ...this.workflow.getJob(id) as github.workflows.Job, if: condition });
    this.made.set(id, { mainStep, job: { ...job, if: condition } });
  }

  /** Other needs of ours for one of our jobs, with the condition that asks how they went. What the user added to either stays. */
  public wait(id: string, needs: readonly string[], condition: string): void {
    const { mainStep, job } = this.made.get(id)!;
    const now = this.workflow.getJob(id);
    if (!now || !('steps' in now) || isDeepStrictEqual(needs, job.needs)) return;
    const waiting = waitingFor(now, job, { needs: [...needs], if: condition });
    this.workflow.updateJob(id, { ...now, ...waiting });
    this.made.set(id, { mainStep, job: { ...job, needs: isDeepStrictEqual(waiting.needs, needs) ? waiting.needs : [...needs], if: condition } });
  }

  /** Lets the workflow start for what our jobs are for, all of it. */
  public listen(events: github.workflows.Triggers, environments: number): void {
    this.environments = environments;
    this.wanted = events;
    this.workflow.on(this.starts(events));
  }

  /** What starts it by now and so must not be lost, if our jobs are for these events. */
  protected abstract starts(events: github.workflows.Triggers): github.workflows.Triggers;

  /** Whether environments belong here whose chain begins with this trigger. */
  public takes(_root: TriggerManifest): boolean {
    return true;
  }

  /** As a person who starts the workflow by hand chooses it. */
  public choiceOf({ name }: Environment): string {
    return name;
  }

  /** What others did to the workflow meanwhile. */
  public check(needs: readonly string[] = []): void {
    const own = needs.find((id) => this.has(id));
    if (own !== undefined) refuse('needs', `${show(own)} is a job of the delivery's own, and deployments wait for those anyway`, 'Leave it out');
    for (const id of this.made.keys()) this.checkPresent(id, this.workflow.getJob(id));
    checkJobGraph(this.workflow, this.option, needs);
    this.checkEvents();
    checkInputs(this.option, eventsOf(this.workflow).workflowDispatch?.inputs);
    this.checkPromises();
  }

  /** The file of a workflow that projen writes. With few environments it is far from the limit, and not looked at. */
  protected checkHost(): void {
    const { file } = this.workflow;
    if (file && this.environments >= MANY) checkFileSize(this.option, file.path, Buffer.byteLength(writtenText(file)), this.environments);
  }

  private checkEvents(): void {
    const lost = lostEvent(this.workflow, this.starts(this.wanted));
    if (lost === undefined) return;
    refuse(this.option, `somebody said on(...) after the delivery, and ${show(lost)} no longer starts all that the delivery's jobs are for`,
      'Say on(...) before new Delivery(...), or leave that event to the delivery');
  }

  /** Looks at what will be written, with overrides and patches, where anything was changed. */
  private checkPromises(): void {
    const { file } = this.workflow;
    const isUntouched = [...this.made].every(([id, { job }]) => isAsMade(this.workflow.getJob(id), job));
    if (!file || (isUntouched && !isPatched(file))) return this.refuse(brokenByAll(top(this.workflow), this.env));
    const written = writtenWorkflow(file);
    for (const id of this.made.keys()) this.checkPresent(id, written.jobs?.[id]);
    this.refuse(brokenByAll(written, this.env));
    for (const [id, { mainStep, job }] of this.made) {
      const now = written.jobs?.[id];
      this.checkPresent(id, now);
      if (!Array.isArray(now.steps) || !now.steps.some((one: { id?: unknown }) => one.id === mainStep)) this.taken(id);
      this.refuse(brokenPromise({ mainStep, job: this.asPinned(job) }, now, written), ` job ${show(id)}`);
    }
  }

  private checkPresent(id: string, job: unknown): asserts job {
    if (!job) refuse(this.option, `the delivery's job ${show(id)} was removed`, 'Leave it, or leave the environment out');
  }

  /** The versions of actions are the project's to choose. */
  private asPinned(job: github.workflows.Job): github.workflows.Job {
    const actions = github.GitHub.of(this.workflow.project)?.actions;
    return { ...job, steps: job.steps.map((step) => (step.uses === undefined ? step : { ...step, uses: actions?.get(step.uses) ?? step.uses })) };
  }

  private refuse(broken: Broken | undefined, where = ''): void {
    if (broken) refuse(`${this.option}${where} ${broken.key}`, broken.fault, broken.mend);
  }

  private taken(id: string): never {
    refuse(this.option, `the job id ${show(id)} is the delivery's, and another job took it`, 'Give the other job another id');
  }
}

/** What stands above the jobs, as far as projen knows it. */
function top({ name, env, concurrency }: github.GithubWorkflow): WrittenWorkflow {
  return { name, env, concurrency: concurrency && { 'cancel-in-progress': concurrency.cancelInProgress } };
}
