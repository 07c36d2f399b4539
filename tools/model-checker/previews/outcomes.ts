import { Job, Workflow } from '../../../test/validators/workflow';
import { starts } from '../../github-actions-emulator/event';
import { interpolate } from '../../github-actions-emulator/expression';
import { Condition, Needed } from '../outcomes/condition';

/** What may happen to a pull request, and by hand or on schedule. */
export const HAPPENINGS = [
  'synchronize', 'closed', 'reopened', 'labeled preview', 'unlabeled preview', 'labeled other', 'unlabeled other', 'remove', 'removeIfDue', 'deployFork', 'schedule',
] as const;
export type Happening = typeof HAPPENINGS[number];

export interface OutcomeOptions {
  readonly workflow: Workflow;
  /** Whether only pull requests with the label `preview` have one. */
  readonly needsLabel: boolean;
  readonly isFork?: boolean;
  /** Whether pull requests share one environment: nothing is removed, and the records decide who has it. */
  readonly isShared?: boolean;
  /** How many things happen, beside the first. */
  readonly events: number;
  /** Whether the first broken rule is enough. */
  readonly untilFirst?: boolean;
}

type CommandJob = 'preview' | 'preview_fork' | 'remove_preview';
const COMMAND_JOBS: readonly CommandJob[] = ['preview', 'preview_fork', 'remove_preview'];
/** Of a run that is in no queue. */
const RUN_ID = '900';

const SUCCESS = { success: true, failure: false, cancelled: false };
/** Of the job that records what is to be deployed. */
const BEGUN: Needed = { result: 'success', outputs: { commit: 'a', begun_attempt: '1' } };
const NOT_BEGUN: Needed = { result: 'success', outputs: {} };

/** What is there: nothing, a commit by its number, or what a job left that did not end. */
type Left = number | 'nothing' | 'something';

/** A run of preview.yml whose command job started. */
interface Run {
  readonly id: number;
  readonly what: Happening | 'opened';
  readonly job: CommandJob;
  readonly group: string;
  readonly commit: number;
  readonly isIfDue: boolean;
  readonly status: 'waiting' | 'running' | 'over';
  /** What it does, as it decides when it begins. */
  readonly does: 'nothing' | 'deploy' | 'remove';
  readonly isCancelled: boolean;
  readonly isGreen: boolean;
}

/** A moment. */
interface Moment {
  readonly isOpen: boolean;
  readonly hasLabel: boolean;
  readonly head: number;
  readonly left: Left;
  readonly runs: readonly Run[];
  readonly happened: readonly string[];
}

/** How a command job may end. */
interface End {
  readonly isSuccess: boolean;
  readonly says: boolean;
  readonly left: Left;
}

export interface Outcomes {
  readonly moments: number;
  readonly ends: number;
  /** Each broken rule, with the first way to it. */
  readonly faults: ReadonlyMap<string, readonly string[]>;
}

/** Every way through the conditions of preview.yml: what happens to one pull request, and how each job may end, in every order. */
export function outcomesOf(options: OutcomeOptions): Outcomes {
  return new PreviewOutcomes(options).explore();
}

class PreviewOutcomes {
  private readonly faults = new Map<string, readonly string[]>();
  private readonly conditions: Record<string, Condition>;
  private readonly visited = new Set<string>();
  private ends = 0;

  constructor(private readonly options: OutcomeOptions) {
    this.conditions = Object.fromEntries(Object.entries(options.workflow.jobs).map(([id, job]) => [id, new Condition(job.if)]));
  }

  public explore(): Outcomes {
    const { isFork, needsLabel, workflow } = this.options;
    const { queue } = (workflow.jobs.comment as CommandJobYaml).concurrency;
    if (queue !== 'max') this.fault(undefined, 'a comment that waits may be dropped for an older one');
    this.checkInnerJobs();
    for (const hasLabel of needsLabel ? [true, false] : [false]) {
      const before: Moment = { isOpen: true, hasLabel, head: 1, left: 'nothing', runs: [], happened: [] };
      this.goOn(this.happen(before, 'opened'));
      // a fork has a preview if a person approved one
      if (isFork) this.goOn({ ...before, left: 1 });
    }
    return { moments: this.visited.size, ends: this.ends, faults: this.faults };
  }

  private goOn(moment: Moment): void {
    const { happened, runs } = moment;
    if (this.options.untilFirst && this.faults.size > 0) return;
    const count = happened.filter((one) => !one.startsWith('run')).length;
    const key = JSON.stringify({ ...moment, happened: count, runs: withoutOld(runs) });
    if (this.visited.has(key)) return;
    this.visited.add(key);
    for (const what of count <= this.options.events ? HAPPENINGS : []) if (this.isPossible(moment, what)) this.goOn(this.happen(moment, what));
    for (const run of runs) for (const next of this.courseOf(moment, run)) this.goOn(next);
    if (runs.every(({ status }) => status === 'over')) this.check(moment);
  }

  private isPossible({ hasLabel, isOpen }: Moment, what: Happening): boolean {
    const { isFork, needsLabel, workflow } = this.options;
    switch (what) {
      case 'synchronize': case 'closed': return isOpen;
      case 'reopened': return !isOpen;
      case 'labeled preview': return needsLabel && !hasLabel;
      case 'unlabeled preview': return needsLabel && hasLabel;
      case 'labeled other': case 'unlabeled other': return needsLabel;
      case 'deployFork': return isFork === true && 'preview_fork' in workflow.jobs;
      default: return true;
    }
  }

  /** The event, and the job that it starts: the conditions are the workflow's own. */
  private happen(before: Moment, what: Happening | 'opened'): Moment {
    const after: Moment = {
      ...before,
      isOpen: what === 'closed' ? false : what === 'reopened' ? true : before.isOpen,
      hasLabel: what === 'labeled preview' ? true : what === 'unlabeled preview' ? false : before.hasLabel,
      head: before.head + Number(what === 'synchronize'),
      happened: [...before.happened, what],
    };
    const contexts = this.contextsOf(after, what);
    const started = this.startedBy(contexts, what);
    const wanted = this.wantedBy(after, what);
    const inFork = this.startedBy(this.contextsOf(after, what, true), what);
    if (inFork.length > 0) this.fault(after, `${inFork.join()} starts in a repository that is a fork`);
    if (started.join() !== wanted.join()) this.fault(after, `${describe(after, what)} starts ${started.join() || 'no job'} instead of ${wanted.join() || 'none'}`);
    const [job] = started;
    const group = this.groupOf(contexts);
    const isAlone = group.endsWith(RUN_ID);
    if (isAlone === (COMMAND_JOBS as readonly (string | undefined)[]).includes(job)) this.fault(after, `${describe(after, what)} starts ${job ?? 'no job'}, and is ${isAlone ? 'not ' : ''}in the queue of the preview`);
    if (job === 'sweep') return this.isDue(after) ? this.happen(after, 'removeIfDue') : after;
    if (job === undefined) return after;
    const run: Run = {
      id: after.runs.length + 1,
      what,
      job: job as CommandJob,
      group,
      commit: after.head,
      isIfDue: this.isIfDue(job, contexts),
      status: 'waiting',
      does: 'nothing',
      isCancelled: false,
      isGreen: false,
    };
    return this.enter({ ...after, runs: [...after.runs, run] }, run, interpolate(this.queue['cancel-in-progress'], contexts) === 'true');
  }

  /** Which jobs the specification wants, in other words than the conditions. */
  private wantedBy({ hasLabel, isOpen }: Moment, what: Happening | 'opened'): string[] {
    const { isFork, isShared, needsLabel } = this.options;
    if (isShared && ['closed', 'unlabeled preview', 'remove', 'removeIfDue', 'schedule'].includes(what)) return [];
    if (what === 'schedule') return ['sweep'];
    if (what === 'deployFork') return ['preview_fork'];
    if (what === 'remove' || what === 'removeIfDue') return ['remove_preview'];
    if (isFork) return [];
    if (what === 'closed' || what === 'unlabeled preview') return ['remove_preview'];
    const isNews = ['opened', 'synchronize', 'reopened', 'labeled preview'].includes(what);
    return isNews && isOpen && (hasLabel || !needsLabel) ? ['preview'] : [];
  }

  private startedBy(contexts: Contexts, what: Happening | 'opened'): string[] {
    const { workflow } = this.options;
    const [action] = what.split(' ');
    const name = String(contexts.github.event_name);
    const payload = { action, number: 7, pull_request: { base: { ref: 'main' }, head: { ref: 'feature', repo: { fork: this.options.isFork === true } } } };
    if (!starts({ jobs: {}, on: workflow.on ?? {} }, { name, ref: 'refs/heads/main', sha: '', payload })) return [];
    const first = ['begin_preview', 'remove_preview', 'sweep'].filter((id) => this.conditions[id]?.holds({ ...contexts, needs: {}, steps: {} }, SUCCESS));
    const isFork = (contexts.github.event as { readonly repository: { readonly fork: boolean } }).repository.fork;
    return first.flatMap((id) => (id === 'begin_preview' && !isFork ? this.deployingAfter(contexts, BEGUN, what) : [id]));
  }

  /** The jobs that run code of the pull request, behind the one that has recorded it or has not. */
  private deployingAfter(contexts: Contexts, begun: Needed, what: Happening | 'opened'): string[] {
    const found = (['preview', 'preview_fork'] as const).filter((id) => this.conditions[id]?.holds({ ...contexts, needs: { begin_preview: begun }, steps: {} }, SUCCESS));
    if (found.length > 1) this.fault(undefined, `${what} starts ${found.join(' and ')}`);
    return found;
  }

  /** Nothing of a pull request runs without a record of this attempt, and what is recorded is always finished. */
  private checkInnerJobs(): void {
    const moment: Moment = { isOpen: true, hasLabel: true, head: 1, left: 'nothing', runs: [], happened: [] };
    const deployFork = 'preview_fork' in this.options.workflow.jobs ? ['deployFork' as const] : [];
    for (const what of ['synchronize' as const, ...deployFork]) {
      const contexts = this.contextsOf(moment, what);
      const again = { ...contexts, github: { ...contexts.github, run_attempt: '2' } };
      for (const [seen, begun] of [[contexts, NOT_BEGUN], [again, BEGUN]] as const) {
        if (this.deployingAfter(seen, begun, what).length > 0) this.fault(undefined, `${what} runs code of the pull request without a record of this attempt`);
      }
      if (this.deployingAfter(this.contextsOf(moment, what, true), BEGUN, what).length > 0) this.fault(undefined, `${what} runs code in a repository that is a fork`);
      for (const result of ['success', 'failure', 'cancelled', 'skipped']) this.checkFinish(contexts, result);
    }
  }

  private checkFinish(contexts: Contexts, result: string): void {
    const [deployed, skipped]: Needed[] = [{ result, outputs: {} }, { result: 'skipped', outputs: {} }];
    const status = { success: result === 'success', failure: result === 'failure', cancelled: result === 'cancelled' };
    for (const begun of [BEGUN, NOT_BEGUN]) {
      const needs = { begin_preview: begun, preview: deployed!, preview_fork: skipped! };
      const finishes = this.conditions.finish_preview!.holds({ ...contexts, needs, steps: {} }, status);
      if (finishes !== (begun === BEGUN)) this.fault(undefined, `the job that deploys ends ${result}, and the one that records it ${finishes ? 'starts' : 'does not start'}`);
    }
  }

  private contextsOf({ hasLabel, isOpen, head }: Moment, what: Happening | 'opened', fork = false): Contexts {
    const [action, label] = what.split(' ');
    const byHand = ['remove', 'removeIfDue', 'deployFork'].includes(what);
    const repository = 'acme/shop';
    const labels = hasLabel ? [{ name: 'preview' }] : [];
    const pull = { number: 7, state: isOpen ? 'open' : 'closed', labels, head: { sha: String(head), repo: { full_name: this.options.isFork ? 'mallory/shop' : repository } } };
    return {
      github: {
        run_id: RUN_ID,
        run_attempt: '1',
        event_name: byHand ? 'workflow_dispatch' : what === 'schedule' ? what : 'pull_request',
        repository,
        event: { repository: { fork }, ...(!byHand && what !== 'schedule' && { action, label: { name: label }, pull_request: pull }) },
      },
      inputs: byHand ? { action: what, number: '7' } : {},
    };
  }

  private jobOf(id: string): CommandJobYaml {
    return this.options.workflow.jobs[id] as CommandJobYaml;
  }

  private get queue(): CommandJobYaml['concurrency'] {
    return this.options.workflow.concurrency as CommandJobYaml['concurrency'];
  }

  private groupOf(contexts: Contexts): string {
    const group = interpolate(this.queue.group, contexts);
    if (!this.options.isShared && !group.endsWith('-7') && !group.endsWith(RUN_ID)) this.fault(undefined, `${group} is the queue of other pull requests`);
    return group;
  }

  private isIfDue(job: string, contexts: Contexts): boolean {
    const step = this.jobOf(job).steps?.find(({ id }) => id === 'remove');
    return interpolate(step?.env?.DELIVERY_INPUT_IF_DUE ?? '', contexts) === 'true';
  }

  /** A job that cancels what is under way, or replaces what waits, as GitHub does. */
  private enter(moment: Moment, entering: Run, cancels: boolean): Moment {
    const isByHand = ['remove', 'removeIfDue', 'deployFork'].includes(entering.what);
    const isBusy = moment.runs.some(({ group, status }) => group === entering.group && status === 'running');
    if (isBusy && cancels === isByHand && !this.options.isShared) this.fault(moment, `${entering.what} ${cancels ? 'cancels' : 'does not cancel'} what is under way`);
    const runs = moment.runs.map((run): Run => {
      if (run === entering || run.group !== entering.group) return run;
      if (run.status === 'waiting') return { ...run, status: 'over', isGreen: false };
      return { ...run, isCancelled: run.isCancelled || (cancels && run.status === 'running') };
    });
    return { ...moment, runs };
  }

  /** What a job may do next: begin, or end. */
  private courseOf(moment: Moment, run: Run): Moment[] {
    const { runs } = moment;
    if (run.status === 'over') return [];
    if (run.status === 'waiting') {
      if (runs.some(({ group, status }) => group === run.group && status === 'running')) return [];
      return [changed(moment, { ...run, status: 'running', does: this.decide(moment, run) }, moment.left, `run ${run.id} begins`)];
    }
    return this.endsOf(moment, run).map((end) => this.end(moment, run, end));
  }

  /** As the command decides, from what GitHub says by then. */
  private decide(moment: Moment, run: Run): Run['does'] {
    if (run.job !== 'remove_preview') return moment.isOpen && run.commit === moment.head ? 'deploy' : 'nothing';
    return moment.left === 'nothing' || (run.isIfDue && this.isWanted(moment)) ? 'nothing' : 'remove';
  }

  private endsOf({ left }: Moment, { commit, does, isCancelled }: Run): End[] {
    const nothing: End = { isSuccess: true, says: false, left };
    if (does === 'nothing') return [{ ...nothing, isSuccess: !isCancelled }];
    const done = does === 'deploy' ? commit : 'nothing';
    // refused, lost, or stopped before or after its first change
    const failed: End[] = [{ ...nothing, isSuccess: false }, { isSuccess: false, says: false, left: 'something' }];
    if (isCancelled) return [...failed, { isSuccess: false, says: true, left: done }];
    return [...failed, { isSuccess: true, says: true, left: done }, { isSuccess: false, says: true, left: does === 'deploy' ? commit : 'something' }];
  }

  private end(moment: Moment, run: Run, { isSuccess, left, says }: End): Moment {
    const { isCancelled } = run;
    const result = isSuccess ? 'success' : isCancelled ? 'cancelled' : 'failure';
    const own: Needed = { result, outputs: says ? { comment: 'text' } : {} };
    // a deployment that does not begin may have something to say, too
    for (const last of run.job === 'remove_preview' ? ['remove_preview'] : ['finish_preview', 'begin_preview']) this.checkComment(moment, run, own, last);
    return changed(moment, { ...run, status: 'over', isGreen: isSuccess }, left, `run ${run.id} ${run.job} ends ${result}: ${left}`);
  }

  private checkComment(moment: Moment, { isCancelled, job }: Run, own: Needed, last: string): void {
    const { result } = own;
    const isSuccess = result === 'success';
    const says = own.outputs.comment !== undefined;
    const needs = Object.fromEntries(['begin_preview', 'finish_preview', 'remove_preview'].map((id) => [id, id === last ? own : { result: 'skipped', outputs: {} }]));
    const status = { success: isSuccess, failure: !isSuccess, cancelled: isCancelled };
    const comments = this.conditions.comment!.holds({ github: {}, inputs: {}, steps: {}, needs }, status);
    if (comments !== says) this.fault(moment, `${job} ends ${result}, ${says ? 'with' : 'without'} a text, and the job of the comment ${comments ? 'starts' : 'does not start'}`);
  }

  private check(moment: Moment): void {
    this.ends += 1;
    if (this.options.isShared) return;
    const { head, isOpen, left, runs } = moment;
    const newest = runs.at(-1);
    const isWanted = this.isWanted(moment);
    if (!isWanted && left !== 'nothing' && newest?.isGreen && !this.options.isFork) this.fault(moment, 'the pull request is to have no preview, the newest run is green, and it has one');
    if (isWanted && newest?.isGreen && newest.job === 'preview' && left !== head) this.fault(moment, 'the newest run has deployed, is green, and the preview is not the head commit');
    if (isWanted && newest?.isGreen && newest.what === 'removeIfDue' && left === 'nothing' && runs.at(-2)?.isGreen && runs.at(-2)?.job === 'preview') this.fault(moment, 'a preview that was not due is removed');
    if (newest?.isGreen && newest.what === 'remove' && left !== 'nothing') this.fault(moment, 'a person has removed it, the run is green, and it is there');
    const swept = this.isDue(moment) ? this.happen({ ...moment, runs: [] }, 'schedule') : undefined;
    const [removal] = swept?.runs ?? [];
    if (!swept || removal) {
      if (removal && this.decide(swept!, removal) !== 'remove') this.fault(moment, 'the sweep leaves what is left over');
      return;
    }
    this.fault(moment, `${isOpen ? 'open' : 'closed'}, and the sweep starts nothing`);
  }

  private isWanted({ hasLabel, isOpen }: Moment): boolean {
    return isOpen && (hasLabel || !this.options.needsLabel);
  }

  private isDue(moment: Moment): boolean {
    return moment.left !== 'nothing' && !this.isWanted(moment);
  }

  private fault(moment: Moment | undefined, what: string): void {
    if (!this.faults.has(what)) this.faults.set(what, moment?.happened ?? []);
  }
}

interface Contexts extends Record<string, unknown> {
  readonly github: Readonly<Record<string, unknown>>;
  readonly inputs: Readonly<Record<string, string>>;
}

interface CommandJobYaml extends Job {
  readonly concurrency: { readonly 'group': string; readonly 'cancel-in-progress': string | boolean; readonly 'queue'?: string };
}

function changed(moment: Moment, run: Run, left: Left, what: string): Moment {
  return { ...moment, left, runs: moment.runs.map((one) => (one.id === run.id ? run : one)), happened: [...moment.happened, what] };
}

/** Runs that are over say nothing, but for the last two; and the numbers of runs say nothing. */
function withoutOld(runs: readonly Run[]): readonly Partial<Run>[] {
  return runs.filter(({ status }, i) => status !== 'over' || i >= runs.length - 2).map(({ id: _, ...run }) => run);
}

function describe({ isOpen }: Moment, what: string): string {
  return `${what} of ${isOpen ? 'an open' : 'a closed'} pull request`;
}
