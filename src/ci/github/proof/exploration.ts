import { Before, Befores, MOST_STATES, Predecessor, Summary, TooMany } from './before';
import { Cone, ConeJob } from './cone';
import { Decisions } from './decisions';
import { afterAttempt, AT_FIRST } from './environment-state';
import { EqualEnds } from './equal-ends';
import { Fault, faultAtEnd, faultOnDecision } from './faults';
import { DUE, End, endOf, keptEnd, SKIPPED } from './job-end';
import { Node, Nodes } from './node';
import { OwnEnds } from './own-ends';
import { Reruns } from './reruns';
import { storyOf } from './story';
import { Transitions } from './transitions';

/** A path that must not be. */
export interface BrokenPath {
  readonly fault: Fault;
  /** What happens, step by step. */
  readonly story: readonly string[];
}

/** What was found out about an environment. */
export interface Explored {
  readonly broken?: BrokenPath;
  readonly summaries: readonly Summary[];
  readonly states: number;
}

/**
 * Every path through an environment's jobs: its first attempt, then every way to run jobs again, until nothing new is reached. States that are
 * equal for all that follows are explored once; of two ways to one the shorter stays.
 */
export class Exploration {
  /** Equal explorations have equal keys, whatever their jobs are called. */
  public readonly key: string;

  private readonly decisions: Decisions;
  private readonly equal: EqualEnds;
  private readonly transitions: Transitions;
  private readonly reruns: Reruns;
  private readonly all: readonly Before[];
  private readonly summaries = new Map<string, Summary>();
  /** By job: what later attempts explored before. */
  private readonly known: readonly Set<number>[];
  private readonly kept = new Map<OwnEnds, OwnEnds>();
  private isFirstAttempt = true;
  private broken?: { readonly fault: Fault; readonly node: Node };
  private states = 0;

  /** @param predecessor the environment before; none if there is none */
  constructor(private readonly cone: Cone, predecessor: Predecessor | undefined) {
    this.decisions = new Decisions(cone);
    this.equal = new EqualEnds(cone, this.decisions);
    this.transitions = new Transitions(cone, this.decisions, this.equal);
    const befores = new Befores(cone, this.decisions, this.equal, predecessor);
    this.all = withoutCancels(befores.all());
    this.reruns = new Reruns(cone, befores, this.all);
    this.known = cone.own.map(() => new Set());
    this.key = [cone.key, ...this.all.map(({ key }) => key)].join('\n');
  }

  public run(): Explored {
    const ended = new Set<number>();
    let reached = this.attempt(this.beginnings());
    while (reached.length > 0 && !this.broken) {
      for (const node of reached) this.show(node);
      const fresh = new Nodes(ended);
      for (const node of reached) fresh.add(this.betweenAttempts(node));
      this.isFirstAttempt = false;
      reached = this.attempt(this.reruns.of(fresh.close()));
    }
    const { broken, states, summaries } = this;
    if (broken) return { broken: { fault: broken.fault, story: storyOf(broken.node) }, summaries: [], states };
    return { summaries: [...summaries.values()], states };
  }

  private beginnings(): Node[] {
    const due: End[] = [];
    for (const { place } of this.cone.own) due[place] = DUE;
    const ends = OwnEnds.of(due);
    return AT_FIRST.flatMap((state) => this.all.map((before): Node => ({
      before, ends, state, isCancelled: before.isCancelled, requested: -1, length: before.length, step: { before: before.step },
    })));
  }

  /** Decides about each job that is due, in order. */
  private attempt(start: readonly Node[]): Node[] {
    let nodes = start;
    this.cone.own.forEach((job, i) => {
      const next = new Nodes(this.isFirstAttempt ? undefined : this.known[i]);
      for (const node of nodes) {
        if (node.ends.at[job.place].how === 'due') this.decide(job, node, next);
        else next.add(node);
      }
      nodes = this.broken ? [] : next.close();
      this.states += nodes.length;
      if (this.states > MOST_STATES) throw new TooMany();
    });
    for (const node of nodes) this.note(faultAtEnd(this.cone, node), node);
    return [...nodes];
  }

  private decide(job: ConeJob, node: Node, next: Nodes): void {
    const { cone } = this;
    // a cancel shows when a job is decided about that depends on it, or that must not start then
    const mayShow = this.decisions.readsStatus(job) || job === cone.main.deploy;
    const at = node.isCancelled || !mayShow ? [node] : [node, cancelled(node)];
    for (const one of at) {
      for (const { runs, outcomes } of this.transitions.of(job, one, this.isFirstAttempt)) {
        const fault = faultOnDecision(cone, job, one, runs);
        if (fault) this.note(fault, after(one, job, { end: runs ? STARTS : SKIPPED, ends: one.ends, state: one.state }));
        else for (const outcome of outcomes) next.add(after(one, job, outcome));
      }
    }
  }

  private note(fault: Fault | undefined, node: Node): void {
    if (fault && (!this.broken || node.length < this.broken.node.length)) this.broken = { fault, node };
  }

  private betweenAttempts(node: Node): Node {
    let ends = this.kept.get(node.ends);
    if (!ends) {
      const { jobs, own } = this.cone;
      this.kept.set(node.ends, ends = node.ends.map(own.map(({ place }) => place), (end, place) => this.equal.of(jobs[place], keptEnd(end))));
    }
    return { ...node, ends, state: afterAttempt(node.state), isCancelled: false, requested: -1 };
  }

  /** What the jobs of environments after it see. */
  private show(node: Node): void {
    const { cone, summaries } = this;
    if (cone.later.length === 0) return;
    const { before: { bad, fixed, ends: before }, ends: { at }, state, isCancelled } = node;
    const shown = cone.ids.map((_, place) => shownAs(at[place] ?? before[place]));
    // a person rolled it back since, and only other jobs were run again: only the commands know
    const { how, outputs } = at[cone.main.monitor.place];
    const isLost = !state.isVerified && how === 'kept' && outputs.state === 'stable';
    const [isVerified, isMet] = [state.isVerified || isLost, state.isVerified];
    const key = `${shown.map((end) => end?.id ?? '').join()} ${bad.join()} ${fixed.join()} ${isCancelled} ${isVerified} ${isMet}`;
    const same = summaries.get(key);
    if (same && same.length <= node.length) return;
    summaries.set(key, { ends: shown, fixed, bad, isCancelled, isVerified, isMet, length: node.length, story: () => storyOf(node) });
  }
}

function after(node: Node, job: ConeJob, { end, ends, state }: { readonly end: End } & Pick<Node, 'ends' | 'state'>): Node {
  const { before, isCancelled, requested, length } = node;
  return { before, ends, state, isCancelled, requested, from: node, step: { job, end, state }, length: length + 1 };
}

function cancelled(node: Node): Node {
  return { ...node, isCancelled: true, from: node, step: 'the run is cancelled', length: node.length + 1 };
}

/** Without those that only add a cancel: it may as well come right after them. */
function withoutCancels(befores: readonly Before[]): Before[] {
  const going = new Set(befores.filter(({ isCancelled }) => !isCancelled).map(({ id }) => id));
  return befores.filter(({ id, isCancelled }) => !isCancelled || !going.has(id));
}

/** Nothing follows. */
const STARTS = endOf('success', 'done');

function shownAs(end: End | undefined): End | undefined {
  return end && (end.result === 'skipped' ? SKIPPED : endOf(end.result, 'done', end.outputs));
}
